/** How tensors are distributed over files: the rule of huggingface_hub's `split_state_dict_into_shards_factory` (1.2). */

/** The most files of a checkpoint, written or read. */
export const MOST_FILES = 10_000;

/**
 * The tensors of each file, as runs of their indices. Tensors keep their order. A tensor larger than a file may be is a file
 * of its own, and the file before it stays open for the tensors that follow.
 *
 * @param sizes bytes of each tensor.
 * @param most bytes of tensors in a file.
 */
export function splitIntoFiles(sizes: readonly number[], most: number): readonly (readonly number[])[] {
  const files: number[][] = [];
  let open: number[] = [];
  let bytes = 0;
  for (const [i, size] of sizes.entries()) {
    if (size > most) {
      files.push([i]);
      continue;
    }
    if (bytes + size > most) {
      files.push(open);
      open = [];
      bytes = 0;
    }
    open.push(i);
    bytes += size;
  }
  return open.length > 0 || files.length === 0 ? [...files, open] : files;
}

/** The name of file `i` of `count`, counted from 0. */
export const fileName = (i: number, count: number): string =>
  count === 1 ? "model.safetensors" : `model-${digits(i + 1)}-of-${digits(count)}.safetensors`;

const digits = (number: number): string => String(number).padStart(5, "0");

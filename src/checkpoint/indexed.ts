/** The index of a checkpoint of several files: which file each tensor is in. */

/** The name that readers expect. */
export const INDEX_NAME = "model.safetensors.index.json";

/** What an index holds. */
export interface CheckpointIndex {
  /** What is said of the whole. */
  readonly metadata: {
    /** Bytes of all tensors, without headers. */
    readonly total_size: number;
  };
  /** Tensor -> file, sorted by the tensor's name. */
  readonly weight_map: Readonly<Record<string, string>>;
}

/** A file, and where its tensors lie in it. */
interface IndexedFile {
  readonly name: string;
  readonly tensors: readonly { readonly name: string; readonly begin: number; readonly end: number }[];
}

export function indexOf(files: readonly IndexedFile[]): CheckpointIndex {
  let total = 0;
  const entries: [string, string][] = [];
  for (const { name: file, tensors } of files) {
    for (const { name, begin, end } of tensors) {
      total += end - begin;
      entries.push([name, file]);
    }
  }
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return { metadata: { total_size: total }, weight_map: Object.fromEntries(entries) };
}

/** The text of an index file, as huggingface_hub writes it. */
export const indexText = (index: CheckpointIndex): string => `${JSON.stringify(index, undefined, 2)}\n`;

/** Which files a planned model makes, without drawing anything. */
import { wrongValue } from "../check.js";
import type { ElementType } from "../model/element.js";
import { checkSaved, type PlannedModel } from "../model/model.js";
import type { Seed } from "../stream.js";
import { digestOf, type Hashing, noHashing } from "./digest.js";
import { headerOf, LazyFile, sizeInBytes, type TypedTensor, typedTensor } from "./file.js";
import { jsonLength, paddedLength } from "./header.js";
import { CHECKPOINT_KEY } from "./safetensors.js";
import { fileName, MOST_FILES, splitIntoFiles } from "./split.js";

/** The most bytes of tensors in a file, unless a size is asked for. */
export const MAX_SHARD_BYTES = 5e9;

/** What the files depend on, besides the model. */
export interface LayoutOptions {
  readonly seed: Seed;
  readonly maxShardBytes?: number;
}

export type Planned = Pick<PlannedModel, "tensors" | "saved">;

/**
 * The files of a checkpoint. If there are several, it yields the headers, all of which the caller must read, and is given the
 * hash of them all.
 *
 * @param types the element type of each tensor.
 * @param hashing of a file's header.
 * @throws RangeError for a model with names in memory.
 */
export function* layOut(
  planned: Planned,
  types: readonly ElementType[],
  { seed, maxShardBytes: most = MAX_SHARD_BYTES }: LayoutOptions,
  hashing: Hashing,
): Generator<Iterable<Uint8Array<ArrayBuffer>>, readonly LazyFile[], string> {
  const tensors = typedTensors(planned, types);
  const lists = splitIntoFiles(tensors.map(sizeInBytes), most).map((list) =>
    list.map((i) => tensors[i] as TypedTensor),
  );
  const count = lists.length;
  if (count > MOST_FILES) throw wrongValue("maxShardBytes", `a size that makes at most ${MOST_FILES} files`, most);
  if (count === 1) {
    const all = lists[0] as readonly TypedTensor[];
    const header = headerOf(all, seed);
    checkHeader(header.length, most);
    return [new LazyFile(fileName(0, 1), all, header.length, () => header, hashing)];
  }
  const plain: number[] = []; // the length of each header without the hash
  const hash = yield headersOf(lists, seed, (header) => plain.push(jsonLength(header)));
  const metadata = { [CHECKPOINT_KEY]: hash };
  const more = JSON.stringify(metadata).length - 1; // without its braces, with a comma
  return lists.map((list, i) => {
    const length = paddedLength((plain[i] as number) + more);
    checkHeader(length, most);
    return new LazyFile(fileName(i, count), list, length, () => headerOf(list, seed, metadata), hashing);
  });
}

function checkHeader(length: number, most: number): void {
  if (length > most) throw wrongValue("maxShardBytes", `at least the ${length} bytes of the largest header`, most);
}

/** The headers of all files, in order, whose hash identifies the checkpoint. */
function* headersOf(
  lists: readonly (readonly TypedTensor[])[],
  seed: Seed,
  seen: (header: Uint8Array<ArrayBuffer>) => void,
) {
  for (const list of lists) {
    const header = headerOf(list, seed);
    seen(header);
    yield header;
  }
}

function typedTensors({ tensors, saved }: Planned, types: readonly ElementType[]): readonly TypedTensor[] {
  checkSaved({ saved });
  return tensors.map((tensor, i) => typedTensor(tensor, types[i] as ElementType));
}

/** The files, with hashes from the runtime: they have an `etag` once they have been asked to `identify`. */
export async function filesByRuntime(
  planned: Planned,
  types: readonly ElementType[],
  options: LayoutOptions,
): Promise<readonly LazyFile[]> {
  const layout = layOut(planned, types, options, noHashing);
  const step = layout.next();
  if (step.done) return step.value;
  const headers = new Blob([...step.value]);
  return last(layout.next(await digestOf(new Uint8Array(await headers.arrayBuffer()))));
}

/** The files, which come after the hash was given. */
export const last = ({ value }: IteratorResult<unknown, readonly LazyFile[]>): readonly LazyFile[] =>
  value as readonly LazyFile[];

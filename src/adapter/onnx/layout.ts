/** The files of an ONNX model with new values: which bytes are drawn, which are known, and which are those of the source. */
import { wrongValue } from "../../check.js";
import type { ByteSource } from "../../checkpoint/bytes.js";
import type { CheckpointFile, CheckpointTensor, FileSection } from "../../checkpoint/file.js";
import type { DType } from "../../dtype.js";
import type { PlannedTensor } from "../../model/model.js";
import { MOST_MODEL } from "./reader.js";
import type { Edit } from "./rewrite.js";

/** Bytes of a file that are those of its source. */
export interface CopiedRange {
  readonly begin: number;
  readonly end: number;
  /** Where they begin in the source. */
  readonly from: number;
}

/** A file as it will be. */
export interface FileLayout extends CheckpointFile {
  /** Its path from the model's folder on; "" is the model itself. */
  readonly location: string;
  readonly source: ByteSource;
  readonly copied: readonly CopiedRange[];
}

type Typed = { readonly tensor: PlannedTensor; readonly dtype: DType };

export function layoutOf(
  location: string,
  source: ByteSource,
  placed: readonly CheckpointTensor[],
  { edits, byName }: { readonly edits: readonly Edit[]; readonly byName: ReadonlyMap<string, Typed> },
): FileLayout {
  const inPlace = [...placed].sort((a, b) => a.begin - b.begin);
  const sections: FileSection[] = [];
  const drawn: CheckpointTensor[] = [];
  const copied: CopiedRange[] = [];
  let [from, at] = [0, 0]; // in the source, in the file
  const draw = (tensor: CheckpointTensor) => {
    sections.push(tensor);
    drawn.push(tensor);
    at = tensor.end;
  };
  const copyTo = (end: number) => {
    if (end > from) copied.push({ begin: at, end: at + end - from, from });
    at += end - from;
    from = end;
  };
  const stops = [
    ...inPlace.map((tensor) => ({ start: tensor.begin, tensor })),
    ...edits.map((edit) => ({ start: edit.start, edit })),
  ];
  for (const stop of stops.sort((a, b) => a.start - b.start)) {
    copyTo(stop.start);
    if ("tensor" in stop) {
      const { tensor } = stop;
      const end = at + tensor.end - tensor.begin;
      from = tensor.end;
      draw({ ...tensor, begin: at, end });
      continue;
    }
    const { bytes, more, tensor: name, end } = stop.edit;
    from = end;
    if (bytes.length > 0) sections.push(literal(bytes, at));
    at += bytes.length;
    const typed = name === undefined ? undefined : byName.get(name);
    if (typed !== undefined) draw({ ...typed.tensor, dtype: typed.dtype, begin: at, end: at + more });
  }
  copyTo(source.byteLength);
  if (location === "" && at > MOST_MODEL) {
    throw wrongValue("the model", `at most ${MOST_MODEL} bytes with its weights in it`, at);
  }
  const name = location === "" ? "model.onnx" : location;
  const file = { location, name, byteLength: at, tensors: drawn, header: new Uint8Array(0), etag: "" };
  return { ...file, sections, source, copied };
}

/** Bytes that are known: no draws. */
const literal = (bytes: Uint8Array, begin: number): FileSection => ({
  ...{ dtype: "u8", begin, end: begin + bytes.length },
  made: () => (out, start) => {
    out.set(bytes.subarray(start, start + out.length));
    return [];
  },
});

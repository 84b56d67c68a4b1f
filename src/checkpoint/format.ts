/** What a file is, by its first bytes: for the message where another kind of file was expected. */

/** The most bytes of a header, as in the safetensors library. */
export const MOST_HEADER = 100_000_000;

/** How the small file begins that Git stores in place of a large one. */
export const POINTER = "version https://git-lfs";

/** How formats other than safetensors begin. Read as the length of a header, each of these is too large. */
const OTHERS: readonly (readonly [begin: string, what: string])[] = [
  ["version ", "a Git LFS pointer; git lfs pull fetches the file itself"], // the first 8 bytes of POINTER
  ["<", "a web page; the download brought a page in place of the file"],
  ["{", "JSON"],
  ["[", "JSON"],
  ["PK\u0003\u0004", "a zip archive, as torch.save and numpy.savez write"],
  ["\u0080", "a Python pickle"],
  ["GGUF", "a GGUF file"],
  ["\u0089HDF", "an HDF5 file"],
  ["\u0089PNG", "a picture"],
  ["\u001f\u008b", "a gzip archive"],
];

export const SAFETENSORS = "a safetensors file";

/** What a file is where a safetensors file was expected; undefined if that is not known. */
export function notSafetensors(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  return OTHERS.find(([begin]) => start.startsWith(begin))?.[1];
}

/**
 * What a file is where JSON was expected; undefined if it may be JSON. A safetensors file begins with the length of its
 * header, whose upper bytes are 0, which no JSON has.
 */
export function notJson(bytes: Uint8Array): string | undefined {
  const other = notSafetensors(bytes);
  if (other === "JSON") return undefined;
  if (other !== undefined)
    return other.includes(";") ? other : `${other}; tensors are read from .safetensors and .onnx`;
  if (bytes[8] !== 0x7b) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length <= MOST_HEADER ? SAFETENSORS : undefined;
}

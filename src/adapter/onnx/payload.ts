/** Where the values of a stored tensor lie: in the model, or in a file beside it. */
import { wrongValue } from "../../check.js";
import { type DType, FORMATS } from "../../dtype.js";
import { checkShape } from "../../shape.js";
import { dtypeOf } from "./element.js";
import type { WireField } from "./wire.js";

/** Where the values of a tensor lie. */
export type Payload =
  /** In the model, one element after the other, little-endian: raw_data, or packed float_data or double_data. */
  | { readonly kind: "inline"; readonly begin: number; readonly end: number }
  /** In a file beside the model. */
  | { readonly kind: "external"; readonly location: string; readonly begin: number; readonly end: number | undefined }
  /** In the model, in an encoding whose length depends on the values: f16 in int32_data, or lists that are not packed. */
  | { readonly kind: "encoded" };

/** Bytes of the values of a tensor that is drawn. */
export const payloadBytes = (dtype: DType, dims: readonly number[]): number => FORMATS[dtype].bytes * checkShape(dims);

/** Which list has the values of a dtype that are not raw. */
export const LISTS: Readonly<Record<DType, number>> = { f32: 4, f64: 10, f16: 5, bf16: 5 };

/** @param data fields of the tensor, by number: lists of values, and raw_data. */
export function payloadOf(
  tensor: { readonly type: number; readonly dims: readonly number[] },
  data: ReadonlyMap<number, readonly WireField[]>,
  size: number,
): Payload | undefined {
  const dtype = dtypeOf(tensor);
  if (dtype === undefined || size === 0) return undefined;
  const raw = data.get(9) ?? [];
  const lists = data.get(LISTS[dtype]) ?? [];
  const [first, ...more] = raw.length > 0 ? raw : lists;
  if (first === undefined) return undefined;
  if (raw.length > 0 && (more.length > 0 || lists.length > 0)) {
    throw new RangeError("expected its values once, got them several times");
  }
  const inPlace = raw.length > 0 || dtype === "f32" || dtype === "f64";
  if (!inPlace || more.length > 0 || first.wire !== 2) return { kind: "encoded" };
  const [expected, got] = [payloadBytes(dtype, tensor.dims), first.end - first.begin];
  if (expected !== got) throw wrongValue("data", `${expected} bytes for its dims and type`, got);
  return { kind: "inline", begin: first.begin, end: first.end };
}

/** @param entries of external_data. */
export function externalPayload(entries: ReadonlyMap<string, string>): Payload {
  const location = locationOf(entries.get("location") ?? "");
  const begin = externalNumber("offset", entries.get("offset") ?? "0");
  const length = entries.get("length");
  return {
    ...{ kind: "external", location, begin },
    end: length === undefined ? undefined : begin + externalNumber("length", length),
  };
}

function externalNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw wrongValue(`external_data ${name}`, "a whole number of bytes", text);
}

/**
 * A path in one spelling: `./weights.bin` is the file `weights.bin`.
 *
 * @throws RangeError unless it stays in the folder of its model.
 */
function locationOf(text: string): string {
  const parts = text.split(/[/\\]/);
  const location = text.replace(/^(\.\/)+|\/\.(?=\/)/g, "");
  const outside = parts.some((part) => part === ".." || part === "") || /^[a-z]:|\0/i.test(text);
  if (outside || parts.at(-1) === ".")
    throw wrongValue("external_data location", "a path in the folder of the model", text);
  return location;
}

/** Element types of ONNX. */
import { DTYPES, type DType } from "../../dtype.js";

/** Element types, by their number. */
const TYPE_NAMES = [
  ...["undefined", "f32", "u8", "i8", "u16", "i16", "i32", "i64", "string", "bool", "f16", "f64", "u32", "u64"],
  ...["c64", "c128", "bf16", "f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "u4", "i4", "f4e2m1", "f8e8m0"],
];

/** The name of an element type. */
export const typeName = (type: number): string => TYPE_NAMES[type] ?? `type ${type}`;

/** The dtype of a tensor, if it is one that is drawn. */
export const dtypeOf = ({ type }: { readonly type: number }): DType | undefined =>
  DTYPES.find((name) => name === typeName(type));

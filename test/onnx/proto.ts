/** Writes ONNX models for tests: protocol buffers by hand, as onnx.proto of onnx 1.23 numbers their fields. */

export type Bytes = readonly number[];

export function varint(value: number | bigint): Bytes {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) + 128);
  }
}

export const int = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
export const bytes = (field: number, value: Iterable<number>): Bytes => {
  const list = [...value];
  return [...varint(field * 8 + 2), ...varint(list.length), ...list];
};
export const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));

const floatBytes = (value: number): Bytes => [...new Uint8Array(Float32Array.of(value).buffer)];

/** Element types of onnx.proto. */
export const TYPES = { f32: 1, u8: 2, i8: 3, i32: 6, i64: 7, f16: 10, f64: 11, bf16: 16 } as const;
export type TypeName = keyof typeof TYPES;

export interface TensorOptions {
  readonly type?: TypeName;
  /** raw_data, or the fields that have the values. Default: noise. */
  readonly raw?: Uint8Array;
  readonly fields?: Bytes;
  readonly external?: Readonly<Record<string, string>>;
}

const WIDTHS = { f32: 4, u8: 1, i8: 1, i32: 4, i64: 8, f16: 2, f64: 8, bf16: 2 };

/** Values that look like weights, as raw bytes. */
export function noise(type: TypeName, size: number, seed = 1): Uint8Array {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) / 2;
  };
  const values = Array.from({ length: size }, next);
  if (type === "f32") return new Uint8Array(Float32Array.from(values).buffer);
  if (type === "f64") return new Uint8Array(Float64Array.from(values).buffer);
  if (type === "f16" || type === "bf16")
    return new Uint8Array(Uint16Array.from(values, (x) => 0x3000 + Math.floor((x + 0.25) * 2000)).buffer);
  return new Uint8Array(size * WIDTHS[type]);
}

export const tensor = (name: string, dims: readonly number[], options: TensorOptions = {}): Bytes => {
  const { type = "f32", raw, fields, external } = options;
  const size = dims.reduce((all, length) => all * length, 1);
  const entries = Object.entries(external ?? {}).flatMap(([key, value]) =>
    bytes(13, [...text(1, key), ...text(2, value)]),
  );
  const values =
    external !== undefined
      ? [...entries, ...int(14, 1)]
      : (fields ?? bytes(9, raw ?? noise(type, size, name.length + 1)));
  return [...dims.flatMap((length) => int(1, length)), ...int(2, TYPES[type]), ...text(8, name), ...values];
};

/** A tensor of whole numbers. */
export const ints = (name: string, values: readonly number[], scalar = false): Bytes =>
  tensor(name, scalar ? [] : [values.length], {
    type: "i64",
    raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });

/** A number. */
export const scalar = (name: string, value: number, type: "f32" | "f64" = "f32"): Bytes =>
  tensor(name, [], { type, raw: new Uint8Array((type === "f32" ? Float32Array : Float64Array).of(value).buffer) });

export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly tensor: Bytes }
  | { readonly graph: Bytes }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly ref: string };

function attribute(name: string, value: Attribute): Bytes {
  const named = text(1, name);
  if (typeof value === "number") return [...named, ...int(3, value), ...int(20, 2)];
  if (typeof value === "string") return [...named, ...text(4, value), ...int(20, 3)];
  if ("tensor" in value) return [...named, ...bytes(5, value.tensor), ...int(20, 4)];
  if ("graph" in value) return [...named, ...bytes(6, value.graph), ...int(20, 5)];
  if ("float" in value) return [...named, ...varint(2 * 8 + 5), ...floatBytes(value.float), ...int(20, 1)];
  if ("floats" in value)
    return [...named, ...value.floats.flatMap((one) => [...varint(7 * 8 + 5), ...floatBytes(one)]), ...int(20, 6)];
  if ("ref" in value) return [...named, ...text(21, value.ref), ...int(20, 2)];
  return [...named, ...value.flatMap((one) => int(8, one)), ...int(20, 7)];
}

/** @param op the operator, behind its domain and ":" unless that is ONNX's own. */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Bytes {
  const [name, domain = ""] = op.split(":").reverse() as [string, string?];
  return [
    ...inputs.flatMap((one) => text(1, one)),
    ...outputs.flatMap((one) => text(2, one)),
    ...text(3, `${name}_${outputs[0]}`),
    ...text(4, name),
    ...Object.entries(attributes).flatMap(([key, value]) => bytes(5, attribute(key, value))),
    ...(domain === "" ? [] : text(7, domain)),
  ];
}

export interface GraphOptions {
  readonly nodes: readonly Bytes[];
  readonly tensors?: readonly Bytes[];
  readonly sparse?: readonly Bytes[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
}

const info = (name: string): Bytes => [...text(1, name), ...bytes(2, bytes(1, [...int(1, 1), ...bytes(2, [])]))];

export const graph = ({ nodes, tensors = [], sparse = [], inputs = ["x"], outputs = ["y"] }: GraphOptions): Bytes => [
  ...nodes.flatMap((one) => bytes(1, one)),
  ...text(2, "graph"),
  ...tensors.flatMap((one) => bytes(5, one)),
  ...sparse.flatMap((one) => bytes(15, one)),
  ...inputs.flatMap((one) => bytes(11, info(one))),
  ...outputs.flatMap((one) => bytes(12, info(one))),
];

export const functionOf = (
  domain: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  nodes: readonly Bytes[],
): Bytes => [
  ...text(1, name),
  ...inputs.flatMap((one) => text(4, one)),
  ...outputs.flatMap((one) => text(5, one)),
  ...nodes.flatMap((one) => bytes(7, one)),
  ...text(10, domain),
];

export const model = (options: GraphOptions, functions: readonly Bytes[] = []): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...int(1, 8),
    ...text(2, "test"),
    ...bytes(7, graph(options)),
    ...bytes(8, [...text(1, ""), ...int(2, 17)]),
    ...functions.flatMap((one) => bytes(25, one)),
    ...bytes(14, [...text(1, "note"), ...text(2, "stays")]),
  ]);

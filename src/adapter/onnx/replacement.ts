/** A tensor of raw values in place of one whose values are encoded otherwise. The values themselves are drawn. */
import { type ByteSource, concat } from "../../checkpoint/bytes.js";
import type { DType } from "../../dtype.js";
import { payloadBytes } from "./payload.js";
import type { Replaced } from "./rewrite.js";
import { readExactly } from "./source.js";
import type { StoredValue } from "./view.js";
import { type Message, tagOf, varintBytes, WireCursor } from "./wire.js";

/** Field numbers of onnx.proto. */
const NODE = { output: 2, name: 3, op: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, tensor: 5, type: 20 } as const;
const TENSOR = { dims: 1, type: 2, raw: 9 } as const;
const VALUES: readonly number[] = [4, 5, 6, 7, 9, 10, 11]; // of a tensor: fields that have values
const TENSOR_ATTRIBUTE = 4;

/** A tensor in place of one whose values are encoded otherwise, or a constant in place of a node that fills one. */
export async function replacement(
  source: ByteSource,
  stored: StoredValue,
  name: string,
  dtype: DType,
): Promise<Replaced> {
  const { tensor, filledBy } = stored;
  const more = payloadBytes(dtype, tensor.dims);
  const raw = [...tagOf(TENSOR.raw), ...varintBytes(more)];
  const message = filledBy === undefined ? tensor.message : filledBy.message;
  const body =
    filledBy === undefined
      ? [...(await otherFields(source, message)), Uint8Array.from(raw)]
      : [Uint8Array.from(constantNode(stored, raw, more))];
  const length = body.reduce((sum, { length }) => sum + length, 0);
  const tag = await readExactly(source, message.start, message.lengthAt);
  const bytes = concat([tag, Uint8Array.from(varintBytes(length + more)), ...body]);
  return { start: message.start, end: message.end, bytes, more, tensor: name, parent: message.parent };
}

/** The fields of a tensor besides its values. */
async function otherFields(source: ByteSource, message: Message): Promise<readonly Uint8Array[]> {
  const kept: Uint8Array[] = [];
  await new WireCursor(source).fields(message, async (field) => {
    if (!VALUES.includes(field.number)) kept.push(await readExactly(source, field.start, field.end));
  });
  return kept;
}

/** A Constant node up to the values of its tensor. */
function constantNode({ tensor, filledBy }: StoredValue, raw: readonly number[], more: number): readonly number[] {
  const text = (field: number, value: string) => {
    const bytes = new TextEncoder().encode(value);
    return [...tagOf(field), ...varintBytes(bytes.length), ...bytes];
  };
  const int = (field: number, value: number) => [...varintBytes(field * 8), ...varintBytes(value)];
  const before = (field: number, body: readonly number[]) => [
    ...tagOf(field),
    ...varintBytes(body.length + more),
    ...body,
  ];
  const { name = "", outputs = [] } = filledBy ?? {};
  const dims = tensor.dims.flatMap((length) => int(TENSOR.dims, length));
  const value = before(ATTRIBUTE.tensor, [...dims, ...int(TENSOR.type, tensor.type), ...raw]);
  const attribute = [...text(ATTRIBUTE.name, "value"), ...int(ATTRIBUTE.type, TENSOR_ATTRIBUTE), ...value];
  const named = name === "" ? [] : text(NODE.name, name);
  return [
    ...outputs.flatMap((output) => text(NODE.output, output)),
    ...named,
    ...text(NODE.op, "Constant"),
    ...before(NODE.attribute, attribute),
  ];
}

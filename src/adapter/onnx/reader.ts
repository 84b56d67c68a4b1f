/** Reads an ONNX model, with the places of its tensors' bytes, which are not read. */
import { show, wrongValue } from "../../check.js";
import type { ByteSource } from "../../checkpoint/bytes.js";
import { forTensor } from "../../model/fault.js";
import { checkShape } from "../../shape.js";
import { dtypeOf, typeName } from "./element.js";
import { floatsOf } from "./fixed.js";
import { externalPayload, LISTS, payloadOf } from "./payload.js";
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxNode, OnnxProto, OnnxTensor } from "./proto.js";
import { type Message, notOnnx, WireCursor, type WireField } from "./wire.js";

const MOST_DEPTH = 32; // graphs within graphs
const MOST_AXES = 64;
const MOST_VALUES = 1024; // that are kept of a tensor of whole numbers
const MOST_FLOATS = 8; // that are kept of a list in one field
/** The most bytes of a model without the files beside it: what protocol buffers allow. */
export const MOST_MODEL = 0x7fffffff;

/** @throws RangeError, TypeError for what is not a whole ONNX model. */
export async function readProto(source: ByteSource): Promise<OnnxProto> {
  const { byteLength } = source;
  if (byteLength === 0) throw new RangeError("expected an ONNX model, got an empty file");
  if (byteLength > MOST_MODEL) {
    const other = "; larger models have their weights in files beside them";
    throw wrongValue("the model", `at most ${MOST_MODEL} bytes${other}`, byteLength);
  }
  return new ProtoReader(new WireCursor(source)).model({ start: 0, lengthAt: 0, begin: 0, end: byteLength });
}

class ProtoReader {
  constructor(readonly wire: WireCursor) {}

  async model(message: Message): Promise<OnnxProto> {
    const functions: OnnxFunction[] = [];
    const opsets = new Map<string, number>();
    const graphs: OnnxGraph[] = [];
    let version: number | undefined;
    await this.wire.fields(message, async (field) => {
      if (field.number === 1) version = field.int;
      else if (field.number === 7) graphs.push(await this.graph(nested(field), 0));
      else if (field.number === 8) {
        const { text, int } = await this.pair(nested(field));
        opsets.set(normalDomain(text), int);
      } else if (field.number === 25) functions.push(await this.function(nested(field)));
    });
    const [graph, second] = graphs;
    if (graph === undefined || version === undefined) {
      const lacks = graph === undefined ? "graph" : "version of its format";
      throw notOnnx(`it has no ${lacks}`);
    }
    if (second !== undefined) throw new RangeError("expected an ONNX model with one graph, got several");
    return { graph, functions, opsets };
  }

  /** The domain of an opset with its version, or a key with its value, or the name of a graph's input. */
  async pair(message: Message, hasValue = false): Promise<{ text: string; int: number; value: string }> {
    const pair = { text: "", int: 0, value: "" };
    await this.wire.fields(message, async (field) => {
      if (field.number === 1) pair.text = await this.wire.text(field);
      else if (field.number === 2 && hasValue) pair.value = await this.wire.text(field);
      else if (field.number === 2) pair.int = field.int;
    });
    return pair;
  }

  async graph(message: Message, depth: number): Promise<OnnxGraph> {
    if (depth > MOST_DEPTH) throw new RangeError(`expected graphs at most ${MOST_DEPTH} deep in each other`);
    const graph = {
      nodes: [] as OnnxNode[],
      initializers: [] as OnnxTensor[],
      sparse: [] as OnnxTensor[],
      inputs: [] as string[],
      outputs: [] as string[],
    };
    await this.wire.fields(message, async (field) => {
      switch (field.number) {
        case 1:
          graph.nodes.push(await this.node(nested(field), depth));
          break;
        case 5:
          graph.initializers.push(await this.tensor(nested(field)));
          break;
        case 11:
          graph.inputs.push((await this.pair(nested(field))).text);
          break;
        case 12:
          graph.outputs.push((await this.pair(nested(field))).text);
          break;
        case 15:
          graph.sparse.push(await this.sparse(nested(field)));
      }
    });
    return graph;
  }

  async function(message: Message): Promise<OnnxFunction> {
    const made = { name: "", domain: "", inputs: [] as string[], outputs: [] as string[], nodes: [] as OnnxNode[] };
    await this.wire.fields(message, async (field) => {
      const { number } = field;
      if (number === 1) made.name = await this.wire.text(field);
      else if (number === 4) made.inputs.push(await this.wire.text(field));
      else if (number === 5) made.outputs.push(await this.wire.text(field));
      else if (number === 7) made.nodes.push(await this.node(nested(field), 0));
      else if (number === 10) made.domain = normalDomain(await this.wire.text(field));
    });
    return made;
  }

  async node(message: Message, depth: number): Promise<OnnxNode> {
    const node = { name: "", op: "", domain: "", inputs: [] as string[], outputs: [] as string[] };
    const attributes = new Map<string, OnnxAttribute>();
    await this.wire.fields(message, async (field) => {
      const { number } = field;
      if (number === 5) {
        const attribute = await this.attribute(nested(field), depth);
        attributes.set(attribute.name, attribute);
        return;
      }
      if (number > 7) return;
      const text = number <= 4 || number === 7 ? await this.wire.text(field) : "";
      if (number === 1) node.inputs.push(text);
      else if (number === 2) node.outputs.push(text);
      else if (number === 3) node.name = text;
      else if (number === 4) node.op = text;
      else if (number === 7) node.domain = normalDomain(text);
    });
    return { ...node, attributes, message };
  }

  async attribute(message: Message, depth: number): Promise<OnnxAttribute> {
    const made: { -readonly [Key in keyof OnnxAttribute]: OnnxAttribute[Key] } = {
      ...{ name: "", int: undefined, float: undefined, text: undefined, ints: [], floats: [], texts: [] },
      ...{ tensor: undefined, graphs: [], others: [], refersTo: undefined },
    };
    const others: OnnxTensor[] = [];
    const graphs: OnnxGraph[] = [];
    const ints: number[] = [];
    const floats: number[] = [];
    const texts: string[] = [];
    await this.wire.fields(message, async (field) => {
      switch (field.number) {
        case 1:
          made.name = await this.wire.text(field);
          break;
        case 2:
          made.float = await this.float(field);
          break;
        case 3:
          made.int = field.int;
          break;
        case 4:
          if (field.end - field.begin <= MOST_VALUES) made.text = await this.wire.text(field).catch(() => undefined);
          break;
        case 5:
          if (made.tensor !== undefined) throw new RangeError(`attribute ${show(made.name)}: expected one tensor`);
          made.tensor = await this.tensor(nested(field));
          break;
        case 6:
        case 11:
          graphs.push(await this.graph(nested(field), depth + 1));
          break;
        case 7:
          if (floats.length < MOST_FLOATS) floats.push(...(await this.floats(field)));
          break;
        case 8:
          for (const value of await this.wire.ints(field)) ints.push(value);
          break;
        case 9:
          if (field.end - field.begin <= MOST_VALUES) texts.push(await this.wire.text(field).catch(() => ""));
          break;
        case 10:
          others.push(await this.tensor(nested(field)));
          break;
        case 21:
          made.refersTo = await this.wire.text(field);
          break;
        case 22:
        case 23:
          others.push(await this.sparse(nested(field)));
      }
    });
    return { ...made, others, graphs, ints, floats, texts };
  }

  async float(field: WireField): Promise<number | undefined> {
    return field.end - field.begin === 4 ? (await this.floats(field))[0] : undefined;
  }

  /** The first numbers of a field, packed or single. */
  async floats({ begin, end }: WireField): Promise<readonly number[]> {
    const count = Math.min(MOST_FLOATS, Math.floor((end - begin) / 4));
    return Array.from(floatsOf("f32", await this.wire.bytes(begin, begin + 4 * count)));
  }

  /** A sparse tensor: its name, its type, and the shape of the whole, without values. */
  async sparse(message: Message): Promise<OnnxTensor> {
    let values: OnnxTensor | undefined;
    const dims: number[] = [];
    await this.wire.fields(message, async (field) => {
      if (field.number === 1) values = await this.tensor(nested(field));
      else if (field.number === 3) await this.#dims(field, dims);
    });
    if (values === undefined) throw new RangeError("a sparse tensor: expected values, got none");
    checkDims(values.name, dims);
    return { ...values, dims, payload: undefined, ints: undefined, number: undefined };
  }

  async tensor(message: Message): Promise<OnnxTensor> {
    const dims: number[] = [];
    const data = new Map<number, WireField[]>(); // by field: float, int32, int64, raw and double data
    const external = new Map<string, string>();
    let [name, type, isExternal] = ["", 0, false];
    await this.wire.fields(message, async (field) => {
      switch (field.number) {
        case 1:
          await this.#dims(field, dims);
          break;
        case 2:
          type = field.int;
          break;
        case 4:
        case 5:
        case 7:
        case 9:
        case 10:
          keep(data, field);
          break;
        case 8:
          name = await this.wire.text(field);
          break;
        case 13: {
          const { text, value } = await this.pair(nested(field), true);
          external.set(text, value);
          break;
        }
        case 14:
          isExternal = field.int === 1;
      }
    });
    const size = checkDims(name, dims);
    const tensor = { name, dims, type, message };
    if (isExternal) {
      const payload = forTensor(name, () => externalPayload(external));
      return { ...tensor, payload, ints: undefined, number: undefined };
    }
    const payload = forTensor(name, () => payloadOf(tensor, data, size));
    const ints = await this.#values(type, size, data);
    return {
      ...tensor,
      payload,
      ints,
      number: size === 1 ? (ints?.[0] ?? (await this.#number(type, data))) : undefined,
    };
  }

  /** Adds to the lengths of a tensor's axes. More than are allowed are not kept; `checkDims` refuses them. */
  async #dims(field: WireField, dims: number[]): Promise<void> {
    for (const length of await this.wire.ints(field)) if (dims.length <= MOST_AXES) dims.push(length);
  }

  /** The value of a tensor of one number with a fraction. */
  async #number(type: number, data: ReadonlyMap<number, readonly WireField[]>): Promise<number | undefined> {
    const dtype = dtypeOf({ type });
    if (dtype === undefined) return undefined;
    const [raw] = data.get(9) ?? [];
    const [list] = data.get(LISTS[dtype]) ?? [];
    const field = raw ?? list;
    if (field === undefined) return undefined;
    const isHalf = dtype === "f16" || dtype === "bf16";
    if (raw === undefined && isHalf) {
      const [bits = 0] = await this.wire.ints(field);
      return floatsOf(dtype, Uint8Array.of(bits & 255, (bits >> 8) & 255))[0];
    }
    return floatsOf(dtype, await this.wire.bytes(field.begin, Math.min(field.end, field.begin + 8)))[0];
  }

  /** The values of a small tensor of whole numbers of 32 or 64 bits. */
  async #values(type: number, size: number, data: ReadonlyMap<number, readonly WireField[]>) {
    const width = { i32: 4, i64: 8 }[typeName(type)];
    if (width === undefined || size > MOST_VALUES) return undefined;
    const [raw] = data.get(9) ?? [];
    const lists = data.get(width === 4 ? 5 : 7) ?? [];
    if (raw === undefined) return (await Promise.all(lists.map((field) => this.wire.ints(field)))).flat();
    if (raw.end - raw.begin !== size * width) return undefined;
    const bytes = await this.wire.bytes(raw.begin, raw.end);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return Array.from({ length: size }, (_, i) =>
      width === 4 ? view.getInt32(i * 4, true) : Number(view.getBigInt64(i * 8, true)),
    );
  }
}

const keep = (data: Map<number, WireField[]>, field: WireField) =>
  data.set(field.number, [...(data.get(field.number)?.slice(-MOST_KEPT) ?? []), field]);

const MOST_KEPT = 2; // fields of one kind: more than one says that they are no single list

const normalDomain = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/** @throws RangeError unless the field is a message. */
function nested(field: WireField): Message {
  if (field.wire === 2) return field;
  throw notOnnx(`field ${field.number} at byte ${field.start} is no message`);
}

/** @returns the number of elements. */
const checkDims = (name: string, dims: readonly number[]): number =>
  forTensor(name, () => {
    if (dims.length > MOST_AXES) throw wrongValue("dims", `at most ${MOST_AXES} axes`, dims.length);
    return checkShape(dims);
  });

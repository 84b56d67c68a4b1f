/** An ONNX model as it is stored (onnx.proto of onnx 1.23): graphs, nodes and tensors. */
import type { Payload } from "./payload.js";
import type { Message } from "./wire.js";

/** A TensorProto. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** The number of its element type in onnx.proto. */
  readonly type: number;
  /** Absent if the model has no values for it. */
  readonly payload: Payload | undefined;
  /** The values of a small tensor of whole numbers. */
  readonly ints: readonly number[] | undefined;
  /** The value of a tensor of one number that lies in the model. */
  readonly number: number | undefined;
  readonly message: Message;
}

export interface OnnxAttribute {
  readonly name: string;
  readonly int: number | undefined;
  readonly float: number | undefined;
  readonly text: string | undefined;
  readonly ints: readonly number[];
  /** The first numbers of a list. */
  readonly floats: readonly number[];
  readonly texts: readonly string[];
  readonly tensor: OnnxTensor | undefined;
  readonly graphs: readonly OnnxGraph[];
  /** Tensors in lists, and sparse ones: of no use here, but named. */
  readonly others: readonly OnnxTensor[];
  /** The attribute of the function's caller that it stands for. */
  readonly refersTo: string | undefined;
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
  readonly message: Message;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** The values of sparse initializers: those that are not 0. */
  readonly sparse: readonly OnnxTensor[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
}

export interface OnnxProto {
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
  /** The version of each domain's operators; "" is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
}

/** The name of an operator, with its domain unless that is ONNX's own. */
export const opName = ({ domain, op }: Pick<OnnxNode, "domain" | "op">): string =>
  domain === "" ? op : `${domain}.${op}`;

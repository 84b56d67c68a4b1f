/**
 * Goes through the graphs of a model in order, graphs of If, Loop and Scan and functions included, and finds the stored
 * tensors, what they become on their way, and the nodes that take them.
 */
import { show } from "../../check.js";
import { dtypeOf } from "./element.js";
import { clippedList } from "./list.js";
import { intsOf, passedBy } from "./pass.js";
import { type OnnxFunction, type OnnxGraph, type OnnxNode, type OnnxProto, type OnnxTensor, opName } from "./proto.js";
import { GraphScope } from "./scope.js";
import { type StoredValue, type View, viewOf } from "./view.js";

/** A node that takes a stored tensor. */
export interface Taken {
  readonly scope: GraphScope;
  readonly node: OnnxNode;
  /** Which of its inputs. */
  readonly index: number;
  readonly view: View;
}

/** What a model has. */
export interface Walked {
  /** In the order of the file. */
  readonly stored: readonly StoredValue[];
  readonly taken: readonly Taken[];
}

const MOST_NODES = 100_000; // of functions, which are visited at each call
const MOST_CALLS = 32; // functions within functions

/** @throws RangeError for a graph that is not sorted, or has a cycle, and for functions that call themselves. */
export function walk({ graph, functions }: OnnxProto): Walked {
  const walker = new Walker(new Map(functions.map((one) => [opName({ domain: one.domain, op: one.name }), one])));
  walker.graph(graph, undefined, "", []);
  return { stored: [...walker.stored.values()], taken: walker.taken };
}

class Walker {
  readonly stored = new Map<OnnxTensor | OnnxNode, StoredValue>();
  readonly taken: Taken[] = [];
  #nodesLeft = MOST_NODES;

  constructor(readonly functions: ReadonlyMap<string, OnnxFunction>) {}

  /** @param views of inputs that are the same each time that the graph is run. */
  graph(
    graph: OnnxGraph,
    parent: GraphScope | undefined,
    path: string,
    calls: readonly string[],
    views: ReadonlyMap<string, View> = new Map(),
  ): GraphScope {
    const { nodes, initializers, sparse, inputs, outputs } = graph;
    const scope = new GraphScope(path, nodes, parent);
    for (const name of inputs) scope.defined.add(name);
    for (const [name, view] of views) scope.views.set(name, view);
    for (const tensor of initializers) this.#define(scope, tensor.name, tensor);
    for (const tensor of sparse) this.#define(scope, tensor.name, tensor, { sparse: true });
    for (const name of outputs) scope.outputs.set(name, undefined);
    this.#nodes(scope, calls);
    return scope;
  }

  #define(scope: GraphScope, name: string, tensor: OnnxTensor, more: Partial<StoredValue> = {}): void {
    if (scope.views.has(name)) throw new RangeError(`two tensors of one graph are named ${show(name)}`);
    const stored = this.#store(tensor, { tensor, path: scope.path, name, ...more });
    scope.defined.add(name);
    scope.views.set(name, viewOf(stored));
  }

  /** One object for each tensor: a function's is visited at each call. */
  #store(key: OnnxTensor | OnnxNode, made: StoredValue): StoredValue {
    const stored = this.stored.get(key) ?? made;
    this.stored.set(key, stored);
    return stored;
  }

  #nodes(scope: GraphScope, calls: readonly string[]): void {
    for (const node of scope.nodes) {
      this.#nodesLeft -= Number(calls.length > 0);
      if (this.#nodesLeft < 0)
        throw new RangeError(`expected at most ${MOST_NODES} nodes in functions, counted at each call`);
      this.#checkInputs(scope, node);
      this.#node(scope, node, calls);
      for (const name of node.outputs) scope.defined.add(name);
    }
  }

  #checkInputs(scope: GraphScope, node: OnnxNode): void {
    for (const name of node.inputs) {
      if (name === "" || scope.find(name) !== undefined || !scope.makers.has(name)) continue;
      const of = `${opName(node)} node ${show(node.name)}`;
      throw new RangeError(
        `${of}: expected its input ${show(name)} to be made before it, got a later node: the graph has a cycle, or is not sorted`,
      );
    }
  }

  #node(scope: GraphScope, node: OnnxNode, calls: readonly string[]): void {
    const called = this.functions.get(opName(node));
    if (called !== undefined) {
      this.#call(scope, node, called, calls);
      return;
    }
    const kept = this.#graphsOf(scope, node, calls);
    for (const { others } of node.attributes.values()) {
      for (const tensor of others) {
        const name = tensor.name || (node.outputs[0] ?? "");
        this.#store(tensor, { tensor, path: scope.path, name, sparse: true });
      }
    }
    if (node.domain === "" && node.op === "Constant") this.#constant(scope, node);
    else if (node.domain === "" && node.op === "ConstantOfShape") this.#filled(scope, node);
    else if (!this.#pass(scope, node)) this.#take(scope, node, kept);
  }

  /** Arithmetic on constants makes constants; what draws random numbers, and graphs within a node, may not. */
  #compute(scope: GraphScope, { op, inputs, outputs, attributes }: OnnxNode): void {
    const isPlain = !op.startsWith("Random") && [...attributes.values()].every(({ graphs }) => graphs.length === 0);
    const given = inputs.filter((name) => name !== "");
    if (!isPlain || given.length === 0 || !given.every((name) => scope.isConstant(name))) return;
    for (const name of outputs) scope.computed.add(name);
  }

  /** The graphs within a node. @returns the inputs that they only pass on. */
  #graphsOf(scope: GraphScope, node: OnnxNode, calls: readonly string[]): ReadonlySet<number> {
    const kept = new Set<number>();
    const label = node.name || node.outputs[0] || node.op;
    for (const { name, graphs } of node.attributes.values()) {
      for (const graph of graphs) {
        for (const index of this.#inner(scope, node, graph, `${label}.${name}`, calls)) kept.add(index);
      }
    }
    return kept;
  }

  /** @returns whether the node moves values and changes none. */
  #pass(scope: GraphScope, node: OnnxNode): boolean {
    const passed = node.domain === "" ? passedBy(scope, node) : undefined;
    for (const [i, view] of (passed ?? []).entries()) {
      const name = node.outputs[i];
      if (name !== undefined && name !== "") scope.views.set(name, view);
    }
    return passed !== undefined;
  }

  #take(scope: GraphScope, node: OnnxNode, kept: ReadonlySet<number>): void {
    this.#compute(scope, node);
    for (const [index, name] of node.inputs.entries()) {
      const view = name === "" || kept.has(index) ? undefined : scope.view(name);
      if (view !== undefined) this.taken.push({ scope, node, index, view });
    }
  }

  #constant(scope: GraphScope, node: OnnxNode): void {
    const [name] = node.outputs;
    const tensor = node.attributes.get("value")?.tensor;
    if (name === undefined) return;
    if (tensor !== undefined) this.#define(scope, name, tensor);
    else scope.computed.add(name); // numbers in an attribute
  }

  /** A tensor of one value, of a shape that the file has. */
  #filled(scope: GraphScope, node: OnnxNode): void {
    const [input] = node.inputs;
    const [name] = node.outputs;
    const dims = input === undefined ? undefined : intsOf(scope, input);
    if (dims === undefined || name === undefined || dims.length > MOST_AXES || dims.some((length) => length < 0))
      return;
    const value = node.attributes.get("value")?.tensor;
    const type = value?.type ?? 1;
    const tensor = { name, dims, type, payload: undefined, ints: undefined, number: undefined, message: node.message };
    if (dtypeOf(tensor) === undefined) return;
    const stored = this.#store(node, { tensor, path: scope.path, name, filledBy: node });
    scope.views.set(name, viewOf(stored));
  }

  /** @returns the inputs of the node that its graph only passes on. */
  #inner(
    scope: GraphScope,
    node: OnnxNode,
    graph: OnnxGraph,
    label: string,
    calls: readonly string[],
  ): readonly number[] {
    const shift = node.op === "Loop" ? 1 : 0; // the body's first output says whether it goes on
    const kept = ["Loop", "Scan"].includes(node.op) ? keptBy(graph, shift) : [];
    const views = new Map<string, View>();
    for (const index of kept) {
      const view = scope.view(node.inputs[index] ?? "");
      const made = node.outputs[index - 2 * shift];
      if (view === undefined) continue;
      views.set(graph.inputs[index] as string, view);
      if (made !== undefined) scope.views.set(made, view);
    }
    const path = scope.path === "" ? label : `${scope.path}/${label}`;
    const inner = this.graph(graph, scope, path, calls, views);
    scope.calls.set(node, [...(scope.calls.get(node) ?? []), inner]);
    for (const [i, name] of graph.outputs.entries()) {
      const outer = node.outputs[i - shift];
      if (outer !== undefined) inner.outputs.set(name, { scope, name: outer });
    }
    return kept;
  }

  #call(scope: GraphScope, node: OnnxNode, called: OnnxFunction, calls: readonly string[]): void {
    const name = opName(node);
    if (calls.includes(name) || calls.length >= MOST_CALLS) {
      throw new RangeError(
        `function ${show(name)}: expected no function to call itself, got ${clippedList([...calls, name])}`,
      );
    }
    const inner = new GraphScope(name, called.nodes, undefined, node.attributes);
    for (const [i, formal] of called.inputs.entries()) {
      const actual = node.inputs[i];
      inner.defined.add(formal);
      if (actual === undefined || actual === "") continue;
      inner.inputs.set(formal, { scope, name: actual });
      const view = scope.view(actual);
      if (view !== undefined) inner.views.set(formal, view);
      if (scope.isComputed(actual)) inner.computed.add(formal);
    }
    scope.calls.set(node, [inner]);
    for (const [i, formal] of called.outputs.entries()) {
      const outer = node.outputs[i];
      inner.outputs.set(formal, outer === undefined ? undefined : { scope, name: outer });
    }
    this.#nodes(inner, [...calls, name]);
    for (const [i, formal] of called.outputs.entries()) {
      const outer = node.outputs[i];
      const view = inner.view(formal);
      if (outer !== undefined && view !== undefined) scope.views.set(outer, view);
      if (outer !== undefined && inner.isComputed(formal)) scope.computed.add(outer);
    }
  }
}

const MOST_AXES = 64;

/**
 * Which inputs of a loop's body it passes on as they are.
 *
 * @param shift how many outputs come before those that the next round takes.
 */
function keptBy({ inputs, outputs, nodes }: OnnxGraph, shift: number): readonly number[] {
  const sources = new Map(
    nodes.flatMap(({ op, outputs, inputs }) => (op === "Identity" ? [[outputs[0] ?? "", inputs[0] ?? ""]] : [])) as [
      string,
      string,
    ][],
  );
  return [...inputs.keys()].filter((index) => {
    let name = outputs[index - shift];
    for (let step = 0; step < MOST_IDENTITIES && name !== undefined && sources.has(name); ++step)
      name = sources.get(name);
    return index >= 2 * shift && name === inputs[index];
  });
}

const MOST_IDENTITIES = 16; // after each other

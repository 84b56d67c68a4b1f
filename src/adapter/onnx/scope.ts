/** The values of a graph by name, and who makes and takes them. */
import { show } from "../../check.js";
import type { OnnxAttribute, OnnxGraph, OnnxNode } from "./proto.js";
import type { View } from "./view.js";

/** A value of a graph. */
export interface ValuePlace {
  readonly scope: GraphScope;
  readonly name: string;
}

/** A graph, or one call of a function: nodes with the values between them. */
export class GraphScope {
  /** What is known before the model runs. */
  readonly views = new Map<string, View>();
  /** Values that are computed from stored tensors alone, and are the same each time that the model runs. */
  readonly computed = new Set<string>();
  /** Values that are there: of inputs, initializers and nodes so far. */
  readonly defined = new Set<string>();
  readonly makers = new Map<string, OnnxNode>();
  readonly takers = new Map<string, OnnxNode[]>();
  /** What a node calls: functions and graphs of If, Loop and Scan. */
  readonly calls = new Map<OnnxNode, GraphScope[]>();
  /** Values that are those of the caller: a function's inputs, and the outputs of graphs and functions. */
  readonly inputs = new Map<string, ValuePlace>();
  readonly outputs = new Map<string, ValuePlace | undefined>();

  /**
   * @param parent the graph around it, whose values it has too.
   * @param attributes those of the caller of a function.
   */
  constructor(
    readonly path: string,
    readonly nodes: readonly OnnxNode[],
    readonly parent: GraphScope | undefined,
    readonly attributes: ReadonlyMap<string, OnnxAttribute> = new Map(),
  ) {
    for (const node of nodes) {
      for (const name of node.outputs) {
        if (name === "") continue;
        if (this.makers.has(name)) {
          throw new RangeError(`expected one node to make ${show(name)}, got two: an ONNX graph names each value once`);
        }
        this.makers.set(name, node);
      }
      for (const name of new Set([...node.inputs, ...capturedBy(node)])) {
        const known = this.takers.get(name);
        if (known === undefined) this.takers.set(name, [node]);
        else known.push(node);
      }
    }
  }

  /** The scope that has a value of this name. */
  find(name: string): GraphScope | undefined {
    if (this.defined.has(name)) return this;
    return this.parent?.find(name);
  }

  view(name: string): View | undefined {
    return this.find(name)?.views.get(name);
  }

  isComputed(name: string): boolean {
    return this.find(name)?.computed.has(name) === true;
  }

  /** Whether a value is known before the model runs: stored, or computed from what is stored. */
  isConstant(name: string): boolean {
    return this.view(name) !== undefined || this.isComputed(name);
  }

  attribute(node: OnnxNode, name: string): OnnxAttribute | undefined {
    const attribute = node.attributes.get(name);
    return attribute?.refersTo === undefined ? attribute : this.attributes.get(attribute.refersTo);
  }

  int(node: OnnxNode, name: string, otherwise: number): number {
    return this.attribute(node, name)?.int ?? otherwise;
  }
}

/** The node that makes a value, in the scope that has it. */
export function makerOf(place: ValuePlace): { readonly scope: GraphScope; readonly node: OnnxNode } | undefined {
  const scope = place.scope.find(place.name);
  if (scope === undefined) return undefined;
  const node = scope.makers.get(place.name);
  if (node !== undefined) return { scope, node };
  const outer = scope.inputs.get(place.name);
  return outer === undefined ? undefined : makerOf(outer);
}

/** Names that the graphs within a node take from the graph around it, as far as they are found there. */
function capturedBy({ attributes }: OnnxNode): string[] {
  return [...attributes.values()].flatMap(({ graphs }) => graphs.flatMap(freeNames));
}

function freeNames({ nodes, inputs, outputs, initializers }: OnnxGraph): string[] {
  const own = new Set([...inputs, ...initializers.map(({ name }) => name), ...nodes.flatMap((node) => node.outputs)]);
  const taken = [...nodes.flatMap((node) => [...node.inputs, ...capturedBy(node)]), ...outputs];
  return taken.filter((name) => !own.has(name));
}

const MOST_STEPS = 8;

/** The node that makes a value, before what keeps its elements. */
export function originalMakerOf(place: ValuePlace): ReturnType<typeof makerOf> {
  let made = makerOf(place);
  for (let step = 0; step < MOST_STEPS && made !== undefined && KEEPING.has(made.node.op); ++step) {
    made = makerOf({ scope: made.scope, name: made.node.inputs[0] ?? "" });
  }
  return made;
}

const KEEPING = new Set(["Identity", "Cast", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten"]);

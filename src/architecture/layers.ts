/** Kinds of layers: the tensors that each is made of, with the names and shapes of PyTorch's modules. */
import { show } from "../check.js";
import { forTensor } from "../model/fault.js";
import { MOST_TENSORS, type ModelTensor, type Role } from "../model/model.js";
import type { LayerSpec } from "./file.js";
import { type Scope, wholeNumber } from "./scope.js";

/** Kinds of layers. */
export const KINDS = [
  ...(["linear", "conv1d", "convolution", "embedding", "parameter"] as const),
  ...(["rmsNorm", "layerNorm", "groupNorm", "batchNorm"] as const),
];

type TensorRest = Omit<ModelTensor, "name" | "shape" | "role">;

/** How many tensors and ties there are at some point, so that what comes after it can be repeated. */
interface Mark {
  readonly tensors: number;
  readonly ties: number;
}

/** Collects the tensors of a model, layer by layer, and which are tied. */
export class Layers {
  readonly #tensors: ModelTensor[] = [];
  readonly #rests: TensorRest[] = []; // what each tensor has besides name, shape and role: repeats share it
  readonly #byName = new Map<string, ModelTensor>();
  readonly #ties: (readonly [name: string, target: string])[] = [];

  get tied(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#ties);
  }

  mark(): Mark {
    return { tensors: this.#tensors.length, ties: this.#ties.length };
  }

  /** Adds the tensors and ties between two marks once more, with `after` in place of `before` at the beginning of names. */
  repeat(from: Mark, to: Mark, before: string, after: string): void {
    const renamed = (name: string) => after + name.slice(before.length);
    for (let i = from.tensors; i < to.tensors; ++i) {
      const { name, shape, role = "weight" } = this.#tensors[i] as ModelTensor;
      this.#push(renamed(name), shape, role, this.#rests[i] as TensorRest);
    }
    for (const [name, target] of this.#ties.slice(from.ties, to.ties)) this.#ties.push([renamed(name), target]);
  }

  /** @param name of the layer. */
  add(name: string, layer: LayerSpec, scope: Scope): void {
    const tied = layer.tied !== undefined && scope.holds(layer.tied.if) ? layer.tied : {};
    const tensor = (
      part: "weight" | "bias" | undefined,
      shape: readonly (number | string)[],
      role: Role,
      rest: TensorRest = {},
    ) => {
      const own = part === undefined ? name : `${name}.${part}`;
      const target = tied[part ?? "weight"];
      if (target !== undefined) this.#ties.push([own, scope.text(target)]);
      else
        this.#add(own, () => shape.map((length, i) => wholeNumber(`shape[${i}]`, scope.number(length), 1)), role, rest);
    };
    const { role = "weight", packed } = layer;
    const bias = (width: number | string) => {
      if (scope.holds(layer.bias)) tensor("bias", [width], "bias");
    };
    const parts = packed && { packed: { axis: packed.axis, parts: partsOf(packed.parts, scope) } };
    if (layer.linear !== undefined) {
      const [input, output] = layer.linear;
      tensor("weight", [output, input], role, { layout: "oi", ...parts });
      bias(output);
    } else if (layer.conv1d !== undefined) {
      const [input, output] = layer.conv1d;
      tensor("weight", [input, output], role, { layout: "io", ...parts });
      bias(output);
    } else if (layer.convolution !== undefined) {
      const [input = 0, output = 0, ...kernel] = layer.convolution;
      const perGroup = layer.groups === undefined ? input : scope.number(input) / scope.number(layer.groups);
      tensor("weight", [output, perGroup, ...kernel], role, { layout: "oi" });
      bias(output);
    } else if (layer.embedding !== undefined) {
      tensor("weight", layer.embedding, layer.role ?? "embedding", { layout: "io" });
    } else if (layer.rmsNorm !== undefined) {
      tensor("weight", [layer.rmsNorm], "normalization");
    } else if (layer.layerNorm !== undefined || layer.groupNorm !== undefined) {
      const width = layer.layerNorm ?? layer.groupNorm ?? 0;
      tensor("weight", [width], "normalization");
      bias(width);
    } else if (layer.batchNorm !== undefined) {
      tensor("weight", [layer.batchNorm], "normalization");
      tensor("bias", [layer.batchNorm], "bias");
      this.#buffers(name, scope.number(layer.batchNorm));
    } else {
      tensor(undefined, layer.parameter ?? [], role, { ...(layer.dtype && { dtype: layer.dtype }), ...parts });
    }
  }

  #buffers(name: string, width: number): void {
    this.#add(`${name}.running_mean`, () => [width], "buffer");
    this.#add(`${name}.running_var`, () => [width], "buffer");
    this.#add(`${name}.num_batches_tracked`, () => [], "buffer", { dtype: "i64" });
  }

  #add(name: string, shape: () => readonly number[], role: Role, rest: TensorRest = {}): void {
    this.#push(name, forTensor(name, shape), role, rest);
  }

  #push(name: string, shape: readonly number[], role: Role, rest: TensorRest): void {
    if (this.#tensors.length === MOST_TENSORS) {
      throw new RangeError(`config: expected a model of at most ${MOST_TENSORS} tensors, got more`);
    }
    if (this.#byName.has(name)) throw new RangeError(`two tensors are named ${show(name)}`);
    const tensor = Object.assign({ name, shape, role }, rest);
    this.#byName.set(name, tensor);
    this.#tensors.push(tensor);
    this.#rests.push(rest);
  }

  /** In the order of the safetensors library: wider elements first, then by the bytes of the names (all ASCII here). */
  list(): readonly ModelTensor[] {
    const names = [...this.#byName.keys()].sort(); // as strings, since a comparing function takes longer
    const sorted = names.map((name) => this.#byName.get(name) as ModelTensor);
    const isWide = ({ dtype }: ModelTensor) => dtype === "i64";
    return sorted.some(isWide) ? [...sorted.filter(isWide), ...sorted.filter((one) => !isWide(one))] : sorted;
  }
}

const partsOf = (parts: number | string | readonly (number | string)[], scope: Scope): number | number[] =>
  Array.isArray(parts) ? parts.map((part) => scope.number(part)) : scope.number(parts as number | string);

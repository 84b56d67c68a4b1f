/** Collects the tensors of a model, layer by layer, with the names and shapes of PyTorch's modules. */
import type { ElementType } from "../model/element.js";
import { MOST_TENSORS, type ModelTensor, type Role } from "../model/model.js";
import type { SplitAxis } from "../scheme/options.js";

interface LinearOptions {
  /** Whether the layer has a bias. Default true. */
  readonly bias?: boolean;
  /** The role of the weight. Default weight. */
  readonly role?: Role;
  /** Where the weight is split, if it is packed. */
  readonly packed?: SplitAxis;
}

export class Layers {
  readonly #tensors: ModelTensor[] = [];

  add(name: string, shape: readonly number[], role: Role, rest: Omit<ModelTensor, "name" | "shape" | "role"> = {}) {
    if (this.#tensors.length === MOST_TENSORS) {
      throw new RangeError(`config: expected a model of at most ${MOST_TENSORS} tensors, got more`);
    }
    this.#tensors.push({ name, shape, role, ...rest });
  }

  /** A weight [out, in]. */
  linear(name: string, input: number, output: number, { bias = true, role = "weight" }: LinearOptions = {}) {
    this.add(`${name}.weight`, [output, input], role, { layout: "oi" });
    if (bias) this.add(`${name}.bias`, [output], "bias");
  }

  /** GPT-2's linear layer: a weight [in, out]. */
  conv1d(name: string, input: number, output: number, { role = "weight", packed }: LinearOptions = {}) {
    this.add(`${name}.weight`, [input, output], role, { layout: "io", ...(packed && { packed }) });
    this.add(`${name}.bias`, [output], "bias");
  }

  /** A weight [out, in, height, width]. */
  convolution(name: string, input: number, output: number, kernel: readonly number[], options: LinearOptions = {}) {
    const { bias = true, role = "weight" } = options;
    this.add(`${name}.weight`, [output, input, ...kernel], role, { layout: "oi" });
    if (bias) this.add(`${name}.bias`, [output], "bias");
  }

  /** A table [count, width], with a row for each token. */
  embedding(name: string, count: number, width: number) {
    this.add(`${name}.weight`, [count, width], "embedding", { layout: "io" });
  }

  rmsNorm(name: string, width: number) {
    this.add(`${name}.weight`, [width], "normalization");
  }

  layerNorm(name: string, width: number) {
    this.add(`${name}.weight`, [width], "normalization");
    this.add(`${name}.bias`, [width], "bias");
  }

  batchNorm(name: string, width: number) {
    this.layerNorm(name, width);
    this.add(`${name}.running_mean`, [width], "buffer");
    this.add(`${name}.running_var`, [width], "buffer");
    this.add(`${name}.num_batches_tracked`, [], "buffer", { dtype: "i64" });
  }

  /** In the order of the safetensors library: wider elements first, then by the bytes of the names (all ASCII here). */
  list(): readonly ModelTensor[] {
    const wide = (dtype: ElementType | undefined) => Number(dtype === "i64");
    return this.#tensors.sort((a, b) => wide(b.dtype) - wide(a.dtype) || (a.name < b.name ? -1 : 1));
  }
}

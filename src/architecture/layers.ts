/** Layers as the modules of PyTorch name and shape their tensors, collected into a model's list. */
import { wrongValue } from "../check.js";
import type { ElementType } from "../model/element.js";
import type { ModelTensor, Role } from "../model/model.js";
import type { SplitAxis } from "../scheme/options.js";

const MOST_TENSORS = 200_000; // of any model; a config may ask for more than memory holds

interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean;
  /** Default weight. */
  readonly role?: Role;
  readonly packed?: SplitAxis;
}

export class Layers {
  readonly #tensors: ModelTensor[] = [];

  add(name: string, shape: readonly number[], role: Role, rest: Omit<ModelTensor, "name" | "shape" | "role"> = {}) {
    if (this.#tensors.length === MOST_TENSORS) {
      throw wrongValue("config", `a model of at most ${MOST_TENSORS} tensors`, "a larger one");
    }
    this.#tensors.push({ name, shape, role, ...rest });
  }

  /** [out, in] */
  linear(name: string, input: number, output: number, { bias = true, role = "weight" }: LinearOptions = {}) {
    this.add(`${name}.weight`, [output, input], role, { layout: "oi" });
    if (bias) this.add(`${name}.bias`, [output], "bias");
  }

  /** GPT-2's linear layer, [in, out]. */
  conv1d(name: string, input: number, output: number, { role = "weight", packed }: LinearOptions = {}) {
    this.add(`${name}.weight`, [input, output], role, { layout: "io", ...(packed && { packed }) });
    this.add(`${name}.bias`, [output], "bias");
  }

  /** [out, in, height, width] */
  convolution(name: string, input: number, output: number, kernel: readonly number[], options: LinearOptions = {}) {
    const { bias = true, role = "weight" } = options;
    this.add(`${name}.weight`, [output, input, ...kernel], role, { layout: "oi" });
    if (bias) this.add(`${name}.bias`, [output], "bias");
  }

  /** [count, width]: a row for each word, of which one is the input. */
  embedding(name: string, count: number, width: number) {
    this.add(`${name}.weight`, [count, width], "embedding", { layout: "io" });
  }

  rmsNorm(name: string, width: number) {
    this.add(`${name}.weight`, [width], "norm");
  }

  layerNorm(name: string, width: number) {
    this.add(`${name}.weight`, [width], "norm");
    this.add(`${name}.bias`, [width], "bias");
  }

  batchNorm(name: string, width: number) {
    this.layerNorm(name, width);
    this.add(`${name}.running_mean`, [width], "buffer");
    this.add(`${name}.running_var`, [width], "buffer");
    this.add(`${name}.num_batches_tracked`, [], "buffer", { dtype: "i64" });
  }

  /** In the order of the safetensors library: elements that are wider first, then by the bytes of names (all ASCII here). */
  list(): readonly ModelTensor[] {
    const wide = (dtype: ElementType | undefined) => Number(dtype === "i64");
    return this.#tensors.sort((a, b) => wide(b.dtype) - wide(a.dtype) || (a.name < b.name ? -1 : 1));
  }
}

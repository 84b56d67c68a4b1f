/** Biases of LSTMs, which set how long a network remembers before it has learned anything. */
import {
  checkFinite,
  checkOneOf,
  checkOptions,
  checkPositive,
  checkRequired,
  wrongType,
  wrongValue,
} from "../check.js";
import { init } from "../init.js";
import { log } from "../math/functions.js";
import { constant, split, uniform, zeros } from "../scheme/named.js";
import type { Scheme } from "../scheme/options.js";
import { checkName, checkSeed, type Seed } from "../stream.js";

/**
 * The order in which a framework packs the gates of an LSTM. `torch` and `keras`: input, forget, cell, output. `onnx`: input,
 * output, forget, cell.
 */
export type GateOrder = "torch" | "keras" | "onnx";
const ORDERS: Readonly<Record<GateOrder, string>> = { torch: "ifgo", keras: "ifgo", onnx: "iofg" }; // g: cell
const ORDER_NAMES: readonly GateOrder[] = ["torch", "keras", "onnx"];

/** The options of `forgetBias`. */
export interface ForgetBiasOptions {
  /** Order of the gates. Default "torch". */
  readonly order?: GateOrder | undefined;
  /** Bias of the forget gate. Default 1. */
  readonly value?: number | undefined;
}

/**
 * A scheme for the bias of an LSTM, of shape [4 hidden]: `value` for the forget gate, 0 for the others. Gers, Schmidhuber and
 * Cummins, Learning to forget, 2000; with 1: Jozefowicz, Zaremba and Sutskever, An empirical exploration of recurrent network
 * architectures, 2015. A layer that adds two biases, as PyTorch's does, takes this for one of them and zeros for the other.
 *
 * @param options order of the gates, and bias of the forget gate.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { init } from "nn-init";
 * import { forgetBias } from "nn-init/recipes";
 *
 * console.log(init([8], forgetBias()).join(" ")); // 0 0 1 1 0 0 0 0
 * ```
 */
export function forgetBias(options: ForgetBiasOptions = {}): Scheme {
  checkOptions("options", options, ["order", "value"]);
  const order = ORDERS[checkOneOf("order", options.order ?? "torch", ORDER_NAMES)];
  const value = checkFinite("value", options.value ?? 1);
  return split({ axis: 0, parts: 4, of: [...order].map((gate) => (gate === "f" ? constant(value) : zeros())) });
}

/** The options of `chronoBias`. */
export interface ChronoBiasOptions {
  /** Number of units. */
  readonly hidden: number;
  /** The longest dependency that the network should remember, in steps: above 2. */
  readonly longest: number;
  /** Order of the gates. Default "torch". */
  readonly order?: GateOrder | undefined;
  /** From 0 to 2^64 - 1. Equal seed and name give equal values. */
  readonly seed: Seed;
  /** The tensor's full name, such as "lstm.bias". */
  readonly name: string;
}

/**
 * The bias of an LSTM, of shape [4 hidden], for memories of up to `longest` steps: ln u for the forget gate and -ln u for the
 * input gate, with u ~ U(1, longest - 1) drawn once for each unit; 0 for the other gates. Tallec and Ollivier, Can recurrent
 * neural networks warp time?, 2018.
 *
 * @param options number of units, longest dependency, order of the gates; seed and name, which select the draw.
 * @returns the values, not a scheme: two gates share each draw.
 * @throws TypeError, RangeError naming the option.
 * @example
 * ```js
 * import { chronoBias } from "nn-init/recipes";
 *
 * const bias = chronoBias({ hidden: 64, longest: 100, seed: 42, name: "lstm.bias" });
 * console.log(bias.length, bias[0], bias[64]); // 256 -4.337777614593506 4.337777614593506
 * ```
 */
export function chronoBias(options: ChronoBiasOptions): Float32Array<ArrayBuffer> {
  checkRequired("options", options, ["hidden", "longest", "order", "seed", "name"]);
  const hidden = checkPositive("hidden", options.hidden);
  const longest = checkFinite("longest", options.longest);
  if (!(longest > 2)) throw wrongValue("longest", "more than 2 steps", longest);
  const order = ORDERS[checkOneOf("order", options.order ?? "torch", ORDER_NAMES)];
  const { seed, name } = options;
  if (seed === undefined) throw wrongType("seed", "a whole number, as the values depend on it", seed);
  const selected = { seed: checkSeed(seed), name: checkName(name) };
  const bias = allocated(hidden); // before anything is drawn
  const times = init([hidden], uniform({ low: 1, high: longest - 1 }), { ...selected, dtype: "f64" });
  times.forEach((time, unit) => {
    const forget = log(time);
    bias[order.indexOf("f") * hidden + unit] = forget;
    bias[order.indexOf("i") * hidden + unit] = -forget;
  });
  return bias;
}

function allocated(hidden: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(4 * hidden);
  } catch (error) {
    const message = `hidden: expected a bias that this runtime can allocate, got ${hidden} (${16 * hidden} bytes)`;
    throw new RangeError(message, { cause: error });
  }
}

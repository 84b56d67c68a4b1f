/** Biases of LSTMs: what a network remembers before it has learned anything. */
import { checkFinite, checkOneOf, checkOptions, checkPositive, wrongValue } from "../check.js";
import { init } from "../init.js";
import { log } from "../math/functions.js";
import type { Scheme } from "../scheme/options.js";
import { constant, split, uniform, zeros } from "../scheme/scheme.js";
import type { Seed } from "../stream.js";

/** In which order a framework packs the gates: input, forget, cell (g, also c), output. */
export type GateOrder = "torch" | "keras" | "onnx";
const ORDERS: Readonly<Record<GateOrder, string>> = { torch: "ifgo", keras: "ifgo", onnx: "iofg" };
const ORDER_NAMES: readonly GateOrder[] = ["torch", "keras", "onnx"];

export interface ForgetBiasOptions {
  /** Default torch. */
  readonly order?: GateOrder;
  /** Of the forget gate. Default 1. */
  readonly value?: number;
}

/**
 * The bias of an LSTM, [4 hidden]: 0, and `value` for the forget gate. Gers, Schmidhuber and Cummins, Learning to forget,
 * 2000; with 1: Jozefowicz, Zaremba and Sutskever, An empirical exploration of recurrent network architectures, 2015. A
 * layer with two biases (PyTorch's) adds them: one of them takes this, the other zeros.
 */
export function forgetBias(options: ForgetBiasOptions = {}): Scheme {
  checkOptions("options", options, ["order", "value"]);
  const order = ORDERS[checkOneOf("order", options.order ?? "torch", ORDER_NAMES)];
  const value = checkFinite("value", options.value ?? 1);
  return split({ axis: 0, parts: 4, of: [...order].map((gate) => (gate === "f" ? constant(value) : zeros())) });
}

export interface ChronoBiasOptions {
  readonly hidden: number;
  /** The longest dependency to be remembered, in steps: more than 2. */
  readonly longest: number;
  /** Default torch. */
  readonly order?: GateOrder;
  readonly seed: Seed;
  readonly name: string;
}

/**
 * The bias of an LSTM, [4 hidden]: ln u for the forget gate and -ln u for the input gate, u ~ U(1, longest - 1), one for
 * each unit; 0 for the others. Tallec and Ollivier, Can recurrent neural networks warp time?, 2018. These are
 * values, not a scheme: two gates share a draw.
 */
export function chronoBias(options: ChronoBiasOptions): Float32Array<ArrayBuffer> {
  checkOptions("options", options, ["hidden", "longest", "order", "seed", "name"]);
  const hidden = checkPositive("hidden", options.hidden);
  const longest = checkFinite("longest", options.longest);
  if (!(longest > 2)) throw wrongValue("longest", "more than 2 steps", longest);
  const order = ORDERS[checkOneOf("order", options.order ?? "torch", ORDER_NAMES)];
  const { seed, name } = options;
  const times = init([hidden], uniform({ low: 1, high: longest - 1 }), { seed, name, dtype: "f64" });
  const bias = new Float32Array(4 * hidden);
  times.forEach((time, unit) => {
    const forget = log(time);
    bias[order.indexOf("f") * hidden + unit] = forget;
    bias[order.indexOf("i") * hidden + unit] = -forget;
  });
  return bias;
}

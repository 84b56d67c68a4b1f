/** The network and the scheme that several panels share: their fields in the address, and the lab's options that follow. */
import { type Activation, gain, type Scheme, type SchemeName } from "nn-init";
import {
  type LabOptions,
  type NetworkKind,
  type Normalization,
  type NormalizationPlace,
  parseActivation,
} from "nn-init/lab";
import { decimal, type Field, numberIn, oneOf, type StateOf, shortNumber, toggle, whole, words } from "./state.js";

const keys = <T extends string>(names: Readonly<Record<T, unknown>>) => Object.keys(names) as T[];

export const NETWORKS: Readonly<Record<NetworkKind, string>> = {
  dense: "dense layers",
  convolution: "convolution, 3 taps",
  attention: "transformer blocks",
};

/** What each is called; `own` is a formula. */
export const ACTIVATIONS: Readonly<Record<Activation, string>> = {
  relu: "ReLU",
  leakyRelu: "leaky ReLU",
  tanh: "tanh",
  sigmoid: "sigmoid",
  gelu: "GELU",
  geluTanh: "GELU by tanh",
  quickGelu: "GELU by sigmoid",
  silu: "SiLU (swish)",
  mish: "Mish",
  elu: "ELU",
  selu: "SELU",
  softplus: "softplus",
  softsign: "softsign",
  hardSwish: "hard swish",
  hardTanh: "hard tanh",
  hardSigmoid: "hard sigmoid",
  relu6: "ReLU6",
  reluSquared: "ReLU squared",
  erf: "erf",
  sin: "sine",
  linear: "linear",
};

export const NORMALIZATIONS: Readonly<Record<Normalization, string>> = {
  none: "none",
  layer: "layer",
  rms: "RMS",
  batch: "batch",
};

export const PLACES: Readonly<Record<NormalizationPlace, string>> = {
  pre: "before each layer",
  post: "after each sum",
};

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** What a scheme of the page can be given. */
interface SchemeEntry {
  /** What people call it. */
  readonly title: string;
  /** Numbers, each with its default. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** Words, each with those that are allowed; the first is the default. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
}

const FANS = ["fan_in", "fan_out", "fan_avg"];

export const SCHEMES = {
  glorotUniform: { title: "Xavier (Glorot), uniform" },
  glorotNormal: { title: "Xavier (Glorot), normal" },
  heUniform: { title: "He (Kaiming), uniform" },
  heNormal: { title: "He (Kaiming), normal" },
  lecunUniform: { title: "LeCun, uniform" },
  lecunNormal: { title: "LeCun, normal" },
  xavierUniform: { title: "Xavier with a gain, uniform", numbers: { gain: 1 } },
  xavierNormal: { title: "Xavier with a gain, normal", numbers: { gain: 1 } },
  kaimingUniform: { title: "Kaiming with a gain, uniform", numbers: { gain: 1.41421 }, choices: { mode: FANS } },
  kaimingNormal: { title: "Kaiming with a gain, normal", numbers: { gain: 1.41421 }, choices: { mode: FANS } },
  varianceScaling: {
    title: "variance scaling",
    numbers: { scale: 1 },
    choices: { mode: FANS, distribution: ["truncated", "normal", "uniform"], layout: ["io", "oi"] },
  },
  orthogonal: { title: "orthogonal", numbers: { gain: 1 } },
  normal: { title: "normal of one std", numbers: { std: 0.05 } },
  truncatedNormal: { title: "truncated normal of one std", numbers: { std: 0.05 } },
  uniform: { title: "uniform between bounds", numbers: { low: -0.1, high: 0.1 } },
  deltaOrthogonal: { title: "delta-orthogonal (convolutions)", numbers: { gain: 1 } },
  identity: { title: "identity (dense)", numbers: { gain: 1 } },
  dirac: { title: "Dirac (convolutions)" },
  hadamard: { title: "Hadamard (ZerO)" },
  sparse: { title: "sparse (dense)", numbers: { sparsity: 0.9, std: 0.1 } },
  constant: { title: "constant", numbers: { value: 0.01 } },
  zeros: { title: "zeros" },
  ones: { title: "ones" },
} as const satisfies Readonly<Partial<Record<SchemeName, SchemeEntry>>>;

export type PageScheme = keyof typeof SCHEMES;

export const entryOf = (name: PageScheme): SchemeEntry => SCHEMES[name];

/** Bounds of a scheme's numbers; those of sliders are inside of them. */
export const NUMBER: Readonly<Record<string, Bounds & { readonly slider: Bounds }>> = {
  gain: { low: 0, high: 1000, slider: { low: 0.1, high: 10 } },
  scale: { low: 0, high: 1000, slider: { low: 0.1, high: 10 } },
  std: { low: 0, high: 1000, slider: { low: 0.001, high: 1 } },
  low: { low: -1000, high: 1000, slider: { low: -1, high: 0 } },
  high: { low: -1000, high: 1000, slider: { low: 0, high: 1 } },
  value: { low: -1000, high: 1000, slider: { low: -0.2, high: 0.2 } },
  sparsity: { low: 0, high: 0.999, slider: { low: 0, high: 0.99 } },
};

/** A scheme with all of its options, as the page's inputs have them. */
export const initialScheme = (name: PageScheme): Scheme => {
  const { numbers = {}, choices = {} } = entryOf(name);
  const words = Object.entries(choices).map(([key, all]) => [key, all[0]]);
  return { scheme: name, ...numbers, ...Object.fromEntries(words) } as Scheme;
};

/** `orthogonal,gain=1.2`: the name, and the options that are not as `initialScheme` has them. */
export function schemeText(scheme: Scheme): string {
  const initial = initialScheme(scheme.scheme as PageScheme) as unknown as Readonly<Record<string, unknown>>;
  const { scheme: name, ...options } = { ...initial, ...scheme } as { scheme: string } & Readonly<
    Record<string, number | string>
  >; // one order, so that a state has one address
  const given = Object.entries(options).filter(([key, value]) => value !== initial[key]);
  return [
    name,
    ...given.map(([key, value]) => `${key}=${typeof value === "number" ? shortNumber(value) : value}`),
  ].join(",");
}

/** Undefined for what is no scheme of the page, or has an option out of its bounds. */
export function parseScheme(text: string): Scheme | undefined {
  const [name = "", ...pairs] = text.split(",");
  if (!Object.hasOwn(SCHEMES, name) || pairs.length > 8) return undefined;
  const { numbers = {}, choices = {} } = entryOf(name as PageScheme);
  const options: Record<string, number | string> = {};
  for (const pair of pairs) {
    const [key = "", value = "", ...rest] = pair.split("=");
    const bounds = Object.hasOwn(numbers, key) ? NUMBER[key] : undefined;
    const number = bounds && numberIn(value, bounds.low, bounds.high);
    const word = Object.hasOwn(choices, key) ? choices[key]?.find((choice) => choice === value) : undefined;
    const found = number ?? word;
    if (found === undefined || rest.length > 0) return undefined;
    options[key] = found;
  }
  const scheme = { ...initialScheme(name as PageScheme), ...options } as Scheme;
  return scheme.scheme === "uniform" && scheme.low > scheme.high ? undefined : scheme;
}

/**
 * Any scheme as the page's inputs have it: a gain instead of the name of an activation function, and no layout, which changes
 * nothing in the lab. Undefined for one that the page has no inputs for.
 */
export function pageScheme(scheme: Scheme): Scheme | undefined {
  if (!Object.hasOwn(SCHEMES, scheme.scheme)) return undefined;
  const { numbers = {}, choices = {} } = entryOf(scheme.scheme as PageScheme);
  const known = [...Object.keys(numbers), ...Object.keys(choices)];
  const own = Object.entries(scheme).filter(([key]) => known.includes(key));
  const made = { ...initialScheme(scheme.scheme as PageScheme), ...Object.fromEntries(own) } as Scheme;
  if (scheme.scheme !== "kaimingNormal" && scheme.scheme !== "kaimingUniform") return made;
  return { ...made, gain: gainOf(scheme) } as Scheme;
}

interface KaimingGiven {
  readonly gain?: number | undefined;
  readonly activation?: Activation | undefined;
  readonly slope?: number | undefined;
}

/** The gain of a kaiming scheme; by default that of relu. */
export function gainOf({ gain: given, activation = "leakyRelu", slope = 0 }: KaimingGiven): number {
  if (given !== undefined) return given;
  return activation === "leakyRelu" ? gain(activation, { slope }) : gain(activation);
}

const SCHEME_EXPECTED = "a scheme such as orthogonal,gain=1.2";

/** A field for a scheme, or for one of these words in its place. */
function schemeOr<T extends string>(key: string, others: readonly T[], initial: Scheme | T): Field<Scheme | T> {
  return {
    ...{ key, initial, expected: SCHEME_EXPECTED },
    parse: (text) => others.find((word) => word === text) ?? parseScheme(text),
    format: (value) => (typeof value === "string" ? value : schemeText(value)),
  };
}

const FORMULA_LENGTH = 200;

/** The fields of a network and of what starts it. Their keys are those of `SHARED` in app.tsx. */
export const NETWORK = {
  network: oneOf("n", keys(NETWORKS), "dense"),
  depth: whole("d", { low: 1, high: 500 }, 50),
  width: whole("w", { low: 2, high: 1024 }, 256),
  activation: oneOf("a", [...keys(ACTIVATIONS), "own" as const], "relu"),
  formula: words("f", FORMULA_LENGTH, "x * sigmoid(x)"),
  slope: decimal("sl", { low: -10, high: 10 }, 0.01),
  scheme: schemeOr("s", ["recommended"], "recommended"),
  residual: toggle("r"),
  branchScale: decimal("bs", { low: 0, high: 10 }, 1),
  normalization: oneOf("no", keys(NORMALIZATIONS), "none"),
  place: oneOf("np", keys(PLACES), "pre"),
  biasVariance: decimal("bv", { low: 0, high: 100 }, 0),
  seed: whole("seed", { low: 0, high: 999_999 }, 0),
} as const;

/** The fields of the lab besides. */
export const LAB = {
  ...NETWORK,
  seeds: whole("k", { low: 1, high: 20 }, 3),
  samples: whole("m", { low: 0, high: 512 }, 0),
  beside: schemeOr("b", ["recommended", "none"], "recommended"),
} as const;

export type NetworkState = StateOf<typeof NETWORK>;
export type LabState = StateOf<typeof LAB>;

/** Options of the lab that can be sent to a worker: a formula stays text. */
export type SentOptions = Omit<LabOptions, "activation" | "derivative" | "onProgress"> & {
  readonly activation?: Activation | undefined;
  readonly formula?: string | undefined;
};

/** What the lab does not allow together is left out; the panel shows no input for it. */
export function sentOptions(state: NetworkState): SentOptions {
  const { network, depth, width, scheme, normalization, branchScale, biasVariance, seed } = state;
  const residual = hasBranches(state);
  const options = { network, depth, width, normalization, biasVariance, seed };
  return {
    ...options,
    ...(state.activation === "own" ? { formula: state.formula } : { activation: state.activation }),
    ...(state.activation === "leakyRelu" && { slope: state.slope }),
    ...(scheme !== "recommended" && { scheme }),
    ...(residual && { residual, branchScale }),
    ...(residual && normalization !== "none" && { normalizationAt: state.place }),
  };
}

const TAPS = 3; // of a convolution, as in NETWORKS

/** Inputs of a unit of a layer. */
export const fanInOf = ({ network, width }: Pick<NetworkState, "network" | "width">): number =>
  network === "convolution" ? TAPS * width : width;

/** A transformer always has residual branches. */
export const hasBranches = ({ network, residual }: Pick<NetworkState, "network" | "residual">): boolean =>
  residual || network === "attention";

/** The activation function in words. */
export const activationText = ({ activation, formula }: Pick<NetworkState, "activation" | "formula">): string =>
  activation === "own" ? formula : ACTIVATIONS[activation];

/** The options with the formula's functions. */
export function labOptions({ formula, ...options }: SentOptions): LabOptions {
  return formula === undefined ? options : { ...options, ...parseActivation(formula) };
}

/** What is wrong with the formula, in a sentence; undefined if nothing is. */
export function faultOf({ activation, formula }: Pick<NetworkState, "activation" | "formula">): string | undefined {
  if (activation !== "own") return undefined;
  try {
    const { activation: f } = parseActivation(formula);
    const wrong = [-3, -1, 0, 0.5, 2].find((x) => !Number.isFinite(f(x)));
    return wrong === undefined ? undefined : `The formula has no finite value at x = ${wrong}.`;
  } catch (error) {
    return (error as Error).message;
  }
}

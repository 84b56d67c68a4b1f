/** Code to copy: a scheme as nn-init, PyTorch, Keras, JAX and TensorFlow.js have it. */
import type { Scheme } from "nn-init";
import { gainOf } from "./network.js";
import { shortNumber } from "./state.js";

export const FRAMEWORKS = {
  "nn-init": "nn-init",
  torch: "PyTorch",
  keras: "Keras",
  jax: "JAX",
  tfjs: "TensorFlow.js",
} as const;

export type FrameworkName = keyof typeof FRAMEWORKS;

/** Variance scale / fan. */
interface Scaling {
  readonly kind: "scaling";
  readonly scale: number;
  readonly mode: "fan_in" | "fan_out" | "fan_avg" | "fan_geo_avg";
  readonly distribution: "uniform" | "normal" | "truncated";
}

type Form = Scaling | { readonly kind: "other"; readonly scheme: Scheme };

const scaling = (scale: number, mode: Scaling["mode"], distribution: Scaling["distribution"]): Scaling => ({
  ...{ kind: "scaling", scale, mode, distribution },
});

/** What a scheme comes to. */
export function formOf(scheme: Scheme): Form {
  switch (scheme.scheme) {
    case "glorotUniform":
      return scaling(1, "fan_avg", "uniform");
    case "glorotNormal":
      return scaling(1, "fan_avg", "truncated");
    case "heUniform":
      return scaling(2, "fan_in", "uniform");
    case "heNormal":
      return scaling(2, "fan_in", "truncated");
    case "lecunUniform":
      return scaling(1, "fan_in", "uniform");
    case "lecunNormal":
      return scaling(1, "fan_in", "truncated");
    case "xavierUniform":
      return scaling((scheme.gain ?? 1) ** 2, "fan_avg", "uniform");
    case "xavierNormal":
      return scaling((scheme.gain ?? 1) ** 2, "fan_avg", "normal");
    case "kaimingUniform":
      return scaling(gainOf(scheme) ** 2, scheme.mode ?? "fan_in", "uniform");
    case "kaimingNormal":
      return scaling(gainOf(scheme) ** 2, scheme.mode ?? "fan_in", "normal");
    case "varianceScaling":
      return scaling(scheme.scale, scheme.mode, scheme.distribution);
    default:
      return { kind: "other", scheme };
  }
}

const n = shortNumber;

/**
 * The code, or a comment that says that the framework has no such initializer.
 *
 * @param seed as the page has it; each framework draws other values from it.
 */
export function codeOf(framework: FrameworkName, scheme: Scheme, seed: number): string {
  const form = formOf(scheme);
  switch (framework) {
    case "nn-init":
      return ownCode(scheme, seed);
    case "torch":
      return `import torch\nfrom torch import nn\n\ntorch.manual_seed(${seed})\n${torchCode(form)}`;
    case "keras":
      return `import keras\n\ninitializer = ${kerasCode(form, seed)}\nlayer = keras.layers.Dense(256, kernel_initializer=initializer)`;
    case "jax":
      return `import jax\n\ninitializer = ${jaxCode(form)}\nweight = initializer(jax.random.key(${seed}), (256, 256))`;
    case "tfjs":
      return `import * as tf from "@tensorflow/tfjs";\n\n${tfjsCode(form, seed)}\nconst layer = tf.layers.dense({ units: 256, kernelInitializer });`;
  }
}

/** `{ gain: 1.2 }`, with its numbers short. */
function objectText(values: object): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined);
  const text = pairs.map(([key, value]) => `${key}: ${typeof value === "number" ? n(value) : JSON.stringify(value)}`);
  return text.length === 0 ? "" : `{ ${text.join(", ")} }`;
}

function ownCode({ scheme: name, ...options }: Scheme, seed: number): string {
  const given = name === "constant" ? n((options as { value: number }).value) : objectText(options);
  return `import { init, ${name} } from "nn-init";\n\nconst weight = init([256, 256], ${name}(${given}), { seed: ${seed}, name: "layer.weight" });`;
}

const FAN: Readonly<Record<Scaling["mode"], string>> = {
  fan_in: "fan_in",
  fan_out: "fan_out",
  fan_avg: "((fan_in + fan_out) / 2)",
  fan_geo_avg: "(fan_in * fan_out) ** 0.5",
};

const TRUNCATED = "0.87962566"; // std of N(0, 1) cut at +-2

function torchCode(form: Form): string {
  if (form.kind === "other") return torchOther(form.scheme);
  const { scale, mode, distribution } = form;
  if (mode === "fan_avg" && distribution !== "truncated") {
    return `nn.init.xavier_${distribution}_(layer.weight${scale === 1 ? "" : `, gain=${n(Math.sqrt(scale))}`})`;
  }
  if (Math.abs(scale - 2) < 1e-5 && distribution !== "truncated" && (mode === "fan_in" || mode === "fan_out")) {
    return `nn.init.kaiming_${distribution}_(layer.weight, mode="${mode}", nonlinearity="relu")`;
  }
  const fans = "fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(layer.weight)";
  const std = `std = (${n(scale)} / ${FAN[mode]}) ** 0.5`;
  const draw = {
    normal: "nn.init.normal_(layer.weight, std=std)",
    uniform: "nn.init.uniform_(layer.weight, -(3 ** 0.5) * std, 3 ** 0.5 * std)",
    truncated: `std /= ${TRUNCATED}  # what truncation takes away\nnn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)`,
  }[distribution];
  return [fans, std, draw].join("\n");
}

function torchOther(scheme: Scheme): string {
  const call = (name: string, ...rest: readonly string[]) =>
    `nn.init.${name}_(${["layer.weight", ...rest].join(", ")})`;
  switch (scheme.scheme) {
    case "normal":
      return call("normal", `std=${n(scheme.std)}`);
    case "truncatedNormal":
      return call("trunc_normal", `std=${n(scheme.std)}`, `a=${n(-2 * scheme.std)}`, `b=${n(2 * scheme.std)}`);
    case "uniform":
      return call("uniform", n(scheme.low), n(scheme.high));
    case "orthogonal":
      return call("orthogonal", `gain=${n(scheme.gain ?? 1)}`);
    case "identity":
      return `${call("eye")}${scheme.gain === 1 ? "" : `.mul_(${n(scheme.gain ?? 1)})`}`;
    case "sparse":
      return call("sparse", `sparsity=${n(scheme.sparsity)}`, `std=${n(scheme.std ?? 0.01)}`);
    case "dirac":
    case "zeros":
    case "ones":
      return call(scheme.scheme);
    case "constant":
      return call("constant", n(scheme.value));
    default:
      return absent("PyTorch", scheme, "#");
  }
}

function absent(framework: string, { scheme }: Scheme, comment: string): string {
  return `None  ${comment} ${framework} has no ${scheme}; nn-init writes it to a file that ${framework} reads`;
}

/** Names of the usual ones: scale, mode, distribution -> name. */
const NAMED: Readonly<Record<string, readonly [keras: string, jax: string, tfjs?: string]>> = {
  "1 fan_avg uniform": ["GlorotUniform", "glorot_uniform", "glorotUniform"],
  "1 fan_avg truncated": ["GlorotNormal", "glorot_normal"],
  "2 fan_in uniform": ["HeUniform", "he_uniform", "heUniform"],
  "2 fan_in truncated": ["HeNormal", "he_normal"],
  "1 fan_in uniform": ["LecunUniform", "lecun_uniform", "leCunUniform"],
  "1 fan_in truncated": ["LecunNormal", "lecun_normal"],
};

const named = ({ scale, mode, distribution }: Scaling) => NAMED[`${scale} ${mode} ${distribution}`];

function kerasCode(form: Form, seed: number): string {
  const make = (name: string, ...rest: readonly string[]) => `keras.initializers.${name}(${rest.join(", ")})`;
  const drawn = `seed=${seed}`;
  if (form.kind === "scaling") {
    const usual = named(form)?.[0];
    if (usual !== undefined) return make(usual, drawn);
    const { scale, mode } = form;
    const distribution = { truncated: "truncated_normal", normal: "untruncated_normal", uniform: "uniform" }[
      form.distribution
    ];
    return make("VarianceScaling", `scale=${n(scale)}`, `mode="${mode}"`, `distribution="${distribution}"`, drawn);
  }
  const { scheme } = form;
  switch (scheme.scheme) {
    case "normal":
      return make("RandomNormal", `stddev=${n(scheme.std)}`, drawn);
    case "truncatedNormal":
      return make("TruncatedNormal", `stddev=${n(scheme.std)}`, drawn);
    case "uniform":
      return make("RandomUniform", `minval=${n(scheme.low)}`, `maxval=${n(scheme.high)}`, drawn);
    case "orthogonal":
      return make("Orthogonal", `gain=${n(scheme.gain ?? 1)}`, drawn);
    case "identity":
      return make("Identity", `gain=${n(scheme.gain ?? 1)}`);
    case "constant":
      return make("Constant", n(scheme.value));
    case "zeros":
      return make("Zeros");
    case "ones":
      return make("Ones");
    default:
      return absent("Keras", scheme, "#");
  }
}

function jaxCode(form: Form): string {
  const make = (name: string, ...rest: readonly string[]) => `jax.nn.initializers.${name}(${rest.join(", ")})`;
  if (form.kind === "scaling") {
    const usual = named(form)?.[1];
    if (usual !== undefined) return make(usual);
    const distribution = { truncated: "truncated_normal", normal: "normal", uniform: "uniform" }[form.distribution];
    return make("variance_scaling", n(form.scale), `"${form.mode}"`, `"${distribution}"`);
  }
  const { scheme } = form;
  switch (scheme.scheme) {
    case "normal":
      return make("normal", n(scheme.std));
    case "truncatedNormal":
      return make("truncated_normal", n(scheme.std));
    case "uniform":
      return `lambda key, shape: jax.random.uniform(key, shape, minval=${n(scheme.low)}, maxval=${n(scheme.high)})`;
    case "orthogonal":
      return make("orthogonal", n(scheme.gain ?? 1));
    case "deltaOrthogonal":
      return make("delta_orthogonal", n(scheme.gain ?? 1));
    case "identity":
      return `lambda key, shape: ${n(scheme.gain ?? 1)} * jax.numpy.eye(*shape)`;
    case "constant":
      return make("constant", n(scheme.value));
    case "zeros":
    case "ones":
      return `jax.nn.initializers.${scheme.scheme}`;
    default:
      return absent("JAX", scheme, "#");
  }
}

const TFJS_FAN: Readonly<Record<Scaling["mode"], string>> = {
  fan_in: "fanIn",
  fan_out: "fanOut",
  fan_avg: "((fanIn + fanOut) / 2)",
  fan_geo_avg: "Math.sqrt(fanIn * fanOut)",
};

/**
 * Its VarianceScaling has two distributions: "uniform", and "normal", which is truncated and keeps only 88% of the std that it
 * should have (tfjs-layers 4.22, initializers.ts); any other word is taken as uniform.
 */
function tfjsCode(form: Form, seed: number): string {
  if (form.kind === "other") return `const kernelInitializer = ${tfjsOther(form.scheme, seed)}`;
  const { scale, mode, distribution } = form;
  const usual = distribution === "uniform" ? named(form)?.[2] : undefined;
  if (usual !== undefined) return `const kernelInitializer = tf.initializers.${usual}({ seed: ${seed} });`;
  const std = `Math.sqrt(${n(scale)} / ${TFJS_FAN[mode]})`;
  const call = {
    normal: `randomNormal({ stddev: ${std}, seed: ${seed} })`,
    truncated: `truncatedNormal({ stddev: ${std} / ${TRUNCATED}, seed: ${seed} })`,
    uniform: `randomUniform({ minval: -Math.sqrt(3) * ${std}, maxval: Math.sqrt(3) * ${std}, seed: ${seed} })`,
  }[distribution];
  const fans = "const [fanIn, fanOut] = [256, 256]; // of the layer";
  const reason =
    distribution === "truncated"
      ? [`// ${TRUNCATED} is what truncation takes away; heNormal and its like do not make up for it`]
      : [];
  return [fans, ...reason, `const kernelInitializer = tf.initializers.${call};`].join("\n");
}

function tfjsOther(scheme: Scheme, seed: number): string {
  const make = (name: string, given: object) => `tf.initializers.${name}(${objectText(given)});`;
  switch (scheme.scheme) {
    case "normal":
      return make("randomNormal", { stddev: scheme.std, seed });
    case "truncatedNormal":
      return make("truncatedNormal", { stddev: scheme.std, seed });
    case "uniform":
      return make("randomUniform", { minval: scheme.low, maxval: scheme.high, seed });
    case "orthogonal":
      return make("orthogonal", { gain: scheme.gain ?? 1, seed });
    case "identity":
      return make("identity", { gain: scheme.gain ?? 1 });
    case "constant":
      return make("constant", { value: scheme.value });
    case "zeros":
    case "ones":
      return make(scheme.scheme, {});
    default:
      return absent("TensorFlow.js", scheme, "//").replace("None ", "undefined;");
  }
}

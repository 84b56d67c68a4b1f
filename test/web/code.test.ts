/** The code to copy: what it says for each scheme, and that nn-init's own runs. */
import { expect, test } from "vitest";
import type { Scheme } from "../../src/index.js";
import * as nnInit from "../../src/index.js";
import { codeOf, FRAMEWORKS, type FrameworkName } from "../../web/code.js";
import { initialScheme, type PageScheme, SCHEMES } from "../../web/network.js";

const lines = (framework: FrameworkName, scheme: Scheme) => codeOf(framework, scheme, 7).split("\n");

test.each<[Scheme, Readonly<Record<Exclude<FrameworkName, "nn-init">, string>>]>([
  [
    { scheme: "glorotUniform" },
    {
      torch: "nn.init.xavier_uniform_(layer.weight)",
      keras: "initializer = keras.initializers.GlorotUniform(seed=7)",
      jax: "initializer = jax.nn.initializers.glorot_uniform()",
      tfjs: "const kernelInitializer = tf.initializers.glorotUniform({ seed: 7 });",
    },
  ],
  [
    { scheme: "heNormal" },
    {
      torch: "nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)",
      keras: "initializer = keras.initializers.HeNormal(seed=7)",
      jax: "initializer = jax.nn.initializers.he_normal()",
      tfjs: "const kernelInitializer = tf.initializers.truncatedNormal({ stddev: Math.sqrt(2 / fanIn) / 0.87962566, seed: 7 });",
    },
  ],
  [
    { scheme: "kaimingNormal" },
    {
      torch: 'nn.init.kaiming_normal_(layer.weight, mode="fan_in", nonlinearity="relu")',
      keras:
        'initializer = keras.initializers.VarianceScaling(scale=2, mode="fan_in", distribution="untruncated_normal", seed=7)',
      jax: 'initializer = jax.nn.initializers.variance_scaling(2, "fan_in", "normal")',
      tfjs: "const kernelInitializer = tf.initializers.randomNormal({ stddev: Math.sqrt(2 / fanIn), seed: 7 });",
    },
  ],
  [
    { scheme: "kaimingNormal", activation: "gelu", layout: "io" },
    {
      torch: "std = (2.35172 / fan_in) ** 0.5",
      keras:
        'initializer = keras.initializers.VarianceScaling(scale=2.35172, mode="fan_in", distribution="untruncated_normal", seed=7)',
      jax: 'initializer = jax.nn.initializers.variance_scaling(2.35172, "fan_in", "normal")',
      tfjs: "const kernelInitializer = tf.initializers.randomNormal({ stddev: Math.sqrt(2.35172 / fanIn), seed: 7 });",
    },
  ],
  [
    { scheme: "xavierNormal", gain: 2 },
    {
      torch: "nn.init.xavier_normal_(layer.weight, gain=2)",
      keras:
        'initializer = keras.initializers.VarianceScaling(scale=4, mode="fan_avg", distribution="untruncated_normal", seed=7)',
      jax: 'initializer = jax.nn.initializers.variance_scaling(4, "fan_avg", "normal")',
      tfjs: "const kernelInitializer = tf.initializers.randomNormal({ stddev: Math.sqrt(4 / ((fanIn + fanOut) / 2)), seed: 7 });",
    },
  ],
  [
    { scheme: "orthogonal", gain: 1.5 },
    {
      torch: "nn.init.orthogonal_(layer.weight, gain=1.5)",
      keras: "initializer = keras.initializers.Orthogonal(gain=1.5, seed=7)",
      jax: "initializer = jax.nn.initializers.orthogonal(1.5)",
      tfjs: "const kernelInitializer = tf.initializers.orthogonal({ gain: 1.5, seed: 7 });",
    },
  ],
  [
    { scheme: "normal", std: 0.02 },
    {
      torch: "nn.init.normal_(layer.weight, std=0.02)",
      keras: "initializer = keras.initializers.RandomNormal(stddev=0.02, seed=7)",
      jax: "initializer = jax.nn.initializers.normal(0.02)",
      tfjs: "const kernelInitializer = tf.initializers.randomNormal({ stddev: 0.02, seed: 7 });",
    },
  ],
  [
    { scheme: "hadamard" },
    {
      torch: "None  # PyTorch has no hadamard; nn-init writes it to a file that PyTorch reads",
      keras: "initializer = None  # Keras has no hadamard; nn-init writes it to a file that Keras reads",
      jax: "initializer = None  # JAX has no hadamard; nn-init writes it to a file that JAX reads",
      tfjs: "const kernelInitializer = undefined; // TensorFlow.js has no hadamard; nn-init writes it to a file that TensorFlow.js reads",
    },
  ],
])("%j in each framework", (scheme, code) => {
  for (const [framework, line] of Object.entries(code)) {
    expect(lines(framework as FrameworkName, scheme), framework).toContain(line);
  }
});

test("nn-init's own code runs, and draws what the scheme does", () => {
  for (const name of Object.keys(SCHEMES) as PageScheme[]) {
    const scheme = initialScheme(name);
    const [, code = ""] = /^import .*\n\nconst weight = (.*);$/.exec(codeOf("nn-init", scheme, 7)) ?? [];
    const small = code.replace("[256, 256]", "shape");
    const shape = name === "dirac" || name === "deltaOrthogonal" ? [3, 8, 8] : [8, 8];
    const drawn = new Function("shape", "init", name, `return ${small}`)(shape, nnInit.init, Reflect.get(nnInit, name));
    expect(drawn, code).toEqual(nnInit.init(shape, scheme, { seed: 7, name: "layer.weight" }));
  }
});

test("every scheme has code for every framework", () => {
  for (const name of Object.keys(SCHEMES) as PageScheme[]) {
    for (const framework of Object.keys(FRAMEWORKS) as FrameworkName[]) {
      expect(codeOf(framework, initialScheme(name), 0), `${name} ${framework}`).not.toMatch(
        /undefined\b(?!; \/\/)|NaN/,
      );
    }
  }
});

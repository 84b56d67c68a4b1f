/** An option that is undefined counts as not given: callers pass on what they were given. */
import { expect, test } from "vitest";
import { explain, fans, fill, gain, init, resolve, scheme } from "../../src/index.js";
import { checkedExperiment, type LabOptions } from "../../src/lab/options.js";
import { meanField, phasePlane } from "../../src/lab.js";
import { initModel, modelOfShapes, parsePlan, planModel } from "../../src/model.js";
import * as recipes from "../../src/recipes.js";
import { optionsOf, SCHEME_NAMES } from "../../src/scheme/scheme.js";

/** The object with every one of these keys, undefined where it has none. */
const filled = <T extends object>(keys: readonly string[], given: T): T =>
  ({ ...Object.fromEntries(keys.map((key) => [key, undefined])), ...given }) as T;

const REQUIRED: Readonly<Record<string, object>> = {
  constant: { value: 1 },
  uniform: { low: -1, high: 1 },
  normal: { std: 1 },
  truncatedNormal: { std: 1 },
  sparse: { sparsity: 0.5 },
  varianceScaling: { scale: 1, mode: "fan_in", distribution: "normal", layout: "io" },
  split: { axis: 0, parts: 2, of: { scheme: "zeros" } },
};

test.each(SCHEME_NAMES)("of the scheme %s", (name) => {
  const given = { scheme: name, ...REQUIRED[name] };
  const with_ = filled(optionsOf(name), given);
  const shape = /^(delta|dirac)/.test(name) ? [3, 4, 4] : [4, 4];
  expect(scheme(with_)).toEqual(scheme(given));
  expect(JSON.stringify(scheme(with_))).toBe(JSON.stringify(scheme(given)));
  expect(resolve(shape, with_ as never)).toEqual(resolve(shape, given as never));
  expect(explain(shape, with_ as never)).toBe(explain(shape, given as never));
});

test("of init, fill, fans and gain", () => {
  const options = filled(["arena", "dtype", "engine"], { seed: 1, name: "w" });
  expect(init([8], "zeros", filled(["seed", "name"], {}))).toEqual(init([8], "zeros"));
  const values = init([8], { scheme: "normal", std: 1 }, { seed: 1, name: "w" });
  expect(init([8], { scheme: "normal", std: 1 }, options)).toEqual(values);
  const forFill = filled(["dtype", "engine", "start"], { seed: 1, name: "w" });
  expect(fill(new Float32Array(8), [8], { scheme: "normal", std: 1 }, forFill)).toEqual(values);
  const placement = filled(["axes", "equation", "fans", "groups", "transposed", "stride", "compat"], { layout: "io" });
  expect(fans([2, 3], placement as never)).toEqual({ in: 2, out: 3 });
  expect(gain("relu", filled(["slope", "direction", "derivative", "compat"], {}))).toBe(gain("relu"));
});

test("of recipes, defaults and recommendations", () => {
  const cases: Readonly<Record<string, readonly [required: object, optional: readonly string[]]>> = {
    ...{ gpt2: [{ layers: 2 }, ["std"]], depthScaled: [{ layer: 1 }, ["std"]] },
    ...{ smallInit: [{ width: 8 }, ["layers"]], mitchell: [{ width: 8, layer: 1 }, ["hidden"]] },
    ...{ deepNorm: [{ encoder: 2 }, ["decoder"]], subLN: [{ decoder: 2 }, ["encoder"]] },
    ...{ tFixup: [{ width: 8, decoder: 2 }, ["encoder"]], fixup: [{ branches: 2 }, ["layers"]] },
    ...{ muP: [{ width: 8, base: 4 }, ["std", "zeroOutput"]], siren: [{ inputs: 2 }, ["omega", "layout"]] },
    ...{
      forgetBias: [{}, ["order", "value"]],
      recommend: [{}, ["layer", "activation", "slope", "layout", "residual"]],
    },
    ...{ chronoBias: [{ hidden: 2, longest: 9, seed: 1, name: "b" }, ["order"]] },
  };
  for (const [name, [required, optional]] of Object.entries(cases)) {
    const call = (recipes as unknown as Record<string, (options: object) => unknown>)[name] as (o: object) => unknown;
    expect(call(filled(optional, required)), name).toEqual(call(required));
  }
  for (const framework of ["torch", "keras", "flax", "tfjs", "mlx"] as const) {
    const { dense, convolution } = recipes.defaults(framework);
    expect(dense({ in: 2, out: 3, bias: undefined })).toEqual(dense({ in: 2, out: 3 }));
    const shape = { in: 2, out: 4, kernel: [3] };
    expect(convolution({ ...shape, groups: undefined, bias: undefined })).toEqual(convolution(shape));
  }
  expect(recipes.recommend(filled(["branches", "normalization", "prior"], {}))).toEqual(recipes.recommend());
});

test("of models, plans and what draws them", () => {
  const tensor = { name: "a", shape: [2, 2] };
  const rule = { match: "*", scheme: "heNormal", layout: "io" };
  const plan = { rules: [filled(["regex", "role", "rank", "optional", "comment"], rule)] };
  const model = modelOfShapes("m", [tensor]);
  const loose = {
    ...filled(["dtype", "plan", "unknownFields"], model),
    tensors: [filled(["role", "layout", "packed", "dtype", "storedType", "scheme"], tensor)],
  };
  expect(parsePlan(plan)).toEqual(parsePlan({ rules: [rule] }));
  const planned = planModel(model, { rules: [rule] });
  expect(planModel(loose, plan)).toEqual(planned);
  const options = filled(["dtype", "engine", "arena", "pool"], { seed: 1, plan });
  const drawn = initModel(model, { seed: 1, plan: { rules: [rule] } }).tensors.get("a")?.values;
  expect(initModel(loose, options).tensors.get("a")?.values).toEqual(drawn);
  expect(drawn).toHaveLength(4);
});

test("of the lab", () => {
  const optional = [
    "network",
    "depth",
    "width",
    "samples",
    "slope",
    "derivative",
    "scheme",
    "residual",
    "normalization",
  ];
  const others = ["normalizationAt", "biasVariance", "branchScale", "seeds", "seed", "data", "jacobian", "engine"];
  const rest = ["recommendation", "onProgress"];
  const given = { activation: "relu" } as const;
  const checked = (options: LabOptions) => {
    const { seed, options: _, ...experiment } = checkedExperiment(options);
    return JSON.stringify({ ...experiment, seed: String(seed) });
  };
  expect(checked(filled([...optional, ...others, ...rest], given))).toBe(checked(given));
  const field = { activation: "tanh", weightVariance: 1.5 } as const;
  expect(meanField(filled(["biasVariance", "slope", "derivative", "start"], field))).toEqual(meanField(field));
  const plane = { activation: "tanh", points: 2 } as const;
  expect(phasePlane(filled(["weight", "bias", "slope", "derivative"], plane))).toEqual(phasePlane(plane));
});

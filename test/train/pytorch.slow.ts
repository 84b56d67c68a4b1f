/**
 * Steps against PyTorch's, from the same weights on the same data: in f32 on the kernels, and the same code in f64 on the twins.
 * test/vectors/training.py wrote what PyTorch makes of them.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { normOf } from "../../src/train/measure.js";
import type { OptimizerName } from "../../src/train/names.js";
import { optimizer } from "../../src/train/optimizer.js";
import { forEachValue, type Parameter } from "../../src/train/parameter.js";
import { startTest, stepTest, type TestNetwork, testNetwork } from "./networks.js";

interface Run {
  readonly losses: readonly number[];
  /** By name: the norm, and every seventh value up to ten of them. */
  readonly first: Readonly<Record<string, readonly number[]>>;
  readonly last: Readonly<Record<string, readonly number[]>>;
}

const { networks, runs } = JSON.parse(readFileSync(new URL("../vectors/training.json", import.meta.url), "utf8")) as {
  readonly networks: Readonly<Record<string, TestNetwork>>;
  readonly runs: Readonly<Record<string, Readonly<Record<OptimizerName, { readonly f32: Run; readonly f64: Run }>>>>;
};

const RATES: Readonly<Record<OptimizerName, number>> = { sgd: 0.1, momentum: 0.03, adam: 0.003 };

/** Their gradient is 0 but for rounding, which Adam blows up: the next operation does not see what is added to all columns. */
const withoutEffect = (name: string, { normalization }: TestNetwork): boolean =>
  name.endsWith("key.bias") || (normalization === "batch" && /layers\.\d+\.bias$/.test(name));

/** The values of a parameter in row-major order. */
function compact(parameter: Parameter): Parameter["values"] {
  const dense = parameter.values.slice(0, parameter.rows * parameter.columns);
  forEachValue(parameter, (at, index) => {
    dense[index] = parameter.values[at] as number;
  });
  return dense;
}

/** The largest deviation of a parameter's sampled values, relative to their size: that of its norm. */
function deviationOf(parameter: Parameter, [norm = 0, ...wanted]: readonly number[]): number {
  const values = compact(parameter);
  const sampled = Array.from({ length: wanted.length }, (_, i) => values[7 * i] as number);
  const size = norm / Math.sqrt(values.length);
  const own = normOf(values);
  return Math.max(Math.abs(own / norm - 1), ...sampled.map((x, i) => Math.abs(x - (wanted[i] as number)) / size));
}

function deviations(name: string, method: OptimizerName, dtype: "f32" | "f64") {
  const options = networks[name] as TestNetwork;
  const wanted = (runs[name] as NonNullable<(typeof runs)[string]>)[method][dtype];
  const network = testNetwork(options, dtype === "f32" ? "simd" : "scalar", dtype, method);
  startTest(network.parameters);
  const update = optimizer(method, network.parameters, network.arithmetic);
  const worst = (of: Run["first"]) =>
    Math.max(
      ...network.parameters
        .filter((one) => method !== "adam" || !withoutEffect(one.name, options))
        .map((one) => deviationOf(one, of[one.name] as readonly number[])),
    );
  let [first, loss] = [0, 0];
  wanted.losses.forEach((expected, step) => {
    const own = stepTest(
      network,
      step,
      options.outputs === undefined ? "classification" : "regression",
      options.outputs,
    );
    loss = Math.max(loss, Math.abs(own / expected - 1));
    update(RATES[method]);
    if (step === 0) first = worst(wanted.first);
  });
  expect(network.parameters.map((one) => one.name).sort()).toEqual(Object.keys(wanted.first).sort());
  return { first, loss, last: worst(wanted.last) };
}

describe.each(Object.keys(runs))("the %s network", (name) => {
  test.each(["sgd", "momentum", "adam"] as const)("by %s in f32: 1e-5 after a step, 1e-3 in 20 losses", (method) => {
    const { first, loss } = deviations(name, method, "f32");
    expect(first).toBeLessThan(1e-5);
    expect(loss).toBeLessThan(1e-3);
  });

  test.each(["sgd", "momentum", "adam"] as const)("by %s in f64: 1e-9 after 20 steps", (method) => {
    const { loss, last } = deviations(name, method, "f64");
    expect(loss).toBeLessThan(1e-9);
    expect(last).toBeLessThan(1e-9);
  });
});

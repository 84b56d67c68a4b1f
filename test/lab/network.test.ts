/** Products on both engines, and the gradients of every network against differences of its signals. */
import { describe, expect, test } from "vitest";
import type { EngineName } from "../../src/engine/engine.js";
import { columnsOf, products } from "../../src/engine/product.js";
import { init } from "../../src/index.js";
import { activationFunction } from "../../src/lab/activation.js";
import { type NetworkKind, type NetworkSpec, type NormalizationPlace, network } from "../../src/lab/network.js";
import { POSITIONS, TAPS } from "../../src/lab/patches.js";
import type { Normalization } from "../../src/lab.js";

const random = (length: number, name: string) => init([length], { scheme: "normal", std: 1 }, { seed: 1, name });

describe("matrix products", () => {
  test.each([
    [1, 1, 1],
    [3, 5, 2],
    [4, 8, 8],
    [7, 300, 9],
    [65, 257, 12],
    [130, 520, 33],
  ])("of %i x %i by %i are plain sums, with the same bits by both engines", (rows, depth, columns) => {
    const stride = columnsOf(columns);
    const results = (["simd", "scalar"] as const).flatMap((engine) => {
      const made = products(
        engine,
        4 * (rows + 4) * (depth + 8) + 8 * (depth + 8) * (stride + 8) + 8 * (rows + 8) * (stride + 8) + 4096,
      );
      const values = made.floats(rows * depth);
      values.set(random(rows * depth, "a"));
      const turned = values.slice();
      for (let i = 0; i < rows; ++i)
        for (let k = 0; k < depth; ++k) turned[k * rows + i] = values[i * depth + k] as number;
      const b = made.matrix(depth, columns);
      const source = random(depth * columns, "b");
      for (let k = 0; k < depth; ++k) b.set(source.subarray(k * columns, (k + 1) * columns), k * stride);
      const c = made.matrix(rows, columns);
      const product = () =>
        Array.from({ length: rows }, (_, i) => [...c.subarray(i * stride, i * stride + columns)]).flat();
      made.multiply(c, { values, rows, columns: depth }, b, columns);
      const straight = product();
      values.set(turned);
      made.multiply(c, { values, rows, columns: depth, transposed: true }, b, columns);
      return [straight, product()];
    });
    const [first, ...others] = results as [number[], ...number[][]];
    for (const other of others) expect(other).toEqual(first);
    const [a, b] = [random(rows * depth, "a"), random(depth * columns, "b")];
    for (let i = 0; i < rows; ++i) {
      for (let j = 0; j < columns; ++j) {
        let sum = 0;
        for (let k = 0; k < depth; ++k) sum += (a[i * depth + k] as number) * (b[k * columns + j] as number);
        expect(Math.abs((first[i * columns + j] as number) - sum)).toBeLessThan(1e-5 * Math.sqrt(depth) * 10);
      }
    }
  });
});

const WIDTH = 6;

interface Case {
  readonly kind: NetworkKind;
  readonly residual: boolean;
  readonly normalization: Normalization;
  readonly normalizationAt: NormalizationPlace;
  readonly outFirst: boolean;
  readonly biases: boolean;
}

function make({ kind, residual, normalization, normalizationAt, outFirst, biases }: Case, engine: EngineName = "simd") {
  const spec: NetworkSpec = {
    kind,
    depth: 3,
    width: WIDTH,
    ...{ residual, normalization, normalizationAt },
    branchScale: 0.7,
    biasVariance: biases ? 1 : 0,
    activation: activationFunction("tanh"),
  };
  const columns = (kind === "dense" ? 1 : POSITIONS) * (normalization === "batch" ? 6 : kind === "dense" ? 4 : 1);
  const made = products(engine, 2 ** 20);
  const inputs = kind === "convolution" ? TAPS * WIDTH : WIDTH;
  const values = made.floats(WIDTH * inputs);
  const draw = (layer: number, part: string) => {
    values.set(random(values.length, `${layer}${part}`).map((x) => 0.4 * x));
    return { values, transposed: !outFirst, tapsInside: outFirst };
  };
  const drawBiases = (layer: number, part: string) => random(WIDTH, `${layer}${part}.bias`);
  const passes = network(spec, { products: made, draw, columns, ...(biases && { drawBiases }) });
  const stride = columnsOf(columns);
  const matrix = (name: string) => {
    const m = made.matrix(WIDTH, columns);
    const source = random(WIDTH * columns, name);
    for (let i = 0; i < WIDTH; ++i) m.set(source.subarray(i * columns, (i + 1) * columns), i * stride);
    return m;
  };
  return { passes, matrix, cells: WIDTH * stride };
}

const CASES: readonly Case[] = (["dense", "convolution", "attention"] as const).flatMap((kind) =>
  [false, true].flatMap((residual) =>
    (["none", "layer", "rms", "batch"] as const).flatMap((normalization) =>
      (["pre", "post"] as const).flatMap((normalizationAt) => {
        const isPossible = residual && normalization !== "none";
        if ((kind === "attention" && !residual) || (normalizationAt === "post" && !isPossible)) return [];
        const outFirst = normalization === "layer";
        return [{ kind, residual, normalization, normalizationAt, outFirst, biases: normalization !== "rms" }];
      }),
    ),
  ),
);

test.each(CASES)(
  "$kind, residual $residual, $normalization normalization, $normalizationAt: the gradient is the difference of its signals",
  (given) => {
    const { kind, residual } = given;
    const { passes, matrix, cells } = make(given);
    const gradient = matrix("g");
    const direction = matrix("v");
    const plain = !residual && kind !== "attention";
    const input = matrix("x");
    // Gradients are those of the first signal: with skip connections the input itself, otherwise that of the first layer.
    const last = (step: number): { first: Float32Array; last: Float32Array } => {
      const moved = input.slice().map((x, i) => x + step * (direction[i] as number));
      const values = matrix("x");
      values.set(moved);
      const seen: Float32Array[] = [];
      passes.forward(values, (l, signal) => {
        seen[l] = signal.slice();
      });
      return { first: plain ? (seen[0] as Float32Array) : moved, last: seen.at(-1) as Float32Array };
    };
    const [up, down] = [last(2e-3), last(-2e-3)];
    last(0);
    const g = matrix("g");
    passes.backward(g, () => {});
    let [atOutput, atInput] = [0, 0];
    for (let i = 0; i < cells; ++i) {
      atOutput += (gradient[i] as number) * ((up.last[i] as number) - (down.last[i] as number));
      atInput += (g[i] as number) * ((up.first[i] as number) - (down.first[i] as number));
    }
    expect(Math.abs(atOutput / atInput - 1)).toBeLessThan(2e-2);
  },
);

test.each(CASES)(
  "$kind, residual $residual, $normalization, $normalizationAt: the same bits on both engines",
  (given) => {
    const [first, second] = (["simd", "scalar"] as const).map((engine) => {
      const { passes, matrix, cells } = make(given, engine);
      const seen: number[] = []; // without the rows that a matrix has beyond its units
      const g = matrix("g");
      passes.forward(matrix("x"), (_, signal) => seen.push(...signal.subarray(0, cells)));
      passes.backward(g, (_, signal) => seen.push(...signal.subarray(0, cells)));
      return [...seen, ...g.subarray(0, cells)];
    });
    expect(second).toEqual(first);
  },
);

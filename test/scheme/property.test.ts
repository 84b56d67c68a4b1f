/**
 * What holds for every shape, placement, split and dtype, on configurations that fast-check chooses (seed fixed) and shrinks
 * to the smallest that fails. Variances are within 6 standard errors, so of all runs together one in 10^6 would fail.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type DType,
  type FanMode,
  fans,
  fill,
  init,
  normal,
  resolve,
  type Scheme,
  split,
  truncatedNormal,
  uniform,
  varianceScaling,
} from "../../src/index.js";
import { ENGINES } from "../engines.js";
import { type Convolution, places, push, SHAPES } from "./convolution.js";

const RUNS = { seed: 20261125, numRuns: 60 };

const convolution: fc.Arbitrary<Convolution> = fc
  .record({
    groups: fc.integer({ min: 1, max: 4 }),
    perIn: fc.integer({ min: 1, max: 8 }),
    perOut: fc.integer({ min: 1, max: 8 }),
    taps: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    transposed: fc.boolean(),
  })
  // A kernel that is a multiple of the stride: every output is of as many products.
  .map(({ groups, perIn, perOut, taps, stride, transposed }) => ({
    in: groups * perIn,
    out: groups * perOut,
    kernel: taps * stride,
    groups,
    stride,
    transposed,
  }));

const distribution = fc.constantFrom("uniform", "normal", "truncated");
const LENGTH = 36; // a multiple of every stride, longer than every kernel

const f64 = { dtype: "f64" } as const;
const numbers = (shape: readonly number[], scheme: Scheme, seed: number, name: string) =>
  init(shape, scheme, { seed, name, ...f64 });

/**
 * The mean square of the outputs over so many weights, each with data of variance 1, and its standard error. Outputs of one
 * weight and one input are correlated; weights are independent.
 */
function meanSquare(count: number, outputs: (seed: number) => Float64Array) {
  const each = Array.from({ length: count }, (_, seed) => {
    const values = outputs(seed);
    return values.reduce((sum, x) => sum + x * x, 0) / values.length;
  });
  const mean = each.reduce((sum, x) => sum + x, 0) / count;
  const variance = each.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1);
  return { mean, error: Math.sqrt(variance / count) };
}

test("fan_in: any convolution's outputs have scale times the variance of its inputs", () => {
  fc.assert(
    fc.property(
      convolution,
      distribution,
      fc.double({ min: 0.1, max: 4, noNaN: true }),
      (layer, distribution, scale) => {
        const { groups, stride, transposed } = layer;
        const scheme = varianceScaling({
          scale,
          mode: "fan_in",
          distribution,
          layout: "oi",
          groups,
          stride,
          transposed,
        });
        const { mean, error } = meanSquare(200, (seed) => {
          const weight = numbers(SHAPES.oi(layer), scheme, seed, "w");
          return push(
            layer,
            LENGTH,
            weight,
            numbers([layer.in, places(layer, LENGTH).inputs], normal({ std: 1 }), seed, "x"),
          );
        });
        expect(Math.abs(mean - scale)).toBeLessThan(6 * error);
      },
    ),
    RUNS,
  );
});

test("fan_out: any convolution's gradients keep their variance on the way back", () => {
  fc.assert(
    fc.property(convolution, distribution, (layer, distribution) => {
      const { groups, stride, transposed } = layer;
      const scheme = varianceScaling({
        scale: 1,
        mode: "fan_out",
        distribution,
        layout: "oi",
        groups,
        stride,
        transposed,
      });
      // The gradient of a convolution is the transposed one of the same weight, and the other way round.
      const back: Convolution = { ...layer, in: layer.out, out: layer.in, transposed: !transposed };
      const { mean, error } = meanSquare(200, (seed) => {
        const weight = numbers(SHAPES.oi(layer), scheme, seed, "w");
        return push(
          back,
          LENGTH,
          weight,
          numbers([back.in, places(back, LENGTH).inputs], normal({ std: 1 }), seed, "g"),
        );
      });
      expect(Math.abs(mean - 1)).toBeLessThan(6 * error);
    }),
    RUNS,
  );
});

test("splits: the gradient through each part of a packed projection keeps its variance", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 2, max: 20 }), { minLength: 1, maxLength: 4 }),
      distribution,
      (parts, distribution) => {
        const of = varianceScaling({ scale: 1, mode: "fan_out", distribution, layout: "oi" });
        const [out, inputs] = [parts.reduce((sum, length) => sum + length, 0), 12];
        const packed = split({ axis: 0, parts, of });
        let first = 0;
        for (const length of parts) {
          const from = first;
          first += length;
          const { mean, error } = meanSquare(300, (seed) => {
            const weight = numbers([out, inputs], packed, seed, "qkv");
            const gradient = numbers([length], normal({ std: 1 }), seed, "g");
            return Float64Array.from({ length: inputs }, (_, i) =>
              gradient.reduce((sum, g, o) => sum + g * (weight[(from + o) * inputs + i] as number), 0),
            );
          });
          expect(Math.abs(mean - 1)).toBeLessThan(6 * error);
        }
      },
    ),
    { ...RUNS, numRuns: 20 },
  );
});

test("axes: fans go with the axes, wherever they lie", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 });
  const cases = lengths.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      kinds: fc.array(fc.constantFrom("in", "out", "batch", "kernel"), {
        minLength: shape.length,
        maxLength: shape.length,
      }),
      order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
      fromTheEnd: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(cases, ({ shape, kinds, order, fromTheEnd }) => {
      const of = (kind: string) => shape.filter((_, i) => kinds[i] === kind).reduce((size, n) => size * n, 1);
      const at = (kind: string) =>
        order.flatMap((axis, place) => (kinds[axis] === kind ? [fromTheEnd ? place - shape.length : place] : []));
      const moved = order.map((axis) => shape[axis] as number);
      expect(fans(moved, { axes: { in: at("in"), out: at("out"), batch: at("batch") } })).toEqual({
        in: of("in") * of("kernel"),
        out: of("out") * of("kernel"),
      });
    }),
    { ...RUNS, numRuns: 500 },
  );
});

test("variance scaling: the law's variance is scale / fan, for any shape, mode and distribution", () => {
  const shape = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 2, maxLength: 5 });
  const modes = fc.constantFrom<FanMode>("fan_in", "fan_out", "fan_avg", "fan_geo_avg");
  fc.assert(
    fc.property(
      shape,
      modes,
      distribution,
      fc.constantFrom("io", "oi"),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      (...[shape, mode, distribution, layout, scale]) => {
        const found = fans(shape, { layout });
        const fan = {
          fan_in: found.in,
          fan_out: found.out,
          fan_avg: (found.in + found.out) / 2,
          fan_geo_avg: Math.sqrt(found.in * found.out),
        }[mode];
        const law = resolve(shape, varianceScaling({ scale, mode, distribution, layout }));
        const variance =
          law.kind === "uniform"
            ? law.high ** 2 / 3
            : law.kind === "normal"
              ? law.std ** 2
              : (law as { std: number }).std ** 2 * 0.8796256610342398 ** 2;
        expect(Math.abs((variance * fan) / scale - 1)).toBeLessThan(1e-12);
      },
    ),
    { ...RUNS, numRuns: 500 },
  );
});

test("any slice of any tensor in any dtype is that of the whole, by both engines", () => {
  const schemes = fc.oneof(
    fc.double({ min: 1e-3, max: 10, noNaN: true }).map((std) => normal({ std })),
    fc.double({ min: 1e-3, max: 10, noNaN: true }).map((half) => uniform({ low: -half, high: 2 * half })),
    fc
      .record({
        std: fc.double({ min: 1e-3, max: 10, noNaN: true }),
        high: fc.double({ min: 0.1, max: 5, noNaN: true }),
      })
      .map(({ std, high }) => truncatedNormal({ std, low: -2, high })),
  );
  const cases = fc.record({
    size: fc.integer({ min: 1, max: 20_000 }),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
    dtype: fc.constantFrom<DType>("f32", "f64", "f16", "bf16"),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    name: fc.string({ minLength: 1, unit: "binary" }),
    packed: fc.boolean(),
    scheme: schemes,
    other: schemes,
  });
  fc.assert(
    fc.property(cases, ({ size, from, to, dtype, seed, name, packed, scheme: one, other }) => {
      const scheme = packed && size > 1 ? split({ axis: 0, parts: [1, size - 1], of: [one, other] }) : one;
      const [start, end] = [Math.floor(Math.min(from, to) * size), Math.ceil(Math.max(from, to) * size)];
      const [whole, twin] = ENGINES.map((engine) => init([size], scheme, { seed, name, dtype, engine }));
      expect(whole).toEqual(twin);
      const part = fill(whole?.slice(start, end).fill(7) as never, [size], scheme, { seed, name, dtype, start });
      expect(part).toEqual(whole?.slice(start, end));
    }),
    { ...RUNS, numRuns: 100 },
  );
});

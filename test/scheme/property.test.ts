/**
 * What holds for every shape, placement, split and dtype. fast-check chooses the cases, from a fixed seed, and shrinks one
 * that fails to the smallest. Variances are within 6 standard errors, so a correct library would have failed at its first
 * choice of the seed with probability 1e-6. RUNS multiplies the number of cases: `RUNS=10 npx vitest run
 * test/scheme/property.test.ts`; property.slow.ts runs them ten times as often.
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
import { expectSameBits } from "../bits.js";
import { ENGINES } from "../engines.js";
import { type Convolution, places, push, SHAPES } from "./convolution.js";

const TIMES = Number(process.env.RUNS ?? 1);
const cases = (numRuns: number) => ({ seed: 20261125, numRuns: numRuns * TIMES });

const convolution: fc.Arbitrary<Convolution> = fc
  .record({
    groups: fc.integer({ min: 1, max: 4 }),
    perIn: fc.integer({ min: 1, max: 8 }),
    perOut: fc.integer({ min: 1, max: 8 }),
    taps: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    transposed: fc.boolean(),
  })
  // The kernel is a multiple of the stride, so that every output is the sum of equally many products.
  .map(({ groups, perIn, perOut, taps, stride, transposed }) => ({
    in: groups * perIn,
    out: groups * perOut,
    kernel: taps * stride,
    groups,
    stride,
    transposed,
  }));

const distribution = fc.constantFrom("uniform", "normal", "truncated");
const WEIGHTS = 120; // of which a variance is taken
const LENGTH = 36; // a multiple of every stride, longer than every kernel

const f64 = { dtype: "f64" } as const;
const numbers = (shape: readonly number[], scheme: Scheme, seed: number, name: string) =>
  init(shape, scheme, { seed, name, ...f64 });

/**
 * The mean square of the outputs over `count` weights, each with data of variance 1, and its standard error. Outputs of one
 * weight are correlated, so the error is that of the means of independent weights.
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

test("with fan_in the outputs of any convolution have scale times the variance of its inputs", () => {
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
        const outputsOf = push(layer, LENGTH);
        const { mean, error } = meanSquare(WEIGHTS, (seed) => {
          const weight = numbers(SHAPES.oi(layer), scheme, seed, "w");
          const data = numbers([layer.in, places(layer, LENGTH).inputs], normal({ std: 1 }), seed, "x");
          return outputsOf(weight, data);
        });
        expect(Math.abs(mean - scale)).toBeLessThan(6 * error);
      },
    ),
    cases(20),
  );
});

test("with fan_out the gradients of any convolution keep their variance on the way back", () => {
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
      // Gradients go back through the transposed convolution of the same weight, and the other way round.
      const back: Convolution = { ...layer, in: layer.out, out: layer.in, transposed: !transposed };
      const gradientsOf = push(back, LENGTH);
      const { mean, error } = meanSquare(WEIGHTS, (seed) => {
        const weight = numbers(SHAPES.oi(layer), scheme, seed, "w");
        const gradient = numbers([back.in, places(back, LENGTH).inputs], normal({ std: 1 }), seed, "g");
        return gradientsOf(weight, gradient);
      });
      expect(Math.abs(mean - 1)).toBeLessThan(6 * error);
    }),
    cases(20),
  );
});

test("the gradient through each part of a packed projection keeps its variance", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 2, max: 20 }), { minLength: 1, maxLength: 4 }),
      distribution,
      (parts, distribution) => {
        const of = varianceScaling({ scale: 1, mode: "fan_out", distribution, layout: "oi" });
        const [out, inputs] = [parts.reduce((sum, length) => sum + length, 0), 12];
        const packed = split({ axis: 0, parts, of });
        const weights = Array.from({ length: WEIGHTS }, (_, seed) => numbers([out, inputs], packed, seed, "qkv"));
        let first = 0;
        for (const length of parts) {
          const from = first;
          first += length;
          const { mean, error } = meanSquare(WEIGHTS, (seed) => {
            const weight = weights[seed] as Float64Array;
            const gradient = numbers([length], normal({ std: 1 }), seed, "g");
            return Float64Array.from({ length: inputs }, (_, i) =>
              gradient.reduce((sum, g, o) => sum + g * (weight[(from + o) * inputs + i] as number), 0),
            );
          });
          expect(Math.abs(mean - 1)).toBeLessThan(6 * error);
        }
      },
    ),
    cases(20),
  );
});

test("the fans of given axes are those of the same axes in any order", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 });
  const moves = lengths.chain((shape) =>
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
    fc.property(moves, ({ shape, kinds, order, fromTheEnd }) => {
      const of = (kind: string) => shape.filter((_, i) => kinds[i] === kind).reduce((size, n) => size * n, 1);
      const at = (kind: string) =>
        order.flatMap((axis, place) => (kinds[axis] === kind ? [fromTheEnd ? place - shape.length : place] : []));
      const moved = order.map((axis) => shape[axis] as number);
      expect(fans(moved, { axes: { in: at("in"), out: at("out"), batch: at("batch") } })).toEqual({
        in: of("in") * of("kernel"),
        out: of("out") * of("kernel"),
      });
    }),
    cases(250),
  );
});

test("varianceScaling has the variance scale / fan, for any shape, mode and distribution", () => {
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
        const drawn = resolve(shape, varianceScaling({ scale, mode, distribution, layout }));
        const variance =
          drawn.kind === "uniform"
            ? drawn.high ** 2 / 3
            : drawn.kind === "normal"
              ? drawn.std ** 2
              : (drawn as { std: number }).std ** 2 * 0.8796256610342398 ** 2; // std of N(0, 1) truncated at +-2
        expect(Math.abs((variance * fan) / scale - 1)).toBeLessThan(1e-12);
      },
    ),
    cases(250),
  );
});

test("any slice of any tensor in any dtype is the same as in the whole, by both engines", () => {
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
  const slices = fc.record({
    size: fc.integer({ min: 1, max: 9000 }), // three blocks
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
    fc.property(slices, ({ size, from, to, dtype, seed, name, packed, scheme: one, other }) => {
      const scheme = packed && size > 1 ? split({ axis: 0, parts: [1, size - 1], of: [one, other] }) : one;
      const [start, end] = [Math.floor(Math.min(from, to) * size), Math.ceil(Math.max(from, to) * size)];
      const [whole, twin] = ENGINES.map((engine) => init([size], scheme, { seed, name, dtype, engine }));
      expectSameBits(whole, twin);
      const part = fill(whole?.slice(start, end).fill(7) as never, [size], scheme, { seed, name, dtype, start });
      expectSameBits(part, whole?.slice(start, end));
    }),
    cases(50),
  );
});

/**
 * Strides and splits: the fans of a part are those of a layer, counted product by product, or the scheme is refused. One
 * stride stands for all kernel axes, as in torch.nn.Conv2d and in Keras.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  deltaOrthogonal,
  dirac,
  type Fans,
  fans,
  glorotUniform,
  heNormal,
  init,
  kaimingNormal,
  lecunNormal,
  orthogonal,
  resolve,
  type Scheme,
  split,
} from "../../src/index.js";
import { places, products } from "./convolution.js";

const RUNS = { seed: 20261125, numRuns: 200 };

/** Products for each output and for each input along one axis of a kernel. */
function countedAlong(kernel: number, stride: number, transposed: boolean): Fans {
  const layer = { in: 1, out: 1, kernel, groups: 1, stride, transposed };
  const length = 6 * stride;
  const { inputs, outputs } = places(layer, length);
  const all = [...products(layer, length)].length;
  return { in: all / outputs, out: all / inputs };
}

const kernelAxis = fc.record({ taps: fc.integer({ min: 1, max: 2 }), stride: fc.integer({ min: 1, max: 3 }) });

const convolution = fc.record({
  axes: fc.array(kernelAxis, { maxLength: 3 }),
  same: fc.boolean(),
  inputs: fc.integer({ min: 1, max: 9 }),
  outputs: fc.integer({ min: 1, max: 9 }),
  transposed: fc.boolean(),
  turn: fc.nat(4),
});

test("fans of convolutions of any rank are the products that are counted along each axis", () => {
  fc.assert(
    fc.property(convolution, ({ axes, same, inputs, outputs, transposed, turn }) => {
      const strides = axes.map(({ stride }) => (same ? (axes[0]?.stride as number) : stride));
      const kernel = axes.map(({ taps }, i) => taps * (strides[i] as number));
      const along = kernel.map((length, i) => countedAlong(length, strides[i] as number, transposed));
      const counted = {
        in: along.reduce((count, axis) => count * axis.in, inputs),
        out: along.reduce((count, axis) => count * axis.out, outputs),
      };
      const close = (found: Fans) => {
        expect(found.in).toBeCloseTo(counted.in, 9);
        expect(found.out).toBeCloseTo(counted.out, 9);
      };
      const [first, second] = transposed ? [inputs, outputs] : [outputs, inputs];
      const oi = [first, second, ...kernel];
      const at = (axis: number) => (axis + turn) % oi.length;
      const turned = oi.map((_, place) => oi[oi.findIndex((_, axis) => at(axis) === place)] as number);
      const [out, input] = transposed ? [at(1), at(0)] : [at(0), at(1)];
      // The order of the kernel's axes may turn too; the product of strides does not change.
      for (const stride of same && strides.length > 0 ? [strides, strides[0] as number] : [strides]) {
        close(fans(oi, { layout: "oi", transposed, stride }));
        close(fans([...kernel, second, first], { layout: "io", transposed, stride }));
        close(fans(turned, { axes: { in: input, out }, transposed, stride }));
      }
    }),
    RUNS,
  );
});

test.each<[string, () => unknown, RegExp]>([
  ["too many", () => fans([128, 64, 3, 3], { layout: "oi", stride: [2, 2, 2] }), /^stride: .*each kernel axis \(2\)/],
  ["too few", () => fans([3, 3, 64, 128], { layout: "io", stride: [2] }), /^stride: .*\(2\), got \[2\]/],
  [
    "with axes",
    () => resolve([3, 3, 8, 2], heNormal({ axes: { in: [], out: -1, batch: -2 }, stride: [2] })),
    /^stride/,
  ],
  ["no kernel axis", () => fans([128, 64], { layout: "oi", stride: 2 }), /^stride: expected 1 .* got 2/],
  ["an equation without end", () => heNormal({ equation: "a".repeat(1e6) }), /^equation: expected at most 1000/],
])("strides: refuses %s", (_, call, message) => {
  expect(call).toThrow(RangeError);
  expect(call).toThrow(message);
});

test("a stride of 1, or none for each of no axes, changes nothing", () => {
  const plain = fans([12, 8], { layout: "oi" });
  expect(fans([12, 8], { layout: "oi", stride: 1 })).toEqual(plain);
  expect(fans([12, 8], { layout: "oi", stride: [] })).toEqual(plain);
});

describe("splits along an axis of several weights", () => {
  const SCHEMES = {
    oi: kaimingNormal(),
    io: glorotUniform(),
    matrix: orthogonal({ layout: "oi" }),
    rest: orthogonal(),
  };

  test("a part of length 1 has the distribution of the weight without that axis, or is refused", () => {
    const cases = fc.record({
      shape: fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 3, maxLength: 3 }),
      axis: fc.nat(2),
      scheme: fc.constantFrom(...Object.values(SCHEMES)),
    });
    fc.assert(
      fc.property(cases, ({ shape, axis, scheme }) => {
        const packed = split({ axis, parts: shape[axis] as number, of: scheme });
        const one = resolve(shape.toSpliced(axis, 1), scheme);
        let found: ReturnType<typeof resolve>;
        try {
          found = resolve(shape, packed);
        } catch (error) {
          expect((error as Error).message).toMatch(/^layout: expected ("|axes: \{ batch: )/);
          return;
        }
        if (found.kind !== "split") expect(found).toEqual(one);
        else for (const { distribution } of found.parts) expect(distribution).toEqual(one);
      }),
      RUNS,
    );
  });

  test("the message shows the way, and that way is right", () => {
    const experts = [4, 16, 8]; // each [out, in]
    const packed = (of: Scheme) => split({ axis: 0, parts: 4, of });
    expect(() => resolve(experts, packed(kaimingNormal()))).toThrow(
      /^layout: expected axes: \{ batch: 0, out: 1, in: 2 \}.*, got "oi"$/,
    );
    const named = kaimingNormal({ axes: { batch: 0, out: 1, in: 2 } });
    expect(resolve(experts, packed(named))).toEqual({ kind: "normal", mean: 0, std: 0.5 }); // sqrt(2 / 8)
    expect(resolve(experts, packed(named))).toEqual(resolve([16, 8], kaimingNormal()));
    expect(() => resolve(experts, packed(orthogonal({ layout: "oi" })))).toThrow(/^layout: expected "io"/);
    const matrices = init(experts, packed(orthogonal()), { seed: 1, name: "w" });
    for (let expert = 0; expert < 4; ++expert) {
      const column = (j: number) => Array.from({ length: 16 }, (_, i) => matrices[expert * 128 + i * 8 + j] as number);
      const dot = (a: number, b: number) => column(a).reduce((sum, x, i) => sum + x * (column(b)[i] as number), 0);
      expect(dot(0, 0)).toBeCloseTo(1, 5);
      expect(dot(0, 1)).toBeCloseTo(0, 5);
    }
  });

  test.each<[string, number[], number, number | number[], Scheme]>([
    ["experts of two at a time", [4, 8, 16], 0, 2, lecunNormal()],
    ["positions of a kernel", [16, 8, 4], 2, 2, kaimingNormal()],
    ["a kernel by its axes", [4, 8, 16], 0, 2, lecunNormal({ axes: { in: 1, out: 2 } })],
    ["one output of a convolution", [4, 8, 3, 3], 0, [3, 1], kaimingNormal()],
    ["one input of a convolution", [4, 2, 3], 1, 2, kaimingNormal()],
    ["a last axis of experts", [8, 16, 4], -1, 4, orthogonal()],
    ["stacked dirac kernels", [2, 4, 4, 3], 0, 2, dirac()],
    ["stacked delta-orthogonal kernels", [3, 4, 4, 2], -1, 2, deltaOrthogonal()],
  ])("refuses %s", (_, shape, axis, parts, of) => {
    expect(() => resolve(shape, split({ axis, parts, of }))).toThrow(/^(layout|axes): expected/);
  });

  test.each<[string, number[], number, number | number[], Scheme]>([
    ["parts of a convolution's outputs", [6, 8, 3], 0, 3, kaimingNormal()],
    ["the whole as one part", [1, 8, 3], 0, 1, kaimingNormal()],
    ["rows of length 1", [3, 64], 0, 3, kaimingNormal()],
    ["an equation", [4, 8, 16], 0, 2, lecunNormal({ equation: "ebi,eio->ebo" })],
    ["outputs that axes name", [4, 8, 3], 0, 4, kaimingNormal({ axes: { out: 0, in: 1 } })],
  ])("accepts %s", (_, shape, axis, parts, of) => {
    expect(resolve(shape, split({ axis, parts, of })).kind).not.toBe("split");
  });
});

/** Fans: counted product by product, as data that are pushed through have them, and as the frameworks have them. */
import { describe, expect, test } from "vitest";
import {
  type Fans,
  fans,
  heNormal,
  init,
  kaimingNormal,
  lecunNormal,
  normal,
  type Placement,
  resolve,
} from "../../src/index.js";
import { type Convolution, places, products, push, SHAPES } from "./convolution.js";

const CONVOLUTIONS: readonly Convolution[] = [1, 2, 3].flatMap((stride) =>
  [1, 2, 4].flatMap((groups) =>
    [false, true].map((transposed) => ({ in: 8, out: 12, kernel: 6, groups, stride, transposed })),
  ),
);

describe.each(CONVOLUTIONS)(
  "a convolution of in $in, out $out, kernel $kernel, groups $groups, stride $stride, transposed $transposed",
  (layer) => {
    const LENGTH = 12;
    const { groups, stride, transposed } = layer;
    const { inputs: inputPlaces, outputs: outputPlaces } = places(layer, LENGTH);
    const all = [...products(layer, LENGTH)];
    const counted: Fans = {
      in: all.length / (layer.out * outputPlaces),
      out: all.length / (layer.in * inputPlaces),
    };

    test.each(["oi", "io"] as const)("has the fans that are counted, in layout %s", (layout) => {
      expect(fans(SHAPES[layout](layer), { layout, groups, stride, transposed })).toEqual(counted);
    });

    test("gives outputs the variance of its inputs, by lecunNormal", () => {
      const shape = SHAPES.oi(layer);
      const outputsOf = push(layer, LENGTH);
      const RUNS = 200;
      let square = 0;
      for (let run = 0; run < RUNS; ++run) {
        const weight = init(shape, lecunNormal({ layout: "oi", groups, stride, transposed }), { seed: run, name: "w" });
        const data = init([layer.in, inputPlaces], normal({ std: 1 }), { seed: run, name: "x" });
        for (const value of outputsOf(weight, data)) square += value * value;
      }
      // 200 times 48 to 144 values, correlated by their weights and data: the std of the mean is 2% or less.
      expect(square / (RUNS * layer.out * outputPlaces)).toBeGreaterThan(0.92);
      expect(square / (RUNS * layer.out * outputPlaces)).toBeLessThan(1.08);
    });
  },
);

test.each<[string, readonly number[], Placement, Fans]>([
  ["attention's query", [512, 8, 64], { equation: "btd,dnh->btnh" }, { in: 512, out: 512 }],
  ["attention's output", [8, 64, 512], { equation: "btnh,nhd->btd" }, { in: 512, out: 512 }],
  ["experts", [16, 512, 2048], { equation: "ebd,edf->ebf" }, { in: 512, out: 2048 }],
  ["dense, any leading axes", [784, 512], { equation: "...i, io -> ...o" }, { in: 784, out: 512 }],
  ["a scale", [512], { equation: "bd,d->bd" }, { in: 1, out: 1 }],
  ["a sum over the weight alone", [3, 4], { equation: "bi,ij->b" }, { in: 12, out: 1 }],
  ["a depthwise convolution", [3, 3, 32, 2], { axes: { in: [], out: -1, batch: -2 } }, { in: 9, out: 18 }],
  ["fans as given", [7], { fans: { in: 3, out: 5.5 } }, { in: 3, out: 5.5 }],
  ["two strides", [4, 8, 4, 6], { layout: "oi", stride: [2, 3] }, { in: 192, out: 16 }],
])("fans of %s", (_, shape, placement, expected) => {
  expect(fans(shape, placement)).toEqual(expected);
});

describe("with compat", () => {
  test("torch takes the whole out axis of a grouped convolution, and the axes of a transposed one as they lie", () => {
    const grouped = { layout: "oi", groups: 4 } as const;
    expect(fans([64, 8, 3, 3], grouped)).toEqual({ in: 72, out: 144 });
    expect(fans([64, 8, 3, 3], { ...grouped, compat: "torch" })).toEqual({ in: 72, out: 576 });
    const transposed = { layout: "oi", transposed: true, stride: [2, 2] } as const;
    expect(fans([64, 8, 4, 4], transposed)).toEqual({ in: 256, out: 128 });
    expect(fans([64, 8, 4, 4], { ...transposed, compat: "torch" })).toEqual({ in: 128, out: 1024 });
  });

  test("keras has fans for vectors and scalars, and ignores groups", () => {
    expect(fans([5], { layout: "io", compat: "keras" })).toEqual({ in: 5, out: 5 });
    expect(fans([], { layout: "io", compat: "keras" })).toEqual({ in: 1, out: 1 });
    expect(fans([3, 3, 32, 2], { layout: "io", groups: 32, compat: "keras" })).toEqual({ in: 288, out: 18 });
    expect(() => fans([5], { layout: "io", compat: "torch" })).toThrow(/two axes or more/);
    expect(() => fans([5], { layout: "io", compat: "jax" })).toThrow(/two axes or more/);
  });

  test("schemes use the framework's fans, or fans that are given", () => {
    const std = (...[options, shape]: [Placement, number[]]) =>
      (resolve(shape, kaimingNormal(options as never)) as { std: number }).std;
    expect(std({ transposed: true, stride: 2 }, [64, 8, 4])).toBeCloseTo(Math.sqrt(2 / 128), 14);
    expect(std({ transposed: true, stride: 2, compat: "torch" }, [64, 8, 4])).toBeCloseTo(Math.sqrt(2 / 32), 14);
    expect(resolve([3], heNormal({ fans: { in: 8, out: 1 } }))).toEqual(resolve([8, 3], heNormal()));
  });
});

test("a scheme with an equation is plain data", () => {
  const made = heNormal({ equation: "btd,dnh->btnh" });
  expect(JSON.stringify(made)).toBe('{"scheme":"heNormal","equation":"btd,dnh->btnh"}');
});

test("a length of 0 makes a fan of 0, however large the others are", () => {
  const huge = Array<number>(21).fill(2 ** 53 - 1);
  expect(fans([...huge, 0], { layout: "io" }).out).toBe(0);
});

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  [
    "a layout beside an equation",
    () => heNormal({ layout: "io", equation: "bi,io->bo" }),
    TypeError,
    /^layout, axes, equation, fans: expected one/,
  ],
  ["0 groups", () => heNormal({ groups: 0 }), RangeError, /^groups: expected a whole number from 1, got 0$/],
  ["half a group", () => heNormal({ groups: 1.5 }), RangeError, /^groups/],
  [
    "groups that do not divide",
    () => resolve([3, 4, 8], heNormal({ groups: 3 })),
    RangeError,
    /^groups: expected a divisor of the out axis, got 3$/,
  ],
  ["a stride of 0", () => heNormal({ stride: [2, 0] }), RangeError, /^stride/],
  ["a stride that is a string", () => heNormal({ stride: "2" as never }), TypeError, /^stride/],
  ["transposed that is a string", () => heNormal({ transposed: "yes" as never }), TypeError, /^transposed/],
  ["groups beside fans", () => heNormal({ fans: { in: 1, out: 1 }, groups: 2 }), TypeError, /^groups/],
  [
    "a fan of 0",
    () => heNormal({ fans: { in: 0, out: 1 } }),
    RangeError,
    /^fans\.in: expected a finite number above 0/,
  ],
  ["a fan of NaN", () => heNormal({ fans: { in: 1, out: Number.NaN } }), RangeError, /^fans\.out/],
  ["one fan alone", () => heNormal({ fans: { in: 1 } as never }), TypeError, /^fans\.out/],
  ["an unknown compat", () => heNormal({ compat: "tensorflow" as never }), RangeError, /^compat/],
  [
    "an equation without an arrow",
    () => heNormal({ equation: "ij" }),
    RangeError,
    /^equation: expected data,weight->result/,
  ],
  ["an equation that is a number", () => heNormal({ equation: 5 as never }), TypeError, /^equation/],
  [
    "an equation with a label twice in the weight",
    () => heNormal({ equation: "bi,ii->b" }),
    RangeError,
    /^equation: expected "i" once in "ii"/,
  ],
  [
    "an equation whose result has a label from nowhere",
    () => heNormal({ equation: "bi,io->bz" }),
    RangeError,
    /^equation: expected "z"/,
  ],
  [
    "an equation whose result has dots from nowhere",
    () => heNormal({ equation: "bi,io->...o" }),
    RangeError,
    /^equation/,
  ],
  [
    "an equation of another rank than the shape",
    () => resolve([2, 3, 4], heNormal({ equation: "bi,io->bo" })),
    RangeError,
    /^equation: expected 3 axes in the weight "io"/,
  ],
])("refuses %s", (_, call, type, message) => {
  expect(call).toThrow(type);
  expect(call).toThrow(message);
});

test("a placement that comes first is told to come second", () => {
  expect(() => fans({ layout: "io" } as never, [3, 4] as never)).toThrow(
    "shape: expected an array of lengths (the shape comes before the placement), got Object",
  );
});

/** Options that are wrong: the message says which one, what was expected and what was given. And defaults of options. */
import { expect, test } from "vitest";
import {
  deltaOrthogonal,
  dirac,
  explain,
  fans,
  gain,
  heNormal,
  kaimingNormal,
  normal,
  orthogonal,
  resolve,
  type Scheme,
  scheme,
  sparse,
  split,
  truncatedNormal,
  varianceScaling,
  zeros,
} from "../../src/index.js";
import { defaultLayout, optionsOf, SCHEME_NAMES } from "../../src/scheme/scheme.js";

const absolute = { low: -1, high: 1, bounds: "absolute", stdOf: "result" } as const;
const MOST = (0.9999 * 2) / Math.sqrt(12);
const parted = (shape: readonly number[], axis: number, parts: number, of: Scheme) =>
  resolve(shape, split({ axis, parts, of }));
const tiny = { in: 1e-200, out: 1e-200 };

test.each<[() => unknown, RegExp]>([
  [() => truncatedNormal({ std: 1, mean: Number.NaN }), /^mean: expected a finite number, got NaN/],
  [() => truncatedNormal({ std: -1 }), /^std: expected .* got -1/],
  [() => truncatedNormal({ std: 1, low: -Number.POSITIVE_INFINITY }), /^low: expected a finite number/],
  [() => truncatedNormal({ std: 1, high: Number.POSITIVE_INFINITY }), /^high: expected a finite number/],
  [() => truncatedNormal({ std: 1, low: 1, high: 1 }), /^low: expected less than high \(1\), got 1/],
  [() => truncatedNormal({ std: 1, bounds: "value" as never }), /^bounds: expected one of "std", "absolute"/],
  [() => truncatedNormal({ std: 1, stdOf: "child" as never }), /^stdOf: expected one of "parent", "result"/],
  [() => truncatedNormal({ ...absolute, std: 1.00001 * MOST }), /^std: expected at most 0\.9999 \(high - low\)/],
  [
    () => kaimingNormal({ gain: 2, slope: 0.1 }),
    /^gain: expected either a gain, or an activation and its slope, got 2/,
  ],
  [() => kaimingNormal({ gain: 2, activation: "relu" }), /^gain: expected either a gain/],
  [() => kaimingNormal({ gain: -2 }), /^gain: expected .* got -2/],
  [
    () => resolve([2], varianceScaling({ scale: 1, mode: "fan_geo_avg", distribution: "normal", fans: tiny })),
    /^fan_geo_avg: expected a finite fan above 0, got 0/,
  ],
  [
    () =>
      resolve(
        [2],
        varianceScaling({ scale: 1, mode: "fan_avg", distribution: "normal", fans: { in: 1.7e308, out: 1.7e308 } }),
      ),
    /^fan_avg: expected a finite fan above 0, got Infinity/,
  ],
  [() => fans([2, 3], "io" as never), /^placement: expected an object such as \{ layout: "io" \}, got "io"/],
  [() => fans([2, 3], { layout: "io", axis: 1 } as never), /^placement: expected options among/],
  [() => heNormal({ axes: { in: 0, out: 1, outer: 2 } as never }), /^axes: expected options among/],
  [
    () => heNormal({ axes: { in: 0, out: 1, batch: "2" as never } }),
    /^axes\.batch: expected an axis or a list of axes/,
  ],
  [() => heNormal({ fans: { in: 1, out: 1, all: 2 } as never }), /^fans: expected options among/],
  [() => heNormal({ stride: 2, fans: { in: 1, out: 1 } }), /^stride: expected layout or axes next to it, got "fans"/],
  [() => fans([2, 3], { axes: { in: 0, out: 2 } }), /^axes\.out: expected one of the 2 axes of the shape, got 2/],
  [() => fans([2, 3], { axes: { in: 0, out: -2 } }), /^axes\.out: expected each axis at most once, got -2/],
  [() => gain("tanh", { direction: "up" as never }), /^direction: expected one of/],
  [() => gain("relu", { slope: 0.1 }), /^slope: expected activation "leakyRelu" next to it, got "relu"/],
  [() => gain(Math.tanh, { compat: "torch" }), /^compat: expected activation by name, got/],
  [() => gain("tanh", { derivative: Math.cos }), /^derivative: expected activation as a function, got "tanh"/],
  [() => gain("tanh", { compat: "torch", direction: "backward" }), /^direction: expected "forward" with compat, got/],
  [() => gain("gelu", { compat: "torch" }), /^activation: expected one that PyTorch has a gain for: "linear", "/],
  [() => gain(Math.tanh, { direction: "backward", derivative: 1 as never }), /^derivative: expected a function, got 1/],
  [
    () => gain(Math.tanh, { direction: "backward", derivative: () => 0 }),
    /^activation: expected a function whose derivative is not 0/,
  ],
  [() => gain((x) => Math.exp(x * x)), /^activation: expected a function with a mean square: it grows too fast/],
  [() => gain((x) => Math.exp((x * x) / 4.1)), /^activation: expected a function whose mean square is found/],
  [() => gain(() => 0), /^activation: expected a function that is not 0/],
  [() => gain(Math.sign, { direction: "backward" }), /^activation: expected a derivative next to it \(near x = 0 /],
  [() => gain((x) => (x === 16 ? Number.NaN : x)), /^activation: expected a function that is finite on \[-16, 16\]/],
  [() => gain(() => 1e9 / 3, { direction: "variance" }), /^activation: expected a function that is not constant/],
  [() => sparse({ sparsity: 0.5, axis: 2 as never }), /^axis: expected 0 or 1, got 2/],
  [() => resolve([2 ** 30 + 1, 1], orthogonal()), /^shape: expected rows and columns up to 2\^30, got/],
  [() => parted([4, 4, 4], 2, 4, deltaOrthogonal()), /^layout: expected a tensor for each weight or the like/],
  [() => parted([4, 4, 4], 0, 4, dirac()), /^layout: expected a tensor for each weight or the like/],
  [() => parted([4, 4, 4], 2, 4, orthogonal()), /^layout: expected "oi" or the like, .* axis 2 .* length 1/],
  [() => parted([4, 4, 4], 0, 4, orthogonal({ layout: "oi" })), /^layout: expected "io" or the like/],
  [() => parted([4, 5, 6, 7], 3, 7, heNormal()), /^layout: expected axes: \{ batch: 3, out: 2, in: 1 \} or the like/],
  [() => parted([4, 5, 6, 7], 0, 2, heNormal()), /^layout: expected axes: \{ batch: 0, out: 3, in: 2 \} or the like/],
  [
    () => parted([4, 5, 6, 7], 1, 5, kaimingNormal()),
    /^layout: expected axes: \{ batch: 1, out: 0, in: 2 \} or the like, .* got "oi"/,
  ],
  [() => parted([4, 5, 6], 0, 2, heNormal({ axes: { in: 1, out: 2 } })), /^axes: expected axes: \{ batch: 0,/],
])("%s", (call, message) => {
  expect(call).toThrow(message);
});

test("what is just right is taken", () => {
  expect(resolve([2 ** 30, 1], orthogonal())).toMatchObject({ rows: 2 ** 30, columns: 1 });
  expect(resolve([3], truncatedNormal({ ...absolute, std: MOST }))).toMatchObject({ kind: "truncated" });
  expect(resolve([3], truncatedNormal({ std: 0, mean: 3 }))).toEqual({ kind: "constant", value: 3 });
  expect(fans([5, 7], { layout: "io", compat: "keras" })).toEqual({ in: 5, out: 7 });
  expect(gain((x) => (Math.abs(x) > 16 ? Number.POSITIVE_INFINITY : 1) && x)).toBeCloseTo(1, 12);
  expect(gain("leakyRelu", { slope: 1, direction: "variance" })).toBe(1);
});

test("parts of a matrix's side, and single positions of a kernel, need no other layout", () => {
  expect(parted([4, 3, 3], 0, 2, orthogonal({ layout: "oi" }))).toMatchObject({ kind: "split" });
  expect(parted([3, 3, 4], 2, 2, orthogonal())).toMatchObject({ kind: "split" });
  expect(parted([3, 4, 5], 0, 3, heNormal())).toEqual(resolve([1, 4, 5], heNormal()));
});

test("a scheme's layout, where it is given none", () => {
  const oi = ["xavierNormal", "xavierUniform", "kaimingNormal", "kaimingUniform", "dirac", "hadamard"];
  for (const name of SCHEME_NAMES) expect(defaultLayout(name), name).toBe(oi.includes(name) ? "oi" : "io");
  for (const name of ["zeros", "ones", "hadamard"] as const) expect(optionsOf(name)).toEqual([]);
});

test("explain: names, objects whose options are read once, lists of parts, and zeros of rows", () => {
  expect(explain([3], "zeros")).toBe("zeros of [3]: the constant 0");
  let std = 0;
  const changing = {
    scheme: "normal",
    get std() {
      return ++std;
    },
  } as const;
  expect(explain([3], changing as never)).toBe("normal of [3]: normal, mean 0, std 1");
  const listed = (parts: number) => explain([parts], split({ axis: 0, parts, of: zeros() })).split(". ");
  expect([listed(64).length, listed(64).at(-1)]).toEqual([65, "[63] zeros of [1]: the constant 0"]);
  expect([listed(65).length, listed(65).at(-1)]).toEqual([66, "..."]);
  expect(explain([4, 6], sparse({ sparsity: 0.5, axis: 1 }))).toContain("3 zeros in each row of 6");
  expect(explain([4, 6], sparse({ sparsity: 0.5 }))).toContain("2 zeros in each column of 4");
});

test("no scheme is told apart from a scheme without a name; options that are undefined are not given", () => {
  for (const read of [
    scheme,
    (given: unknown) => resolve([3], given as never),
    (given: unknown) => explain([3], given as never),
  ])
    for (const none of [null, undefined, 5, {}, { std: 1 }])
      expect(() => read(none)).toThrow(/^scheme: expected a scheme such as heNormal\(\) or /);
  expect(() => scheme(heNormal)).toThrow(/^scheme: expected a scheme such as heNormal\(\); call the function/);
  expect(Object.keys(normal({ std: 1, mean: undefined }))).toEqual(["scheme", "std"]);
});

test("a scheme in a split is as it is alone", () => {
  expect(parted([4, 6], 0, 2, normal({ std: 1 }))).toEqual(resolve([2, 6], normal({ std: 1 })));
});

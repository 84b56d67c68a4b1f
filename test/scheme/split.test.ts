import { describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import {
  Arena,
  type DType,
  explain,
  fill,
  glorotUniform,
  heNormal,
  init,
  kaimingNormal,
  normal,
  ones,
  resolve,
  type Scheme,
  scheme,
  split,
  xavierUniform,
  zeros,
} from "../../src/index.js";
import { ENGINES } from "../engines.js";
import { chooser } from "../kernels.js";

const KEYED = { seed: 42, name: "attn.qkv" } as const;

test("equal parts have the fans of one: query, key and value packed along the out axis", () => {
  const packed = split({ axis: 0, parts: 3, of: xavierUniform() });
  expect(resolve([3 * 64, 64], packed)).toEqual(resolve([64, 64], xavierUniform()));
  expect(resolve([3 * 64, 64], xavierUniform())).not.toEqual(resolve([64, 64], xavierUniform()));
  const keras = split({ axis: -1, parts: 4, of: glorotUniform() }); // an LSTM's kernel
  expect(resolve([32, 4 * 128], keras)).toEqual(resolve([32, 128], glorotUniform()));
});

test("unequal parts have laws of their own: grouped-query attention", () => {
  const packed = split({ axis: 0, parts: [64, 16, 16], of: xavierUniform() });
  const drawn = (out: number) => resolve([out, 64], xavierUniform());
  expect(resolve([96, 64], packed)).toEqual({
    kind: "split",
    parts: [
      { length: 64 * 64, distribution: drawn(64) },
      { length: 16 * 64, distribution: drawn(16) },
      { length: 16 * 64, distribution: drawn(16) },
    ],
  });
  // He's variance knows fan in alone.
  expect(resolve([96, 64], split({ axis: 0, parts: [64, 16, 16], of: kaimingNormal() })).kind).toBe("normal");
});

const CASES: readonly { readonly packed: Scheme; readonly shape: readonly number[]; readonly axis: number }[] = [
  { packed: split({ axis: 0, parts: [64, 16, 16], of: xavierUniform() }), shape: [96, 64], axis: 0 }, // short runs
  { packed: split({ axis: 0, parts: [80, 70], of: xavierUniform() }), shape: [150, 80], axis: 0 }, // long runs
  { packed: split({ axis: -1, parts: [5, 2, 3], of: glorotUniform() }), shape: [700, 10], axis: 1 }, // runs of few
  { packed: split({ axis: 1, parts: [3, 4], of: [heNormal(), zeros()] }), shape: [2, 7, 900], axis: 1 },
  { packed: split({ axis: 1, parts: [4, 3], of: [normal({ std: 1 }), ones()] }), shape: [3, 7, 2000], axis: 1 },
];

describe.each(CASES)("$packed of $shape", ({ packed, shape, axis }) => {
  const size = shape.reduce((product, length) => product * length, 1);
  const fillOf = resolve(shape, packed);
  const laws = fillOf.kind === "split" ? fillOf.parts : [];
  const schemeOf = (law: Independent): Scheme => {
    if (law.kind === "constant") return { scheme: "constant", value: law.value };
    if (law.kind === "uniform") return { scheme: "uniform", low: law.low, high: law.high };
    if (law.kind === "normal") return { scheme: "normal", mean: law.mean, std: law.std };
    const { mean, std, low, high } = law;
    return { scheme: "truncatedNormal", mean, std, low, high };
  };

  /** Element by element, from whole tensors of each part's law. */
  function expected(dtype: DType) {
    const wholes = laws.map(({ distribution: law }) => init([size], schemeOf(law as Independent), { ...KEYED, dtype }));
    const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    const starts = laws.map(({ length }) => length / inner);
    const partOf = (i: number) => {
      let along = Math.floor(i / inner) % (shape[axis] as number);
      return starts.findIndex((length) => {
        along -= length;
        return along < 0;
      });
    };
    return init([size], zeros(), { dtype }).map((_, i) => (wholes[partOf(i)] as Float32Array)[i] as number);
  }

  test.each(["f32", "f64", "bf16"] as const)("%s: each element from its part's law, by both engines", (dtype) => {
    const whole = expected(dtype);
    for (const engine of ENGINES) {
      expect(init(shape, packed, { ...KEYED, engine, dtype })).toEqual(whole);
      const arena = new Arena(8 * size + 64);
      expect(init(shape, packed, { ...KEYED, engine, dtype, arena })).toEqual(whole);
    }
  });

  test("any slice", () => {
    const whole = expected("f32");
    const choose = chooser(40);
    for (let round = 0; round < 40; ++round) {
      const start = choose() % (size - 1);
      const length = 1 + (choose() % Math.min(size - start, round % 2 ? 50 : 9000));
      const out = fill(new Float32Array(length), shape, packed, { ...KEYED, start });
      expect(out).toEqual(whole.slice(start, start + length));
    }
  });
});

test("parts of constants alone need no name", () => {
  const bias = split({ axis: 0, parts: 4, of: [zeros(), ones(), zeros(), zeros()] });
  expect([...init([8], bias, { seed: 1 })]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  expect(() => init([8], split({ axis: 0, parts: 2, of: [zeros(), normal({ std: 1 })] }), { seed: 1 })).toThrow(
    /^name/,
  );
});

test("plain data, and back", () => {
  const packed = split({ axis: 0, parts: [2, 1], of: [xavierUniform({ gain: 2 }), zeros()] });
  const text =
    '{"scheme":"split","axis":0,"parts":[2,1],"of":[{"scheme":"xavierUniform","gain":2},{"scheme":"zeros"}]}';
  expect(JSON.stringify(packed)).toBe(text);
  expect(scheme(JSON.parse(text))).toEqual(packed);
});

test("explained part by part", () => {
  expect(explain([4], split({ axis: 0, parts: 2, of: [zeros(), ones()] }))).toBe(
    "split of [4]: 2 parts. [0] zeros of [2]: the constant 0. [1] ones of [2]: the constant 1",
  );
});

test("empty", () => {
  expect(init([0, 3], split({ axis: 1, parts: [1, 2], of: xavierUniform() }), KEYED)).toHaveLength(0);
});

describe("bad input", () => {
  const of = xavierUniform();
  test.each<[string, () => unknown, RegExp]>([
    ["an axis of text", () => split({ axis: "0" as never, parts: 3, of }), /^axis: expected an axis, got "0"/],
    ["half an axis", () => split({ axis: 0.5, parts: 3, of }), /^axis: expected a whole number/],
    [
      "no such axis",
      () => resolve([3, 3], split({ axis: 2, parts: 3, of })),
      /^axis: expected one of the 2 axes of the shape, got 2/,
    ],
    ["no parts", () => split({ axis: 0, parts: 0, of }), /^parts/],
    ["an empty list", () => split({ axis: 0, parts: [], of }), /^parts: expected one length or more/],
    ["a length of 0", () => split({ axis: 0, parts: [1, 0], of }), /^parts\[1\]/],
    [
      "parts that do not divide",
      () => resolve([4, 3], split({ axis: 0, parts: 3, of })),
      /^parts: expected a divisor of 4/,
    ],
    ["parts that do not sum", () => resolve([4, 3], split({ axis: 0, parts: [1, 2], of })), /^parts: .*add up to 4/],
    ["too few schemes", () => split({ axis: 0, parts: 3, of: [of, of] }), /^of: expected as many schemes as parts/],
    ["no scheme", () => split({ axis: 0, parts: 3, of: {} as never }), /^scheme/],
    ["a split in a split", () => split({ axis: 0, parts: 3, of: split({ axis: 0, parts: 2, of }) }), /^of/],
    ["the same from data", () => resolve([3, 3], { scheme: "split", axis: 0, parts: 0, of } as never), /^parts/],
    ["a part's own error", () => resolve([3], split({ axis: 0, parts: 3, of })), /^shape: expected two axes/],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

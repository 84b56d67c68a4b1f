/** Packed tensors: each part has the fans of its own shape and the values of its own distribution. */
import { describe, expect, test } from "vitest";
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
import { expectSameBits } from "../bits.js";
import { ENGINES } from "../engines.js";
import { chooser } from "../kernels.js";

const KEYED = { seed: 42, name: "attn.qkv" } as const;

test("equal parts have the fans of one of them, as query, key and value packed along the out axis", () => {
  const packed = split({ axis: 0, parts: 3, of: xavierUniform() });
  expect(resolve([3 * 64, 64], packed)).toEqual(resolve([64, 64], xavierUniform()));
  expect(resolve([3 * 64, 64], xavierUniform())).not.toEqual(resolve([64, 64], xavierUniform()));
  const keras = split({ axis: -1, parts: 4, of: glorotUniform() }); // an LSTM's kernel
  expect(resolve([32, 4 * 128], keras)).toEqual(resolve([32, 128], glorotUniform()));
});

test("unequal parts have distributions of their own, as in grouped-query attention", () => {
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
  // He's variance depends on fan in alone, which the parts share.
  expect(resolve([96, 64], split({ axis: 0, parts: [64, 16, 16], of: kaimingNormal() })).kind).toBe("normal");
});

const CASES: readonly { readonly packed: Scheme; readonly shape: readonly number[]; readonly axis: number }[] = [
  { packed: split({ axis: 0, parts: [64, 16, 16], of: xavierUniform() }), shape: [96, 64], axis: 0 }, // short runs
  { packed: split({ axis: 0, parts: [80, 70], of: xavierUniform() }), shape: [150, 80], axis: 0 }, // long runs
  { packed: split({ axis: -1, parts: [5, 2, 3], of: glorotUniform() }), shape: [700, 10], axis: 1 }, // runs of few
  { packed: split({ axis: 1, parts: [3, 4], of: [heNormal(), zeros()] }), shape: [2, 7, 900], axis: 1 },
  { packed: split({ axis: 1, parts: [4, 3], of: [normal({ std: 1 }), ones()] }), shape: [3, 7, 2000], axis: 1 },
];

describe.each(CASES.map((each) => [JSON.stringify(each.packed), JSON.stringify(each.shape), each] as const))(
  "%s of %s",
  (...[, , { packed, shape, axis }]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const distribution = resolve(shape, packed);
    const parts = distribution.kind === "split" ? distribution.parts : [];

    /** Element by element, from whole tensors of each part's distribution. */
    function expected(dtype: DType) {
      const wholes = parts.map((part) => init([size], part.distribution, { ...KEYED, dtype }));
      const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
      const lengths = parts.map(({ length }) => length / inner);
      const partOf = (i: number) => {
        let along = Math.floor(i / inner) % (shape[axis] as number);
        return lengths.findIndex((length) => {
          along -= length;
          return along < 0;
        });
      };
      return init([size], zeros(), { dtype }).map((_, i) => (wholes[partOf(i)] as Float32Array)[i] as number);
    }

    test.each(["f32", "f64", "bf16"] as const)(
      "draws each element in %s from the distribution of its part, by both engines",
      (dtype) => {
        const whole = expected(dtype);
        for (const engine of ENGINES) {
          expectSameBits(init(shape, packed, { ...KEYED, engine, dtype }), whole);
          const arena = new Arena(8 * size + 64);
          expectSameBits(init(shape, packed, { ...KEYED, engine, dtype, arena }), whole);
        }
      },
    );

    test("draws any slice like the whole", () => {
      const whole = expected("f32");
      const choose = chooser(40);
      for (let round = 0; round < 40; ++round) {
        const start = choose() % (size - 1);
        const length = 1 + (choose() % Math.min(size - start, round % 2 ? 50 : 9000));
        const out = fill(new Float32Array(length), shape, packed, { ...KEYED, start });
        expectSameBits(out, whole.slice(start, start + length));
      }
    });
  },
);

test("a tensor whose parts are all constant needs no name", () => {
  const bias = split({ axis: 0, parts: 4, of: [zeros(), ones(), zeros(), zeros()] });
  expect([...init([8], bias, { seed: 1 })]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  expect(() => init([8], split({ axis: 0, parts: 2, of: [zeros(), normal({ std: 1 })] }), { seed: 1 })).toThrow(
    /^name/,
  );
});

test("a split goes to JSON and back", () => {
  const packed = split({ axis: 0, parts: [2, 1], of: [xavierUniform({ gain: 2 }), zeros()] });
  const text =
    '{"scheme":"split","axis":0,"parts":[2,1],"of":[{"scheme":"xavierUniform","gain":2},{"scheme":"zeros"}]}';
  expect(JSON.stringify(packed)).toBe(text);
  expect(scheme(JSON.parse(text))).toEqual(packed);
});

test("explain describes a split part by part", () => {
  expect(explain([4], split({ axis: 0, parts: 2, of: [zeros(), ones()] }))).toBe(
    "split of [4]: 2 parts. [0] zeros of [2]: the constant 0. [1] ones of [2]: the constant 1",
  );
});

test("a split has at most 2^20 parts", () => {
  expect(split({ axis: 0, parts: 2 ** 20, of: zeros() })).toMatchObject({ parts: 2 ** 20 });
  expect(() => split({ axis: 0, parts: 2 ** 20 + 1, of: zeros() })).toThrow(
    "parts: expected at most 1048576 parts, got 1048577",
  );
});

test("a split of an empty tensor is empty", () => {
  expect(init([0, 3], split({ axis: 1, parts: [1, 2], of: xavierUniform() }), KEYED)).toHaveLength(0);
});

describe("a split is refused", () => {
  const of = xavierUniform();
  const sparse = Object.assign(Array<number>(3), { 0: 1, 2: 1 });
  test.each<[string, () => unknown, RegExp]>([
    [
      "with an axis that is a string",
      () => split({ axis: "0" as never, parts: 3, of }),
      /^axis: expected an axis, got "0"/,
    ],
    ["with a fractional axis", () => split({ axis: 0.5, parts: 3, of }), /^axis: expected a whole number/],
    [
      "with an axis that the shape does not have",
      () => resolve([3, 3], split({ axis: 2, parts: 3, of })),
      /^axis: expected one of the 2 axes of the shape, got 2/,
    ],
    ["of 0 parts", () => split({ axis: 0, parts: 0, of }), /^parts/],
    ["of an empty list of parts", () => split({ axis: 0, parts: [], of }), /^parts: expected one length or more/],
    ["with a part of length 0", () => split({ axis: 0, parts: [1, 0], of }), /^parts\[1\]/],
    [
      "with a list that leaves a part out",
      () => split({ axis: 0, parts: sparse, of }),
      /^parts\[1\]: .* got undefined/,
    ],
    [
      "into equal parts that do not divide the axis",
      () => resolve([4, 3], split({ axis: 0, parts: 3, of })),
      /^parts: expected a divisor of 4/,
    ],
    [
      "into parts that do not add up to the axis",
      () => resolve([4, 3], split({ axis: 0, parts: [1, 2], of })),
      /^parts: .*add up to 4/,
    ],
    [
      "with fewer schemes than parts",
      () => split({ axis: 0, parts: 3, of: [of, of] }),
      /^of: expected as many schemes as parts/,
    ],
    ["of something that is no scheme", () => split({ axis: 0, parts: 3, of: {} as never }), /^scheme/],
    ["of another split", () => split({ axis: 0, parts: 3, of: split({ axis: 0, parts: 2, of }) }), /^of/],
    ["as data too", () => resolve([3, 3], { scheme: "split", axis: 0, parts: 0, of } as never), /^parts/],
    [
      "where a part cannot take its shape",
      () => resolve([3], split({ axis: 0, parts: 3, of })),
      /^shape: expected two axes/,
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

test("a split without parts, or with an option of another scheme, is refused by its name", () => {
  expect(() => split({ axis: 0, of: zeros() } as never)).toThrow(/^parts: expected a whole number/);
  const other = { scheme: "split", axis: 0, parts: 2, of: zeros(), gain: 2 };
  expect(() => resolve([4], other as never)).toThrow(
    /^scheme: expected options among scheme, axis, parts, of, got "gain"/,
  );
});

/**
 * From schemes to bits: the library against test/vectors/schemes_v1.py, which is written from docs/stream.md alone, on random
 * schemes, options, shapes and dtypes. Needs python3, and fails without it. CASES=20000 draws more.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { DType, Scheme } from "../../src/index.js";
import { ACTIVATIONS } from "../../src/scheme/gain.js";
import { chooser } from "../kernels.js";
import { answer, type SchemeCase } from "../vectors/schemes.js";

const script = fileURLToPath(new URL("../vectors/schemes_v1.py", import.meta.url));
const python = (args: readonly string[], input = "") =>
  execFileSync("python3", [script, ...args], { encoding: "utf8", input, maxBuffer: 2 ** 28 });

test("schemes_v1.py prints schemes_v1.json", () => {
  expect(python([])).toBe(readFileSync(new URL("../vectors/schemes_v1.json", import.meta.url), "utf8"));
});

const choose = chooser(11);
const random = () => choose() / 2 ** 32;
const whole = (low: number, high: number) => low + (choose() % (high - low + 1));
const among = <T>(...list: readonly T[]): T => list[choose() % list.length] as T;
/** Options of which each is left out now and then. */
const some = (options: object) => Object.fromEntries(Object.entries(options).filter(() => among(true, false)));
/** A positive number of an ordinary size, a round one, or one that f16 and bf16 hardly tell from 0. */
const size = () => among(random(), whole(1, 4), 2 ** -whole(1, 30) * (1 + random()), 1e-40 * random(), 3 * random());

type Options = Record<string, unknown>;

function placement(shape: readonly number[]): Options {
  const rank = shape.length;
  const convolution = () => {
    const stride = among<unknown>(1, 2, 3, undefined, undefined);
    return { ...some({ groups: whole(1, 3), transposed: true }), ...(rank > 2 && stride ? { stride } : {}) };
  };
  const compat = among<unknown>(undefined, undefined, undefined, "torch", "keras", "jax");
  const framework: Options = compat === undefined ? {} : { compat };
  if (rank < 2) return among<Options>({ fans: { in: size() + 0.1, out: size() } }, { layout: "io", compat: "keras" });
  return among<Options>(
    { layout: among("io", "oi"), ...convolution(), ...framework },
    { axes: { in: 0, out: -1, ...some({ batch: rank > 2 ? [1] : [] }) }, ...convolution(), ...framework },
    { axes: { in: [], out: [-1, 0] }, ...framework },
    { fans: { in: size() + 0.1, out: 1 / size() } },
    { equation: `${"xyzw".slice(0, rank - 1)}e,${"xyzw".slice(0, rank - 1)}o->${among("eo", `${"xyzw"[0]}eo`)}` },
  );
}

const SCHEMES: Readonly<Record<string, (shape: readonly number[]) => Options>> = {
  zeros: () => ({}),
  ones: () => ({}),
  constant: () => ({ value: among(-1, 1, -0) * size() }),
  uniform: () => {
    const low = among(-1, 1, 0) * size();
    return { low, high: low + among(0, 1, 1, 1) * size() };
  },
  normal: () => ({ std: among(size(), size(), 0), ...some({ mean: among(-1, 1) * size() }) }),
  truncatedNormal: () => {
    const [std, mean] = [size(), among(0, 0, among(-1, 1) * size())];
    const low = among(-2, -1, -3 * random(), 3 * random(), -8);
    const high = low + 0.5 + 4 * random();
    if (among(true, false))
      return { std, ...some({ mean, stdOf: "result" }), ...among({ low, high }, {}, { low: -8 }) };
    const bounds = { bounds: "absolute", mean, low: mean + low * std, high: mean + high * std };
    return { ...bounds, std: among(std, std / 9), ...some({ stdOf: "result" }) };
  },
  varianceScaling: (shape) => ({
    scale: among(size(), size(), 1, 0),
    mode: among("fan_in", "fan_out", "fan_avg", "fan_geo_avg"),
    distribution: among("uniform", "normal", "truncated"),
    ...placement(shape),
  }),
  ...Object.fromEntries(
    ["glorot", "he", "lecun"].flatMap((name) =>
      ["Normal", "Uniform"].map((kind) => [name + kind, (shape: readonly number[]) => among({}, placement(shape))]),
    ),
  ),
  ...Object.fromEntries(
    ["Normal", "Uniform"].flatMap((kind) => [
      [`xavier${kind}`, (shape: readonly number[]) => ({ ...some({ gain: size() }), ...among({}, placement(shape)) })],
      [
        `kaiming${kind}`,
        (shape: readonly number[]) => ({
          ...among({ gain: size() }, { activation: among(...ACTIVATIONS) }, { slope: size() }, {}),
          ...some({ mode: among("fan_in", "fan_out", "fan_avg", "fan_geo_avg") }),
          ...among({}, placement(shape)),
        }),
      ],
    ]),
  ),
  orthogonal: () => some({ gain: among(-1, 1) * size(), layout: among("io", "oi") }),
  deltaOrthogonal: () => some({ gain: size(), layout: among("io", "oi") }),
  identity: () => some({ gain: among(-1, 1) * size() }),
  dirac: () => some({ groups: whole(1, 3), layout: among("io", "oi") }),
  sparse: () => ({ sparsity: among(random(), 0, 0.5, 0.3), ...some({ std: size(), axis: whole(0, 1) }) }),
  hadamard: () => ({}),
};

const NAMES = Object.keys(SCHEMES);

function scheme(shape: readonly number[], name = among(...NAMES)): Scheme {
  return { scheme: name, ...(SCHEMES[name] as (shape: readonly number[]) => Options)(shape) } as unknown as Scheme;
}

function split(shape: readonly number[]): Scheme {
  const axis = whole(0, shape.length - 1);
  const length = shape[axis] as number;
  const first = whole(1, length - 1);
  const parts = length > 1 ? among<number | number[]>([first, length - first], length, 1) : 1;
  const count = typeof parts === "number" ? parts : parts.length;
  const of = among<unknown>(
    scheme(shape),
    Array.from({ length: count }, () => scheme(shape)),
  );
  return { scheme: "split", axis: among(axis, axis - shape.length), parts, of } as Scheme;
}

function randomCase(i: number): SchemeCase {
  const name = i % (NAMES.length + 2) < NAMES.length ? NAMES[i % (NAMES.length + 2)] : "split";
  const rank = among(2, 2, 2, 3, 4, 4, name === "split" ? 2 : whole(0, 1));
  const shape = Array.from({ length: rank }, () =>
    among(1, 2, 3, 4, 6, 8, 12, whole(1, 20), rank < 3 ? whole(1, 40) : 5),
  );
  return {
    scheme: name === "split" ? split(shape) : scheme(shape, name),
    shape: shape.reduce((a, b) => a * b, 1) > 3000 ? shape.map((length) => Math.ceil(length / 2)) : shape,
    seed: String(BigInt(choose()) * BigInt(choose())),
    name: `${among("w", "größe", "h.0.🙂")}${i}`,
    dtype: among<DType>("f32", "f64", "f16", "bf16"),
  };
}

test("random schemes, shapes and dtypes have the distributions and the bits that Python finds", () => {
  const count = Number(process.env.CASES ?? 4000);
  const drawn = Array.from({ length: count }, (_, i) => randomCase(i)).flatMap((one) => {
    try {
      return [{ one, found: answer(one, among("simd", "scalar")) }];
    } catch {
      return []; // refused: options that do not go with this shape
    }
  });
  const expected: ReturnType<typeof answer>[] = JSON.parse(
    python(
      ["--cases"],
      JSON.stringify(
        drawn.map(({ one }) => one),
        (_, x) => (Object.is(x, -0) ? "-0" : x),
      ).replaceAll('"-0"', "-0.0"),
    ),
  );
  expect(expected.length).toBe(drawn.length);
  const names = new Map<string, number>();
  for (const [i, { one, found }] of drawn.entries()) {
    const { distributions, first, sha256 } = expected[i] as (typeof expected)[number];
    expect(found, JSON.stringify(one)).toEqual({ distributions, first, sha256 });
    names.set(one.scheme.scheme, (names.get(one.scheme.scheme) ?? 0) + 1);
  }
  expect(drawn.length).toBeGreaterThan(count / 2);
  console.info(`${drawn.length} of ${count} cases: ${[...names].map(([name, n]) => `${name} ${n}`).join(", ")}`);
  expect([...names.values()].every((n) => n > count / 500)).toBe(true);
  expect(names.size).toBe(NAMES.length + 1);
});

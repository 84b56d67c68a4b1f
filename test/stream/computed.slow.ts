/**
 * Computed values: the library against test/vectors/computed_v1.py, which is written from docs/stream.md alone, on random
 * tensors, options and dtypes. Needs python3, and fails without it. CASES=20000 draws more.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { DType } from "../../src/index.js";
import { chooser } from "../kernels.js";
import { answer, type ComputedCase } from "../vectors/computed.js";

const script = fileURLToPath(new URL("../vectors/computed_v1.py", import.meta.url));
const python = (args: readonly string[], input = "") =>
  execFileSync("python3", [script, ...args], { encoding: "utf8", input, maxBuffer: 2 ** 28 });

test("computed_v1.py prints computed_v1.json", () => {
  expect(python([])).toBe(readFileSync(new URL("../vectors/computed_v1.json", import.meta.url), "utf8"));
});

const choose = chooser(17);
const random = () => choose() / 2 ** 32;
const whole = (low: number, high: number) => low + (choose() % (high - low + 1));
const among = <T>(...list: readonly T[]): T => list[choose() % list.length] as T;
/** Options of which each is left out now and then. */
const some = (options: object) => Object.fromEntries(Object.entries(options).filter(() => among(true, false)));

type Entry = Readonly<Record<string, unknown>>;

const along = (shape: readonly number[]) =>
  some({
    start: among(1, 3, random(), -2 * random()),
    step: among(1, -1, random(), -random(), 7),
    axis: whole(-1, shape.length - 1),
  });

/** A scheme for a shape, and perhaps another shape. */
const SCHEMES: Readonly<Record<string, (shape: readonly number[]) => Entry>> = {
  sinusoidal: () => ({
    shape: [whole(1, 300), whole(1, 12)],
    ...some({ base: among(1, 10000, 1 + 100 * random(), 1e6), order: among("halves", "interleaved"), endpoint: true }),
  }),
  arange: along,
  logArange: (shape) => ({ ...along(shape), start: among(1, 50, 1e-3 + random()) }),
  powers: (shape) => ({ ...along(shape), base: among(10000, 2, random(), 1 + random()) }),
  relativePosition: () => {
    const window = [whole(1, 5), whole(1, 5)] as const;
    return { window, shape: Array(2).fill(window[0] * window[1]) };
  },
  logUniform: () => {
    const low = among(1e-3, random(), 30 * random(), 1e-250);
    return {
      low,
      high: low * among(1, 100, 1 + random()),
      ...some({ floor: 2 * low * random(), inverse: "softplus" }),
    };
  },
  logOfUniform: () => ({ low: among(0, random(), 1), high: 1 + 16 * random() }),
  icnr: (shape) => {
    const [factor, layout] = [whole(1, 3), among<"oi" | "io" | undefined>("oi", "io", undefined)];
    const axis = layout === "io" ? shape.length - 1 : 0;
    const of = among<Entry>(
      { scheme: "kaimingUniform", layout: layout ?? "oi" },
      { scheme: "normal", std: random() },
      { scheme: "orthogonal" },
      { scheme: "ones" },
    );
    const whole_ = shape.map((length, i) => (i === axis ? length * factor * factor : length));
    return { shape: whole_, factor, of, ...(layout && { layout }) };
  },
};

const NAMES = Object.keys(SCHEMES);

function tensor(scheme: string, name: string): Entry {
  const shape = Array.from({ length: whole(scheme === "icnr" ? 2 : 1, 4) }, () => whole(1, 9));
  return { name, shape, scheme, ...SCHEMES[scheme]?.(shape) };
}

/** A tensor that is made from another one, and that one. */
function pair(kind: "copy" | "norms", name: string): readonly Entry[] {
  const source = among(
    tensor(among(...NAMES), "v"),
    { name: "v", shape: [whole(1, 40), whole(1, 9), whole(1, 9)], scheme: "truncatedNormal", std: random() },
    { name: "v", shape: [whole(1, 70), whole(1, 70)], scheme: "uniform", low: -random(), high: random() },
  ) as { readonly shape: readonly number[] };
  const { shape } = source;
  if (kind === "copy") return [{ name, shape, copy: "v", scale: among(-1, 0.5, 3 * random()) }, source as never];
  const axis = whole(0, shape.length - 1);
  const kept = shape.map((length, i) => (i === axis ? length : 1));
  return [{ name, shape: kept, norms: "v", axis: among(axis, axis - shape.length) }, source as never];
}

const KINDS = [...NAMES, "copy", "norms"] as const;

function randomCase(i: number): ComputedCase {
  const kind = KINDS[i % KINDS.length] as string;
  const name = `${among("w", "größe", "h.0.🙂")}${i}`;
  const tensors = kind === "copy" || kind === "norms" ? pair(kind, name) : [tensor(kind, name)];
  return {
    tensors: tensors as ComputedCase["tensors"],
    seed: String(BigInt(choose()) * BigInt(choose())),
    dtype: among<DType>("f32", "f64", "f16", "bf16"),
  };
}

test("random computed tensors have the bits that Python finds", () => {
  const count = Number(process.env.CASES ?? 1000);
  const drawn = Array.from({ length: count }, (_, i) => randomCase(i)).flatMap((one, i) => {
    try {
      return [{ kind: KINDS[i % KINDS.length] as string, one, found: answer(one, among("simd", "scalar")) }];
    } catch {
      return []; // refused: options that do not go with this shape or dtype
    }
  });
  const expected: ReturnType<typeof answer>[] = JSON.parse(
    python(["--cases"], JSON.stringify(drawn.map(({ one }) => one))),
  );
  expect(expected.length).toBe(drawn.length);
  const kinds = new Map<string, number>();
  for (const [i, { kind, one, found }] of drawn.entries()) {
    const { first, sha256 } = expected[i] as (typeof expected)[number];
    expect(found, JSON.stringify(one)).toEqual({ first, sha256 });
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  console.info(`${drawn.length} of ${count} cases: ${[...kinds].map(([kind, n]) => `${kind} ${n}`).join(", ")}`);
  expect(kinds.size).toBe(KINDS.length);
  expect([...kinds.values()].every((n) => n > count / 50)).toBe(true);
});

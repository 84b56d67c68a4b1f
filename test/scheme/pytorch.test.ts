/** What PyTorch itself drew for the weights of its layers (test/vectors/pytorch.txt), and where our fans differ. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Activation, fans, gain, kaimingUniform, resolve, xavierNormal } from "../../src/index.js";

const ROWS = readFileSync(new URL("../vectors/pytorch.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(" | "));
const LAYERS = ROWS.filter(([name]) => name !== "gain") as [string, string, string, string, string][];
const GAINS = ROWS.filter(([name]) => name === "gain") as [string, string, string][];

const relative = (a: number, b: number) => Math.abs(a / b - 1);

/** The layer's true fans, where PyTorch has others because it only sees the shape of the weight. */
const TRUE: Record<
  string,
  [{ groups?: number; transposed?: boolean; stride?: number[] }, { in: number; out: number }]
> = {
  grouped: [{ groups: 4 }, { in: 72, out: 144 }],
  depthwise: [{ groups: 32 }, { in: 9, out: 18 }],
  transposed: [
    { transposed: true, stride: [2, 2] },
    { in: 256, out: 128 },
  ],
  "transposed grouped": [
    { transposed: true, stride: [2, 2], groups: 4 },
    { in: 64, out: 32 },
  ],
};

describe.each(LAYERS)("a layer that is %s", (name, sizes, both, bound, std) => {
  const shape = sizes.split(" ").map(Number);
  const [fanIn, fanOut] = both.split(" ").map(Number);
  const [kind, exact] = TRUE[name] ?? [{}, { in: fanIn, out: fanOut }];

  test("has PyTorch's fans and distributions with compat", () => {
    expect(fans(shape, { layout: "oi", compat: "torch" })).toEqual({ in: fanIn, out: fanOut });
    const options = { ...kind, compat: "torch" } as const;
    const uniform = resolve(shape, kaimingUniform({ ...options, activation: "relu" })) as { high: number };
    const normal = resolve(shape, xavierNormal(options)) as { std: number };
    expect(relative(uniform.high, Number(bound))).toBeLessThan(1e-14);
    expect(relative(normal.std, Number(std))).toBeLessThan(1e-14);
  });

  test(name in TRUE ? "has its own fans without compat" : "has the same fans without compat", () => {
    expect(fans(shape, { layout: "oi", ...kind })).toEqual(exact);
  });
});

test.each(GAINS)("the %s of %s is PyTorch's, with compat", (_, name, value) => {
  const ours = (name === "leaky_relu" ? "leakyRelu" : name) as Activation;
  expect(relative(gain(ours, { compat: "torch" }), Number(value))).toBeLessThan(1e-15);
});

/** Biases of recurrent layers. */
import { describe, expect, test } from "vitest";
import { init } from "../../src/index.js";
import { chronoBias, forgetBias } from "../../src/recipes.js";

const H = 500;

test.each([
  ["torch", [0, 1, 0, 0]],
  ["keras", [0, 1, 0, 0]],
  ["onnx", [0, 0, 1, 0]],
] as const)("forgetBias in the order of %s is 1 for the forget gate and 0 elsewhere", (order, gates) => {
  const bias = init([8], forgetBias({ order }));
  expect([...bias]).toEqual(gates.flatMap((value) => [value, value]));
  expect(init([8], forgetBias({ order, value: 2.5 })).includes(2.5)).toBe(true);
});

test.each([
  ["torch", { i: 0, f: 1, rest: [2, 3] }],
  ["onnx", { i: 0, f: 2, rest: [1, 3] }],
] as const)(
  "chronoBias in the order of %s is ln of a time up to the longest less 1, negated for the input gate",
  (order, { i, f, rest }) => {
    const bias = chronoBias({ hidden: H, longest: 101, order, seed: 1, name: "lstm.bias" });
    const gate = (index: number) => bias.slice(index * H, (index + 1) * H);
    expect(bias).toHaveLength(4 * H);
    expect(gate(i)).toEqual(gate(f).map((x) => -x));
    for (const index of rest) expect(gate(index).every((x) => x === 0)).toBe(true);
    const times = gate(f).map(Math.exp).sort();
    expect(times[0]).toBeGreaterThan(1);
    expect(times[H - 1]).toBeLessThan(100);
    expect(Math.max(...times.map((time, k) => Math.abs((time - 1) / 99 - (k + 0.5) / H)))).toBeLessThan(
      1.95 / Math.sqrt(H),
    );
    expect(bias).toEqual(chronoBias({ hidden: H, longest: 101, order, seed: 1, name: "lstm.bias" }));
    expect(bias).not.toEqual(chronoBias({ hidden: H, longest: 101, order, seed: 2, name: "lstm.bias" }));
  },
);

describe("forgetBias and chronoBias refuse", () => {
  const good = { hidden: 2, longest: 10, seed: 1, name: "b" };
  test.each<[string, () => unknown, RegExp]>([
    ["an unknown order", () => forgetBias({ order: "tf" as never }), /^order/],
    ["a value that is not finite", () => forgetBias({ value: Number.NaN }), /^value/],
    ["0 units", () => chronoBias({ ...good, hidden: 0 }), /^hidden/],
    ["a longest time of 2 steps", () => chronoBias({ ...good, longest: 2 }), /^longest: expected more than 2 steps/],
    ["more units than there is memory for", () => chronoBias({ ...good, hidden: 2 ** 52 }), /^hidden: .*can allocate/],
    ["a missing seed", () => chronoBias({ ...good, seed: undefined } as never), /^seed: expected a whole number/],
    ["a missing name", () => chronoBias({ ...good, name: undefined } as never), /^name/],
    ["a negative seed", () => chronoBias({ ...good, seed: -1 }), /^seed/],
  ])("%s", (_, run, message) => expect(run).toThrow(message));
});

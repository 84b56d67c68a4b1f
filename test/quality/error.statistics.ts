/**
 * The error bound of the normal kernel in f32, from its two halves: the radius of every 61st of the 2^31 words that matter,
 * and the angle likewise. `STRIDE=1 npm run test:statistics` takes every word (three minutes). Relative errors add up and the
 * last product rounds once more, so no pair can be further from the exact transform than the bound that is printed.
 */
import { expect, test } from "vitest";
import { normal } from "../../src/kernel/normal.js";

const STRIDE = Number(process.env.STRIDE ?? 61);
const words = new Int32Array(4096);
const values = new Float32Array(words.buffer);

/** Lets the kernel draw from radius words x and angle words y, given in groups of four. */
function run(set: (group: number, lane: number) => [x: number, y: number]): void {
  for (let i = 0; i < 4096; ++i) {
    if ((i & 4) !== 0) continue;
    const [x, y] = set(i >> 3, i & 3);
    words[i] = x;
    words[i + 4] = y;
  }
  normal(words, values, 4096, 0, 1);
}

const exactRadius = (x: number) => Math.sqrt(-2 * (x < 0 ? Math.log1p(x * 2 ** -32) : Math.log(x * 2 ** -32)));

test("no normal value is further than 5.7 ulp from the exact transform", () => {
  // Angle word 0: the cosine is 1, so the first value is the radius, negative since the word is odd.
  let radius = 0;
  let next = -(2 ** 31) + 1;
  while (next < 2 ** 31) {
    const begin = next;
    run((group, lane) => [Math.min(begin + 2 * STRIDE * (4 * group + lane), 2 ** 31 - 1), 0]);
    for (let j = 0; j < 2048 && next < 2 ** 31; ++j, next += 2 * STRIDE) {
      const exact = exactRadius(next);
      const error = Math.abs(-(values[8 * (j >> 2) + (j & 3)] as number) - exact) / exact;
      if (error > radius) radius = error;
    }
  }

  // A radius word whose radius is exactly 1, found near 2^32 e^(-1/2); even, so positive.
  let one = 0;
  for (let x = Math.round(2 ** 32 * Math.exp(-0.5)) - 2 ** 32 - 2000; one === 0; x += 2) {
    run(() => [x & ~1, 0]);
    if (values[0] === 1) one = x & ~1;
  }
  let angle = 0;
  next = 0;
  while (next < 2 ** 31) {
    const begin = next;
    run((group, lane) => [one, Math.min(begin + STRIDE * (4 * group + lane), 2 ** 31 - 1)]);
    for (let j = 0; j < 2048 && next < 2 ** 31; ++j, next += STRIDE) {
      const theta = (Math.PI / 4) * (((next << 1) | 1) * 2 ** -31);
      const at = 8 * (j >> 2) + (j & 3);
      const cos = Math.cos(theta);
      const sin = Math.sin(theta);
      const error = Math.max(
        Math.abs((values[at] as number) - cos) / cos,
        Math.abs(((values[at + 4] as number) - sin) / sin),
      );
      if (error > angle) angle = error;
    }
  }

  // An ulp is at least 2^-24 of the value, and rounding the product adds half an ulp.
  const bound = ((1 + radius) * (1 + angle) - 1) * 2 ** 24 + 0.5;
  console.info(`radius ${radius.toExponential(3)}, angle ${angle.toExponential(3)}, bound ${bound.toFixed(2)} ulp`);
  expect(radius).toBeGreaterThan(1e-7);
  expect(angle).toBeGreaterThan(1e-7);
  expect(bound).toBeLessThan(5.7);
});

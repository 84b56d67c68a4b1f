/** Handwritten digits. */
import { splitData, type TrainingData } from "./data.js";
import { VALUES } from "./digits.values.js";

const COUNT = 1797;
const PIXELS = 64;
const LARGEST = 16;
const FIRST = 43; // character; the backslash and the backtick are left out

/**
 * 1,797 handwritten digits of 8 x 8 pixels: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine
 * Learning Repository, 1998, https://doi.org/10.24432/C50P49, licensed under CC BY 4.0; the test set, as scikit-learn has it.
 *
 * @returns 64 features, pixels row by row, from 0 to 1 (multiples of 1/16), and 10 classes; 1078 digits to train on, 360 for
 * validation and 359 for the test, each class in these shares. Always the same ones.
 * @example
 * ```js
 * import { loadDigits } from "nn-init/train/digits";
 *
 * const { features, classes, training, validation, test } = loadDigits();
 * console.log(features, classes); // 64 10
 * console.log([training, validation, test].map(({ targets }) => targets.length).join()); // 1078,360,359
 * ```
 */
export function loadDigits(): TrainingData {
  const values = decodeDigits(VALUES);
  const inputs = new Float32Array(COUNT * PIXELS);
  const targets = new Float32Array(COUNT);
  for (let i = 0; i < COUNT; ++i) {
    const row = i * (PIXELS + 1);
    for (let k = 0; k < PIXELS; ++k) inputs[i * PIXELS + k] = (values[row + k] as number) / LARGEST;
    targets[i] = values[row + PIXELS] as number;
  }
  return splitData({ inputs, targets }, { name: "digits", features: PIXELS, classes: 10 });
}

/** @internal Pixels and class of each digit, from the text that scripts/digits.mjs makes: six bits in each character. */
export function decodeDigits(text: string): Uint8Array {
  const values = new Uint8Array(COUNT * (PIXELS + 1));
  const next = bitDecoder(text);
  const size = (at: number): number => {
    const value = values[at] as number;
    return value >= 16 ? 4 : value >= 10 ? 3 : value >= 5 ? 2 : value >= 1 ? 1 : 0;
  };
  for (let at = 0; at < values.length; ++at) {
    const place = at % (PIXELS + 1);
    const above = place < 8 || place === PIXELS ? 0 : size(at - 8);
    const before = place % 8 === 0 ? 0 : size(at - 1);
    const context = ((place * 5 + above) * 5 + before) * 32;
    let node = 1;
    for (let bit = 0; bit < 5; ++bit) node = 2 * node + next(context + node);
    values[at] = node - 32;
  }
  return values;
}

/** Adaptive binary arithmetic decoding: the next bit, whose chance depends on where it stands. */
function bitDecoder(text: string): (at: number) => number {
  const contexts = (PIXELS + 1) * 25 * 32;
  const chances = new Float64Array(contexts).fill(32768); // of a bit that is 1, times 65536
  const seen = new Float64Array(contexts);
  const byte = byteReader(text);
  let [low, high, code] = [0, 0xffffffff, 0];
  for (let i = 0; i < 4; ++i) code = ((code << 8) | byte()) >>> 0;
  return (at) => {
    const chance = Math.min(65500, Math.max(36, chances[at] as number));
    const middle = low + Math.floor(((high - low) / 65536) * chance);
    const bit = code <= middle ? 1 : 0;
    if (bit === 1) high = middle;
    else low = middle + 1;
    seen[at] = Math.min(200, (seen[at] as number) + 1);
    chances[at] = (chances[at] as number) + (bit * 65535 - (chances[at] as number)) / ((seen[at] as number) + 0.5);
    while ((low ^ high) >>> 24 === 0) {
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
      code = ((code << 8) | byte()) >>> 0;
    }
    return bit;
  };
}

/** The bytes of a text; 0 after its end. */
function byteReader(text: string): () => number {
  let [at, bits, held] = [0, 0, 0];
  return () => {
    while (bits < 8) {
      const code = at < text.length ? text.charCodeAt(at++) : FIRST;
      if (code < FIRST) continue; // the end of a line
      held = ((held << 6) | (code - FIRST - (code > 96 ? 2 : code > 92 ? 1 : 0))) & 0xffff;
      bits += 6;
    }
    bits -= 8;
    return (held >> bits) & 255;
  };
}

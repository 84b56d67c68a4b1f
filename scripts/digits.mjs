// Writes src/train/digits.values.ts from scikit-learn's copy of the digits of the UCI Machine Learning Repository:
//   pip download scikit-learn --no-deps && unzip scikit_learn-*.whl 'sklearn/datasets/data/digits.csv.gz'
//   node scripts/digits.mjs sklearn/datasets/data/digits.csv.gz
// It was made from scikit-learn 1.9.1. The inverse of the coder: src/train/digits.ts.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("usage: node scripts/digits.mjs digits.csv.gz");
const rows = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split("\n")
  .map((line) => line.split(",").map(Number));
const values = new Uint8Array(rows.flat()); // 64 pixels and a class, row by row

const bytes = encode(values);
const text = Array.from({ length: Math.ceil((bytes.length * 8) / 6) }, (_, i) => {
  const [byte, bit] = [Math.floor((i * 6) / 8), (i * 6) % 8];
  const n = ((((bytes[byte] ?? 0) << 8) | (bytes[byte + 1] ?? 0)) >> (10 - bit)) & 63;
  return String.fromCharCode(n < 49 ? n + 43 : n < 52 ? n + 44 : n + 45); // from + to l without the backslash and the backtick
}).join("");
const out = fileURLToPath(new URL("../src/train/digits.values.ts", import.meta.url));
writeFileSync(
  out,
  `/**
 * Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998,
 * https://doi.org/10.24432/C50P49, licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). The test set of
 * 1,797 digits, as scikit-learn 1.9.1 has it, compressed and otherwise unchanged. Made by scripts/digits.mjs.
 */
export const SHA256 = "${createHash("sha256").update(values).digest("hex")}"; // of pixels and class, digit by digit
export const VALUES = \`
${text.replace(/.{118}/g, "$&\n")}
\`;
`,
);
console.log(`${values.length} values, ${bytes.length} bytes, ${text.length} characters`);

/** Adaptive binary arithmetic coding of each value's five bits, by the pixel's place and its neighbours above and before. */
function encode(all) {
  const size = (place) => (place < 0 ? 0 : [0, 1, 5, 10, 16].filter((least) => all[place] >= least).length - 1);
  const chances = new Float64Array(65 * 25 * 32).fill(32768); // of a bit that is 1, times 65536
  const seen = new Float64Array(65 * 25 * 32);
  const out = [];
  let [low, high] = [0, 0xffffffff];
  const put = (bit, at) => {
    const middle = low + Math.floor(((high - low) / 65536) * Math.min(65500, Math.max(36, chances[at])));
    if (bit === 1) high = middle;
    else low = middle + 1;
    seen[at] = Math.min(200, seen[at] + 1);
    chances[at] += (bit * 65535 - chances[at]) / (seen[at] + 0.5);
    while ((low ^ high) >>> 24 === 0) {
      out.push(high >>> 24);
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
    }
  };
  all.forEach((value, at) => {
    const place = at % 65;
    const above = place < 8 || place === 64 ? 0 : size(at - 8);
    const before = place % 8 === 0 ? 0 : size(at - 1);
    const context = ((place * 5 + above) * 5 + before) * 32;
    for (let bit = 4, node = 1; bit >= 0; --bit) {
      const b = (value >> bit) & 1;
      put(b, context + node);
      node = 2 * node + b;
    }
  });
  out.push(high >>> 24, (high >>> 16) & 255, (high >>> 8) & 255, high & 255);
  return out;
}

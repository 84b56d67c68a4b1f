// Beside the packed package, on another machine: the golden hashes, threads, and the draws of cases.mjs, which must be those
// in cases.json. Says which engine is the default, with its reason, if there is one.
import { readFileSync } from "node:fs";
import * as nn from "nn-init";
import * as threads from "nn-init/threads";
import { cases, draw } from "./cases.mjs";
import { golden, goldenThreads } from "./golden.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const vectors = read("vectors.json");
const expected = read("cases.json");
const wrong = [...(await golden(nn, vectors)), ...(await goldenThreads(nn, threads, vectors))];
for (const [i, one] of cases().entries()) {
  for (const engine of ["simd", "scalar"]) {
    const { hash } = draw(nn, one, engine);
    if (hash !== expected[i]) wrong.push(`${JSON.stringify(one)} by ${engine}: ${hash}, not ${expected[i]}`);
  }
}
if (wrong.length > 0) throw new Error(`${wrong.length} wrong\n${wrong.slice(0, 20).join("\n")}`);
console.log(JSON.stringify(nn.engines()[0]));

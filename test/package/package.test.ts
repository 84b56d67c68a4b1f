/** The package as a user gets it: packed, unpacked, imported and bundled. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { module } from "../kernels.js";
// @ts-expect-error plain JavaScript, shared with the scripts of other runtimes
import { bundle, installPacked } from "../runtimes/packed.mjs";
// @ts-expect-error likewise
import { runInWorkerd } from "../runtimes/workerd.mjs";
import { vectors } from "../vectors/stream.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = installPacked();
});

/** Runs a module in a Node of its own, in the folder; its standard output. */
function node(source: string, ...flags: string[]): string {
  writeFileSync(join(folder, "run.mjs"), source);
  return execFileSync(process.execPath, [...flags, "run.mjs"], { cwd: folder, encoding: "utf8" });
}

const GOLDEN = `
import { golden } from "./golden.mjs";
import { readFileSync } from "node:fs";
const vectors = JSON.parse(readFileSync("vectors.json", "utf8"));
`;

describe("golden hashes", () => {
  test("in Node", () => {
    const out = node(
      `${GOLDEN} import * as nn from "nn-init"; console.log(JSON.stringify(await golden(nn, vectors)));`,
    );
    expect(JSON.parse(out)).toEqual([]);
  });

  test("in Node, by require", () => {
    const out = node(`${GOLDEN}
      import { createRequire } from "node:module";
      console.log(JSON.stringify(await golden(createRequire(import.meta.url)("nn-init"), vectors)));`);
    expect(JSON.parse(out)).toEqual([]);
  });

  test("in an esbuild bundle, in Node", async () => {
    await bundle(folder, `export * from "nn-init";`, { minify: true });
    const out = node(
      `${GOLDEN} import * as nn from "./out.mjs"; console.log(JSON.stringify(await golden(nn, vectors)));`,
    );
    expect(JSON.parse(out)).toEqual([]);
  });

  test("in workerd", async () => {
    const { status, stdout, stderr } = await runInWorkerd(folder);
    expect(`${stdout}${stderr}`).toContain(`golden: ${vectors.hashes.length} hashes, engine simd`);
    expect(status).toBe(0);
  });

  test("a wrong hash is found, in Node and in workerd", async () => {
    const file = join(folder, "vectors.json");
    const vectors = readFileSync(file, "utf8");
    try {
      writeFileSync(file, vectors.replace(/"sha256": "./, '"sha256": "x'));
      const out = node(
        `${GOLDEN} import * as nn from "nn-init"; console.log(JSON.stringify(await golden(nn, vectors)));`,
      );
      expect(JSON.parse(out).length).toBeGreaterThan(0);
      expect((await runInWorkerd(folder)).status).not.toBe(0);
    } finally {
      writeFileSync(file, vectors);
    }
  });

  test("in the edge-light condition, whose import is a compiled module", async () => {
    await bundle(folder, `export * from "nn-init";`, {
      conditions: ["edge-light"],
      plugins: [
        {
          name: "compiled",
          setup({ onResolve, onLoad }: import("esbuild").PluginBuild) {
            onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
              path: join(resolveDir, path.replace("?module", "")),
              namespace: "compiled",
            }));
            onLoad({ filter: /.*/, namespace: "compiled" }, ({ path }) => ({
              contents: `import { readFileSync } from "node:fs";
                export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
            }));
          },
        },
      ],
      external: ["node:fs"],
    });
    const out = node(
      `${GOLDEN} import * as nn from "./out.mjs"; console.log(JSON.stringify(await golden(nn, vectors)));`,
    );
    expect(JSON.parse(out)).toEqual([]);
  });
});

describe("where the kernels cannot run, the twins do, with the same bits", () => {
  const DRAW = `
    const { engines, init, Arena, normal } = await import("nn-init");
    const options = { seed: 1, name: "w" };
    let refused = "";
    try { init([4], normal({ std: 1 }), { ...options, engine: "simd" }); } catch (error) { refused = error.message; }
    const arena = new Arena(1024);
    const view = init([4], normal({ std: 1 }), { ...options, arena });
    console.log(JSON.stringify({ engines: engines(), refused, values: [...view], same: view.buffer === arena.buffer }));`;

  const values = () => JSON.parse(node(DRAW)).values;

  test.each([
    ["no WebAssembly", "delete globalThis.WebAssembly;", "this runtime has no WebAssembly"],
    ["no SIMD", "WebAssembly.validate = () => false;", "this runtime's WebAssembly has no SIMD"],
    [
      "a policy against compiling",
      "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('blocked by policy'); } };",
      "the kernels could not be compiled: blocked by policy",
    ],
  ])("%s", (_, before, reason) => {
    const out = JSON.parse(node(`${before} ${DRAW}`));
    expect(out.engines).toEqual([
      { name: "simd", available: false, default: false, reason },
      { name: "scalar", available: true, default: true },
    ]);
    expect(out.refused).toContain(reason);
    expect(out.values).toEqual(values());
    expect(out.same).toBe(true);
  });

  test("setKernelModule gives the kernels, of this realm or another", () => {
    const out = JSON.parse(
      node(`
        const { readFileSync } = await import("node:fs");
        const { runInNewContext } = await import("node:vm");
        const bytes = readFileSync(new URL(import.meta.resolve("nn-init/kernel.wasm")));
        const foreign = runInNewContext("new WebAssembly.Module(bytes)", { bytes });
        const { engines, setKernelModule } = await import("nn-init");
        setKernelModule(foreign);
        let refused = "";
        try { setKernelModule(bytes); } catch (error) { refused = error.message; }
        ${DRAW.replace("engines, init", "init").replace("{ engines: engines()", "{ wrong: refused_, foreign: !(foreign instanceof WebAssembly.Module), engines: engines()").replace('let refused = "";', 'const refused_ = refused; refused = "";')}
      `),
    );
    expect(out.foreign).toBe(true);
    expect(out.engines[0]).toEqual({ name: "simd", available: true, default: true });
    expect(out.values).toEqual(values());
    expect(out.wrong).toMatch(/^module: expected a WebAssembly.Module/);
  });
});

test("the types compile for a user without Node's types, strictly and with library checks", () => {
  writeFileSync(
    join(folder, "user.ts"),
    `import { Arena, init, fill, heNormal, type Scheme } from "nn-init";
     import { openPool } from "nn-init/threads";
     import { lab, meanField, type Verdict } from "nn-init/lab";
     import { initModel, modelOf, parsePlan, type Model, type Plan } from "nn-init/model";
     const model: Model = modelOf({ model_type: "gpt2" });
     const plan: Plan = parsePlan({ rules: [{ match: "*", scheme: "normal", std: "0.02 / sqrt(n_layer)" }] });
     const written: Plan = { rules: [{ match: "*", scheme: "zeros" }] };
     const values = initModel(model, { plan, seed: 1n }).tensors.get("wte.weight")?.values;
     const verdict: Verdict = lab({ activation: (x) => x * x, depth: 3 }).verdict;
     const chi: number = meanField({ activation: "relu", weightVariance: 2 }).chi1;
     // @ts-expect-error an activation that does not exist
     lab({ activation: "rellu" });
     const scheme: Scheme = heNormal({ layout: "oi" });
     const own: Float32Array<ArrayBuffer> = init([2, 3], scheme, { seed: 1n, name: "w" });
     const shared: Float32Array<SharedArrayBuffer> = init([2, 3], scheme, { arena: openPool({ threads: 1 }).arena(64) });
     const inArena: Float32Array = init([2, 3], scheme, { arena: new Arena(64) });
     fill(own, [2, 3], scheme);
     // @ts-expect-error an option that does not exist
     init([2, 3], scheme, { sead: 1 });
     export { shared, inArena, values, verdict, chi, written };`,
  );
  const options = [
    "--strict",
    "--noEmit",
    "--target",
    "es2022",
    "--lib",
    "es2022,dom",
    "--module",
    "nodenext",
    "--types",
    "",
  ];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = spawnSync(process.execPath, [tsc, ...options, "user.ts"], { cwd: folder, encoding: "utf8" });
  expect(run.stdout).toBe("");
  expect(run.status).toBe(0);
});

test("size: wasm at most 24 KB; all that the entry exports, bundled and gzipped, 32 KB", async () => {
  const wasm = readFileSync(join(root, "dist/kernel.wasm"));
  expect(wasm.length).toBeLessThanOrEqual(24 * 1024);
  const everything = await bundle(folder, `export * from "nn-init";`, { minify: true });
  const size = gzipSync(everything, { level: 9 }).length;
  console.info(`kernel.wasm ${wasm.length} bytes; everything, bundled and gzipped, ${size} bytes`);
  expect(size).toBeLessThanOrEqual(32 * 1024);
});

test("the kernels import memory and nothing else, and their data leave the scratch block alone", () => {
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  expect(
    WebAssembly.Module.exports(module)
      .map(({ name }) => name)
      .sort(),
  ).toEqual([
    ...["bits", "constant", "constant64", "copy", "matmul32", "matmul64", "normal", "normal64"],
    ...["orthogonal32", "orthogonal64", "reflect32", "reflect64", "roundBf16", "roundF16"],
    ...["truncated", "truncated64", "truncatedWide", "uniform", "uniform64"],
  ]);
  const memory = new WebAssembly.Memory({ initial: 1 });
  new WebAssembly.Instance(module, { env: { memory } });
  const bytes = new Uint8Array(memory.buffer);
  expect(bytes.findLastIndex((byte) => byte !== 0)).toBeLessThan(65536 - 4 * 8192);
  expect(bytes.some((byte) => byte !== 0)).toBe(true);
});

test("publint has no complaints", () => {
  const out = execFileSync(
    process.execPath,
    [join(root, "node_modules/publint/src/cli.js"), "--strict", "--pack", "false", root],
    { encoding: "utf8" },
  );
  expect(out).toContain("All good!");
});

/** The package as a user gets it: packed, unpacked, imported and bundled. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { RESERVED } from "../../src/arena.js";
import { CONSTANTS, SCRATCH_BYTES } from "../../src/engine/kernels.js";
import { decode } from "../../src/engine/module/compile.js";
import { module } from "../kernels.js";
// @ts-expect-error plain JavaScript, shared with the scripts of other runtimes
import { bundle } from "../runtimes/packed.mjs";
// @ts-expect-error likewise
import { runInWorkerd } from "../runtimes/workerd.mjs";
import { vectors } from "../vectors/stream.js";
import { installed, root } from "./installed.js";

let folder: string;
let contents: string; // of the tarball

beforeAll(async () => {
  folder = await installed();
  contents = join(folder, "node_modules/nn-init");
}, 60_000);

const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"));

/** Runs a module in a Node of its own, in the folder; its standard output. */
function node(source: string, ...flags: string[]): string {
  writeFileSync(join(folder, "run.mjs"), source);
  return execFileSync(process.execPath, ["--no-warnings", ...flags, "run.mjs"], { cwd: folder, encoding: "utf8" });
}

const GOLDEN = `
import { golden } from "./golden.mjs";
import { readFileSync } from "node:fs";
const vectors = JSON.parse(readFileSync("vectors.json", "utf8"));
`;

/** Every fifth, so that each distribution is there, and each dtype: of code that another test runs with all of them. */
const FIFTH = `
const fifth = (list) => list.filter((_, i) => i % 5 === 0);
const some = { hashes: fifth(vectors.hashes), matrices: fifth(vectors.matrices) };
`;

describe("golden hashes", () => {
  test("in Node, and by require, which gives the same module", () => {
    const out = node(`${GOLDEN}
      import { createRequire } from "node:module";
      const required = createRequire(import.meta.url)("nn-init"); // before any import
      const nn = await import("nn-init");
      const others = Object.keys(nn).filter((name) => nn[name] !== required[name]);
      console.log(JSON.stringify([...others, ...(await golden(required, vectors))]));`);
    expect(JSON.parse(out)).toEqual([]);
  });

  test("in an esbuild bundle, in Node", async () => {
    await bundle(folder, `export * from "nn-init";`, { minify: true });
    const out = node(
      `${GOLDEN} ${FIFTH} import * as nn from "./out.mjs"; console.log(JSON.stringify(await golden(nn, some)));`,
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
    const { hashes, matrices } = JSON.parse(vectors);
    const [first, ...others] = hashes;
    const few = {
      hashes: [{ ...first, sha256: `x${first.sha256}` }, ...others.slice(0, 10)],
      matrices: matrices.slice(0, 1),
    };
    try {
      writeFileSync(file, JSON.stringify(few));
      const out = node(
        `${GOLDEN} import * as nn from "nn-init"; console.log(JSON.stringify(await golden(nn, vectors)));`,
      );
      expect(JSON.parse(out)).toHaveLength(6); // engines and places
      expect((await runInWorkerd(folder)).status).not.toBe(0);
    } finally {
      writeFileSync(file, vectors);
    }
  });

  test("in the edge-light condition, whose import is a compiled module", async () => {
    await bundle(folder, `export * from "nn-init"; export * from "nn-init/train";`, {
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
      `${GOLDEN} ${FIFTH} import * as nn from "./out.mjs";
       const runs = ["simd", "scalar"].map((engine) => JSON.stringify(nn.train({ depth: 2, width: 9 }, nn.spiral(), { engine, steps: 3 })));
       console.log(JSON.stringify([...(await golden(nn, some)), ...(runs[0] === runs[1] ? [] : ["training"])]));`,
    );
    expect(JSON.parse(out)).toEqual([]);
  });
});

describe("the import runs, and draws the same bits,", () => {
  const DRAW = `
    const { engines, init, normal } = await import("nn-init");
    const { recommend } = await import("nn-init/recipes");
    const { meanField } = await import("nn-init/lab");
    const { modelOf } = await import("nn-init/model");
    const drawn = init([4], normal({ std: 1 }), { seed: 1, name: "w" });
    console.log(engines().find((engine) => engine.default).name, drawn.join());`;

  test("with frozen intrinsics, without a TextDecoder and code generation, under a permission model", () => {
    const flags = ["--frozen-intrinsics", "--disallow-code-generation-from-strings", "--experimental-permission"];
    const usual = node(DRAW);
    expect(usual).toMatch(/^simd /);
    expect(node(`delete globalThis.TextDecoder; ${DRAW}`, ...flags, "--allow-fs-read=*")).toBe(usual);
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

  let usual: unknown;
  const values = () => (usual ??= JSON.parse(node(DRAW)).values);

  test("less memory than V8 reserves for the kernels", () => {
    writeFileSync(join(folder, "limited.mjs"), DRAW);
    const command = `ulimit -v 9000000 && exec "${process.execPath}" limited.mjs`;
    const out = JSON.parse(execFileSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" }));
    expect(out.engines[0].reason).toContain("`ulimit -v`");
    expect(out.refused).toContain("`ulimit -v`");
    expect(out.values).toEqual(values());
    expect(out.same).toBe(true);
  });

  test("memory that runs out after the first draw: arenas become ordinary buffers, matrices are made by the twins", () => {
    const out = node(`
      const { Arena, engines, init, normal, orthogonal } = await import("nn-init");
      const draw = (engine) => {
        const options = { seed: 1, name: "w", engine };
        const arena = new Arena(1024);
        return [...init([4], normal({ std: 1 }), { ...options, arena }), ...init([9, 8], orthogonal(), options)].join();
      };
      engines();
      WebAssembly.Memory = class { constructor() { throw new RangeError("could not allocate memory"); } };
      console.log(draw("simd") === draw("scalar"), new Arena(64).buffer.byteLength);`);
    expect(out).toBe("true 64\n");
  });

  test.each([
    ["no WebAssembly", "delete globalThis.WebAssembly;", "this runtime has no WebAssembly"],
    ["no SIMD", "WebAssembly.validate = () => false;", "this runtime's WebAssembly has no SIMD"],
    [
      "a policy against compiling",
      "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('blocked by policy'); } };",
      "the kernels could not be compiled: CompileError: blocked by policy",
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

/** The compiler, strict, without the types of Node and of the DOM. */
function tsc(...args: readonly string[]) {
  const options = [
    "--strict",
    "--noEmit",
    "--target",
    "es2022",
    "--lib",
    "es2022",
    "--module",
    "nodenext",
    "--types",
    "",
    "--checkers",
    "1",
  ];
  const program = join(root, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [program, ...options, ...args], { cwd: folder, encoding: "utf8" });
}

/** A program with one line for each public type that needs no argument: do its optional fields accept undefined? */
function exactProgram(): string {
  const page = readFileSync(join(root, "docs/api.md"), "utf8");
  const entries = page.split(/^## /m).slice(1);
  const lines = entries.flatMap((entry, i) => {
    const types = entry.split(/^### /m).filter((group) => /^(Classes|Types)\n/.test(group));
    return types
      .flatMap((group) => [...group.matchAll(/^- \[`(\w+)`\]\S+ `+ ?(<.*?>(?= [={]| \w+[ <`]))?/gm)])
      .filter(([, , parameters = ""]) => !/[<,] ?\w+( extends [^=,]+)?[,>]/.test(parameters))
      .map(([, name]) => `export const ${name}${i}: Accepts<entry${i}.${name}> = true;`);
  });
  return [
    // The checkpoint entry names what the types of Node or of the DOM declare.
    "declare global { interface ReadableStream<R> { getReader(): { read(): Promise<{ value?: R }> } } }",
    "declare global { interface Request { url: string } interface Response { status: number } }",
    ...entries.map((entry, i) => `import type * as entry${i} from "${/^[\w/-]+/.exec(entry)?.[0]}";`),
    "type Undefined<T> = { [K in keyof T as T extends Record<K, T[K]> ? never : K]-?: undefined };",
    "type Refused<T> = T extends object ? (Undefined<T> extends Pick<T, keyof T & keyof Undefined<T>> ? never : T) : never;",
    "type Accepts<T> = [Refused<T>] extends [never] ? true : Refused<T>;",
    "// @ts-expect-error the check finds a field that refuses undefined",
    "export const found: Accepts<{ seed?: number }> = true;",
    ...lines,
  ].join("\n");
}

test("the types compile strictly, checked themselves, without the types of Node and of the DOM", () => {
  writeFileSync(
    join(folder, "user.ts"),
    `import { Arena, init, fill, heNormal, type Scheme, setKernelModule } from "nn-init";
     import { openPool } from "nn-init/threads";
     import kernel from "nn-init/kernel.wasm";
     import "nn-init/recipes";
     import "nn-init/threads/worker";
     setKernelModule(kernel);
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
  const program = exactProgram();
  expect(program).toContain("entry0.InitOptions>");
  writeFileSync(join(folder, "exact.ts"), program);
  const run = tsc("--exactOptionalPropertyTypes", "user.ts", "exact.ts");
  expect(run.stdout).toBe("");
  expect(run.status).toBe(0);
});

test("compilers before TypeScript 5.7 find every public name, as a type that names what is needed", () => {
  const { exports } = readJson(join(contents, "package.json"));
  const names = [
    ".",
    "./threads",
    "./recipes",
    "./model",
    "./checkpoint",
    "./serve",
    "./lab",
    "./train",
    "./train/digits",
    "./tfjs",
    "./jax",
    "./onnx",
    "./audit",
    "./onnx",
  ].flatMap((entry) => {
    const [first, second] = Object.entries<string>(exports[entry]);
    expect(first).toEqual(["types@<5.7", "./dist/typescript-5.7.d.ts"]);
    expect(second?.[0]).toBe("types");
    const file = readFileSync(join(contents, second?.[1] as string), "utf8");
    const declarations = file.replace(/\/\*[\s\S]*?\*\//g, "");
    return [...declarations.matchAll(/[{,] (?:type )?(\w+)(?=[, ])/g)].map(([, name]) => name);
  });
  const refusal = readFileSync(join(contents, "dist/typescript-5.7.d.ts"), "utf8");
  const refused = [...refusal.matchAll(/ as (\w+)/g)].map(([, name]) => name as string);
  expect(refused).toEqual([...new Set(names)].sort());
  expect(refused).toContain("heNormal");
  // Each use is an error that names what is needed: of a type and of a value.
  const uses = refused.flatMap((name, i) => [`export const a${i}: old.${name} = { x: 1 };`, `old.${name}.x;`]);
  const program = ['import * as old from "./node_modules/nn-init/dist/typescript-5.7.js";', ...uses].join("\n");
  writeFileSync(join(folder, "old.ts"), program);
  const errors = tsc("old.ts").stdout.trim().split("\n");
  expect(errors.filter((line) => !line.endsWith("type 'nn_init_needs_TypeScript_5_7_or_later'."))).toEqual([]);
  expect(errors).toHaveLength(uses.length);
});

describe("the tarball", () => {
  /** Paths of all files, in the package. */
  const files = () =>
    readdirSync(contents, { recursive: true, encoding: "utf8" }).filter((name) =>
      statSync(join(contents, name)).isFile(),
    );

  test("has the documents, and every link in them leads to what it has", () => {
    const links = files()
      .filter((name) => name.endsWith(".md"))
      .flatMap((name) => {
        const text = readFileSync(join(contents, name), "utf8");
        return [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = ""]) => [name, link] as const);
      });
    expect(links.length).toBeGreaterThan(200);
    expect(links).toContainEqual(["README.md", "CHANGELOG.md"]);
    expect(links.filter(([name, link]) => !existsSync(join(contents, dirname(name), link)))).toEqual([]);
    for (const name of ["LICENSE", "docs/api.md", "dist/LICENSES.txt"]) expect(files()).toContain(name);
  });

  test("has declarations with maps to sources that it has, and no kernels in them", () => {
    const declarations = files().filter((name) => name.endsWith(".d.ts") && name.startsWith("dist"));
    const made = ["dist/kernel.wasm.d.ts", "dist/typescript-5.7.d.ts"]; // by no source
    expect(declarations).toEqual(expect.arrayContaining(made));
    for (const name of declarations.filter((name) => !made.includes(name))) {
      const { sources } = readJson(join(contents, `${name}.map`));
      for (const source of sources) expect(existsSync(join(contents, dirname(name), source)), source).toBe(true);
    }
    // What only the package's own files use is not declared: whole files, and single names with their docstrings.
    for (const name of declarations) {
      expect(readFileSync(join(contents, name), "utf8"), name).not.toMatch(/^ \*\/\n\n/m);
    }
    expect(declarations).toContain("dist/scheme/fans.d.ts");
    expect(declarations).not.toContain("dist/scheme/derive.d.ts");
    const source = readFileSync(join(contents, "src/dtype.ts"), "utf8");
    const declared = readFileSync(join(contents, "dist/dtype.d.ts"), "utf8");
    const names = (text: string) =>
      [...text.matchAll(/^export .*?(?:function|const|type|interface) (\w+)/gm)].map(([, name]) => name);
    expect(names(declared)).toEqual(["DType", "ArrayOf", "FillableOf", "Float16ArrayLike", "Values"]);
    expect(names(source)).toEqual(expect.arrayContaining([...names(declared), "checkDType"]));
    for (const name of files().filter((name) => name.endsWith(".ts"))) {
      expect(readFileSync(join(contents, name), "utf8"), name).not.toMatch(/\S{300}/);
    }
  });

  test("maps lead from each declared name to the line of the source that has it", () => {
    const isMapped = (name: string) => name.endsWith(".d.ts") && existsSync(join(contents, `${name}.map`));
    let count = 0;
    for (const name of files().filter(isMapped)) {
      const map = readJson(join(contents, `${name}.map`));
      const source = readFileSync(join(contents, dirname(name), map.sources[0]), "utf8").split("\n");
      const payload = new SourceMap(map);
      readFileSync(join(contents, name), "utf8")
        .split("\n")
        .forEach((line, i) => {
          const [before, declared] =
            /^(?:export )?(?:declare )?(?:function|class|interface|type) (?=(\w+))/.exec(line) ?? [];
          if (before === undefined || declared === undefined) return;
          const entry = payload.findEntry(i, before.length);
          expect("originalLine" in entry && source[entry.originalLine], `${name}: ${declared}`).toContain(declared);
          count += 1;
        });
    }
    expect(count).toBeGreaterThan(300);
  });

  test("has every file that one of its modules imports", () => {
    const modules = files().filter((name) => name.startsWith("dist") && name.endsWith(".js"));
    const missing = modules.flatMap((name) => {
      const text = readFileSync(join(contents, name), "utf8");
      const paths = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"?]+)/g)].map(
        ([, path]) => path as string,
      );
      return paths.filter((path) => !existsSync(join(contents, dirname(name), path))).map((path) => `${name}: ${path}`);
    });
    expect(modules.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  test("has sources of the library only", () => {
    const folders = new Set(
      files()
        .filter((name) => name.startsWith("src"))
        .map((name) => name.split("/")[1]),
    );
    expect([...folders]).toEqual(expect.arrayContaining(["index.ts", "engine", "kernel", "scheme"]));
    for (const name of ["cli.ts", "cli", "chart", "file"]) expect(folders).not.toContain(name);
  });

  test("records the compiler, its options, and the hashes of the kernels", async () => {
    const record = readJson(join(contents, "dist/build.json"));
    const { options, targets } = readJson(join(root, "asconfig.json"));
    const { devDependencies } = readJson(join(root, "package.json"));
    expect(record.compiler).toEqual({ name: "assemblyscript", version: devDependencies.assemblyscript });
    const shared = await import(join(contents, "dist/engine/module/shared.bytes.js"));
    const kernels = {
      release: ["kernel.wasm", readFileSync(join(contents, "dist/kernel.wasm"))],
      shared: ["kernel.shared.wasm", decode(shared.BYTES)],
      training: ["training.wasm", readFileSync(join(contents, "dist/training.wasm"))],
    } as const;
    for (const [target, [name, bytes]] of Object.entries(kernels)) {
      const { outFile: _, textFile: __, ...own } = targets[target] ?? {};
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      expect(record.modules[name]).toEqual({ options: { ...options, ...own }, bytes: bytes.length, sha256 });
    }
  });

  test("has the licence text of every bundled package", () => {
    const licenses = readFileSync(join(contents, "dist/LICENSES.txt"), "utf8");
    const [list = "", ...texts] = licenses.split(`\n${"-".repeat(80)}\n\n`);
    const names = [...list.matchAll(/^(\S+) \d\S* \(/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(["@assemblyscript/loader", "d3-scale", "preact", "zod"]));
    for (const name of names) {
      const text = texts.find((text) => (text.split("\n")[0] as string).split(", ").includes(name as string));
      expect(text, name).toMatch(/Permission|Redistribution|Licensed under/i);
    }
  });

  test("installed size, without maps and sources: below 2.2 MB, of which code 1.8 MB; the page, counted apart, 400 KB", () => {
    const sizes = { code: 0, page: 0, documents: 0 };
    for (const name of files()) {
      if (name.endsWith(".map") || name.startsWith("src/")) continue;
      const kind = name.startsWith("dist/web/") ? "page" : name.startsWith("dist/") ? "code" : "documents";
      sizes[kind] += statSync(join(contents, name)).size;
    }
    console.info("installed bytes, without maps and sources:", sizes);
    expect(sizes.code).toBeGreaterThan(1_000_000);
    expect(sizes.code).toBeLessThan(1_800_000);
    expect(sizes.code + sizes.documents).toBeLessThan(2_200_000);
    expect(sizes.page).toBeGreaterThan(100_000);
    expect(sizes.page).toBeLessThan(400_000);
  });
});

test("size: the kernels at most 24 KB, the main entry, bundled and gzipped, 32 KB", async () => {
  const wasm = readFileSync(join(root, "dist/kernel.wasm"));
  expect(wasm.length).toBeLessThanOrEqual(24_000);
  const everything = await bundle(folder, `export * from "nn-init";`, { minify: true });
  const size = gzipSync(everything, { level: 9 }).length;
  console.info(`kernel.wasm ${wasm.length} bytes; everything, bundled and gzipped, ${size} bytes`);
  expect(size).toBeLessThanOrEqual(32_000);
});

test("size: nn-init/tfjs, bundled and gzipped, adds at most 5 KB to the main entry", async () => {
  const sizes: number[] = [];
  for (const source of [`export * from "nn-init";`, `export * from "nn-init"; export * from "nn-init/tfjs";`])
    sizes.push(gzipSync(await bundle(folder, source, { minify: true }), { level: 9 }).length);
  const [core = 0, both = 0] = sizes;
  console.info(`nn-init/tfjs, bundled and gzipped, adds ${both - core} bytes`);
  expect(both - core).toBeGreaterThan(1000);
  expect(both - core).toBeLessThanOrEqual(5000);
});

test("nn-init/serve in a Worker: hashes come from the runtime, and no code of SHA-256 is in the bundle", async () => {
  const options = { minify: true, conditions: ["workerd", "worker", "browser"] };
  const source = `export { respond, router } from "nn-init/serve";`;
  const served = await bundle(folder, source, options);
  console.info(`nn-init/serve in a Worker, gzipped: ${gzipSync(served, { level: 9 }).length} bytes`);
  const constant = "1116352408"; // the first of its rounds
  expect(served.includes(constant)).toBe(false);
  expect(await bundle(folder, `${source} export { checkpoint } from "nn-init/checkpoint";`, options)).toContain(
    constant,
  );
});

test("size: a Worker that serves six families, gzipped, at most 50 KB without the kernels", async () => {
  const options = { minify: true, conditions: ["workerd", "worker", "browser"] };
  const source = `import { bert, bloom, gpt2, llama, t5, vit } from "nn-init/families";
    import { respond, routerOf } from "nn-init/serve";
    const models = routerOf([bert, bloom, gpt2, llama, t5, vit], { models: {} });
    export default { fetch: (request) => respond(request, models) };`;
  const served = await bundle(folder, source, options);
  const size = gzipSync(served, { level: 9 }).length;
  const kernels = gzipSync(readFileSync(join(folder, "kernel.wasm")), { level: 9 }).length;
  console.info(`six families in a Worker, gzipped: ${size} bytes, with the kernels ${size + kernels}`);
  expect(size).toBeLessThanOrEqual(50_000);
  expect(served.match(/=\(function/g)?.length, "functions that are compiled early").toBeGreaterThan(80);
  expect(served.includes("gobble"), "the parser of expressions").toBe(false);
  expect(served.includes("torchvision_resnet"), "another family").toBe(false);
});

test("size: nn-init/train, bundled and gzipped, at most 60 KB, without the digits", async () => {
  const everything = await bundle(folder, `export * from "nn-init/train";`, { minify: true, platform: "browser" });
  const size = gzipSync(everything, { level: 9 }).length;
  console.info(`nn-init/train, bundled and gzipped, ${size} bytes`);
  expect(size).toBeLessThanOrEqual(60_000);
});

test("the kernels import memory and nothing else, and their constants lie where they are written again", () => {
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
  expect(bytes.findIndex((byte) => byte !== 0)).toBe(CONSTANTS.begin);
  expect(bytes.findLastIndex((byte) => byte !== 0)).toBeLessThan(CONSTANTS.end);
  expect(CONSTANTS.end).toBeLessThan(RESERVED - SCRATCH_BYTES);
});

test("publint has no complaints", () => {
  const out = execFileSync(
    process.execPath,
    [join(root, "node_modules/publint/src/cli.js"), "--strict", "--pack", "false", root],
    { encoding: "utf8" },
  );
  expect(out).toContain("All good!");
});

/**
 * The layout of docs/architecture.md, read from the files: imports point down, no circles, twins have one name, values are
 * portable, and each outside library is imported only where the layout says. Rules hold for every file; exceptions are listed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const list = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"))
    .map((file) => join(folder, file));
const read = (file: string) => readFileSync(join(root, file), "utf8");
const sources = list("src");

/** The floors, from the top down: a file may import from its own floor or one further down. */
const FLOORS: readonly (readonly RegExp[])[] = [
  [/^src\/(index|threads|recipes|model|checkpoint|serve|families|lab|train|digits|audit|tfjs|jax|onnx|cli)\.ts$/], // the doors
  [/^src\/cli\//],
  [/^src\/chart\//], // of the command's pages and of the page
  [/^src\/audit\//],
  [/^src\/file\//],
  [/^src\/serve\//],
  [/^src\/adapter\//], // to the tools that people use
  [/^src\/format\//], // other formats than safetensors
  [/^src\/architecture\//],
  [/^src\/train\//],
  [/^src\/lab\//],
  [/^src\/recipes\//],
  [/^src\/model\/init\.ts$/], // reads the second waist
  [/^src\/checkpoint\//], // the second waist
  [/^src\/model\//],
  [/^src\/computed\//], // what a model's tensor can have besides a distribution
  [/^src\/(init|pool)\.ts$/],
  [/^src\/request\.ts$/],
  [/^src\/scheme\//],
  [/^src\/engine\//],
  [/^src\/moments\.ts$/],
  [/^src\/given\.ts$/],
  [/^src\/(distribution|stream)\.ts$/], // the first waist
  [/^src\/(math)\//],
  [/^src\/(arena|dtype|shape)\.ts$/],
  [/^src\/(check|spelling)\.ts$/],
  [/^src\/kernel\//],
];

const floorOf = (file: string) => FLOORS.findIndex((patterns) => patterns.some((pattern) => pattern.test(file)));

interface Imports {
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

/** The files that the build makes. */
const MADE = /^src\/engine\/module\/(.*bytes|loader)\.ts$/;

/** The package that instantiates the kernels, and the module that the build makes of it. */
const LOADER = "@assemblyscript/loader";
const LOADER_MODULE = "src/engine/module/loader.ts";

/** What a file imports; types count unless only values are asked for. */
function importsOf(file: string, { values = false } = {}): Imports {
  const code = read(file)
    .replace(/^\s*(\/?\*).*$/gm, "") // without examples in comments
    .replace(values ? /^import type \* as .*$/gm : /$^/, "")
    .replace(values ? /^(import|export) (type )?\{([^}]*)\} from .*$/gm : /$^/, (line, _, type, names: string) => {
      const list = names.split(",").filter((name) => name.trim() !== "");
      return type || (list.length > 0 && list.every((name) => /^\s*type /.test(name))) ? "" : line;
    });
  const paths = [...code.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, path]) => path as string);
  const own = paths
    .filter((path) => path.startsWith("."))
    .map((path) => relative(root, join(root, dirname(file), path)).replace(/\.js$/, ".ts"))
    .map((path) => (existsSync(join(root, `${path}x`)) ? `${path}x` : path))
    .filter((path) => /\.tsx?$/.test(path));
  return {
    files: own.filter((path) => !MADE.test(path)),
    packages: [
      ...paths.filter((path) => !path.startsWith(".") && !path.startsWith("#")),
      ...own.filter((path) => path === LOADER_MODULE).map(() => LOADER),
    ],
  };
}

const graph = new Map(sources.map((file) => [file, importsOf(file)]));

test("every source file has its floor, and imports point down", () => {
  expect(sources.filter((file) => floorOf(file) < 0)).toEqual([]);
  const up = [...graph].flatMap(([file, { files }]) =>
    files.filter((target) => floorOf(target) < floorOf(file)).map((target) => `${file} imports ${target}`),
  );
  expect(up).toEqual([]);
});

/** A circle that begins at a file, by depth-first search; types count. */
function circleFrom(file: string, path: readonly string[], done: Set<string>): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const next of graph.get(file)?.files ?? []) {
    const circle = circleFrom(next, [...path, file], done);
    if (circle !== undefined) return circle;
  }
  done.add(file);
  return undefined;
}

test("no circle among files", () => {
  const done = new Set<string>();
  for (const file of sources) expect(circleFrom(file, [], done)).toBeUndefined();
  // The search finds circles.
  const [first, second] = ["src/check.ts", "src/shape.ts"] as const;
  const before = graph.get(first);
  graph.set(first, { files: [second], packages: [] });
  expect(circleFrom(second, [], new Set())).toContain(first);
  graph.set(first, before as NonNullable<typeof before>);
});

test("at most twelve files lie loose in src, besides the doors", () => {
  const loose = sources.filter((file) => /^src\/[^/]+$/.test(file) && floorOf(file) > 0);
  expect(loose.length).toBeLessThanOrEqual(12);
});

test("a door holds names only", () => {
  for (const file of sources.filter((file) => floorOf(file) === 0 && file !== "src/cli.ts")) {
    const rest = read(file).replace(/export (type )?\{[^}]*\} from "[^"]+";/g, "");
    expect(rest.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").trim(), file).toBe("");
  }
});

/** Where each package may be imported; the command bundles all others. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  "zod/mini": /^src\/model\/zod\.ts$/, // for what people write by hand
  jsep: /^src\/model\/(expression|jsep)\.ts$/,
  "@noble/hashes/sha2.js": /^src\/checkpoint\/hash\.ts$/,
  "@noble/hashes/utils.js": /^src\/checkpoint\/hash\.ts$/,
  pbf: /^src\/adapter\/onnx\/wire\.ts$/,
  re2js: /^src\/model\/regex\.ts$/,
  [LOADER]: /^src\/engine\/module\/exports\.node\.ts$/, // not in browsers, not in threads
  "node:": /^src\/(cli|file)\/|\.node\.ts$/,
};

const placeOf = (name: string) => PACKAGES[name.startsWith("node:") ? "node:" : name] ?? /^src\/(cli|chart)\//;

test("packages are imported only where the layout says", () => {
  const all = [...graph].flatMap(([file, { packages }]) => packages.map((name) => ({ file, name })));
  expect(all.filter(({ file, name }) => !placeOf(name).test(file))).toEqual([]);
  // Every place that is named is used.
  for (const [name, place] of Object.entries(PACKAGES)) {
    expect(
      all.some((found) => found.name.startsWith(name) && place.test(found.file)),
      name,
    ).toBe(true);
  }
});

/** Every file whose values these files need, and what those import. */
function reach(files: readonly string[], found = new Map<string, Imports>()): Map<string, Imports> {
  for (const file of files) {
    if (found.has(file)) continue;
    const imports = importsOf(file, { values: true });
    found.set(file, imports);
    reach(imports.files, found);
  }
  return found;
}

/** What a Worker needs to answer a request: neither zod nor a library of regular expressions. */
const PORTABLE = ["jsep", "@noble/hashes/sha2.js", "@noble/hashes/utils.js"];

test.each([
  [
    "the doors but nn-init/model and nn-init/lab",
    ["index", "threads", "recipes", "train", "digits", "tfjs", "jax"].map((name) => `src/${name}.ts`),
    [],
  ],
  ["the lab, which parses formulas", ["src/lab.ts"], ["jsep"]],
  ["the second waist", sources.filter((file) => file.startsWith("src/checkpoint/")), PORTABLE],
  ["the answers to requests", sources.filter((file) => file.startsWith("src/serve/")), PORTABLE],
  [
    "built-in families and their plans",
    ["architecture/families", "model/plan"].map((name) => `src/${name}.ts`),
    ["jsep", "re2js"],
  ],
])("%s import no other package, and run anywhere", (_, files, allowed: readonly string[]) => {
  const packages = [...reach(files)].flatMap(([file, { packages }]) => packages.map((name) => ({ file, name })));
  expect(packages.filter(({ name }) => !allowed.includes(name))).toEqual([]);
  expect(files.length).toBeGreaterThan(0);
});

/** What two modules of kernels export. The third, counting.ts, is one file. */
const ABI = ["index.ts", "training.ts"];

test("assembly/ and src/kernel/ differ by the ABI alone", () => {
  const names = (folder: string) =>
    list(folder)
      .map((file) => relative(folder, file))
      .sort();
  expect(names("assembly").filter((name) => !ABI.includes(name))).toEqual(names("src/kernel"));
  for (const file of [...list("assembly"), ...list("src/kernel")]) {
    if (ABI.some((name) => file === `assembly/${name}`)) continue;
    const other = file.startsWith("assembly")
      ? file.replace("assembly", "src/kernel")
      : file.replace("src/kernel", "assembly");
    expect(read(file), file).toContain(`Twin: ${other}`);
  }
});

/** Functions that JavaScript engines may compute differently: ECMA-262 leaves them "implementation-approximated". */
const APPROXIMATE = /Math\.(a?cosh?|a?sinh?|a?tanh?|atan2|cbrt|expm?1?|hypot|log(1p|2|10)?|pow)\b|\*\*/;

/** What reports and prints only: no drawn value and no number of the lab depends on it. */
const REPORTS = /^src\/(audit|chart|cli)\//;

test("no value depends on approximate functions", () => {
  const wrong = sources
    .filter((file) => !REPORTS.test(file))
    .flatMap((file) =>
      read(file)
        .split("\n")
        .filter((line) => APPROXIMATE.test(line.replace(/"[^"]*"|`[^`$]*`|\/\/.*|^\s*(\/?\*).*/g, "")))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(wrong).toEqual([]);
  expect(APPROXIMATE.test("x = Math.exp(1)") && APPROXIMATE.test("2 ** k") && !APPROXIMATE.test("Math.sqrt(2)")).toBe(
    true,
  );
});

/** Files of one runtime say so in their name or their folder. */
const ONE_RUNTIME = /^src\/(cli|file)\/|^src\/cli\.ts$|\.(node|web)\.ts$/;

test("nothing looks at what runtime it is", () => {
  for (const file of sources.filter((name) => !ONE_RUNTIME.test(name))) {
    expect(read(file), file).not.toMatch(/process\.|navigator|"node:|await import/);
  }
});

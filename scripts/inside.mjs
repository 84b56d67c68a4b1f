// What the command imports of the library besides its public entries: a file for each part of it, which re-exports what the
// command's sources import. They are not in package.json's exports, so nobody else can.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";

/**
 * Folders and files of src, by the file that the command imports in their place. What parsing arguments needs is in the
 * first: `nn-init --help` loads no other. An audit and the threads load as little as they can.
 */
const PARTS = {
  "inside/scheme": ["distribution", "math", "moments", "scheme", "stream"],
  "inside/engine": [
    ...["arena", "audit/computed", "audit/matrix", "checkpoint/checkpoint", "checkpoint/kept", "checkpoint/range"],
    ...["engine", "given", "init", "kernel", "model/element", "pool", "request"],
  ],
  "inside/model": ["audit/planned", "audit/reproduce", "checkpoint", "computed", "model"],
  "inside/architecture": ["architecture"],
  "inside/lab": ["lab"],
  "inside/train": ["compare", "compare.options", "data", "problem"].map((name) => `train/${name}`),
  "inside/recipes": ["recipes"],
  "inside/serve": ["serve"],
  "inside/audit": ["audit"],
  "inside/stored": ["checkpoint/safetensors", "checkpoint/split", "checkpoint/stored"],
  "inside/scan": ["audit/hash", "audit/pattern", "audit/scan", "audit/tally"],
  "inside/onnx": ["adapter"],
};

/** Folders whose files are the command's alone. */
const OWN = ["chart", "cli", "file", "format"];

/** What is small, has no state, and is needed to parse arguments: it is in both. */
const SMALL = [
  "check",
  "checkpoint/format",
  "checkpoint/json",
  "checkpoint/place",
  "checkpoint/python",
  "computed/computed",
  "dtype",
  "model/fault",
  "shape",
  "spelling",
];

/** The file in place of a module of the library, such as `model/plan`; undefined for one that the command has itself. */
export function insideOf(name) {
  if (name.startsWith("..") || SMALL.includes(name)) return undefined;
  const [folder] = name.split("/");
  const partWith = (one) => Object.keys(PARTS).find((part) => PARTS[part].includes(one));
  return partWith(name) ?? partWith(folder);
}

/** Writes these files into build/, with the names of what they re-export. */
export async function writeInside() {
  const modules = [...importedByCommand()].sort();
  const names = await exportsOf(modules);
  for (const part of Object.keys(PARTS)) {
    const lines = modules
      .filter((name) => insideOf(name) === part && names[name].length > 0)
      .map((name) => `export { ${names[name].join(", ")} } from "../../src/${name}.js";`);
    mkdirSync(dirname(`build/${part}.ts`), { recursive: true });
    writeFileSync(`build/${part}.ts`, `${lines.join("\n")}\n`);
  }
  return Object.keys(PARTS);
}

/** The library's modules that sources of the command import. */
function importedByCommand() {
  const found = new Set();
  for (const path of OWN.flatMap((folder) => sourcesIn(join("src", folder)))) {
    for (const [, from] of readFileSync(path, "utf8").matchAll(/(?:from|import\() ?"(\.\.?\/[^"]+)\.js"/g)) {
      const name = relative("src", resolve(dirname(path), from));
      if (insideOf(name) !== undefined) found.add(name);
    }
  }
  return found;
}

const sourcesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name));

/** The names of the values that each module exports. */
async function exportsOf(modules) {
  const { metafile } = await build({
    entryPoints: modules.map((name) => ({ in: `./src/${name}.ts`, out: name })),
    ...{ outdir: "build/names", format: "esm", write: false, metafile: true, logLevel: "error" },
  });
  return Object.fromEntries(modules.map((name) => [name, metafile.outputs[`build/names/${name}.js`].exports]));
}

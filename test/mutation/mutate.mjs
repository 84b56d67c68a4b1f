// Mutation testing with Stryker (Apache-2.0), of one piece of a file at a time, in a copy of the repository outside of it.
// What a piece gave is kept by the content of what it depends on, so that a run goes on where another one ended.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed } from "../install.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
/** By folder of src/: what its mutants must fail. Paths that end with a slash are all *.test.ts files of a folder. */
export const FOLDERS = JSON.parse(readFileSync(join(here, "folders.json"), "utf8"));
const LINES = 100; // of a piece, at least; Stryker takes a second for a mutant, and a line has about one
const place = process.env.MUTATION ?? join(tmpdir(), "nn-init-mutation");

const textOf = (file) => readFileSync(join(root, file), "utf8");

/** Files of a folder below src/, without its subfolders, which hold what starts threads and loads modules. */
export const filesOf = (folder) =>
  readdirSync(join(root, "src", folder))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => `src/${folder}/${name}`);

/** Runs of whole declarations of a file: [first, last] line of each. A mutant is never cut in two. */
export function piecesOf(file) {
  const lines = textOf(file).trimEnd().split("\n");
  const pieces = [];
  let begin = 0;
  for (let i = 1; i < lines.length; i++) {
    const isBorder = lines[i - 1] === "" && /^(\/\*\*|export |const |let |function |class |interface )/.test(lines[i]);
    if (!isBorder || i - begin < LINES) continue;
    pieces.push([begin + 1, i]);
    begin = i;
  }
  pieces.push([begin + 1, lines.length]);
  return pieces.map(([first, last]) => ({ file, first, last }));
}

function everyFile(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort();
}

/** Changes with the source that is mutated, the tests and the kernels. */
function keyOf({ file, first, last }) {
  const hash = createHash("sha256").update(textOf(file)).update(`${first} ${last}`);
  const { tests } = FOLDERS[folderOf(file)];
  for (const one of tests) {
    const files = one.endsWith("/") ? everyFile(join(root, one)) : [join(root, one)];
    for (const each of files) hash.update(readFileSync(each));
  }
  return hash
    .update(readFileSync(join(root, "build/kernel.wasm")))
    .digest("hex")
    .slice(0, 12);
}

const folderOf = (file) => basename(dirname(file));

/** Copies what the tests need, beside Stryker, whose Vitest is the one that the tests import. */
function prepare() {
  const stryker = installed({ manifest: join(here, "package.json"), name: "mutation", peers: false });
  const vitest = join(stryker, "node_modules/vitest");
  rmSync(vitest, { force: true });
  symlinkSync(join(root, "node_modules/vitest"), vitest);
  const tree = join(place, `tree-${process.pid}`);
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(join(tree, "build/mutation"), { recursive: true });
  for (const name of readdirSync(root)) {
    if (/^(node_modules|\.git|build|.*\.safetensors)$/.test(name)) continue;
    cpSync(join(root, name), join(tree, name), { recursive: true });
  }
  for (const name of readdirSync(join(root, "build")).filter((one) => one.endsWith(".wasm")))
    cpSync(join(root, "build", name), join(tree, "build", name));
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  return { stryker, tree };
}

const resultOf = (piece) => {
  const { file, first, last } = piece;
  return join(place, "results", `${file.replaceAll("/", "-")}-${first}-${last}-${keyOf(piece)}.json`);
};

/**
 * What became of the mutants of a piece.
 *
 * @returns counts of all mutants and of those killed (a run that takes too long counts: it was noticed), and the others.
 */
export function mutate(piece) {
  mutateTogether([piece]);
  return JSON.parse(readFileSync(resultOf(piece), "utf8"));
}

/**
 * Runs pieces of one folder, where they have no result, in one run of Stryker, since each begins with a run of the tests. Mutants
 * meet the tests that have the names of their files first, which are few; those that survive meet all tests of the folder.
 */
export function mutateTogether(pieces) {
  const open = pieces
    .map((piece) => ({ ...piece, result: resultOf(piece) }))
    .filter(({ result }) => !existsSync(result));
  if (open.length === 0) return;
  const made = prepare();
  try {
    const mutants = mutantsOf(made, open);
    mkdirSync(join(place, "results"), { recursive: true });
    for (const piece of open) writeFileSync(piece.result, JSON.stringify(tallyOf(piece, mutants)));
  } finally {
    rmSync(made.tree, { recursive: true, force: true });
  }
}

/** Every mutant of these pieces, with what became of it. */
function mutantsOf(made, pieces) {
  const folder = folderOf(pieces[0].file);
  const { tests } = FOLDERS[folder];
  const own = new Set(pieces.map(({ file }) => `test/${folder}/${basename(file, ".ts")}.test.ts`));
  const few = [...own].filter((path) => existsSync(join(root, path)));
  const ranges = pieces.map(({ file, first, last }) => `${file}:${first}-${last}`);
  if (few.length === 0) return runStryker(made, folder, tests, ranges);
  const mutants = runStryker(made, folder, few, ranges);
  const left = mutants.filter(({ status }) => !KILLED.has(status));
  if (left.length === 0) return mutants;
  const again = new Map(
    runStryker(made, folder, tests, [...new Set(left.map(rangeOf))]).map((one) => [nameOf(one), one]),
  );
  return mutants.map((one) => (KILLED.has(one.status) ? one : (again.get(nameOf(one)) ?? one)));
}

/** Stryker counts lines from 1; of columns, its report does and its ranges do not. */
const rangeOf = ({ file, location: { start, end } }) =>
  `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;

const nameOf = ({ file, location, mutatorName, replacement }) =>
  JSON.stringify([rangeOf({ file, location }), mutatorName, replacement]);

function runStryker({ stryker, tree }, folder, tests, ranges) {
  const options = {
    testRunner: "vitest",
    plugins: [join(stryker, "node_modules/@stryker-mutator/vitest-runner/dist/src/index.js")],
    vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
    mutate: ranges,
    buildCommand: "node test/mutation/bundle.mjs",
    inPlace: true, // the tree is a copy
    ignorePatterns: ["build", "dist", "docs", "examples", "web", "bench", "assembly"],
    reporters: ["json"],
    jsonReporter: { fileName: "build/mutation/report.json" },
    concurrency: 1,
    coverageAnalysis: "perTest",
    tempDirName: join(tree, "build/mutation/temporary"),
    timeoutMS: 20_000,
    allowEmpty: true,
    logLevel: "warn",
    allowConsoleColors: false,
  };
  writeFileSync(join(tree, "stryker.json"), JSON.stringify(options));
  const program = join(stryker, "node_modules/@stryker-mutator/core/bin/stryker.js");
  const path = join(tree, "build/mutation/report.json");
  rmSync(path, { force: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "run", "stryker.json"], {
    cwd: tree,
    env: { ...process.env, MUTATED: folder, MUTATED_TESTS: JSON.stringify(tests) },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`Stryker ended with ${status}: ${(stderr + stdout).slice(-2000)}`);
  const report = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { files: {} };
  return Object.entries(report.files).flatMap(([file, { mutants }]) => mutants.map((one) => ({ ...one, file })));
}

/** Stryker's own words: a line that is excluded by a comment is Ignored, and counts as one that survived. */
const KILLED = new Set(["Killed", "Timeout"]);
const NO_MUTANT = new Set(["CompileError", "RuntimeError"]);

function tallyOf({ file, first, last }, every) {
  const isHere = ({ file: other, location: { start } }) => other === file && start.line >= first && start.line <= last;
  const mutants = every.filter((one) => isHere(one) && !NO_MUTANT.has(one.status));
  const lines = textOf(file).split("\n");
  const survivors = mutants
    .filter(({ status }) => !KILLED.has(status))
    .map(({ location, mutatorName, replacement, status }) => ({
      ...{ file, line: location.start.line, code: codeAt(lines, location), to: replacement },
      ...{ mutator: mutatorName, status },
    }));
  return { mutants: mutants.length, killed: mutants.length - survivors.length, survivors };
}

/** What the mutant replaces, in one line. */
function codeAt(lines, { start, end }) {
  const text = lines.slice(start.line - 1, end.line);
  text[text.length - 1] = text.at(-1).slice(0, end.column - 1);
  text[0] = text[0].slice(start.column - 1);
  return text.map((line) => line.trim()).join(" ");
}

/** Survivors that no input can tell from the source, with the reason: by file, the code, what it became, and its line's text. */
const EQUIVALENT = JSON.parse(readFileSync(join(here, "equivalent.json"), "utf8"));

export const isListed = ({ file, code, to }) =>
  EQUIVALENT.some((one) => one.file === file && one.code === code && one.to === to && one.reason.length > 0);

/** Listed mutants that are no longer in the source. */
export const staleEntries = () =>
  EQUIVALENT.filter(({ file, code }) => {
    const text = existsSync(join(root, file)) ? textOf(file).replaceAll(/\s*\n\s*/g, " ") : "";
    return !text.includes(code);
  });

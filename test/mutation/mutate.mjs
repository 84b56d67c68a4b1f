// Mutation testing, of one piece of a file at a time. What a piece gave is kept by the content of what it depends on, so that a
// run goes on where another one ended.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mutationRun } from "./run.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
/** By folder of src/: what its mutants must fail. Paths that end with a slash are all *.test.ts files of a folder. */
export const FOLDERS = JSON.parse(readFileSync(join(here, "folders.json"), "utf8"));
const LINES = 100; // of a piece, at least; a mutant takes about half a second, and a line has about one
const results = join(process.env.MUTATION ?? join(tmpdir(), "nn-init-mutation"), "results");

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

const folderOf = (file) => basename(dirname(file));

/** Files of tests that must notice the mutants of a folder. */
const testsOf = (folder) => FOLDERS[folder].tests.flatMap((one) => (one.endsWith("/") ? everyTest(one) : [one])).sort();

const everyTest = (folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => folder + name);

/** Changes with the mutated source, the tests with all that lies beside them, and the kernels. */
function keyOf(sources, folder, range) {
  const hash = createHash("sha256").update(range);
  const beside = FOLDERS[folder].tests.flatMap((one) =>
    one.endsWith("/") ? everyFile(join(root, one)) : [join(root, one)],
  );
  const kernels = join(root, "build/kernel.wasm");
  for (const file of [...sources.map((one) => join(root, one)), ...beside, kernels]) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}

const resultOf = ({ file, first, last }) =>
  join(
    results,
    `${file.replaceAll("/", "-")}-${first}-${last}-${keyOf([file], folderOf(file), `${first} ${last}`)}.json`,
  );

/**
 * What became of the mutants of a piece.
 *
 * @returns counts of all mutants and of those killed (a run that takes too long counts: it was noticed), and the others.
 */
export async function mutate(piece) {
  await mutateTogether([piece]);
  return JSON.parse(readFileSync(resultOf(piece), "utf8"));
}

/** Runs pieces of one folder, where they have no result. */
export async function mutateTogether(pieces) {
  const open = pieces.filter((piece) => !existsSync(resultOf(piece)));
  if (open.length === 0) return;
  mkdirSync(results, { recursive: true });
  const folder = folderOf(open[0].file);
  const files = filesOf(folder);
  const kept = join(results, `tests-of-${folder}-${keyOf(files, folder, "tests")}.jsonl`);
  const run = await mutationRun({ root, files, tests: testsOf(folder), kept });
  try {
    for (const piece of open) {
      const path = resultOf(piece);
      const mutants = await run.statuses((one) => isIn(piece, one), `${path}l`);
      writeFileSync(path, JSON.stringify(tallyOf(piece, mutants)));
      rmSync(`${path}l`, { force: true });
    }
  } finally {
    await run.end();
  }
}

const isIn = ({ file, first, last }, mutant) =>
  mutant.file === file && mutant.location.start.line >= first && mutant.location.start.line <= last;

/** A mutant that a comment excludes is Ignored, in Stryker's words, and counts as one that survived. */
const KILLED = new Set(["Killed", "Timeout"]);

function tallyOf({ file }, mutants) {
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

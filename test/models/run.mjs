// npm run check:models: the built-in families against the library that they describe, in the versions that requirements.txt
// pins. audits: checkpoints that the library initialized pass an audit, and fail it by wrong plans. loads: ours are loaded, run
// and saved again by the library, and the losses of language models are among its own. vectors: the files of test/vectors that
// the library makes are what it makes today.
//
// Names of parts or of families run these only. SEEDS= sets how many checkpoints of each class are audited (3), PYTHON= names a
// Python that has requirements.txt. Exits with 1 on anything wrong, and if nothing ran. What is absent is said, and counted.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MODEL_TYPES } from "../../dist/model.js";
import { askedParts, reporter } from "../report.mjs";
import { audits } from "./audits.mjs";
import { command } from "./command.mjs";
import { loads } from "./loads.mjs";
import { startLibrary, VERSIONS } from "./python.mjs";
import { familiesOf, vectorFaults } from "./vectors.mjs";

const PARTS = ["audits", "loads", "vectors"];
const asked = askedParts([...PARTS, ...MODEL_TYPES]);
const { check, end, say } = reporter((error) => error.message);
const runs = (names, name) => !asked.some((each) => names.includes(each)) || asked.includes(name);
const seeds = Array.from({ length: Number(process.env.SEEDS ?? 3) }, (_, i) => i + 1);

const COLUMNS = [
  "classes",
  "models",
  "audits",
  "in memory",
  "tensors",
  "without a rule",
  "loads",
  "losses",
  "failures",
];
const table = new Map();
const mistakes = new Map();
const doubled = { found: 0, of: 0, not: new Set() };
const absent = [];

function add(family, column, count) {
  if (!table.has(family)) table.set(family, Object.fromEntries(COLUMNS.map((name) => [name, 0])));
  table.get(family)[column] += count;
}

function fail(family, what, texts) {
  if (texts.length === 0) return;
  add(family, "failures", texts.length);
  for (const text of texts) say("failed", what, text);
}

function addMistakes(list) {
  for (const { mistake, found, small } of list) {
    const sum = mistakes.get(mistake) ?? { found: 0, small: 0 };
    mistakes.set(mistake, { found: sum.found + found, small: sum.small + small });
  }
}

async function checkSubject(setting, subject, isVariant) {
  const { family, fields } = subject;
  const what = `${subject.class} ${isVariant ? JSON.stringify(fields) : ""}`.trim();
  add(family, "classes", isVariant ? 0 : 1);
  add(family, "models", 1);
  let unruled = [];
  if (runs(PARTS, "audits")) {
    const done = await audits(setting, subject, seeds);
    add(family, "audits", done.audits);
    add(family, "in memory", done.memory);
    add(family, "tensors", done.tensors);
    addMistakes(done.mistakes);
    ({ unruled } = done);
    fail(family, `${what}, audit`, done.wrong);
  }
  if (runs(PARTS, "loads")) {
    const done = await loads(setting, subject);
    add(family, "loads", done.loads);
    add(family, "losses", done.losses);
    doubled.of += done.losses;
    doubled.found += done.doubled;
    if (done.doubled < done.losses) doubled.not.add(subject.class);
    if (done.cannot > 0) absent.push(`${what}: the library cannot run it, whoever initialized it`);
    const { changed } = done;
    if (changed > 0)
      absent.push(
        `${what}: the library changes ${changed} tensors when it loads any file, its own too; they were put back`,
      );
    ({ unruled } = done);
    if (unruled.length > 0)
      absent.push(`${what}: a plan of its family, for values that are computed; 0 was loaded, no loss compared`);
    fail(family, `${what}, load`, done.wrong);
  }
  add(family, "without a rule", unruled.length);
}

/** A line when a family is through, since all of them take long. */
function printProgress(family) {
  const row = table.get(family);
  if (row === undefined) return;
  const seconds = (performance.now() - begun) / 1000;
  if (row.failures === 0) say("passed", family, `${row.audits} audits, ${row.loads} loads`, seconds);
  begun = performance.now();
}

async function checkSubjects(library, subjects) {
  const place = mkdtempSync(join(tmpdir(), "nn-init-models-"));
  const seen = new Set();
  let family;
  try {
    const setting = { library, nnInit: await command(place), folder: join(place, "model") };
    for (const subject of subjects) {
      if (!runs(MODEL_TYPES, subject.family)) continue;
      if (subject.family !== family) printProgress(family);
      family = subject.family;
      const isVariant = seen.has(subject.class);
      seen.add(subject.class);
      try {
        await checkSubject(setting, subject, isVariant);
      } catch (error) {
        fail(subject.family, `${subject.class} ${JSON.stringify(subject.fields)}`, [error.message]);
      }
    }
    printProgress(family);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function printTable() {
  const rows = [...table].map(([family, row]) => [family, ...COLUMNS.map((name) => row[name])]);
  const sums = COLUMNS.map((_, i) => rows.reduce((sum, row) => sum + row[i + 1], 0));
  const all = [["family", ...COLUMNS], ...rows, [`${rows.length} families`, ...sums]];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => String(row[i]).length)));
  const line = (row) =>
    row.map((cell, i) => (i === 0 ? String(cell).padEnd : String(cell).padStart).call(String(cell), widths[i]));
  for (const row of all) console.log(line(row).join("  "));
}

function printPower() {
  for (const [mistake, { found, small }] of mistakes) {
    console.log(`plans with ${mistake}: ${found} tensors fail, as they must; ${small} have too few values to show it`);
  }
  if (doubled.of === 0) return;
  const not = doubled.not.size > 0 ? ` (not ${[...doubled.not].join(", ")})` : "";
  console.log(`losses with weights twice as large: found out in ${doubled.found} of ${doubled.of} models${not}`);
}

const library = startLibrary();
let begun = performance.now();
const { versions, subjects } = await library.ask({ do: "start" });
for (const [name, version] of Object.entries(versions)) {
  console.log(`${name} ${version}`);
  if (version !== VERSIONS[name]) absent.push(`${name} ${VERSIONS[name]}, which the vectors were made with`);
}
const elsewhere = familiesOf("diffusers"); // npm run check:diffusers checks them
const missing = MODEL_TYPES.filter((name) => !subjects.some(({ family }) => family === name) && !elsewhere.has(name));
for (const name of missing) absent.push(`${name}: the generator of the vectors does not make it`);
if (runs(PARTS, "audits") || runs(PARTS, "loads")) await checkSubjects(library, subjects);
library.close();
if (table.size > 0) printTable();
printPower();
if (runs(PARTS, "vectors") && runs(MODEL_TYPES, undefined)) {
  await check("vectors", async () => {
    const { compared, wrong } = await vectorFaults();
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
    return compared.join(", ");
  });
}
for (const what of absent) say("absent", "models", what);
end();

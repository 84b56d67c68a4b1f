// npm run coverage: counts which model types of the pinned transformers are planned by a family's file, by the plan
// `transformers`, or refused, and writes the table of docs/models.md. Every tensor that the plan decides is compared with what
// the library draws (test/vectors/survey.py); what a type draws in another way is listed in transformers.types.json, so that
// it is refused. Needs a Python with the pinned torch and transformers: PYTHON names it. SURVEY names a file to use in place
// of a new survey, which takes some minutes.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MODEL_TYPES, modelOf, modelOfShapes, namedPlan, planModel } from "../dist/model.js";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const TYPES = at("src/architecture/plans/transformers.types.json");
const PAGE = at("docs/models.md");

function survey() {
  const { SURVEY, PYTHON = "python3" } = process.env;
  if (SURVEY !== undefined && existsSync(SURVEY)) return readFileSync(SURVEY, "utf8");
  const run = spawnSync(PYTHON, [at("test/vectors/survey.py")], { encoding: "utf8", maxBuffer: 2 ** 30 });
  if (run.status === 0) return run.stdout;
  const what = run.error?.message ?? run.stderr.trim().split("\n").at(-1);
  throw new Error(
    `${PYTHON} test/vectors/survey.py: ${what}; PYTHON names one with torch 2.15.0 and transformers 5.24.0`,
  );
}

/** A number as the survey writes it. */
const text = (x) => String(Number(x.toPrecision(7)));

/** What a planned tensor starts from, as the survey writes it: of a table with a row of padding, the values and the row. */
function startOf({ distribution }) {
  if (distribution.kind === "constant") return `=${text(distribution.value)}`;
  if (distribution.kind === "normal") return `n${text(distribution.std)}`;
  if (distribution.kind === "uniform") return `u${text(distribution.low)},${text(distribution.high)}`;
  const { parts } = distribution;
  const row = parts.findIndex(({ distribution: { kind } }) => kind === "constant");
  const before = row === 0 ? 0 : parts[0].length;
  const drawn = parts.find(({ distribution: { kind } }) => kind === "normal").distribution;
  return `n${text(drawn.std)};=${text(parts[row].distribution.value)}@${before}+${parts[row].length}`;
}

const numbers = (how) => how.replace(/\d[\d.]*(e[-+]?\d+)?/g, (number) => String(Number(number)));
const isEqual = (ours, theirs) => numbers(ours) === numbers(theirs);

/** The end of a name, as a glob. */
function globOf(name) {
  const parts = name.replace(/\d+/g, "*").split(".");
  const end = parts.slice(-2).join(".");
  return parts.length > 2 ? `*.${end}` : end;
}

function shapesOf(type, config, tensors) {
  const list = Object.entries(tensors).map(([name, [shape, dtype]]) => ({
    ...{ name, shape },
    ...(dtype === "f32" && { dtype }),
  }));
  return { ...modelOfShapes(type, list, { config }), modelType: type };
}

/** The tensors that the plan decides, by name, and what it refuses, with the roles by which it decides. */
function decidedBy(model, type) {
  const { rules } = namedPlan("transformers", { ...model, modelType: type });
  const others = { match: "*", scheme: "constant", value: -12345, optional: true }; // in place of a refusal
  const kept = rules.map((rule) => (rule.scheme === "refuse" ? { ...rule, scheme: "constant", value: -12345 } : rule));
  const planned = planModel(model, { rules: [...kept.map((rule) => ({ ...rule, optional: true })), others] });
  const isRefused = ({ distribution: { kind, value } }) => kind === "constant" && value === -12345;
  return {
    decided: planned.tensors.filter((tensor) => !isRefused(tensor)),
    refused: planned.tensors.filter(isRefused).map(({ name }) => name),
  };
}

/** What a type draws in another way than the plan: globs, or roles where these would be many. */
function ownWays(type, { marked, tensors }) {
  const wrong = decidedBy(shapesOf(type, marked, tensors), "").decided.filter(
    (tensor) => !isEqual(startOf(tensor), tensors[tensor.name][2]) && !tensor.shape.includes(0),
  );
  const byRole = new Map();
  for (const { name, role } of wrong) byRole.set(role, (byRole.get(role) ?? new Set()).add(globOf(name)));
  const few = 3;
  return [...byRole].flatMap(([role, globs]) => (globs.size > few ? [`role:${role}`] : [...globs])).sort();
}

const lines = survey()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const types = lines.filter(({ type }) => type !== undefined);
const built = types.filter(({ skipped }) => skipped === undefined);
if (types.length < 550) throw new Error(`expected more than 550 model types, got ${types.length}`);

if (process.argv.includes("--types")) {
  const own = {};
  const same = [];
  for (const line of built) {
    const ways = ownWays(line.type, line).join(" ");
    if (ways === "") same.push(line.type);
    else own[ways] = own[ways] === undefined ? line.type : `${own[ways]} ${line.type}`;
  }
  writeFileSync(TYPES, `${JSON.stringify({ same: same.join(" "), own }, undefined, 2)}\n`);
  console.log(`${same.length} types have no way of their own, ${built.length - same.length} have one; build again`);
  process.exit();
}

/** Whether a family's file makes the tensors of the library's default config. */
function byFamily(type, config, tensors) {
  let model;
  try {
    model = planModel(modelOf(config));
  } catch (error) {
    counts.unfit.push(`${type}: ${error.message.split("\n").join("; ")}`);
    return;
  }
  const expected = Object.entries(tensors).map(([name, [shape]]) => `${name} ${shape}`);
  const got = model.tensors.map(({ name, shape }) => `${name} ${shape}`);
  if (String(expected.sort()) === String(got.sort())) counts.family.push(type);
  else counts.unfit.push(`${type}: its family's file makes other tensors`);
}

const counts = { family: [], generic: [], refused: [], unfit: [], wrong: [] };
const refusedNames = new Map();
let [compared, undecided] = [0, 0];
for (const { type, config, marked, tensors, class: name } of built) {
  if (MODEL_TYPES.includes(type)) {
    byFamily(type, { ...config, architectures: [name] }, tensors);
    continue;
  }
  const { decided } = decidedBy(shapesOf(type, marked, tensors), type);
  for (const tensor of decided) {
    compared += 1;
    const theirs = tensors[tensor.name][2];
    if (tensor.shape.includes(0) || isEqual(startOf(tensor), theirs)) continue;
    counts.wrong.push(`${type}: ${tensor.name}: ${startOf(tensor)} instead of ${theirs}`);
  }
  const { refused } = decidedBy(shapesOf(type, config, tensors), type);
  undecided += refused.length;
  counts[refused.length === 0 ? "generic" : "refused"].push(type);
  const kinds = new Set(
    refused.map((name) =>
      name
        .split(".")
        .slice(/(weight|bias)$/.test(name) ? -2 : -1)
        .join(".")
        .replace(/\d+/g, "*"),
    ),
  );
  for (const kind of kinds) refusedNames.set(kind, (refusedNames.get(kind) ?? 0) + 1);
}

const names = (list) => list.map((line) => `\`${line.split(":")[0]}\``).join(", ");
const often = [...refusedNames].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
const skipped = types.filter(({ skipped }) => skipped !== undefined);
const table = [
  "| model types of transformers 5.24.0 | number |",
  "|---|---|",
  `| keys of \`MODEL_MAPPING\` | ${types.length} |`,
  `| planned by a family's file, with the tensors of the library's default config | ${counts.family.length} |`,
  `| planned by \`@transformers\`, every tensor decided | ${counts.generic.length} |`,
  `| planned by \`@transformers\` and rules of your own, since it refuses some tensors | ${counts.refused.length} |`,
  `| of a known family, but refused, or with names of another library: ${names(counts.unfit)} | ${counts.unfit.length} |`,
  `| not counted, because the library cannot build its default config here | ${skipped.length} |`,
  "",
  `Of the tensors of the second and third kind, ${compared.toLocaleString("en")} are decided and start as the library starts them; ${undecided.toLocaleString("en")} are refused.`,
  `What is refused, by how many types have it: ${often
    .slice(0, 12)
    .map(([kind, count]) => `\`${kind}\` ${count}`)
    .join(", ")}.`,
];
for (const { type, skipped: why } of skipped) console.log(`not built: ${type}: ${why}`);
for (const line of counts.unfit) console.log(`known, but not counted as planned: ${line}`);
for (const line of counts.wrong.slice(0, 40)) console.log(`wrong: ${line}`);
console.log(table.join("\n"));
if (process.argv.includes("--list")) console.log(JSON.stringify(counts, undefined, 1));
if (counts.wrong.length > 0) throw new Error(`${counts.wrong.length} tensors or files differ from the library`);
const page = readFileSync(PAGE, "utf8");
const parts = /(<!-- coverage -->\n)[\s\S]*?(<!-- end -->)/;
writeFileSync(
  PAGE,
  page.replace(parts, (_, begin, end) => `${begin}\n${table.join("\n")}\n\n${end}`),
);

// npm run coverage: counts which model types of the pinned transformers are planned by a family's file, by the plan
// `transformers`, or refused, and writes the table of docs/models.md. Every tensor that the plan decides is compared with what
// the library draws (test/vectors/survey.py); what a type draws in another way is listed in transformers.types.json, so that
// it is refused. Needs a Python with the pinned torch and transformers: PYTHON names it. SURVEY names a file to use in place
// of a new survey, which takes some minutes.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MODEL_TYPES, modelOf, modelOfShapes, namedPlan, planModel } from "../dist/model.js";
import { withPart } from "./marks.mjs";

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
  if (distribution.kind === "uniform") {
    const { low, high } = distribution;
    return low === -high ? `u${text(high)}` : `u${text(low)},${text(high)}`;
  }
  if (distribution.kind === "truncated") {
    const { std, low, high } = distribution;
    return `t${text(std)}@${text(std * low)},${text(std * high)}`;
  }
  const { parts = [] } = distribution;
  if (!parts.some(({ distribution: { kind } }) => kind === "normal")) return distribution.kind;
  const row = parts.findIndex(({ distribution: { kind } }) => kind === "constant");
  const before = row === 0 ? 0 : parts[0].length;
  const drawn = parts.find(({ distribution: { kind } }) => kind === "normal").distribution;
  return `n${text(drawn.std)};=${text(parts[row].distribution.value)}@${before}+${parts[row].length}`;
}

const numbers = (how) => how.replace(/\d[\d.]*(e[-+]?\d+)?/g, (number) => String(Number(number)));
const isEqual = (ours, theirs) => numbers(uncut(ours)) === numbers(uncut(theirs));

/** A truncated normal distribution as a normal one, where less than 1e-300 of it is cut off: ViT's, in files of its family. */
function uncut(how) {
  const [, std, low, high] = /^t([\d.e-]+)@-([\d.e-]+),([\d.e-]+)$/.exec(how) ?? [];
  return std !== undefined && Math.min(low, high) > 40 * std ? `n${std}` : how;
}

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
    refused: planned.tensors.filter(isRefused),
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

/**
 * Whether a family's file makes the tensors of the library's default config, and starts them as the survey says. The files were
 * compared with values that the library drew (test/vectors/transformers.py), so this also checks the survey.
 */
function byFamily(type, { config, marked, tensors, class: name }) {
  let models;
  try {
    models = [config, marked].map((each) => planModel(modelOf({ ...each, architectures: [name] })));
  } catch (error) {
    counts.unfit.push(`${type}: ${error.message.split("\n").join("; ")}`);
    return;
  }
  const expected = Object.entries(tensors).map(([name, [shape]]) => `${name} ${shape}`);
  const got = models[0].tensors.map(({ name, shape }) => `${name} ${shape}`);
  if (String(expected.sort()) !== String(got.sort())) {
    counts.unfit.push(`${type}: its family's file makes other tensors`);
    return;
  }
  counts.family.push(type);
  for (const tensor of models[1].tensors) compare(type, tensor, tensors);
}

function compare(type, tensor, tensors) {
  const [ours, theirs] = [startOf(tensor), tensors[tensor.name][2]];
  compared += 1;
  if (tensor.shape.includes(0) || theirs === "?" || isEqual(ours, theirs)) return;
  counts.wrong.push(`${type}: ${tensor.name}: ${ours} instead of ${theirs}`);
}

const SAMPLE = at("test/vectors/survey.txt");
const SAMPLED = 16; // every so many of the types that have no family's file

/** The fields of a config, and of those in it, by which `@transformers` decides. */
const decisive = (config) =>
  Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      if (["model_type", "initializer_range", "init_std", "pad_token_id"].includes(key)) return [[key, value]];
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
      const inner = decisive(value);
      return Object.keys(inner).length > 0 ? [[key, inner]] : [];
    }),
  );

/** One of each kind of tensor: of repeated layers the first. */
const firsts = (tensors) => Object.entries(tensors).filter(([name]) => !/(^|\.)[1-9]\d*(\.|$)/.test(name));

if (process.argv.includes("--sample")) {
  const others = built.filter(({ type }) => !MODEL_TYPES.includes(type)).filter((_, i) => i % SAMPLED === 0);
  const texts = others.map(({ type, marked, tensors }) =>
    JSON.stringify({
      ...{ type, config: decisive(marked) },
      tensors: Object.fromEntries(firsts(tensors).map(([name, [shape, , how]]) => [name, `${shape.join("x")} ${how}`])),
    }),
  );
  writeFileSync(SAMPLE, `${JSON.stringify(lines.find(({ type }) => type === undefined))}\n${texts.join("\n")}\n`);
  process.exit();
}

const counts = { family: [], generic: [], refused: [], unfit: [], wrong: [] };
const refusedNames = new Map();
let [compared, undecided] = [0, 0];
let ownWay = 0; // types
for (const line of built) {
  const { type, config, marked, tensors } = line;
  if (MODEL_TYPES.includes(type)) {
    byFamily(type, line);
    continue;
  }
  for (const tensor of decidedBy(shapesOf(type, marked, tensors), type).decided) compare(type, tensor, tensors);
  const { refused } = decidedBy(shapesOf(type, config, tensors), type);
  undecided += refused.length;
  counts[refused.length === 0 ? "generic" : "refused"].push(type);
  if (refused.some(({ role }) => role !== undefined)) ownWay += 1;
  const silent = refused.filter(({ role }) => role === undefined).map(({ name }) => name.split("."));
  const kinds = silent.map((parts) => parts.slice(/^(weight|bias)$/.test(parts.at(-1)) ? -2 : -1).join("."));
  for (const kind of new Set(kinds.map((kind) => kind.replace(/\d+/g, "*")))) {
    refusedNames.set(kind, (refusedNames.get(kind) ?? 0) + 1);
  }
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
  ...(counts.unfit.length === 0
    ? []
    : [
        `| of a known family, but its default config is refused, or gives other tensors: ${names(counts.unfit)} | ${counts.unfit.length} |`,
      ]),
  `| not counted, because the library cannot build its default config here | ${skipped.length} |`,
  "",
  `${compared.toLocaleString("en")} tensors are decided, and all start as the library starts them; ${undecided.toLocaleString("en")} are refused. ${ownWay} of the types draw some weights in ways of their own. Names that say nothing, by how many types have them: ${often
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
writeFileSync(PAGE, withPart(readFileSync(PAGE, "utf8"), "coverage", table.join("\n")));

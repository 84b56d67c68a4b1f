// npm run check:diffusers: the families of diffusers and torchvision against these libraries, in the versions that
// diffusers.requirements.txt pins. diffusers.random.py makes models of random configs, whose names and shapes are compared;
// diffusers.py loads, runs and audits models. Names of families run only the latter, for these. CONFIGS= sets how many configs are
// compared (300), SEEDS= how many of the library's own initializations of each model are audited (3), PYTHON= names a Python that
// has the requirements. Exits with 1 on anything wrong, and if nothing ran.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { modelOf } from "../../dist/model.js";
import { pythonWith } from "../python.mjs";
import { askedParts, countsText, reporter } from "../report.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const REQUIREMENTS = file("diffusers.requirements.txt");

function python() {
  const program = pythonWith(REQUIREMENTS, "diffusers");
  if (program === undefined) throw new Error("there is no Python 3 with venv");
  return program;
}

/** How a model differs from the library's, or undefined. */
function faultOf(model) {
  try {
    return differenceOf(model);
  } catch (error) {
    return error.message;
  }
}

function differenceOf({ config, shapes }) {
  const { tensors, unknownFields } = modelOf(config);
  if (unknownFields !== undefined) return `unknown fields: ${unknownFields.join(", ")}`;
  const ours = new Map(tensors.map(({ name, shape }) => [name, String(shape)]));
  const names = new Set([...ours.keys(), ...Object.keys(shapes)]);
  const wrong = [...names].filter((name) => ours.get(name) !== (shapes[name] && String(shapes[name])));
  return wrong.length === 0 ? undefined : `${wrong.length} tensors differ: ${wrong.slice(0, 3).join(", ")}`;
}

/** @returns how many of the random configs were compared, and how many of them differ. */
function compareRandom(count) {
  const args = [file("diffusers.random.py"), String(SEED), String(count)];
  const run = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 30 });
  if (run.status !== 0) throw new Error(run.stderr);
  const sums = { equal: 0, wrong: 0, empty: 0, refused: 0 };
  for (const model of run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))) {
    // More heads than channels are a matrix of no rows, which the library makes, divides by, and cannot run.
    const isEmpty = Object.values(model.shapes ?? {}).some((shape) => shape.includes(0));
    if (model.shapes === undefined) sums.refused += 1;
    else if (isEmpty) sums.empty += 1;
    else {
      const fault = faultOf(model);
      sums[fault === undefined ? "equal" : "wrong"] += 1;
      if (fault !== undefined) console.log(`FAILED ${JSON.stringify(model.config)}: ${fault}`);
    }
  }
  console.log(`random configs: ${JSON.stringify(sums)}`);
  return sums;
}

const SEED = 1;
const program = python();
const asked = askedParts();
const { check, end } = reporter((error) => error.message);
if (asked.length === 0) {
  await check("random configs", () => {
    const { equal, wrong, ...others } = compareRandom(Number(process.env.CONFIGS ?? 300));
    if (wrong > 0 || equal === 0) throw new Error(`${equal} equal, ${wrong} differ`);
    return `${equal} equal, ${countsText(others)}`;
  });
}
await check("diffusers.py", () => {
  const { status } = spawnSync(program, [file("diffusers.py"), ...asked], { stdio: "inherit" });
  if (status !== 0) throw new Error(`it ended with ${status}`);
  return "what it prints is as it must be";
});
end();

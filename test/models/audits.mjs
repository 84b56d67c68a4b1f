// Audits checkpoints that the library initialized: none fails by its family's plan, and all fail by wrong ones.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modelOf, planModel } from "../../dist/model.js";
import { planWith, skipping, unruledOf, wrongPlans } from "./plans.mjs";

/** The model that a folder's config describes, with what its family's plan leaves out. */
export function modelIn(folder) {
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const model = modelOf(config);
  const unruled = unruledOf(model);
  return { model, unruled, planned: planModel(model, planWith(model, skipping(unruled))) };
}

/**
 * One checkpoint, audited by a plan, or by its family's if there is none.
 *
 * @param file in the folder of its config.
 * @returns the report of nn-init audit.
 */
async function auditOf({ nnInit, folder }, plan, name = "model.safetensors") {
  const flags = [];
  if (plan !== undefined) {
    const path = join(folder, "plan.json");
    writeFileSync(path, JSON.stringify(plan));
    flags.push("--plan", path);
  }
  const file = join(folder, name);
  const run = await nnInit("audit", file, "--config", join(folder, "config.json"), "--json", "--threads", 1, ...flags);
  if (run.stdout === "") throw new Error(run.stderr.trim());
  return JSON.parse(run.stdout);
}

/** A model as it is saved; and as it is held in memory, where names differ. */
const SAVED = { saved: "model.safetensors" };
const FILES = { ...SAVED, memory: "memory/model.safetensors" };

/** What is wrong with the library's file by the plan of its family. */
async function faultsOf(setting, { model, unruled }, file) {
  const plan = unruled.length === 0 ? undefined : planWith(model, skipping(unruled));
  const report = await auditOf(setting, plan, file);
  const known = new Set([...unruled, ...Object.keys(model.tied)]);
  const failed = report.tensors.filter(({ verdict }) => verdict === "fail");
  const unknown = report.tensors.filter(({ name, verdict }) => verdict === "unknown" && !known.has(name));
  return {
    tensors: report.tensors.length,
    wrong: [
      ...failed.map(({ name, failures }) => `${name}: ${failures[0]?.sentence}`),
      ...unknown.map(({ name }) => `${name}: nothing is expected of it`),
      ...report.missing.map((name) => `${name}: it is missing`),
    ],
  };
}

/** What an audit by a wrong plan finds out: by mistake how many tensors it fails, and which it should have failed. */
async function powerOf(setting, { plan, changes }) {
  const { tensors } = await auditOf(setting, plan);
  const failed = new Set(tensors.filter(({ verdict }) => verdict === "fail").map(({ name }) => name));
  const counts = new Map();
  const wrong = [];
  for (const { name, mistake, isLarge } of changes) {
    const count = counts.get(mistake) ?? { found: 0, small: 0 };
    if (!isLarge) count.small += 1;
    else if (failed.has(name)) count.found += 1;
    else wrong.push(`${name}: expected it to fail by a plan with ${mistake}`);
    counts.set(mistake, count);
  }
  const changed = new Set(changes.map(({ name }) => name));
  for (const name of failed)
    if (!changed.has(name)) wrong.push(`${name}: fails by a wrong plan, although its rule is right`);
  return { counts, wrong };
}

/**
 * @param subject a class of a family, with the fields in which its config differs.
 * @param seeds of the library's generator. The first one's checkpoint is also audited by wrong plans.
 */
export async function audits({ nnInit, library, folder }, subject, seeds) {
  const done = { audits: 0, memory: 0, tensors: 0, unruled: [], wrong: [], mistakes: [] };
  const setting = { nnInit, folder };
  let known = {};
  for (const [i, seed] of seeds.entries()) {
    const request = { do: "save", ...subject, folder, seed };
    if (i === 0) {
      await library.ask({ ...request, weights: false });
      known = modelIn(folder);
      done.unruled = known.unruled;
    }
    const { model } = known;
    await library.ask({ ...request, memory: model.memory !== undefined });
    for (const [name, file] of Object.entries(known.model.memory ? FILES : SAVED)) {
      const { tensors, wrong } = await faultsOf(setting, known, file);
      done.audits += 1;
      done.memory += Number(name === "memory");
      done.tensors += tensors;
      done.wrong.push(...wrong.map((text) => `seed ${seed}, ${name}: ${text}`));
    }
    if (i > 0) continue;
    for (const each of wrongPlans(known.model, known.planned, known.unruled)) {
      const { counts, wrong } = await powerOf(setting, each);
      done.mistakes.push(...[...counts].map(([mistake, count]) => ({ mistake, ...count })));
      done.wrong.push(...wrong);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  return done;
}

// What was run, of which commit, from which seed: lines of JSON in a folder outside of the repository, one for each unit.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { root } from "./script.mjs";

export const STATE = process.env.NN_INIT_CAMPAIGN ?? join(homedir(), ".cache/nn-init-campaign");

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

/** The commit that is run, with a plus where files that git knows have changed since. */
export function commitOf() {
  const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short=10", "HEAD")}${changed ? "+" : ""}`;
}

const fileOf = (folder, commit, seed) => join(folder, `${commit}-${seed}.jsonl`);

/** The results of a file. A last line that was cut off, where a run was killed, is left out. */
export function readResults(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** One run of the campaign: its results so far, and where the next ones are added. */
export function openRun({ folder = STATE, commit, seed }) {
  mkdirSync(folder, { recursive: true });
  const file = fileOf(folder, commit, seed);
  return {
    file,
    results: () => readResults(file),
    add: (result) =>
      appendFileSync(file, `${JSON.stringify({ ...result, commit, seed, at: new Date().toISOString() })}\n`),
  };
}

/** The results of all runs, of any commit. */
export const everyResult = (folder = STATE) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".jsonl"))
        .flatMap((name) => readResults(join(folder, name)))
    : [];

/** The seed of the last run of a commit, where there is one. */
export function lastSeed(commit, folder = STATE) {
  const results = everyResult(folder).filter((one) => one.commit === commit);
  return results.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1)?.seed;
}

/** A whole number below 2^31 that follows from a seed and a text. */
export const seedOf = (seed, text) => createHash("sha256").update(`${seed} ${text}`).digest().readUInt32LE(0) >>> 1;

/** In an order that follows from the seed. */
export const shuffled = (list, seed, nameOf) =>
  list
    .map((one) => [
      createHash("sha256")
        .update(`${seed} order ${nameOf(one)}`)
        .digest("hex"),
      one,
    ])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);

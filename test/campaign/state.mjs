// What was run, of which commit, from which seed: lines of JSON in a folder outside of the repository, one for each unit. A result
// holds for later commits, too, as long as the files that its unit rests on are the same.
import { execFileSync, spawnSync } from "node:child_process";
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

/**
 * Whether files are in a commit what they are here now. Of changes that were not committed nothing is known.
 *
 * @param rests paths as git takes them, such as `src` or `:!docs/quality.md`.
 */
export function isSame(commit, rests, cwd = root) {
  if (commit.endsWith("+")) return false;
  return spawnSync("git", ["diff", "--quiet", commit, "--", ...rests], { cwd, stdio: "ignore" }).status === 0;
}

/** @returns a function that says whether a result holds now, for parts whose units rest on files. */
export function holding(parts, now = commitOf(), same = isSame) {
  const rests = new Map(
    parts.flatMap((part) => part.units.map((unit) => [unitName(part.name, unit.name), unit.rests])),
  );
  const known = new Map();
  return ({ part, unit, commit }) => {
    const files = rests.get(unitName(part, unit));
    if (files === undefined) return false;
    if (commit === now && !now.endsWith("+")) return true;
    const asked = [commit, ...files].join(" ");
    if (!known.has(asked)) known.set(asked, same(commit, files));
    return known.get(asked);
  };
}

/** What a unit is told by, among those of all parts. */
export const unitName = (part, unit) => `${part} ${unit}`;

/** The results of a file. A line that was cut off, where a run was killed, is left out. */
export function readResults(file) {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

/** The file that keeps a run of a commit from a seed, and what adds to it. */
export function openRun({ folder = STATE, commit, seed }) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${commit}-${seed}.jsonl`);
  if (existsSync(file) && !readFileSync(file, "utf8").endsWith("\n")) appendFileSync(file, "\n"); // after a line cut off
  return {
    file,
    add: (result) =>
      appendFileSync(file, `${JSON.stringify({ ...result, commit, seed, at: new Date().toISOString() })}\n`),
  };
}

/** The results of all runs, from the first to the last. */
export const everyResult = (folder = STATE) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".jsonl"))
        .flatMap((name) => readResults(join(folder, name)))
        .toSorted((a, b) => a.at.localeCompare(b.at))
    : [];

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

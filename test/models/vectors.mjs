// The files of test/vectors that the library makes, made again.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { python } from "./python.mjs";

const FILES = ["transformers", "memory", "published"];
const place = (name) => fileURLToPath(new URL(`../vectors/${name}`, import.meta.url));

/** The families that a file of vectors is about. */
export function familiesOf(name) {
  const lines = readFileSync(place(`${name}.txt`), "utf8")
    .trim()
    .split("\n")
    .slice(1);
  return new Set(lines.map((line) => JSON.parse(line).family));
}

/** @returns the names of the files, and the lines of each that the library makes otherwise today. */
export async function vectorFaults() {
  const wrong = [];
  for (const name of FILES) {
    const { stdout } = await promisify(execFile)(python(), [place(`${name}.py`)], { maxBuffer: 2 ** 26 });
    const [kept, made] = [readFileSync(place(`${name}.txt`), "utf8"), stdout].map((text) => text.trim().split("\n"));
    const lines = Array.from({ length: Math.max(kept.length, made.length) }, (_, i) => i);
    const first = lines.find((i) => kept[i] !== made[i]);
    if (first !== undefined) wrong.push(`${name}.txt, line ${first + 1}: ${String(made[first]).slice(0, 200)}`);
  }
  return { compared: FILES.map((name) => `${name}.txt`), wrong };
}

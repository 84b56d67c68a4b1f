/** The JavaScript blocks of documents and of docstrings. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../package/installed.js";

export interface Block {
  /** The file, and which of its blocks, from 1. */
  readonly name: string;
  readonly code: string;
  /** What its `console.log(...); // text` lines say that they print. */
  readonly prints: readonly string[];
}

const list = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
    .map((name) => join(folder, name))
    .sort();

/** What people read. */
export const documents: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...list("docs", ".md"),
  ...list("examples", ".md"),
];

export const sources: readonly string[] = list("src", ".ts");

export const textOf = (file: string): string => readFileSync(resolve(root, file), "utf8");

export const blocksOfDocument = (file: string): Block[] => blocks(file, textOf(file), /^```js\n([\s\S]*?)^```/gm);

/** The `@example` blocks of a file's docstrings. */
export const blocksOfSource = (file: string): Block[] =>
  blocks(file, textOf(file).replace(/^ *\* ?/gm, ""), /^@example\n```js\n([\s\S]*?)^```/gm);

function blocks(file: string, text: string, pattern: RegExp): Block[] {
  return [...text.matchAll(pattern)].map(([, code = ""], i) => ({
    name: `${file}, block ${i + 1}`,
    code,
    prints: [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, printed = ""]) => printed),
  }));
}

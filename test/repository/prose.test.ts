/** One word, one idea: words that the project has given up stay out of code and documents. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../package/installed.js";

interface Word {
  readonly pattern: RegExp;
  /** What to say instead. */
  readonly instead: string;
  /** Whether only identifiers count, not prose and strings. */
  readonly identifiers?: boolean;
}

const WORDS: readonly Word[] = [
  { pattern: /(\b|_)[Ll]aws?(?![a-z])|[a-z]Laws?(?![a-z])|\bLAWS?\b/, instead: "distribution" },
  { pattern: /remed(y|ies)/i, instead: "recommendation" },
  { pattern: /advi(ce|sed)/i, instead: "recommendation, recommended" },
  { pattern: /spread/i, instead: "condition number, or what is measured", identifiers: true },
  { pattern: /\bhouse(?![a-z])/i, instead: "repository" },
];

/** Lines that may have such a word: a file, and a part of the line. */
const EXCEPTIONS: readonly (readonly [string, string])[] = [
  ["test/vectors/tfjs.mjs", "advice to install the native backend"], // TensorFlow.js prints it
];

/** Lists renames, with both names. */
const RENAMES = "CHANGELOG.md";
const SELF = "test/repository/prose.test.ts";
const FOLDERS = ["assembly", "bench", "docs", "examples", "scripts", "src", "test", "web"];

const files: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  ),
].filter(
  (name) =>
    /\.(tsx?|mjs|md|py)$/.test(name) && !/node_modules|docs\/api.md/.test(name) && name !== SELF && name !== RENAMES,
);

/** A line without comments, strings and the text of templates. */
const identifiersOf = (line: string) => line.replace(/"[^"]*"|`[^`$]*`|\/\/.*|^\s*\/?\*.*/g, "");

const found = files.flatMap((file) =>
  readFileSync(join(root, file), "utf8")
    .split("\n")
    .flatMap((line, i) =>
      WORDS.filter(({ pattern, identifiers }) => {
        const code = !/\.md$/.test(file);
        return identifiers ? code && pattern.test(identifiersOf(line)) : pattern.test(line);
      }).map(({ instead }) => ({ file, line: line.trim(), place: `${file}:${i + 1} (${instead})` })),
    ),
);

const allows =
  ([file, part]: readonly [string, string]) =>
  (hit: { file: string; line: string }) =>
    hit.file === file && hit.line.includes(part);

test("words that were given up stay out", () => {
  const wrong = found.filter((hit) => !EXCEPTIONS.some((exception) => allows(exception)(hit)));
  expect(wrong.map(({ place, line }) => `${place}: ${line.slice(0, 160)}`)).toEqual([]);
});

test("every exception is needed", () => {
  expect(EXCEPTIONS.filter((exception) => !found.some(allows(exception)))).toEqual([]);
});

test("the words are found in names of all forms", () => {
  const [law] = WORDS as [Word];
  for (const text of ["a law of", "LAWS", "lawOf", "theLaw", "Laws", "two laws"]) expect(text).toMatch(law.pattern);
  for (const text of ["flaw", "claws", "lawn", "Lawrence"]) expect(text).not.toMatch(law.pattern);
});

/** One name, one meaning: a type or an exported function has a name that no other file gives to another. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Source {
  readonly file: string;
  readonly code: string;
}

const sources: readonly Source[] = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"))
  .map((file) => ({ file, code: readFileSync(join(root, "src", file), "utf8") }));

const TYPE = /^(?:export )?(?:abstract )?(?:interface|class|enum|type) (\w+)(?=[ <])/gm;
const FUNCTION = /^export (?:(?:async )?function\*? (\w+)|const ([a-z]\w*)\b)/gm;

/** The names that a pattern finds in more than one file, each with its files. */
function repeated(pattern: RegExp, files: readonly Source[] = sources): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { file, code } of files) {
    const names = new Set([...code.matchAll(pattern)].map(([, one, other]) => (one ?? other) as string));
    for (const name of names) found.set(name, [...(found.get(name) ?? []), file]);
  }
  return new Map([...found].filter(([, { length }]) => length > 1));
}

test("no two files declare a type of the same name", () => {
  expect([...repeated(TYPE)]).toEqual([]);
});

/** Names that two files give to the same thing, in a form of its own. */
const SHARED: Readonly<Record<string, string>> = {
  constant: "the kernel, and the scheme that it draws",
  uniform: "the kernel, and the scheme that it draws",
  normal: "the kernel, and the scheme that it draws",
  orthogonal: "the kernel, and the scheme that it draws",
  log: "the logarithm of a positive normal double, and its extension to all doubles",
};

/** Files of which package.json chooses one for each runtime: they export the same names. */
const CHOSEN = /\.(node|web)\.ts$|^engine\/module\/(training\.)?(default|edge-light|workerd)\.ts$/;

test("no two files export functions of the same name, except for the same thing", () => {
  const all = repeated(
    FUNCTION,
    sources.filter(({ file }) => !CHOSEN.test(file)),
  );
  expect([...all.keys()].sort()).toEqual(Object.keys(SHARED).sort());
});

test("the patterns find what they look for", () => {
  const code = "export interface A<T> {}\ntype B = 1;\nexport const f = (x: number) => x;\nexport function* g() {}\n";
  const twice = ["one.ts", "two.ts"].map((file) => ({ file, code }));
  expect([...repeated(TYPE, twice).keys(), ...repeated(FUNCTION, twice).keys()]).toEqual(["A", "B", "f", "g"]);
  expect(sources.length).toBeGreaterThan(200);
});

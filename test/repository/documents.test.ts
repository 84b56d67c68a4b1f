/** Every JavaScript block of the documents runs as written, and prints what its comments say. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
// @ts-expect-error plain JavaScript, shared with the scripts of other runtimes
import { installPacked } from "../runtimes/packed.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);

let folder: string;
beforeAll(() => {
  folder = installPacked();
});

const blocks = documents.flatMap((name) =>
  [...readFileSync(join(root, name), "utf8").matchAll(/^```js\n([\s\S]*?)^```/gm)].map(
    ([, code], i) => [name, i, code as string] as const,
  ),
);

test("there are blocks to run", () => expect(blocks.length).toBeGreaterThan(0));

test.each(blocks)("%s, block %i", (_, index, code) => {
  const file = join(folder, `block-${index}.mjs`);
  writeFileSync(file, code);
  const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
  const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, text]) => text);
  expect(printed.trim().split("\n")).toEqual(expected);
});

test("every relative link leads somewhere", () => {
  for (const name of [...documents, "CHANGELOG.md"]) {
    const text = readFileSync(join(root, name), "utf8");
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(join(root, dirname(name), link as string)), `${name}: ${link}`).toBe(true);
    }
  }
});

test("the readme names every scheme", async () => {
  const {
    scheme: _,
    resolve: __,
    derive: ___,
    SCHEME_NAMES: ____,
    defaultLayout: _____,
    optionsOf: ______,
    ...schemes
  } = await import("../../src/scheme/scheme.js");
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const name of Object.keys(schemes)) expect(readme).toContain(`\`${name}\``);
});

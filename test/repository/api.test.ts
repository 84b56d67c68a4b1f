/** docs/api.md is what the declarations say, and every public name has a docstring. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
// @ts-expect-error plain JavaScript, which writes the page
import { describeApi } from "../../scripts/api.mjs";
import { root } from "../package/installed.js";

let api: {
  readonly text: string;
  readonly undocumented: readonly string[];
  readonly refusing: readonly string[];
};
beforeAll(() => {
  api = describeApi();
});

test("docs/api.md is up to date: npm run docs writes it", () => {
  expect(readFileSync(join(root, "docs/api.md"), "utf8")).toBe(api.text);
});

test("every public name, method, field and parameter is described", () => {
  expect(api.undocumented).toEqual([]);
});

test("every optional field accepts undefined under exactOptionalPropertyTypes", () => {
  expect(api.refusing).toEqual([]);
});

test("the page has every public name", async () => {
  const doors = ["index", "threads", "recipes", "model", "checkpoint", "serve", "lab", "train", "digits", "audit"];
  for (const door of doors) {
    const source = readFileSync(join(root, `src/${door}.ts`), "utf8");
    const lists = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].map(([, list]) => list as string);
    const names = lists.flatMap((list) => list.split(",")).map((name) => name.replace(/^\s*(type )?/, "").trim());
    for (const name of names.filter((name) => name !== "")) expect(api.text).toContain(`\n### ${name}\n`);
  }
});

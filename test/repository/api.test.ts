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
  const doors = [
    ...["index", "threads", "recipes", "model", "checkpoint", "serve", "lab", "train", "digits", "audit"],
    ...["tfjs", "jax", "onnx"],
  ];
  for (const door of doors) {
    const source = readFileSync(join(root, `src/${door}.ts`), "utf8");
    const lists = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].map(([, list]) => list as string);
    const names = lists.flatMap((list) => list.split(",")).map((name) => name.replace(/^\s*(type )?/, "").trim());
    for (const name of names.filter((name) => name !== "")) expect(api.text).toContain(`\n- [\`${name}\`](../src/`);
  }
});

test("a line has a signature, with what is not public written out, and the first sentence of the docstring", () => {
  const line = (name: string) => api.text.split("\n").find((line) => line.startsWith(`- [\`${name}\`]`));
  expect(line("resolve")).toBe(
    "- [`resolve`](../src/scheme/scheme.ts) `(shape: readonly number[], scheme: Scheme | SchemeName): Distribution`: " +
      "The distribution that a scheme draws from for a shape.",
  );
  expect(line("FillOptions")).toContain(
    "`<D extends DType = DType> = DrawOptions<D> & { start?: number, engine?: EngineName }`",
  );
  expect(line("GatedUnit")).toContain("Dauphin et al. 2017), silu, gelu or relu (Shazeer 2020).");
  expect(line("initModel")).toMatch(/`.*WithPool\): InitializedModel<Buffer>` or `.*WithAsyncPool\): Promise</);
  expect(line("VerdictKind")).toMatch(/"stable"`: What is wrong with an initialization, or that it is `stable`\.$/);
  expect(line("JaxInitializers")).toContain("`` <JaxArray> = ");
  expect(api.text.length).toBeLessThan(80_000);
});

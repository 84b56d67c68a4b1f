/** Every example runs as written, beside the packed package, and prints what it should. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { explain, heNormal, init, kaimingNormal, orthogonal, type Scheme } from "../../src/index.js";
import { initModel, modelOfShapes } from "../../src/model.js";
import { readSafetensors } from "../model/reader.js";
import { workplace } from "../package/installed.js";
import { addExample, examples, scriptOf } from "./folder.js";
import { askInWorkerd } from "./worker.js";

let folder: string;
beforeAll(async () => {
  folder = await workplace("examples");
  symlinkSync("../node_modules", join(folder, "node_modules"));
  for (const name of ["node", "browser", "worker"]) addExample(folder, name);
}, 60_000);

test("node: writes the network that examples/shapes.json describes", async () => {
  const printed = execFileSync(process.execPath, ["mlp.mjs"], { cwd: folder, encoding: "utf8" });
  const shapes = JSON.parse(readFileSync(join(examples, "shapes.json"), "utf8"));
  const { tensors } = initModel(modelOfShapes("mlp", shapes), { seed: 42 });
  const file = await readSafetensors(join(folder, "mlp.safetensors"));
  expect(file.names).toEqual([...tensors.keys()]);
  const lines = printed.trim().split("\n");
  expect(lines).toHaveLength(tensors.size);
  for (const [i, { name, shape, scheme, values }] of [...tensors.values()].entries()) {
    expect(file.entry(name).shape).toEqual(shape);
    expect(file.values(name).every((value, k) => value === values[k])).toBe(true);
    expect(lines[i]).toContain(`${name}: ${explain(shape, scheme as Scheme)}`.replace(/;.*/, ""));
    expect(lines[i]).toMatch(/ drawn with std 0\.\d{5}$/);
  }
});

describe("browser", () => {
  /** The names that a module and everything it imports need from an import map. */
  function mapped(file: string, seen = new Set<string>()): string[] {
    if (seen.has(file)) return [];
    seen.add(file);
    const paths = [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
      ([, path]) => path!,
    );
    return paths.flatMap((path) => (path.startsWith(".") ? mapped(join(dirname(file), path), seen) : [path]));
  }

  test("the import map has every name that the package imports, and leads to files", () => {
    const { imports } = scriptOf(join(folder, "index.html"));
    for (const path of Object.values(imports)) expect(existsSync(join(folder, path)), path).toBe(true);
    for (const name of mapped(join(folder, imports["nn-init"]!))) expect(Object.keys(imports)).toContain(name);
  });

  /** As much of a page as the script uses. */
  const DOM = `
    const context = { bars: [], clearRect() { this.bars = []; }, fillRect(...bar) { this.bars.push(bar); } };
    const elements = {
      "#scheme": { value: "heNormal", addEventListener(event, listener) { this[event] = listener; } },
      "#histogram": { width: 640, height: 320, getContext: () => context },
      "#text": {},
    };
    globalThis.document = { querySelector: (id) => elements[id] };
    export function choose(scheme) {
      elements["#scheme"].value = scheme;
      elements["#scheme"].change();
      return { text: elements["#text"].textContent, heights: context.bars.map(([, , , height]) => height) };
    }
  `;
  const MAIN = `
    import { choose } from "./dom.mjs";
    import "./page.mjs";
    console.log(JSON.stringify(["heNormal", "orthogonal"].map(choose)));
  `;

  test("the page's script draws the histogram of the chosen scheme's weights", () => {
    writeFileSync(join(folder, "dom.mjs"), DOM);
    writeFileSync(join(folder, "page.mjs"), scriptOf(join(folder, "index.html")).script);
    writeFileSync(join(folder, "main.mjs"), MAIN);
    const shown = JSON.parse(execFileSync(process.execPath, ["main.mjs"], { cwd: folder, encoding: "utf8" }));
    for (const [i, scheme] of [heNormal(), orthogonal()].entries()) {
      expect(shown[i].text).toContain(`${explain([784, 512], scheme)}. 401,408 weights in `);
      const counts = new Array(80).fill(0);
      for (const weight of init([784, 512], scheme, { seed: 42, name: "layer.kernel" })) {
        counts[Math.floor((80 * (weight + 0.2)) / 0.4)] += 1;
      }
      const most = Math.max(...counts); // whose bar is as high as the canvas
      expect(shown[i].heights.map((height: number) => Math.round((height / 320) * most))).toEqual(counts);
    }
  });
});

/** Asks the Worker in workerd for URLs; prints a line of JSON for each. */
const client = (urls: readonly string[]) => `
export default {
  async test(_, { worker }) {
    for (const url of ${JSON.stringify(urls)}) {
      const response = await worker.fetch("http://localhost/" + url);
      const answer = response.ok ? [...new Uint8Array(await response.arrayBuffer())] : await response.text();
      console.log(JSON.stringify({ status: response.status, cache: response.headers.get("Cache-Control"), answer }));
    }
  },
};
`;

test("worker: answers with weights in workerd", async () => {
  const urls = [
    "fc1.weight?shape=16,32&scheme=kaimingNormal&seed=42",
    `a%2Fb?shape=3&scheme=${encodeURIComponent('{"scheme":"constant","value":2}')}`,
    "x?shape=5000,5000&scheme=zeros",
    "x?scheme=zeros",
    "x?shape=3,3&scheme=heNormla",
    "x?shape=3&scheme=ones&seed=one",
  ];
  const lines = (await askInWorkerd(folder, client(urls))).trim().split("\n");
  const [weights, constant, large, shapeless, unknown, seedless] = lines.map((line) => JSON.parse(line));
  const expected = init([16, 32], kaimingNormal(), { seed: 42, name: "fc1.weight" });
  expect(weights).toMatchObject({ status: 200, answer: [...new Uint8Array(expected.buffer)] });
  expect(weights.cache).toContain("immutable");
  expect(constant.answer).toEqual([...new Uint8Array(new Float32Array([2, 2, 2]).buffer)]);
  expect(large).toMatchObject({ status: 400, answer: expect.stringMatching(/^shape: expected at most 4194304/) });
  expect(shapeless).toMatchObject({ status: 400, answer: expect.stringMatching(/^shape: expected/) });
  expect(unknown).toMatchObject({ status: 400, answer: expect.stringMatching(/heNormal/) });
  expect(seedless).toMatchObject({ status: 400, answer: expect.stringMatching(/^seed: expected/) });
});

test("README.md lists every example, and its links lead somewhere", () => {
  const readme = readFileSync(join(examples, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link as string);
  for (const link of links) expect(existsSync(join(examples, link)), link).toBe(true);
  const entries = readdirSync(examples).filter((name) => name !== "README.md");
  for (const name of entries)
    expect(
      links.some((link) => link.split("/")[0] === name),
      name,
    ).toBe(true);
});

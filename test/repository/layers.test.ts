/** The layout of docs/architecture.md, read from the files: imports point down, twins have one name, values are portable. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const list = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("bytes.ts") && !file.endsWith(".d.ts"))
    .map((file) => join(folder, file));

/** From the top to the bottom; a file may import from its own layer or one further down. */
const LAYERS: readonly (readonly RegExp[])[] = [
  [/^src\/cli(\.ts$|\/)/],
  [/^src\/audit\//],
  [/^src\/lab(\.ts$|\/)/],
  [/^src\/(model|recipes)(\.ts$|\/)/],
  [/^src\/index\.ts$/],
  [/^src\/(init|threads)\.ts$/],
  [/^src\/prepare\.ts$/],
  [/^src\/explain\.ts$/],
  [/^src\/scheme\.ts$/],
  [/^src\/rule\.ts$/],
  [/^src\/(fans|equation|gain|parts|matrix)\.ts$/],
  [/^src\/engine(\.ts$|\/)/],
  [/^src\/edge\.ts$/],
  [/^src\/(fill|stream|shape|tensor)\.ts$/],
  [/^src\/(truncation|quadrature)\.ts$/],
  [/^src\/(math|float|arena|eigen)\.ts$/],
  [/^src\/dtype\.ts$/],
  [/^src\/(check|digits)\.ts$/],
  [/^src\/kernel\//],
];

const layerOf = (file: string) => LAYERS.findIndex((patterns) => patterns.some((pattern) => pattern.test(file)));

test("every source file has its place, and imports point down", () => {
  const files = list("src");
  expect(files.length).toBeGreaterThan(30);
  const wrong: string[] = [];
  for (const file of files) {
    expect(layerOf(file), file).toBeGreaterThanOrEqual(0);
    const source = readFileSync(join(root, file), "utf8");
    for (const [, path] of source.matchAll(/(?:from|import) "(\.[^"]+)"/g)) {
      const target = relative(root, join(root, dirname(file), path as string)).replace(/\.js$/, ".ts");
      if (target.includes("kernel.wasm") || target.endsWith("bytes.ts")) continue;
      if (layerOf(target) < layerOf(file)) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("assembly/ and src/kernel/ differ by the ABI's index alone", () => {
  const names = (folder: string) =>
    list(folder)
      .map((file) => relative(folder, file))
      .sort();
  expect(names("assembly").filter((name) => name !== "index.ts")).toEqual(names("src/kernel"));
  for (const file of [...list("assembly"), ...list("src/kernel")]) {
    if (file === "assembly/index.ts") continue;
    const other = file.startsWith("assembly")
      ? file.replace("assembly", "src/kernel")
      : file.replace("src/kernel", "assembly");
    expect(readFileSync(join(root, file), "utf8"), file).toContain(`Twin: ${other}`);
  }
});

/** Functions that JavaScript engines may compute differently: ECMA-262 leaves them "implementation-approximated". */
const APPROXIMATE = /Math\.(a?cosh?|a?sinh?|a?tanh?|atan2|cbrt|expm?1?|hypot|log(1p|2|10)?|pow)\b|\*\*/;

test("no value depends on approximate functions", () => {
  const below = [
    ...list("src/kernel"),
    ...list("src/engine"),
    ...list("src/recipes"),
    ...[
      "dtype",
      "edge",
      "engine",
      "equation",
      "fans",
      "fill",
      "float",
      "gain",
      "init",
      "math",
      "matrix",
      "parts",
      "prepare",
      "quadrature",
      "rule",
      "shape",
      "scheme",
      "stream",
      "tensor",
      "truncation",
    ].map((name) => `src/${name}.ts`),
    ...list("src/model"),
    ...list("src/lab"),
  ];
  const wrong = below.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .filter((line) => APPROXIMATE.test(line.replace(/"[^"]*"|\/\/.*|^\s*(\/?\*).*/g, "")))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(wrong).toEqual([]);
  expect(APPROXIMATE.test("x = Math.exp(1)") && APPROXIMATE.test("2 ** k") && !APPROXIMATE.test("Math.sqrt(2)")).toBe(
    true,
  );
});

test("nothing looks at what runtime it is", () => {
  for (const file of list("src").filter(
    (name) => !/^src\/(cli|audit|model\/(checkpoint|read|text))|(node|web)\.ts$/.test(name),
  )) {
    expect(readFileSync(join(root, file), "utf8"), file).not.toMatch(/process\.|navigator|"node:|await import/);
  }
});

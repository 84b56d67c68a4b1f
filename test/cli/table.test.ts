/** Tables in full and fitted to a terminal: `init`, `plan` and `audit` as they look at several widths. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { foldLayers } from "../../src/chart/fold.js";
import { summary } from "../../src/cli/init.table.js";
import { type Column, table } from "../../src/cli/table.js";
import { folder, nnInit, type Run } from "./command.js";

test("a summary of small files does not say that nothing was written in a second", () => {
  const report = { model: "m", seed: "1", dtype: "f32", engine: "simd", tensors: 1, parameters: 100, files: [] };
  const rates = [171_624, 9.96e6, 298e6].map((bytes) => summary({ ...report, bytes, seconds: 1 }).split("(")[1]);
  expect(rates.map((text) => text?.split(",")[0])).toEqual(["0.2 MB/s", "10.0 MB/s", "298 MB/s"]);
});

const COLUMNS: readonly Column[] = [
  { head: "tensor", weight: 3, least: 12, names: true },
  { head: "std", weight: 2, align: "right" },
  { head: "rule", weight: 1 },
  { head: "stream", weight: 0 },
];
const ROWS = [
  ["h.0.attn.weight", "0.02", "1", "a0"],
  ["h.0.attn.bias", "0", "0", "b0"],
  ["h.1.attn.weight", "0.02", "1", "a1"],
  ["h.1.attn.bias", "0", "0", "b1"],
];
const lines = (...all: string[]): string => all.join("\n");

describe("a table", () => {
  test("in full has every column and row", () => {
    expect(table(COLUMNS, ROWS, undefined)).toBe(
      lines(
        "┌─────────────────┬──────┬──────┬────────┐",
        "│ tensor          │  std │ rule │ stream │",
        "├─────────────────┼──────┼──────┼────────┤",
        "│ h.0.attn.weight │ 0.02 │ 1    │ a0     │",
        "│ h.0.attn.bias   │    0 │ 0    │ b0     │",
        "│ h.1.attn.weight │ 0.02 │ 1    │ a1     │",
        "│ h.1.attn.bias   │    0 │ 0    │ b1     │",
        "└─────────────────┴──────┴──────┴────────┘",
      ),
    );
  });

  test("in a terminal folds repeated layers, without the column that differs for each of them", () => {
    expect(table(COLUMNS, ROWS, 80)).toBe(
      lines(
        "┌──────────────────────┬──────┬──────┐",
        "│ tensor               │  std │ rule │",
        "├──────────────────────┼──────┼──────┤",
        "│ h.{0..1}.attn.weight │ 0.02 │ 1    │",
        "│ h.{0..1}.attn.bias   │    0 │ 0    │",
        "└──────────────────────┴──────┴──────┘",
        "--wide shows every column and row",
      ),
    );
  });

  test("shortens names before it leaves out a column", () => {
    expect(table(COLUMNS, ROWS, 32)).toBe(
      lines(
        "┌────────────────┬──────┬──────┐",
        "│ tensor         │  std │ rule │",
        "├────────────────┼──────┼──────┤",
        "│ h.{0..1}…eight │ 0.02 │ 1    │",
        "│ h.{0..1}….bias │    0 │ 0    │",
        "└────────────────┴──────┴──────┘",
        "--wide shows every column and row",
      ),
    );
  });

  test("leaves out the lightest columns first, the heaviest never", () => {
    const heads = (width: number) => table(COLUMNS, ROWS, width).split("\n")[1]?.match(/\w+/g);
    expect(heads(31)).toEqual(["tensor", "std", "rule"]);
    expect(heads(29)).toEqual(["tensor", "std"]);
    expect(heads(23)).toEqual(["tensor", "std"]);
    expect(heads(22)).toEqual(["tensor"]);
    expect(heads(1)).toEqual(["tensor"]);
  });

  test("that fits as it is has no note about what is missing", () => {
    const columns = COLUMNS.slice(0, 3);
    const rows = ROWS.slice(0, 2).map((row) => row.slice(0, 3));
    expect(table(columns, rows, 80)).toBe(table(columns, rows, undefined));
  });

  test("counts two columns for a wide letter", () => {
    const columns: Column[] = [{ head: "name", weight: 1, least: 4 }];
    for (const width of [undefined, 80, 12, 10]) {
      const [border = "", , , row = ""] = table(columns, [["重み.weight.重み"]], width).split("\n");
      expect(row.length + (row.match(/[重み]/g)?.length ?? 0)).toBe(border.length);
      expect(border.length).toBeLessThanOrEqual(width ?? 99);
    }
  });

  test("clips a cell of megabytes", () => {
    expect(table(COLUMNS, [["a".repeat(1e6), "", "", ""]], undefined).length).toBeLessThan(10_000);
    expect(table(COLUMNS, [["a".repeat(1e6), "", "", ""]], 80).length).toBeLessThan(1000);
  });

  test("may be empty", () => {
    expect(table(COLUMNS, [], 80).split("\n")).toHaveLength(5);
    expect(table(COLUMNS, [], undefined).split("\n")).toHaveLength(4);
  });
});

describe("folding", () => {
  const fold = (...names: string[]): string[] =>
    foldLayers(
      names.map((name) => [name, "x"]),
      0,
      [false, false],
    ).map(([name]) => name as string);

  test("joins numbers in a row, and lists the others", () => {
    expect(fold("h.0.w", "h.1.w", "h.2.w")).toEqual(["h.{0..2}.w"]);
    expect(fold("h.0.w", "h.2.w", "h.3.w", "h.10.w")).toEqual(["h.{0,2..3,10}.w"]);
    expect(fold("h.1.w", "h.0.w")).toEqual(["h.{0..1}.w"]);
  });

  test("folds the experts of each layer too", () => {
    expect(fold("l.0.e.0.w", "l.0.e.1.w", "l.1.e.0.w", "l.1.e.1.w")).toEqual(["l.{0..1}.e.{0..1}.w"]);
    expect(fold("l.0.e.0.w", "l.0.e.1.w", "l.1.e.0.w")).toEqual(["l.{0..1}.e.0.w", "l.0.e.1.w"]);
  });

  test("knows the separators of PyTorch, Flax and Keras, and only whole numbers between them", () => {
    expect(fold("Dense_0/kernel", "Dense_1/kernel")).toEqual(["Dense_{0..1}/kernel"]);
    expect(fold("0.weight", "1.weight")).toEqual(["{0..1}.weight"]);
    for (const names of [["conv1.w", "conv2.w"], ["h.00.w", "h.01.w"], ["h.0.w"], ["h.0.w", "h.0.b"], ["a", "b"]]) {
      expect(fold(...names)).toEqual(names);
    }
  });

  test("keeps apart rows whose other cells differ, and the order of those that come first", () => {
    const rows = [
      ["h.0.w", "f32"],
      ["z", "f32"],
      ["h.1.w", "f16"],
      ["h.2.w", "f32"],
    ];
    expect(foldLayers(rows, 0, [false, false])).toEqual([
      ["h.{0,2}.w", "f32"],
      ["z", "f32"],
      ["h.1.w", "f16"],
    ]);
  });
});

describe("measured numbers", () => {
  const fold = (...cells: string[]): string[] =>
    foldLayers(
      cells.map((cell, i) => [`h.${i}.w`, cell]),
      0,
      [false, true],
    ).map(([name, cell]) => `${name} ${cell}`);

  test("of folded rows become the smallest and the largest one, with what follows both", () => {
    expect(fold("0.02", "-3.5", "1e-7")).toEqual(["h.{0..2}.w -3.5..0.02"]);
    expect(fold("2", "2")).toEqual(["h.{0..1}.w 2"]);
    expect(fold("9,900 of 10,000", "950 of 10,000")).toEqual(["h.{0..1}.w 950..9,900 of 10,000"]);
  });

  test("do not hide what is no number, or something else that follows", () => {
    expect(fold("0.02", "NaN", "")).toEqual(["h.0.w 0.02", "h.1.w NaN", "h.2.w "]);
    expect(fold("1 of 2", "1 of 3")).toEqual(["h.0.w 1 of 2", "h.1.w 1 of 3"]);
  });

  test("of the experts of each layer are ranges of ranges", () => {
    const rows = ["1", "4", "2", "3"].map((cell, i) => [`l.${i >> 1}.e.${i & 1}.w`, cell]);
    expect(foldLayers(rows, 0, [false, true])).toEqual([["l.{0..1}.e.{0..1}.w", "1..4"]]);
  });

  test("rows beyond the most are counted below the table", () => {
    const rows = Array.from({ length: 9 }, (_, i) => [`w${i}`, String(i), "1", ""]);
    const text = table(COLUMNS, rows, 80, 4);
    expect(text.split("\n")).toHaveLength(9);
    expect(text).toMatch(/\n--wide shows every column and row, also the 5 rows after these$/);
  });
});

describe("the commands' tables fit the terminal", () => {
  const work = folder();
  const config = join(work, "config.json");
  const stored = join(work, "model.safetensors");
  const WIDTHS = [40, 60, 80, 100, 160];
  const inTable = ({ stdout }: Run) => stdout.split("\n").filter((line) => /^[┌├│└]/.test(line));

  beforeAll(async () => {
    const small = { n_layer: 3, n_embd: 16, n_positions: 8, vocab_size: 20 };
    writeFileSync(config, JSON.stringify({ model_type: "gpt2", ...small }));
    await nnInit(["init", config, "--seed", "1", "--out", stored]);
  });

  const LAB = ["--depth", "4", "--width", "8", "--samples", "4", "--seeds", "1", "--scheme", "heNormal"];
  test.each<[string, readonly number[], () => string[]]>([
    ["plan", WIDTHS, () => ["plan", config]],
    ["init", [40, 80], () => ["init", config, "--seed", "1", "--force", "--out", join(work, "again.safetensors")]],
    ["lab", [40], () => ["lab", ...LAB]],
  ])("%s", async (_, widths, args) => {
    for (const width of widths) {
      const run = await nnInit(args(), width);
      expect(run).toMatchObject({ status: 0, stderr: "" });
      expect(inTable(run).length).toBeGreaterThan(4);
      for (const line of inTable(run)) expect(line.length, `${width}: ${line}`).toBeLessThanOrEqual(width);
    }
    const [piped, wide] = [await nnInit(args()), await nnInit([...args(), "--wide"], 40)];
    expect(inTable(wide)).toEqual(inTable(piped));
    expect(piped.stdout).not.toContain("--wide");
  });

  test("plan keeps name and std at 40 columns, and folds layers at 80", async () => {
    const narrow = await nnInit(["plan", config], 40);
    expect(inTable(narrow)[1]).toMatch(/^│ tensor +│ std +│$/);
    const run = await nnInit(["plan", config], 80);
    expect(run.stdout).toContain("transformer.h.{0..2}.attn.c_attn.bias");
    expect(inTable(run).filter((line) => line.includes("c_attn.bias"))).toHaveLength(1);
  });

  test("audit --spectral has what was asked for at 80 columns, and fits", async () => {
    const run = await nnInit(["audit", stored, "--spectral", "--threads", "1"], 80);
    for (const line of inTable(run)) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(inTable(run)[1]).toMatch(/^│ +│ tensor +│ largest singular value │$/);
    expect(inTable(run).join("\n")).toMatch(/\{0\.\.2\}\.attn\.c_attn\.weight +│ 0\.\d+\.\.0\.\d+ +│/);
  });

  test("audit keeps verdict and name, folds repeated layers, and lists every tensor with --wide and in a pipe", async () => {
    const narrow = await nnInit(["audit", stored, "--config", config], 40);
    expect(inTable(narrow)[1]).toMatch(/^│ +│ tensor +│$/);
    const names = (run: Run) => inTable(run).flatMap((line) => /^│ ok │ (\S+)/.exec(line)?.[1] ?? []);
    const audit = ["audit", stored, "--threads", "1"];
    const terminal = await nnInit(audit, 80);
    for (const [width, run] of [
      [40, narrow],
      [80, terminal],
    ] as const) {
      for (const line of inTable(run)) expect(line.length, line).toBeLessThanOrEqual(width);
    }
    expect(inTable(terminal)[1]).toMatch(/^│ +│ tensor +│.* std expected │ std measured +│$/);
    expect(names(terminal)).toHaveLength(14);
    const folded = inTable(terminal).find((line) => line.includes("{0..2}.attn.c_attn.weight"));
    expect(folded).toMatch(/│ 0\.02 +│ 0\.01\d+\.\.0\.02\d+ +│$/);
    const [piped, wide] = [await nnInit(audit), await nnInit([...audit, "--wide"], 80)];
    expect(inTable(wide)).toEqual(inTable(piped));
    expect(names(piped)).toHaveLength(40);
    expect(names(piped)).toContain("transformer.h.1.attn.c_attn.weight");
    expect(piped.stdout).not.toContain("--wide");
  });
});

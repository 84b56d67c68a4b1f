/**
 * `nn-init bench`: its statistics, its formats, what it measures, and its refusals. No test depends on how fast a machine is.
 * Threads run in the tests of the runtimes: their script is in the build alone.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cellsOf, nameOfCell } from "../../src/cli/bench.cells.js";
import { chosenCells } from "../../src/cli/bench.choose.js";
import { comparisonText, sharesOfU, speedUp } from "../../src/cli/bench.compare.js";
import { actionJson, bencherJson, sizeText } from "../../src/cli/bench.formats.js";
import { Benchmark, lodash } from "../../src/cli/bench.library.js";
import { takeTurns, turnsOf, USUAL, unsteady, wanderOf } from "../../src/cli/bench.measure.js";
import { type BenchResult, type Measured, machineText, RESULT_FORMAT, runtimeOf } from "../../src/cli/bench.result.js";
import { main } from "../../src/cli/program.js";
import { init, normal } from "../../src/index.js";
import { expectEach } from "../each.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const require = createRequire(import.meta.url);

describe("before and after", () => {
  test("the probabilities of U are those of all orders of two samples", () => {
    expect(sharesOfU(2, 2).map((share) => share * 6)).toEqual([1, 1, 2, 1, 1].map((count) => expect.closeTo(count)));
    for (const [m, n] of [
      [1, 7],
      [5, 5],
      [4, 8],
      [100, 100],
    ] as const) {
      const shares = sharesOfU(m, n);
      expect(shares).toHaveLength(m * n + 1);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      expectEach(shares, (share, u) => Math.abs(share - (shares[m * n - u] as number)) < 5e-13);
    }
    // 126 orders of five and four: U is at most 2 in 1 + 1 + 2 of them.
    const [a = 0, b = 0, c = 0] = sharesOfU(5, 4);
    expect((a + b + c) * 126).toBeCloseTo(4);
  });

  test("the speed-up is the median of all ratios, and its interval reaches from the k-th to the k-th last", () => {
    const before = [2, 2.2, 2.4, 2.6];
    expect(speedUp(before, before).ratio).toBeCloseTo(1, 1);
    const { ratio, interval } = speedUp(before, [1, 1.1, 1.2, 1.3]);
    expect(ratio).toBeCloseTo(2, 1);
    expect(interval).toEqual([2 / 1.3, 2.6]); // of 4 and 4 turns all 16 ratios: P(U = 0) is 1/70
    const eight = Array.from({ length: 8 }, (_, i) => 1 + i / 10);
    const ratios = eight.flatMap((old) => eight.map((now) => old / now)).sort((x, y) => x - y);
    // U is at most 13 with a probability of 0.0249, of 14 with 0.0325: 14 ratios lie outside on each side.
    expect(speedUp(eight, eight).interval).toEqual([ratios[13], ratios[50]]);
    expect(speedUp([1, 2, 3], [1, 2, 3]).interval).toBeUndefined();
  });

  test("the interval holds the true speed-up in 95 of 100 runs, whatever the distribution of times", () => {
    const draws = init([1000, 16], normal({ std: 1 }), { seed: 7, name: "times" });
    const times = Array.from(draws, (z) => Math.exp(z / 4)); // skewed, as times are
    const missed = Array.from({ length: 1000 }, (_, run) => {
      const before = times.slice(16 * run, 16 * run + 8).map((time) => 1.5 * time);
      const { interval: [low, high] = [0, 0] } = speedUp(before, times.slice(16 * run + 8, 16 * run + 16));
      return low > 1.5 || high < 1.5;
    }).filter(Boolean).length;
    // Expected: 49.7 of 1,000. The seed is fixed; another one would leave these bounds in one of 10,000 cases.
    expect(missed).toBeGreaterThan(23);
    expect(missed).toBeLessThan(77);
  });
});

const MACHINE: BenchResult["machine"] = {
  ...{ cpu: "Some CPU", cores: 2, arch: "x64", os: "linux", runtime: "Node 20.1.0", javascript: "V8 11.3" },
  ...{ nnInit: "1.2.3", threads: 2 },
};
const measured = (
  distribution: string,
  engine: Measured["engine"],
  seconds: readonly number[],
  more = {},
): Measured => ({
  ...{ distribution, engine, to: "arena", dtype: "f32", size: 1000, seconds },
  ...more,
});
const RESULT: BenchResult = {
  format: RESULT_FORMAT,
  machine: MACHINE,
  cells: [
    measured("memory.fill", "limit", [1e-7, 2e-7, 1e-7, 1e-7]),
    measured("normal", "simd", [1e-6, 2e-6, 1.25e-6, 1.5e-6]),
    measured("normal", "scalar", [1e-5, 1e-5, 1e-5, 1e-5], { to: "own" }),
    measured("normal", "simd", [2e-6, 2e-6, 2e-6, 2e-6], { dtype: "f16" }),
  ],
};

describe("what is printed", () => {
  test("github-action-benchmark reads an array of name, unit, value, range and extra", () => {
    const entries = JSON.parse(actionJson(RESULT));
    expect(entries).toHaveLength(4);
    expect(entries[1]).toEqual({
      name: "normal simd arena f32 1000",
      unit: "10^9 elements/s",
      value: 1,
      range: "median 0.666667",
      extra: `best of 4 turns\n${machineText(MACHINE)}`,
    });
  });

  test("Bencher reads an object of benchmarks, their measures, and three numbers for each", () => {
    const report = JSON.parse(bencherJson(RESULT));
    expect(Object.keys(report)).toEqual(RESULT.cells.map(nameOfCell));
    expect(report["normal simd arena f32 1000"]).toEqual({
      throughput: { value: 1e9, lower_value: 5e8, upper_value: 1e9 },
      latency: { value: 1000, lower_value: 1000, upper_value: 2000 },
    });
    for (const measures of Object.values<Record<string, Record<string, number>>>(report)) {
      for (const { value, lower_value, upper_value, ...rest } of Object.values(measures)) {
        expect(rest).toEqual({});
        expect(lower_value).toBeLessThanOrEqual(value as number);
        expect(upper_value).toBeGreaterThanOrEqual(value as number);
      }
    }
  });

  test("the table has rates, the twin beside the kernels, and the share of memory.fill; of element types a second one", () => {
    const text = sizeText(RESULT.cells, undefined) as string;
    expect(text).toContain("1,000 elements; G/s is 10^9 elements a second; memory.fill: 10.000 G/s\n");
    expect(text).toMatch(/│ distribution │ scalar │ +simd │ simd \/ scalar │ simd, ns │ of memory.fill │/);
    expect(text).toMatch(/│ normal +│ +0\.100 │ 1\.000 │ +10\.0x │ +1\.000 │ +10% │/);
    expect(text).toMatch(/│ normal +│ 1\.000 │ 0\.500 \(50%\) │/);
    expect(sizeText([], undefined)).toBeUndefined();
  });

  test("a comparison says what is faster, and whether the machine was the same", () => {
    const [fill, simd] = RESULT.cells as readonly [Measured, Measured];
    const scaled = (cell: Measured, by: number) => ({ ...cell, seconds: cell.seconds.map((each) => each * by) });
    const with_ = (cells: readonly Measured[]): BenchResult => ({ ...RESULT, cells });
    const faster = comparisonText(RESULT, with_([fill, scaled(simd, 0.25)]), undefined);
    expect(faster).toMatch(/│ normal simd arena f32 1000 +│ +1\.00 │ +0\.25 │ +4\.000x │ 2\.000 to 8\.000 │ faster/);
    expect(faster).toMatch(/│ memory\.fill limit arena f32 1000 │ .* no difference found │/);
    expect(faster).not.toContain("normal scalar");
    expect(faster).not.toContain("machine itself");
    const slower = comparisonText(RESULT, with_([scaled(fill, 10), scaled(simd, 10)]), undefined);
    expect(slower).toMatch(/│ normal simd .* slower/);
    expect(slower).toContain(
      "The machine itself was not the same in both runs: memory.fill limit arena f32 1000 0.100x",
    );
  });

  test("Deno and Bun are told from Node, which they say they are", () => {
    expect(runtimeOf({ node: "20.1.0", v8: "11.3" })).toEqual({ runtime: "Node 20.1.0", javascript: "V8 11.3" });
    expect(runtimeOf({ node: "24.0.0", v8: "15.0", deno: "2.9.5" }).runtime).toBe("Deno 2.9.5");
    const bun = runtimeOf({ node: "24.0.0", v8: "13.6", bun: "1.4.5", webkit: "0123456789abcdef" });
    expect(bun).toEqual({ runtime: "Bun 1.4.5", javascript: "JavaScriptCore 0123456789ab" });
  });

  test("a clock that wandered is told", () => {
    expect(wanderOf([[1, 1.2, 1.1], [2]])).toBeCloseTo(1.1);
    expect(unsteady(1.2)).toBeUndefined();
    expect(unsteady(wanderOf([[1, 1.5, 1.4]]))).toContain("medians up to 1.40 times the best");
    expect(wanderOf([])).toBe(1);
  });
});

describe("benchmark.js", () => {
  const source = readFileSync(require.resolve("benchmark"), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const whole = createRequire(require.resolve("benchmark"))("lodash");

  test("finds every function of lodash that it calls", () => {
    const called = new Set([...source.matchAll(/\b_\.(\w+)/g)].map(([, name]) => name as string));
    const listed = [...source.matchAll(/_\.each\(\[('each'.*?)\]/g)].flatMap(([, names]) =>
      (names as string).match(/\w+/g),
    );
    expect(called.size).toBeGreaterThan(20);
    expect(listed).toContain("forOwn");
    for (const name of [...called, ...listed]) expect(lodash, name as string).toHaveProperty(name as string);
  });

  test.each<[keyof typeof lodash, readonly unknown[]]>([
    ["assign", [{ a: 1 }, { a: 2, b: 3 }]],
    ["cloneDeepWith", [{ a: [1, { b: 2 }], c: null, d: undefined }]],
    ["defaults", [{ a: 1 }, { a: 2, b: 2 }, { b: 3, c: 3 }]],
    ["eq", [Number.NaN, Number.NaN]],
    ["eq", [1, 2]],
    ["filter", [[1, 2, 3], (x: unknown) => x !== 2]],
    ["get", [{ a: 1 }, "a"]],
    ["get", [undefined, "a"]],
    ["has", [{ a: undefined }, "a"]],
    ["has", [null, "a"]],
    ["has", [{}, "toString"]],
    ["indexOf", [[1, 2], 2]],
    ["isError", [new TypeError()]],
    ["isFinite", ["1"]],
    ["isNaN", [Number.NaN]],
    ["isObject", [() => 1]],
    ["isObjectLike", [() => 1]],
    ["isPlainObject", [new Date()]],
    ["isPlainObject", [Object.create(null)]],
    ["map", [["a"], (x: unknown, i: unknown) => [x, i]]],
    ["minBy", [[{ n: 2 }, { n: 1 }, { n: 3 }], "n"]],
    ["pick", [{ a: 1, b: 2 }, ["a", "z"]]],
    ["reduce", [[1, 2], (sum: unknown, x: unknown) => (sum as number) * 2 + (x as number), 1]],
    ["result", [["a", "b"], 1]],
    ["result", [null, 1]],
    ["toArray", [{ 0: "a", 1: "b" }]],
  ])("has %s as lodash has it: %j", (name, given) => {
    const own = (lodash[name] as (...list: readonly unknown[]) => unknown)(...structuredCloneOf(given));
    expect(own).toEqual(whole[name](...structuredCloneOf(given)));
  });

  test("has each, forOwn and template as lodash has them", () => {
    const seen = (each: (list: object, visit: (...call: readonly unknown[]) => unknown) => void, list: object) => {
      const calls: unknown[] = [];
      each(list, (value, key) => calls.push([value, key]) < 2);
      return calls;
    };
    for (const list of [["a", "b", "c"], { x: 1, y: 2, z: 3 }])
      expect(seen(lodash.each, list)).toEqual(seen(whole.each, list));
    expect(seen(lodash.forOwn, { x: 1 })).toEqual(seen(whole.forOwn, { x: 1 }));
    const text = ["begin", "fn", "missing"].map((name) => `\n$\{${name}};`).join("");
    const values = { begin: "a", fn: "f()", missing: undefined };
    expect(lodash.template(text)(values)).toBe(whole.template(text)(values));
  });

  test("calls what it measures, and hands on what that throws", () => {
    let calls = 0;
    const turn = turnsOf(() => void ++calls, { ...USUAL, minTime: 1e-4, maxTime: 1e-4 });
    expect(turn()).toBeGreaterThan(0);
    const after = calls;
    expect(after).toBeGreaterThan(3);
    expect(turn()).toBeLessThan(1e-3);
    expect(calls).toBeGreaterThan(after);
    const failing = turnsOf(() => {
      throw new Error("out of order");
    }, USUAL);
    expect(failing).toThrow("out of order");
    expect(Benchmark.version).toBe("2.1.4");
  });
});

/** A copy of arguments, functions as they are, since some functions change their first one. */
const structuredCloneOf = (given: readonly unknown[]): readonly unknown[] =>
  given.map((value) =>
    Object.prototype.toString.call(value) === "[object Object]" ? { ...(value as object) } : value,
  );

test("turns are interleaved, and end after an abort or with the time", async () => {
  const order: string[] = [];
  const stopping = new AbortController();
  const cell = (name: string) => () => order.push(name);
  const cells = { a: cell("a"), b: cell("b") };
  expect(await takeTurns(cells, { turns: 2 })).toEqual({ a: [1, 3], b: [2, 4] });
  expect(order).toEqual(["a", "b", "a", "b"]);
  const onTurn = () => order.length >= 7 && stopping.abort();
  expect(await takeTurns(cells, { turns: 9, signal: stopping.signal, onTurn })).toEqual({ a: [5, 7], b: [6] });
  expect((await takeTurns(cells, { turns: 9, least: 3, seconds: 0 })).a).toHaveLength(3);
});

describe("the cells", () => {
  test("are every distribution by engine and destination, the twin, loops, and element types", () => {
    const names = cellsOf(65_536, true).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(1 + 5 * 5 + 3 + 5 * 3);
    for (const name of [
      "memory.fill limit arena f32",
      "normal scalar own f32",
      "truncated loop own f32",
      "wide simd arena bf16",
    ])
      expect(names).toContain(`${name} 65536`);
    expect(cellsOf(10_000_000, false).some(({ engine }) => engine === "scalar")).toBe(false);
  });

  test("are chosen by words, sizes, engines that are there, and an earlier run", () => {
    const chosen = (...call: Parameters<typeof chosenCells>) =>
      chosenCells(...call).map((cells) => cells.map(({ name }) => name));
    const all = { absent: {} };
    expect(chosen({}, all, undefined).map((names) => names.length)).toEqual([44, 29, 29, 17]);
    const fill = (size: number) => `memory.fill limit arena f32 ${size}`;
    const asked = { filter: "normal  simd own", sizes: [64, 2000] };
    expect(chosen(asked, all, undefined)).toEqual(
      [64, 2000].map((size) => [fill(size), `normal simd own f32 ${size}`]),
    );
    const without = chosen({ filter: "normal own", sizes: [2000] }, { absent: { threads: "none" } }, undefined);
    expect(without).toEqual([[fill(2000), ...["simd", "scalar", "loop"].map((each) => `normal ${each} own f32 2000`)]]);
    const again = { ...RESULT, cells: RESULT.cells.slice(0, 2) };
    expect(chosen({}, all, again)).toEqual([[fill(1000), "normal simd arena f32 1000"]]);
    expect(() => chosenCells({ sizes: [64] }, all, again)).toThrow(/^--compare: expected a file with cells/);
  });
});

describe("the command", () => {
  const CELL = ["bench", "--filter", "constant simd own", "--sizes", "64", "--turns", "4"];
  const file = join(work, "before.json");

  test("prints a table and writes all times, with which it can be compared", async () => {
    const run = await nnInit([...CELL, "--json", file]);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^nn-init 1\.2\.3, Node .*; threads: \d+\n/);
    expect(run.stdout).toMatch(
      /64 elements; .*\n┌.*\n│ distribution │ simd, own array │\n├.*\n│ constant +│ +\d\.\d+ │/,
    );
    const { format, machine, cells } = JSON.parse(readFileSync(file, "utf8"));
    expect([format, machine.nnInit]).toEqual([RESULT_FORMAT, "1.2.3"]);
    expect(cells.map(nameOfCell)).toEqual(["memory.fill limit arena f32 64", "constant simd own f32 64"]);
    for (const { seconds } of cells) expect(seconds).toHaveLength(4);

    const again = await nnInit(["bench", "--compare", file, "--turns", "4"]);
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(/^before: nn-init 1\.2\.3, .*\nafter: {2}nn-init 1\.2\.3/);
    expect(again.stdout).toMatch(/│ constant simd own f32 64 +│ +[\d.]+ │ +[\d.]+ │ +[\d.]+x │ [\d.]+ to [\d.]+ +│/);
  });

  test("prints one JSON for other tools", async () => {
    const { stdout } = await nnInit([...CELL, "--format", "bencher"]);
    expect(Object.keys(JSON.parse(stdout))).toEqual(["memory.fill limit arena f32 64", "constant simd own f32 64"]);
  });

  test("an interrupt ends it; what was measured is printed and written", async () => {
    const out = join(work, "interrupted.json");
    let printed = "";
    // After some turns: before each of them the command lets other events happen once.
    const wait = (turns: number): unknown =>
      turns === 0 ? process.emit("SIGINT", "SIGINT") : setImmediate(() => wait(turns - 1));
    const print = async (text: string) => {
      if (printed === "") wait(12);
      printed += text;
    };
    const io = {
      print,
      warn() {},
      columns: undefined,
      bars: false,
      scripts: new URL("../../dist/", import.meta.url),
      version: "1.2.3",
    };
    const flags = ["--sizes", "64,1000", "--turns", "1000", "--filter", "normal simd arena f32"];
    expect(await main(["bench", ...flags, "--json", out], io)).toBe(130);
    expect(printed).toContain("│ normal ");
    expect(process.listenerCount("SIGINT")).toBe(0);
    const { cells } = JSON.parse(readFileSync(out, "utf8"));
    expect(cells.every(({ size }: Measured) => size === 64)).toBe(true);
    expect(cells.map(nameOfCell)).toContain("normal simd arena f32 64");
    expect(cells[0].seconds.length).toBeLessThan(20);
  });

  const other = (change: (result: BenchResult) => unknown): string => {
    const path = join(work, "other.json");
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")))));
    return path;
  };

  test.each<[string, () => readonly string[], RegExp, number]>([
    [
      "an unknown word",
      () => ["--filter", "nromal"],
      /^nn-init: --filter: expected one of .*\(perhaps "normal"\), got "nromal"\n$/,
      2,
    ],
    [
      "words of no one cell",
      () => ["--filter", "wide loop"],
      /: --filter: expected words that one cell has together/,
      2,
    ],
    [
      "a size of 0",
      () => ["--sizes", "0"],
      /'--sizes <numbers>' argument '0' is invalid\. Expected at most 20 whole numbers/,
      2,
    ],
    ["a size that is none", () => ["--sizes", "64,1e3"], /argument '64,1e3' is invalid/, 2],
    ["a size beyond memory", () => ["--sizes", "268435457"], /from 1 to 268435456/, 2],
    ["few turns", () => ["--turns", "3"], /Expected a whole number from 4 to 1000/, 2],
    [
      "an unknown format",
      () => ["--format", "csv"],
      /expected one of "table", "github-action", "bencher", got "csv"/,
      2,
    ],
    ["a file that is there", () => ["--json", file], /before\.json exists; --force replaces it\n$/, 1],
    ["standard output twice", () => ["--json", "-"], /: --json: expected a file, got standard output/, 2],
    [
      "a comparison for a tool",
      () => ["--compare", file, "--format", "bencher"],
      /: --compare: expected --format table/,
      2,
    ],
    ["no file", () => ["--compare", join(work, "none")], /none: no such file\n$/, 1],
    [
      "another JSON",
      () => ["--compare", other(() => ({ name: 1 }))],
      /other\.json: not what nn-init bench --json writes\n/,
      1,
    ],
    [
      "another machine",
      () => ["--compare", other((result) => ({ ...result, machine: { ...result.machine, cpu: "Z80" } }))],
      /other\.json: expected ".*" as cpu of its machine, got "Z80"; times of two machines cannot be compared\n$/,
      1,
    ],
    [
      "times that are none",
      () => [
        "--compare",
        other(({ cells, ...rest }) => ({ ...rest, cells: cells.map((cell) => ({ ...cell, seconds: [0] })) })),
      ],
      /\ncells\[0\]\.seconds\[0\]: expected at least 1e-12, got 0\n/,
      1,
    ],
    [
      "cells that it does not measure",
      () => ["--compare", file, "--sizes", "65"],
      /: --compare: expected a file with cells/,
      2,
    ],
  ])("refuses %s before it measures", async (_, flags, message, status) => {
    const run = await nnInit(["bench", ...flags()]);
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(status);
    expect(run.stdout).not.toContain("│");
  });
});

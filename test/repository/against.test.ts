/** The tables of rivals: how they are written into the documents, and that both have the marks for it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
// @ts-expect-error plain JavaScript, shared with the script of the bench
import { tableOf, withTables } from "../../bench/against/tables.mjs";
import { root } from "../package/installed.js";

const TABLE = {
  size: 1000,
  rows: {
    "nn-init": { uniform: { best: 1e-6, ours: 1e-6 }, normal: { best: 2e-6, ours: 2e-6 } },
    "MKL, ARS5": { uniform: { best: 5e-7, ours: 1e-6 } },
    PyTorch: { normal: { best: 2e-5, ours: 2e-6 } },
  },
};

test("a row has rates, and how many times as fast nn-init was in the same turns", () => {
  expect(tableOf(TABLE).split("\n")).toEqual([
    "| | uniform | normal | truncated |",
    "|---|---|---|---|",
    "| nn-init | 1.000 G/s | 0.500 G/s |  |",
    "| MKL, ARS5 | 2.000 G/s (0.50x) |  |  |",
    "| PyTorch |  | 0.050 G/s (10.0x) |  |",
  ]);
  expect(tableOf(TABLE, ["PyTorch", "none"]).split("\n")).toHaveLength(3);
});

test("both documents have a mark for each table, and a run that was ended leaves the others", () => {
  const result = { machine: "a machine", versions: { PyTorch: "PyTorch 2" }, absent: ["MLX: no wheel"] };
  const read = (name: string) => readFileSync(join(root, name), "utf8");
  const speed: string = withTables(read("docs/speed.md"), {
    ...result,
    tables: { small: TABLE, large: TABLE, all: TABLE },
  });
  expect(speed.split("| PyTorch |  | 0.050 G/s (10.0x) |  |")).toHaveLength(4);
  expect(speed).toContain("\na machine. PyTorch 2.\nAbsent: MLX: no wheel.\n");
  const readme: string = withTables(read("README.md"), { ...result, tables: { small: TABLE } });
  expect(readme).toContain("| 0.050 G/s (10.0x) |  |\n| MKL, ARS5 | 2.000 G/s (0.50x) |  |  |\n\n<!-- end -->");
  const ended: string = withTables(speed, { ...result, tables: { small: { size: 1, rows: {} } } });
  expect(ended.split("| PyTorch |  | 0.050 G/s (10.0x) |  |")).toHaveLength(3);
});

/**
 * The main job in full: GPT-2 small by the command, read back by independent readers, each tensor held against its
 * distribution. 50 random tensors with three moments each: at 5.5 standard errors a correct library would have failed here
 * at its first choice of the seed with probability below 1e-4. Needs python3 with NumPy, and fails without it.
 */
import { spawnSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { readSource } from "../../src/file/read.js";
import { planModel } from "../../src/model/parse.js";
import { stdOf } from "../../src/moments.js";
import { sizeOf } from "../../src/shape.js";
import { CLI, folder } from "../cli/build.js";
import { type Read, readSafetensors } from "../model/reader.js";

const config = new URL("../../examples/gpt2/config.json", import.meta.url).pathname;
const work = folder();
const path = join(work, "gpt2.safetensors");
let read: Read;
let report: { sha256: string; rss: number };

/** Runs the command in a Node that prints its peak memory at the end. */
function run(out: string, engine: string): { sha256: string; rss: number } {
  const tell = `process.on("exit", () => process.stderr.write("rss " + process.resourceUsage().maxRSS))`;
  const hook = `data:text/javascript,${encodeURIComponent(tell)}`;
  const args = ["--import", hook, CLI, "init", config, "--seed", "42", "--engine", engine, "--out", out, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const { files, seconds } = JSON.parse(stdout);
  const rss = Number(/rss (\d+)/.exec(stderr)?.[1]) / 1024;
  console.info(
    `gpt2 by ${engine}: ${seconds.toFixed(2)} s, peak memory ${rss.toFixed(0)} MiB, sha256 ${files[0].sha256}`,
  );
  return { sha256: files[0].sha256, rss };
}

beforeAll(async () => {
  report = run(path, "simd");
  read = await readSafetensors(path);
}, 300_000);

afterAll(() => rmSync(work, { recursive: true }));

test("the file has the names and shapes of the config, 124,439,808 parameters in 148 tensors", () => {
  expect(read.names).toHaveLength(148);
  for (const { name, shape } of planModel(readSource(config).model).tensors)
    expect(read.entry(name).shape).toEqual(shape);
  expect(read.names.reduce((sum, name) => sum + sizeOf(read.entry(name).shape), 0)).toBe(124_439_808);
  const last = read.names.map((name) => read.entry(name).data_offsets[1]).reduce((a, b) => Math.max(a, b), 0);
  expect(last).toBe(4 * 124_439_808);
});

test("the command needs less than 200 MB of memory", () => {
  expect(report.rss).toBeGreaterThan(20); // the measure measures
  expect(report.rss).toBeLessThan(200e6 / 2 ** 20);
});

test("the twins write the same file", () => {
  const again = join(work, "twins.safetensors");
  expect(run(again, "scalar").sha256).toBe(report.sha256);
  expect(statSync(again).size).toBe(statSync(path).size);
});

test("every tensor has the mean, std, kurtosis and extreme values of its distribution", () => {
  let drawn = 0;
  for (const { name, distribution } of planModel(readSource(config).model).tensors) {
    const values = read.values(name);
    const n = values.length;
    if (distribution.kind === "constant") {
      expect(values.every((value) => value === distribution.value)).toBe(true);
      continue;
    }
    drawn += 1;
    const std = stdOf(distribution as Independent);
    const sums: [number, number, number] = [0, 0, 0];
    let low = 0;
    let high = 0;
    for (const value of values) {
      const z = value / std;
      sums[0] += z;
      sums[1] += z * z;
      sums[2] += z ** 4;
      low = Math.min(low, z);
      high = Math.max(high, z);
    }
    expect(Math.abs(sums[0] / n), `mean of ${name}`).toBeLessThan(5.5 / Math.sqrt(n));
    expect(Math.abs(sums[1] / n - 1), `variance of ${name}`).toBeLessThan(5.5 * Math.sqrt(2 / n));
    expect(Math.abs(sums[2] / n - 3), `kurtosis of ${name}`).toBeLessThan(5.5 * Math.sqrt(96 / n));
    // The largest value of n lies between these in 99.9999% of all samples.
    const least = Math.sqrt(2 * Math.log(n)) - 1.6;
    for (const end of [high, -low]) {
      expect(end, `end of ${name}`).toBeGreaterThan(least);
      expect(end, `end of ${name}`).toBeLessThan(6.67);
    }
  }
  expect(drawn).toBe(50);
});

const PYTHON = ["/usr/bin/python3", "python3"].find((python) => spawnSync(python, ["-c", "import numpy"]).status === 0);

test("NumPy reads the same values", () => {
  if (PYTHON === undefined) throw new Error("expected a python3 with NumPy (Debian: python3-numpy), got none");
  const script = `
import json, struct, sys, numpy
with open(sys.argv[1], "rb") as file:
    length = struct.unpack("<Q", file.read(8))[0]
    header = json.loads(file.read(length))
    header.pop("__metadata__")
    for name, entry in header.items():
        values = numpy.fromfile(file, "<f4", (entry["data_offsets"][1] - entry["data_offsets"][0]) // 4)
        values = values.astype("f8").reshape(entry["shape"])
        print(json.dumps([name, values.shape, float(values.sum()), float((values ** 2).sum())]))
    assert file.read(1) == b""
`;
  const { status, stdout, stderr } = spawnSync(PYTHON, ["-c", script, path], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(148);
  for (const [name, shape, sum, squares] of lines) {
    const values = read.values(name);
    expect(read.entry(name).shape).toEqual(shape);
    let [s, q] = [0, 0];
    for (const value of values) {
      s += value;
      q += value * value;
    }
    expect(Math.abs(s - sum)).toBeLessThan(1e-9 * Math.sqrt(values.length));
    expect(Math.abs(q - squares)).toBeLessThan(1e-9 * (1 + squares));
  }
});

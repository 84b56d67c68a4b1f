/** `nn-init init`: its file against the library and a foreign reader, and its refusals. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Independent } from "../../src/distribution.js";
import { readSource } from "../../src/file/read.js";
import { init, resolve, type Scheme, scheme } from "../../src/index.js";
import { planModel } from "../../src/model/parse.js";
import type { DType } from "../../src/model.js";
import { stdOf } from "../../src/moments.js";
import { type Read, readSafetensors } from "../model/reader.js";
import { folder, nnInit } from "./command.js";
import { KINDS } from "./kinds.js";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;
const TINY = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 32, vocab_size: 100 };

const work = folder();
const tiny = join(work, "config.json");
const file = join(work, "tiny.safetensors");
let report: Record<string, unknown> & { files: { path: string; bytes: number; sha256: string }[] };

beforeAll(async () => {
  writeFileSync(tiny, JSON.stringify(TINY));
  const run = await nnInit(["init", tiny, "--seed", "42", "--out", file, "--json"]);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  report = JSON.parse(run.stdout);
});

/** Compares bits; `toEqual` takes seconds for a million values. */
function expectSame(given: Uint8Array, expected: ArrayBufferView, name: string): void {
  const bytes = new Uint8Array(expected.buffer, expected.byteOffset, expected.byteLength);
  expect(Buffer.compare(given, bytes), name).toBe(0);
}

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

const json = (name: string, content: unknown) => {
  const path = join(work, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

describe("the file", () => {
  test("--json says what was written", () => {
    expect(Object.keys(report)).toEqual([
      ...["model", "seed", "dtype", "engine", "tensors", "parameters", "bytes", "seconds", "files"],
    ]);
    expect(report).toMatchObject({ model: "gpt2", seed: "42", dtype: "f32", engine: "simd", tensors: 28 });
    expect(report.bytes).toBe(statSync(file).size);
    expect(report.files).toEqual([{ path: file, bytes: report.bytes, sha256: sha256(file), skipped: false }]);
  });

  test("a foreign reader finds every tensor, with the values that the library draws", async () => {
    const read = await readSafetensors(file);
    const { tensors } = planModel(readSource(tiny).model);
    expect(read.names).toEqual(tensors.map(({ name }) => name));
    for (const { name, shape, scheme } of tensors) {
      expect(read.entry(name)).toMatchObject({ dtype: "F32", shape });
      expectSame(read.bytes(name), init(shape, scheme as Scheme, { seed: 42, name }), name);
    }
  });

  test.each(["f64", "f16", "bf16"] as const)("--dtype %s draws every tensor in that type", async (dtype) => {
    const out = join(work, `${dtype}.safetensors`);
    const run = await nnInit(["init", tiny, "--seed", "42", "--dtype", dtype, "--out", out]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const read = await readSafetensors(out);
    for (const { name, shape, scheme } of planModel(readSource(tiny).model).tensors) {
      expect(read.entry(name)).toMatchObject({ dtype: dtype.toUpperCase(), shape });
      expectSame(read.bytes(name), init(shape, scheme as Scheme, { seed: 42, name, dtype }), name);
    }
    // What was measured is what was expected, to three digits or so.
    const [, expected, measured] = /normal std 0.02 *│ ([\d.]+) *│ ([\d.]+)/.exec(run.stdout) ?? [];
    expect(Math.abs(Number(measured) / Number(expected) - 1)).toBeLessThan(0.03);
  });

  test("each tensor has the moments of its distribution, within 5 standard errors", async () => {
    const read = await readSafetensors(file);
    for (const { name, shape, scheme } of planModel(readSource(tiny).model).tensors) {
      const distribution = resolve(shape, scheme as Scheme) as Independent;
      const values = read.values(name);
      const n = values.length;
      if (distribution.kind === "constant") {
        expect(values.every((value) => value === distribution.value)).toBe(true);
        continue;
      }
      const std = stdOf(distribution);
      const moment = (k: number) => values.reduce((sum, x) => sum + (x / std) ** k, 0) / n;
      expect(Math.abs(moment(1)), `mean of ${name}`).toBeLessThan(5 / Math.sqrt(n));
      expect(Math.abs(moment(2) - 1), `variance of ${name}`).toBeLessThan(5 * Math.sqrt(2 / n));
      expect(Math.abs(moment(4) - 3), `kurtosis of ${name}`).toBeLessThan(5 * Math.sqrt(96 / n));
      expect(Math.max(...values)).toBeLessThan(6.67 * std);
      expect(Math.min(...values)).toBeGreaterThan(-6.67 * std);
      expect(Math.max(...values)).toBeGreaterThan(2 * std);
    }
  });

  test("its metadata is enough to draw it again", async () => {
    const { metadata, names, bytes, entry } = await readSafetensors(file);
    expect(Object.keys(metadata)).toEqual(["format", "nn-init.stream", "nn-init.seed", "nn-init.schemes"]);
    expect(metadata).toMatchObject({ format: "pt", "nn-init.stream": "1", "nn-init.seed": "42" });
    const schemes: Record<string, Scheme> = JSON.parse(metadata["nn-init.schemes"] as string);
    for (const name of names) {
      const again = init(entry(name).shape, schemes[name] as Scheme, {
        seed: BigInt(metadata["nn-init.seed"] as string),
        name,
      });
      expectSame(bytes(name), again, name);
    }
  });

  test("is the same by either engine and with --threads 1, and another for another seed", async () => {
    for (const flags of [
      ["--engine", "auto"],
      ["--engine", "simd"],
      ["--engine", "scalar"],
      ["--threads", "1"],
    ]) {
      const again = join(work, `${flags.join("")}.safetensors`);
      expect((await nnInit(["init", tiny, "--seed", "42", ...flags, "--out", again])).status).toBe(0);
      expect(sha256(again)).toBe(report.files[0]?.sha256);
    }
    const other = join(work, "other.safetensors");
    expect((await nnInit(["init", tiny, "--seed", "43", "--out", other])).status).toBe(0);
    expect(sha256(other)).not.toBe(report.files[0]?.sha256);
  });

  test("without a seed a fresh one is drawn and printed, and it draws the file again", async () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => join(work, `fresh-${name}.safetensors`)) as [
      string,
      string,
      string,
    ];
    const run = JSON.parse((await nnInit(["init", tiny, "--out", a, "--json"])).stdout);
    expect((await nnInit(["init", tiny, "--out", b])).stdout).toMatch(/seed \d+/);
    expect(sha256(a)).not.toBe(sha256(b));
    await nnInit(["init", tiny, "--seed", run.seed, "--out", c]);
    expect(sha256(c)).toBe(sha256(a));
  });

  test("has the model's name in the working folder by default; a table says what was drawn", async () => {
    const before = process.cwd();
    const here = folder();
    process.chdir(here);
    try {
      const run = await nnInit(["init", join(EXAMPLES, "shapes.json"), "--seed", "1"]);
      expect(readdirSync(here)).toEqual(["shapes.safetensors"]);
      expect(run.stderr).toBe("");
      const again = await nnInit(["init", join(here, "shapes.safetensors"), "--scheme", "heNormal", "--layout", "oi"]);
      expect(again).toMatchObject({ status: 1, stdout: "" }); // it would replace what it was made like
      expect(again.stderr).toMatch(/shapes\.safetensors exists; --out names another file, --force replaces it\n$/);
      for (const text of [
        "tensors",
        "std expected",
        "kaimingNormal",
        "401,408",
        "0.0505076",
        "engine simd",
        "sha256",
      ]) {
        expect(run.stdout).toContain(text);
      }
    } finally {
      process.chdir(before);
    }
  });

  test("a name of 255 bytes is not too long", async () => {
    const out = join(folder(), `${"n".repeat(243)}.safetensors`);
    expect(await nnInit(["init", tiny, "--out", out])).toMatchObject({ status: 0, stderr: "" });
    const longer = `${out}s`;
    expect((await nnInit(["init", tiny, "--out", longer])).stderr).toBe(
      `nn-init: cannot write ${longer}: its name is longer than this system allows\n`,
    );
  });
});

describe("every kind of tensor", () => {
  const out = join(work, "list.safetensors");
  let read: Read;

  beforeAll(async () => {
    const run = await nnInit(["init", json("list.json", KINDS), "--seed", "3", "--out", out]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain("0.0603023"); // gain / sqrt(1100), expected and, to six digits, measured
    read = await readSafetensors(out);
  });

  test.each(KINDS)("$name: the values that the library draws", ({ name, shape, dtype, ...options }) => {
    const drawn = init(shape, scheme(options), { seed: 3, name, ...(dtype && { dtype: dtype as DType }) });
    expectSame(read.bytes(name), drawn, name);
  });

  test("the header is aligned to 8 bytes", () => {
    expect(new DataView(readFileSync(out).buffer).getUint8(0) % 8).toBe(0);
  });
});

describe("refusals: exit code, one message, nothing written", () => {
  const entry = { name: "w", shape: [2, 2], scheme: "heNormal" };

  test.each<[string, () => string[], number, RegExp]>([
    ["no such file", () => [join(work, "none.json")], 1, /^nn-init: cannot read .*none\.json: no such file/],
    ["a folder without a model", () => [folder()], 1, /^nn-init: cannot read .*: it is a folder without config\.json/],
    [
      "malformed JSON, with the place",
      () => [json("bad.json", '{\n  "model_type": "gpt2",,\n}')],
      1,
      /bad\.json: line 2, column \d+: expected a key, got ","\n> 2 \|.*,,\n/,
    ],
    ["an empty file", () => [json("empty.json", "")], 1, /empty\.json/],
    ["a number", () => [json("number.json", "3")], 1, /number\.json/],
    [
      "an unknown architecture",
      () => [json("odd.json", { model_type: "odd" })],
      1,
      /odd\.json: model_type: expected one of the \d+ types .* got "odd"\n/,
    ],
    ["zero layers", () => [json("zero.json", { ...TINY, n_layer: 0 })], 1, /n_layer/],
    ["a fractional width", () => [json("width.json", { ...TINY, n_embd: 1.5 })], 1, /n_embd/],
    ["a negative vocabulary", () => [json("vocab.json", { ...TINY, vocab_size: -1 })], 1, /vocab_size/],
    [
      "a range that is text",
      () => [json("range.json", { ...TINY, initializer_range: "0.02" })],
      1,
      /initializer_range/,
    ],
    [
      "quantized weights",
      () => [json("bits.json", { ...TINY, quantization_config: { bits: 4 } })],
      1,
      /quantization_config/,
    ],
    [
      "an unknown head",
      () => [json("head.json", { ...TINY, architectures: ["GPT2DoubleHeadsModel"] })],
      1,
      /architectures/,
    ],
    ["a list without tensors", () => [json("none-at-all.json", [])], 1, /none-at-all\.json/],
    ["duplicate names", () => [json("twice.json", [entry, entry])], 1, /twice\.json: two tensors are named "w"/],
    ["a tensor without a name", () => [json("unnamed.json", [{ ...entry, name: "" }])], 1, /\[0\]\.name/],
    [
      "a negative length",
      () => [json("length.json", [entry, { ...entry, name: "v", shape: [-1, 2] }])],
      1,
      /\[1\]\.shape\[0\]/,
    ],
    [
      "an unknown scheme",
      () => [json("scheme.json", [{ ...entry, scheme: "hee" }])],
      1,
      /\[0\] "w": scheme: expected one of.*"hee"/,
    ],
    [
      "an unknown option of a scheme",
      () => [json("option.json", [{ ...entry, gain: 2 }])],
      1,
      /\[0\] "w": options.*"gain"/,
    ],
    [
      "a scheme that cannot take the shape",
      () => [json("vector.json", [{ ...entry, shape: [3] }])],
      1,
      /\[0\] "w": shape: expected two axes/,
    ],
    [
      "a name that others give to other files",
      () => [tiny, "--out", join(work, "pytorch_model.bin")],
      2,
      /--out: expected a name that does not end as another format's, got ".*pytorch_model\.bin" for safetensors/,
    ],
    ["an existing target", () => [tiny, "--out", file], 1, /tiny\.safetensors exists; --force replaces it/],
    [
      "a target in no folder",
      () => [tiny, "--out", join(work, "no", "x.safetensors")],
      1,
      /cannot write .*: its folder does not exist/,
    ],
    [
      "a target in a folder that takes no files",
      () => [tiny, "--out", "/proc/x.safetensors"],
      1,
      /cannot write \/proc\/x.safetensors: no file can be made in its folder/,
    ],
    [
      "a folder in one that takes none",
      () => [tiny, "--seed", "1", "--max-shard-size", "1GB", "--out", "/proc/none/x"],
      1,
      /cannot write \/proc\/none: no file can be made in its folder/,
    ],
    [
      "a file in place of a folder",
      () => [tiny, "--seed", "1", "--max-shard-size", "1GB", "--out", join(tiny, "x")],
      1,
      /config.json\/x: expected a folder, got a file, or a path below one/,
    ],
    [
      "a comparison with standard output",
      () => [tiny, "--seed", "1", "--max-shard-size", "1GB", "--verify", "--out", "-"],
      2,
      /--verify: expected a folder in --out, got standard output/,
    ],
    [
      "a folder for a target",
      () => [tiny, "--out", work],
      1,
      /^nn-init: cannot write .*: it is a folder; --max-shard-size/,
    ],
    [
      "a folder for a target, by force",
      () => [tiny, "--force", "--out", work],
      1,
      /cannot write .*: it is a folder; --max-shard-size/,
    ],
    [
      "a target under a file",
      () => [tiny, "--out", join(tiny, "x.safetensors")],
      1,
      /cannot write .*: its folder is a file/,
    ],
    ["no model", () => [], 2, /missing required argument 'model'/],
    ["an unknown flag", () => [tiny, "--sead", "1"], 2, /unknown option '--sead' \(perhaps "--seed"\)/],
    ["two models", () => [tiny, tiny], 2, /too many arguments/],
    ["a negative seed", () => [tiny, "--seed=-1"], 2, /--seed.*-1/],
    ["a fractional seed", () => [tiny, "--seed", "1.5"], 2, /--seed/],
    ["an empty seed", () => [tiny, "--seed", ""], 2, /--seed/],
    [
      "a seed of 2^64",
      () => [tiny, "--seed", "18446744073709551616"],
      2,
      /seed: expected a whole number from 0 to 2\^64 - 1/,
    ],
    ["no threads", () => [tiny, "--threads", "0"], 2, /--threads.*1 to 256/],
    [
      "several threads with the engine scalar",
      () => [tiny, "--threads", "2", "--engine", "scalar"],
      2,
      /--threads: expected the engine simd, got scalar/,
    ],
    ["an unknown dtype", () => [tiny, "--dtype", "f8"], 2, /--dtype.*f32/],
    ["a dtype by its name elsewhere", () => [tiny, "--dtype", "float32"], 2, /--dtype.*perhaps "f32"/],
    [
      "an option by its value elsewhere",
      () => [tiny, "--scheme", "kaimingNormal", "--activation", "swish"],
      2,
      /--activation.*perhaps "silu"/,
    ],
    ["an unknown engine", () => [tiny, "--engine", "gpu"], 2, /--engine.*"auto", "simd", "scalar"/],
  ])("%s", async (_, args, status, message) => {
    const before = readdirSync(work);
    const given = args();
    const there = new Set([...before, ...given.map((arg) => arg.slice(work.length + 1))]);
    const out = given.includes("--out") ? [] : ["--out", join(work, "refused.safetensors")];
    const run = await nnInit(["init", ...given, ...out]);
    expect(run.status).toBe(status);
    expect(run.stderr).toMatch(/^nn-init: /);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/\n\s+at /); // no stack trace
    expect(run.stderr).not.toContain("\\u001b"); // no colours, which would be escaped
    expect(run.stdout).toBe("");
    expect(readdirSync(work).filter((name) => !there.has(name))).toEqual([]);
    expect(sha256(file)).toBe(report.files[0]?.sha256);
  });

  test("--force replaces an existing file", async () => {
    const target = join(work, "replaced.safetensors");
    writeFileSync(target, "old");
    expect((await nnInit(["init", tiny, "--seed", "42", "--force", "--out", target])).status).toBe(0);
    expect(sha256(target)).toBe(report.files[0]?.sha256);
  });
});

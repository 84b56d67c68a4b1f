/** `nn-init audit`: what it passes, what it fails, and how it says so. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { faultNamed } from "../audit/faults.js";
import { drawn, file, TINY } from "../audit/files.js";
import { folder, nnInit } from "./command.js";

const work = folder();
const here = join(work, "gpt2");
mkdirSync(here);
const config = join(here, "config.json");
writeFileSync(config, JSON.stringify(TINY));
const stored = join(here, "model.safetensors");
const faulty = join(here, "faulty.safetensors");
const tensors = drawn(TINY, 1);
faultNamed("residual scaling is missing").make(tensors, 1);

/** By one thread: starting each takes longer than reading these files. */
const audit = (...args: string[]) => nnInit(["audit", ...args, "--threads", "1"]);

beforeAll(async () => {
  writeFileSync(faulty, file(tensors));
  expect(await nnInit(["init", config, "--seed", "1", "--out", stored])).toMatchObject({ status: 0, stderr: "" });
});

describe("passes what init wrote", () => {
  test("by its record, its config, a plan, and its folder", async () => {
    const plan = join(here, "plan.json");
    writeFileSync(plan, (await nnInit(["plan", config, "--print"])).stdout);
    for (const args of [[stored], [here], [stored, "--config", config], [stored, "--config", config, "--plan", plan]]) {
      const run = await nnInit(["audit", ...args]);
      expect(run, args.join(" ")).toMatchObject({ status: 0, stderr: "" });
      expect(run.stdout).toContain("0 failed, 0 with no known distribution");
      expect(run.stdout).toContain("at most 1 of 10,000 correct files fail");
    }
  });

  test("without expectations, with notes: in the table, in JSON and on the page, and with no promise", async () => {
    const alone = folder();
    const path = join(alone, "adapter.safetensors");
    writeFileSync(path, file([["lora_B", { dtype: "F32", shape: [4, 2], values: new Float32Array(8) }]]));
    const page = join(alone, "page.html");
    const run = await audit(path, "--html", page);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain("note lora_B: every value of this matrix is 0");
    expect(run.stdout).toContain("0 failed, 1 with no known distribution, 1 noted; expectations from nothing");
    expect(run.stdout).not.toContain("10,000");
    const html = readFileSync(page, "utf8");
    expect(html).toContain("every value of this matrix is 0");
    expect(html).toContain("No tensor fails, but nothing says what they should be.");
    expect(html).not.toContain("10,000");
    const json = JSON.parse((await audit(path, "--json")).stdout);
    expect(json).toMatchObject({ verdict: "ok", falseAlarms: null, checks: 0 });
    expect(json.tensors[0]).toMatchObject({ failures: [], notes: [{ check: "constant" }] });
  });

  test("a matrix of NaN alone fails, and is not called constant", async () => {
    const path = join(folder(), "nan.safetensors");
    writeFileSync(path, file([["w", { dtype: "F32", shape: [4, 2], values: new Float32Array(8).fill(Number.NaN) }]]));
    const run = await audit(path, "--json");
    expect(run.status).toBe(1);
    expect(JSON.parse(run.stdout).tensors[0]).toMatchObject({ failures: [{ check: "finite" }], notes: [] });
  });
});

describe("fails what is not as it should be", () => {
  test("by exit code, table, JSON and page", async () => {
    const page = join(work, "page.html");
    const run = await audit(faulty, "--html", page);
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(
      /FAIL transformer\.h\.0\.mlp\.c_proj\.weight: std 0\.0\d+, (1\.9\d*|2\.0\d*|2) times the expected 0\.01/,
    );
    expect(run.stdout).toContain("expectations from the config beside it");
    const html = readFileSync(page, "utf8");
    expect(html.match(/<svg role="img"/g)?.length).toBe(10);
    expect(html).toContain("times the expected 0.01");
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/); // stands alone
    const again = await audit(faulty, "--html", page);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain("exists; --force replaces it");
    const json = JSON.parse((await audit(faulty, "--json")).stdout);
    expect(json).toMatchObject({ verdict: "fail", falseAlarms: 1e-4, missing: [] });
    expect(json.tensors[0]).toMatchObject({ name: "transformer.h.0.mlp.c_proj.weight", verdict: "fail", rule: 2 });
    expect(json.tensors[0].failures[0].excess).toBeGreaterThan(1);
  });

  test("a tensor that the config has and the file has not", async () => {
    const fewer = drawn(TINY, 1);
    fewer.delete("transformer.ln_f.bias");
    const path = join(here, "fewer.safetensors");
    writeFileSync(path, file(fewer));
    const run = await audit(path);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("FAIL transformer.ln_f.bias: it is not in the file");
  });
});

test("unknown fields of a config are told, whether its plan or --plan is expected", async () => {
  const odd = join(work, "odd.json");
  writeFileSync(odd, JSON.stringify({ ...TINY, frobnication: 3 }));
  const plan = join(work, "own.json");
  writeFileSync(plan, (await nnInit(["plan", config, "--print"])).stdout);
  for (const flags of [[], ["--plan", plan]]) {
    const run = await audit(stored, "--config", odd, ...flags);
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(/: ignored fields of the config that are not known: frobnication\n$/);
  }
});

test("a shard of another seed fails, by the name of its file", async () => {
  const shards = folder();
  const map: Record<string, string> = {};
  for (const [i, seed] of ["42", "43", "42"].entries()) {
    const name = `${i}.safetensors`;
    const list = join(shards, `${i}.json`);
    writeFileSync(list, JSON.stringify([{ name: `w${i}`, shape: [8, 8], scheme: "normal", std: 1 }]));
    expect((await nnInit(["init", list, "--seed", seed, "--out", join(shards, name)])).status).toBe(0);
    map[`w${i}`] = name;
  }
  const index = join(shards, "model.safetensors.index.json");
  writeFileSync(index, JSON.stringify({ metadata: {}, weight_map: map }));
  for (const args of [[], ["--reproduce"]]) {
    const run = await audit(index, ...args);
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/FAIL .*1\.safetensors: it records the seed "43", but 2 of 3 files have "42", such as/);
    expect(run.stdout).toContain("1 failed");
  }
});

describe("--reproduce", () => {
  test("passes the same bits, and names the first element that differs", async () => {
    expect((await audit(stored, "--reproduce")).status).toBe(0);
    const bytes = readFileSync(stored);
    bytes[bytes.length - 1000] = (bytes[bytes.length - 1000] as number) ^ 1; // in the last tensor, element 6400 - 250
    const flipped = join(work, "flipped.safetensors");
    writeFileSync(flipped, bytes);
    expect((await audit(flipped)).status).toBe(0); // no statistic sees one bit
    const run = await audit(flipped, "--reproduce");
    expect(run.status).toBe(1);
    expect(run.stdout).toContain(
      "FAIL transformer.wte.weight: differs from what its record draws, first at element 6150",
    );
    const none = await audit(faulty, "--reproduce");
    expect(none).toMatchObject({ status: 1, stdout: "" });
    expect(none.stderr).toContain("its metadata does not say how it was drawn");
  });

  test("draws every kind of scheme and type again", async () => {
    const list = join(work, "all.json");
    const out = join(work, "all.safetensors");
    writeFileSync(
      list,
      JSON.stringify([
        { name: "o", shape: [30, 20], scheme: "orthogonal" },
        { name: "q", shape: [30, 20], scheme: "split", axis: 0, parts: 3, of: { scheme: "heNormal" }, dtype: "bf16" },
        { name: "big", shape: [3_000_000], scheme: "uniform", low: -1, high: 1, dtype: "f64" },
        { name: "constructor", shape: [3], scheme: "ones", dtype: "f16" },
      ]),
    );
    expect(await nnInit(["init", list, "--seed", "1", "--out", out])).toMatchObject({ status: 0, stderr: "" });
    expect(await audit(out, "--reproduce")).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("refuses, and says why,", () => {
  test("a file that is cut off, a config, a plan that does not fit", async () => {
    const cut = join(work, "cut.safetensors");
    writeFileSync(cut, readFileSync(stored).subarray(0, -1));
    const run = await audit(cut);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(/^nn-init: .*cut\.safetensors: the file is cut off.*"transformer\.wte\.weight"\n$/);
    expect((await audit(config)).stderr).toContain("expected a .safetensors file");
    const plan = join(work, "bad.json");
    writeFileSync(
      plan,
      JSON.stringify({
        rules: [
          { match: "*.c_porj.weight", scheme: "zeros" },
          { match: "*", scheme: "zeros" },
        ],
      }),
    );
    expect((await audit(stored, "--plan", config)).stderr).toMatch(/^nn-init: [^ ]*config\.json: not a plan\n/);
    expect((await audit(stored, "--plan", plan)).stderr).toMatch(/bad\.json: rules\[0\].*c_proj\.weight/);
  });
});

test("names of tensors cannot move the cursor, nor write HTML", async () => {
  const evil = join(work, "evil.safetensors");
  const values = new Float32Array([Number.NaN]);
  writeFileSync(evil, file([["\u001b[2J\u202e<b>&", { dtype: "F32", shape: [1], values }]]));
  const page = join(work, "evil.html");
  const run = await audit(evil, "--html", page);
  expect(run.status).toBe(1);
  expect(run.stdout).toContain("\\u001b[2J\\u202e<b>&");
  expect(run.stdout).not.toContain("\u001b");
  expect(readFileSync(page, "utf8")).toContain("\\u001b[2J\\u202e&lt;b>&amp;");
});

test("a config is no checkpoint, and a file is audited, not verified", async () => {
  const config = fileURLToPath(new URL("../../package.json", import.meta.url));
  const runs = [await nnInit(["audit", config]), await nnInit(["verify", config])];
  expect(runs.map(({ stderr }) => stderr)).toEqual([
    expect.stringMatching(/package\.json: expected a \.safetensors file, or the index of several\n$/),
    expect.stringMatching(/expected the folder .* nn-init audit .*package\.json --reproduce\n$/),
  ]);
  expect(runs.map(({ status }) => status)).toEqual([1, 2]);
});

/** `init`, `plan` and `audit` of ONNX models. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { auditOnnx, readOnnx, reinitialize } from "../../src/onnx.js";
import { folder, nnInit } from "../cli/command.js";
import { model, node, noise, tensor } from "./proto.js";

const work = folder();
const path = join(work, "tiny.onnx");
const bytes = model({
  nodes: [
    node("Conv", ["x", "conv.weight", "conv.bias"], ["a"]),
    node("BatchNormalization", ["a", "bn.weight", "bn.bias", "bn.mean", "bn.var"], ["b"]),
    node("Relu", ["b"], ["c"]),
    node("MatMul", ["c", "fc"], ["y"]),
  ],
  tensors: [
    ...[tensor("conv.weight", [32, 16, 3]), tensor("conv.bias", [32]), tensor("fc", [64, 48])],
    ...["bn.weight", "bn.bias", "bn.mean", "bn.var"].map((name) => tensor(name, [32])),
  ],
});

beforeAll(() => writeFileSync(path, bytes));

const drawn = async (seed: number) => (await reinitialize(await readOnnx(bytes), { seed })).bytes();

test("plan shows the fans of the layer, also where the scheme needs none", async () => {
  const head = join(work, "head.onnx");
  const layer = node("ConvTranspose", ["x", "w"], ["a"], { strides: [2, 2], group: 2 });
  writeFileSync(head, model({ nodes: [layer, node("Sigmoid", ["a"], ["y"])], tensors: [tensor("w", [16, 3, 2, 2])] }));
  const { tensors } = JSON.parse((await nnInit(["plan", head, "--json"])).stdout);
  expect(tensors[0]).toMatchObject({ scheme: { scheme: "normal", std: 0.01 }, fans: [{ in: 8, out: 12 }] });
});

test("plan shows a split of a layer with groups, whose parts have no groups of their own", async () => {
  const depthwise = join(work, "depthwise.onnx");
  const rules = join(work, "split.json");
  const layer = node("Conv", ["x", "w"], ["a"], { group: 8 });
  writeFileSync(depthwise, model({ nodes: [layer], tensors: [tensor("w", [8, 1, 3, 3])] }));
  const of = [{ scheme: "zeros" }, { scheme: "normal", std: 0.1 }];
  writeFileSync(rules, JSON.stringify({ rules: [{ match: "*", scheme: "split", axis: 0, parts: 2, of }] }));
  const run = await nnInit(["plan", depthwise, "--plan", rules, "--json"]);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(run.stdout).tensors[0]).toMatchObject({ scheme: { scheme: "split" }, fans: [null, null] });
});

describe("init", () => {
  test("writes what the library draws, and says what is drawn and what is left", async () => {
    const out = join(work, "new.onnx");
    const run = await nnInit(["init", path, "--seed", "42", "--out", out]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(Buffer.compare(readFileSync(out), await drawn(42))).toBe(0);
    expect(run.stdout).toMatch(/kaimingNormal layout "oi" *│ 0.204124 *│ 0.20/);
    expect(run.stdout).toContain(
      "not drawn: 2 tensors, whose values stay\n  a statistic of a normalization: bn.mean [32], bn.var [32]\n",
    );
    expect(run.stdout).toContain(
      `tiny: 5 tensors, 4,704 parameters, seed 42\n${bytes.length.toLocaleString("en")} bytes`,
    );
    const again = await nnInit(["init", path, "--seed", "42", "--out", out]);
    expect(again).toMatchObject({ status: 1, stderr: `nn-init: ${out} exists; --force replaces it\n` });
    const threads = await nnInit(["init", path, "--seed", "42", "--out", out, "--force", "--threads", "2"]);
    expect(threads.status).toBe(0);
    expect(Buffer.compare(readFileSync(out), await drawn(42))).toBe(0);
    expect(readdirSync(work).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("--json", async () => {
    const out = join(work, "json.onnx");
    const { stdout } = await nnInit(["init", path, "--seed", "1", "--out", out, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ model: "tiny", seed: "1", dtype: "f32", tensors: 5, parameters: 4704, bytes: bytes.length, rewritten: [] },
      left: [{ name: "bn.mean", dims: [32], type: "f32", why: "a statistic of a normalization" }, { name: "bn.var" }],
      files: [{ path: out, bytes: bytes.length, skipped: false }],
    });
  });

  test("a plan, a scheme, and in place", async () => {
    const plan = join(work, "plan.json");
    writeFileSync(
      plan,
      JSON.stringify({
        rules: [
          { match: "*.mean", role: "buffer", scheme: "zeros" },
          { match: "bn.var", scheme: "ones" },
        ],
      }),
    );
    const out = join(work, "planned.onnx");
    expect((await nnInit(["init", path, "--plan", plan, "--seed", "1", "--out", out])).stdout).not.toContain(
      "not drawn",
    );
    const { places } = await readOnnx(bytes);
    const { begin, end } = places.get("bn.var") as { begin: number; end: number };
    expect([...new Float32Array(readFileSync(out).buffer.slice(begin, end))]).toEqual(Array(32).fill(1));
    const same = join(work, "same.onnx");
    writeFileSync(same, bytes);
    chmodSync(same, 0o640);
    const run = await nnInit(["init", same, "--scheme", "orthogonal", "--seed", "1", "--out", same, "--force"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toMatch(/│ 1 *│ 3,072 *│ orthogonal/);
    expect(statSync(same).mode & 0o777).toBe(0o640);
  });

  test.each([
    [["--dtype", "f16"], /^nn-init: --dtype: expected none with an ONNX model, whose file says what it has\n$/],
    [["--format", "gguf"], /--format: expected none/],
    [["--max-shard-size", "1GB"], /--max-shard-size: expected none/],
    [["--config", "c.json"], /--config: expected none/],
    [["--out", ""], /--out: expected a file, got an empty name/],
    [["--out", "-", "--json"], /--json: expected a file in --out/],
  ])("wrong usage: %j", async (flags, message) => {
    const run = await nnInit(["init", path, "--seed", "1", ...flags]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(message);
  });

  test.each([
    ["no such file", "absent.onnx", undefined, /^nn-init: cannot read .*absent.onnx: no such file\n$/],
    ["a folder", "folder.onnx", null, /expected a regular file, got a folder/],
    [
      "other bytes",
      "text.onnx",
      new TextEncoder().encode("hello"),
      /^nn-init: .*text.onnx: (expected an ONNX model|the file is cut off)/,
    ],
    [
      "half a model",
      "half.onnx",
      bytes.slice(0, 5000),
      /^nn-init: .*half.onnx: the file is cut off, or is no ONNX model/,
    ],
  ])("%s", async (_, name, content, message) => {
    const file = join(work, name);
    if (content === null) mkdirSync(file);
    else if (content !== undefined) writeFileSync(file, content);
    const run = await nnInit(["init", file, "--seed", "1", "--out", join(work, "none.onnx")]);
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(message);
    expect(existsSync(join(work, "none.onnx"))).toBe(false);
  });
});

describe("data beside the model", () => {
  const beside = join(work, "beside");
  const file = join(beside, "m.onnx");
  const data = noise("f32", 2000);
  const of = (location: string) =>
    model({
      nodes: [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "v"], ["y"])],
      tensors: [tensor("w", [32, 32], { external: { location, offset: "512" } }), tensor("v", [32, 4])],
    });

  beforeAll(() => {
    mkdirSync(join(beside, "data"), { recursive: true });
    writeFileSync(file, of("data/w.bin"));
    writeFileSync(join(beside, "data/w.bin"), data);
  });

  test("is written into the folder of the new model, under its name; both can be replaced together", async () => {
    const run = await nnInit(["init", file, "--seed", "3", "--out", join(work, "to/m.onnx")]);
    expect(run.stderr).toMatch(/its folder does not exist/);
    mkdirSync(join(work, "to"));
    expect(await nnInit(["init", file, "--seed", "3", "--out", join(work, "to/m.onnx")])).toMatchObject({
      status: 0,
      stderr: "",
    });
    const after = readFileSync(join(work, "to/data/w.bin"));
    expect(after.subarray(0, 512).equals(Buffer.from(data).subarray(0, 512))).toBe(true);
    expect(after.subarray(512, 4608).equals(Buffer.from(data).subarray(512, 4608))).toBe(false);
    expect(after.subarray(4608).equals(Buffer.from(data).subarray(4608))).toBe(true);
    expect(Buffer.from(readFileSync(join(beside, "data/w.bin"))).equals(Buffer.from(data))).toBe(true);
    expect((await nnInit(["audit", join(work, "to/m.onnx"), "--threads", "1"])).status).toBe(0);
    const copy = join(work, "to");
    expect((await nnInit(["init", join(copy, "m.onnx"), "--seed", "4", "--out", join(copy, "m.onnx")])).stderr).toMatch(
      /exists; --force replaces it/,
    );
    const replaced = await nnInit([
      "init",
      join(copy, "m.onnx"),
      "--seed",
      "4",
      "--out",
      join(copy, "m.onnx"),
      "--force",
    ]);
    expect(replaced).toMatchObject({ status: 0 });
    expect(readFileSync(join(copy, "data/w.bin")).equals(after)).toBe(false);
  });

  test("a file where its folder would be is named", async () => {
    const taken = join(work, "taken");
    mkdirSync(taken);
    writeFileSync(join(taken, "data"), "a file");
    const run = await nnInit(["init", file, "--seed", "3", "--out", join(taken, "m.onnx")]);
    expect(run.stderr).toContain(`cannot write ${join(taken, "data")}: it is a file`);
  });

  test("stays beside its own model, and does not fit into a pipe", async () => {
    const other = await nnInit(["init", file, "--seed", "3", "--out", join(beside, "n.onnx")]);
    expect(other).toMatchObject({ status: 2 });
    expect(other.stderr).toMatch(
      /--out: expected a file in another folder, got .*: the model has data in other files, whose names it keeps/,
    );
    expect((await nnInit(["init", file, "--seed", "3", "--out", "-"])).stderr).toMatch(
      /the model has data in other files/,
    );
  });

  test("that is missing, too short, or outside of the folder", async () => {
    const bad = join(beside, "bad.onnx");
    const fault = async (location: string) => {
      writeFileSync(bad, of(location));
      return (await nnInit(["plan", bad])).stderr;
    };
    expect(await fault("absent.bin")).toMatch(/bad.onnx: tensor "w": cannot read .*absent.bin: no such file/);
    writeFileSync(join(beside, "short.bin"), data.slice(0, 1000));
    expect(await fault("short.bin")).toMatch(/tensor "w": expected 4608 bytes in "short.bin", got 1000/);
    writeFileSync(join(work, "outside.bin"), data);
    symlinkSync(join(work, "outside.bin"), join(beside, "link.bin"));
    expect(await fault("link.bin")).toMatch(
      /expected data in the folder of the model, got .*link.bin, a link that leads out of it/,
    );
    expect(await fault("../outside.bin")).toMatch(/expected a path in the folder of the model, got "..\/outside.bin"/);
    expect(await fault("data")).toMatch(/expected a regular file, got a folder/);
    expect(await fault("bad.onnx")).toMatch(
      /tensor "w": expected files of their own, got .*bad.onnx and .*bad.onnx, which are one/,
    );
  });
});

describe("data in several files", () => {
  const several = join(work, "several");
  const file = join(several, "m.onnx");
  const of = (first: string, second: string, offset = 4096) =>
    model({
      nodes: [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "v"], ["y"])],
      tensors: [
        tensor("w", [32, 32], { external: { location: first } }),
        tensor("v", [32, 32], { external: { location: second, offset: String(offset) } }),
      ],
    });

  beforeAll(() => {
    mkdirSync(join(several, "deep"), { recursive: true });
    for (const name of ["one.bin", "deep/two.bin"]) writeFileSync(join(several, name), noise("f32", 2048));
    symlinkSync("one.bin", join(several, "link.bin"));
  });

  const run = async (...places: readonly [string, string, number?]) => {
    writeFileSync(file, of(...places));
    return nnInit(["init", file, "--seed", "3", "--out", file, "--force"]);
  };

  test("are all written; a file in two spellings is one, under two names it is refused", async () => {
    expect(await run("one.bin", "deep/two.bin")).toMatchObject({ status: 0, stderr: "" });
    expect((await nnInit(["audit", file, "--threads", "1"])).status).toBe(0);
    expect(await run("one.bin", "./one.bin")).toMatchObject({ status: 0, stderr: "" });
    expect((await nnInit(["audit", file, "--threads", "1"])).status).toBe(0);
    expect((await run("one.bin", "./one.bin", 2048)).stderr).toMatch(/tensors "w" and "v": .*got ranges that overlap/);
    expect((await run("one.bin", "link.bin")).stderr).toMatch(
      /tensor "v": expected files of their own, got .*one.bin and .*link.bin, which are one file/,
    );
    expect((await run("one.bin", "deep/three.bin")).stderr).toMatch(
      /tensor "v": cannot read .*three.bin: no such file/,
    );
    expect((await run("one.bin", "deep/two.bin", 4097)).stderr).toMatch(
      /tensor "v": expected 8193 bytes in "deep\/two.bin", got 8192/,
    );
  });
});

test("plan prints the weights with their fans, and what is left", async () => {
  const { stdout, status } = await nnInit(["plan", path]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/│ conv.weight *│ 32 x 16 x 3 *│ f32 *│ own *│ normal *│ 48, 96 *│ 0.204124 /);
  expect(stdout).toContain("not drawn: 2 tensors");
  const json = JSON.parse((await nnInit(["plan", path, "--json"])).stdout);
  expect(json).toMatchObject({
    model: "tiny",
    tensors: [{ name: "conv.weight", role: "weight" }, {}, {}, {}, {}],
    left: [{ name: "bn.mean" }, {}],
  });
  const rules = JSON.parse((await nnInit(["plan", path, "--print"])).stdout);
  expect(rules.rules).toContainEqual({ match: "fc", scheme: "lecunNormal", layout: "io" });
});

describe("audit", () => {
  test("passes a new model, and fails one of other weights", async () => {
    const out = join(work, "audited.onnx");
    await nnInit(["init", path, "--seed", "9", "--out", out]);
    const good = await nnInit(["audit", out, "--threads", "1"]);
    expect(good.status).toBe(0);
    expect(good.stdout).toContain("0 failed, 2 with no known distribution; expectations from the graph of the model");
    const bad = await nnInit(["audit", path, "--json", "--threads", "1"]);
    expect(bad.status).toBe(1);
    const report = JSON.parse(bad.stdout);
    expect(report).toMatchObject({
      verdict: "fail",
      expectedFrom: "the graph of the model",
      missing: [],
      strayShards: [],
    });
    expect(report.tensors.filter(({ verdict }: { verdict: string }) => verdict === "fail").length).toBe(5);
  });

  test("the library finds what the command finds, from bytes and from slices", async () => {
    const out = join(work, "both.onnx");
    await nnInit(["init", path, "--seed", "9", "--out", out]);
    for (const file of [out, path]) {
      const {
        path: _,
        seconds: __,
        ...report
      } = JSON.parse((await nnInit(["audit", file, "--json", "--threads", "1"])).stdout);
      const told: number[] = [];
      const onProgress = (done: number, total: number) => told.push(done / total);
      const found = await auditOnnx(await readOnnx(new Blob([readFileSync(file)])), { onProgress });
      expect(JSON.parse(JSON.stringify(found))).toEqual(report);
      expect(told.at(-1)).toBe(1);
    }
    const made = await readOnnx(readFileSync(out));
    const plan = { rules: [{ match: "fc", scheme: "normal", std: 0.5 }] } as const;
    const planned = await auditOnnx(made, { plan, histogram: true });
    expect(planned).toMatchObject({ verdict: "fail", expectedFrom: "the plan" });
    expect(planned.tensors[0]).toMatchObject({ name: "fc", verdict: "fail", histogram: { low: expect.any(Number) } });
    await expect(auditOnnx(made, { reproduce: true } as object)).rejects.toThrow(/^options: .*reproduce/);
    await expect(auditOnnx(made, { spectral: 1 } as object)).rejects.toThrow("spectral: expected a boolean, got 1");
    await expect(auditOnnx({ ...made })).rejects.toThrow("model: expected a model from readOnnx");
    await expect(auditOnnx(made, { signal: { aborted: true, reason: new Error("enough") } })).rejects.toThrow("enough");
  });

  test("by a plan, and wrong usage", async () => {
    const plan = join(work, "normal.json");
    writeFileSync(plan, JSON.stringify({ rules: [{ match: "fc", scheme: "normal", std: 0.5 }] }));
    const out = join(work, "by-plan.onnx");
    await nnInit(["init", path, "--seed", "9", "--plan", plan, "--out", out]);
    expect((await nnInit(["audit", out, "--plan", plan, "--threads", "1"])).status).toBe(0);
    expect((await nnInit(["audit", out, "--threads", "1"])).stdout).toMatch(/FAIL fc: /);
    const reproduce = await nnInit(["audit", out, "--reproduce", "--threads", "1"]);
    expect(reproduce).toMatchObject({ status: 2 });
    expect(reproduce.stderr).toMatch(/--reproduce: expected none with an ONNX model, which has no record of its seed/);
  });
});

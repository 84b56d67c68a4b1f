/** A checkpoint of several files: written in shares, completed, checked, and continued after whatever happened. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folder, nnInit } from "./command.js";

const work = folder();
const config = join(work, "config.json");
const SMALL = { model_type: "gpt2", n_layer: 2, n_embd: 64, n_positions: 33, vocab_size: 101 };
writeFileSync(config, JSON.stringify(SMALL));

const NAMES = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`);
const INDEX = "model.safetensors.index.json";

/** The name of a folder that is not there. */
const fresh = () => join(folder(), "checkpoint");

const init = (out: string, ...flags: string[]) =>
  nnInit(["init", config, "--seed", "42", "--out", out, "--max-shard-size", "200KB", ...flags]);

const files = (out: string) => JSON.parse(readFileSync(join(out, INDEX), "utf8"));
const bytesOf = (out: string, name: string) => readFileSync(join(out, name));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A complete checkpoint that nobody changes. */
const whole = fresh();
beforeAll(async () => {
  expect(await init(whole)).toMatchObject({ status: 0, stderr: "" });
});

/** A copy of the complete checkpoint. */
function copy(): string {
  const out = fresh();
  mkdirSync(out);
  for (const name of readdirSync(whole)) copyFileSync(join(whole, name), join(out, name));
  return out;
}

/** Changes one bit of a file's last tensor. */
function damage(out: string, name: string): void {
  const bytes = bytesOf(out, name);
  bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 1;
  writeFileSync(join(out, name), bytes);
}

describe("init", () => {
  test("writes all files, the index and the hashes, and nothing else", () => {
    expect(readdirSync(whole).sort()).toEqual(["SHA256SUMS", ...NAMES, INDEX]);
    const lines = NAMES.map((name) => `${sha256(bytesOf(whole, name))}  ${name}\n`);
    expect(readFileSync(join(whole, "SHA256SUMS"), "utf8")).toBe(lines.join(""));
    const { metadata, weight_map: map } = files(whole);
    expect(metadata.total_size).toBe(4 * 108_672);
    expect(Object.keys(map)).toEqual(Object.keys(map).sort());
    expect(new Set(Object.values(map))).toEqual(new Set(NAMES));
  });

  // Two threads load the library for it; --verify by threads, below, draws the same bytes by them.
  test.skipIf(process.env.FULL === undefined)(
    "is the same where each file has a thread of its own: bytes, and what the table says",
    async () => {
      const [one, two] = [fresh(), fresh()];
      const model = join(work, "kinds.json");
      const shape = [3, 40_001]; // its bytes begin and end within the steps of a thread
      const kinds = [
        { scheme: "normal", std: 0.02, dtype: "bf16" },
        { scheme: "orthogonal", dtype: "f32" },
        { scheme: "sparse", sparsity: 0.5, dtype: "f16" },
        { scheme: "constant", value: 0.5, dtype: "f32" },
        { scheme: "normal", std: 0.02, dtype: "f64" },
      ];
      writeFileSync(model, JSON.stringify(kinds.map((kind, i) => ({ name: `t${i}`, shape, ...kind }))));
      const args = ["init", model, "--seed", "7", "--max-shard-size", "1MB", "--out"];
      const runs = [await nnInit([...args, one]), await nnInit([...args, two, "--threads", "2"])];
      expect(runs.map(({ status, stderr }) => [status, stderr])).toEqual([
        [0, ""],
        [0, ""],
      ]);
      expect(readdirSync(two)).toEqual(readdirSync(one));
      for (const name of readdirSync(one)) expect(sha256(bytesOf(two, name)), name).toBe(sha256(bytesOf(one, name)));
      const tables = runs.map(({ stdout }) => stdout.slice(0, stdout.indexOf("\nkinds")));
      expect(tables[0]).toContain("std measured");
      expect(tables[1]).toBe(tables[0]);
    },
  );

  test("a file where the folder belongs is refused", async () => {
    const file = join(work, "plain");
    writeFileSync(file, "");
    for (const out of [file, join(file, "below")]) {
      const { status, stderr } = await init(out);
      expect([status, stderr]).toEqual([1, expect.stringMatching(/plain.*: expected a folder, got a file/)]);
    }
  });

  test("--verify by threads finds what differs", async () => {
    const out = copy();
    damage(out, NAMES[1] as string);
    const { status, stderr } = await init(out, "--verify", "--threads", "2");
    expect([status, stderr]).toEqual([0, expect.stringMatching(/00002-of-00003.*differ/)]);
    expect(sha256(bytesOf(out, NAMES[1] as string))).toBe(sha256(bytesOf(whole, NAMES[1] as string)));
  });

  test("tensors are those of a single file", async () => {
    const single = join(work, "single.safetensors");
    await nnInit(["init", config, "--seed", "42", "--out", single]);
    const tensors = (path: string) => {
      const bytes = readFileSync(path);
      const data = 8 + Number(bytes.readBigUInt64LE());
      const { __metadata__: _, ...header } = JSON.parse(bytes.subarray(8, data).toString());
      return Object.entries<{ data_offsets: [number, number] }>(header).map(
        ([
          name,
          {
            data_offsets: [begin, end],
          },
        ]) => [name, sha256(bytes.subarray(data + begin, data + end))],
      );
    };
    expect(NAMES.flatMap((name) => tensors(join(whole, name)))).toEqual(tensors(single));
  });

  test.each([1, 2, 3, 5])("in %i shares, in any order, with a last step", async (n) => {
    const out = fresh();
    const shares = Array.from({ length: n }, (_, i) => i).reverse();
    for (const i of shares) expect((await init(out, "--shard", `${i}/${n}`)).status).toBe(0);
    expect(readdirSync(out)).not.toContain(INDEX);
    expect(readdirSync(out).filter((name) => name.endsWith(".sha256"))).toHaveLength(3);
    const run = await nnInit(["index", out, "--json"]);
    expect(run.status).toBe(0);
    const bytes = NAMES.reduce((sum, name) => sum + bytesOf(whole, name).length, 0);
    expect(JSON.parse(run.stdout)).toEqual({ complete: true, files: 3, bytes, missing: [], foreign: [] });
    expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
    for (const name of readdirSync(whole)) expect(bytesOf(out, name).equals(bytesOf(whole, name)), name).toBe(true);
  });

  test("again: skips what is whole, and draws what is not", async () => {
    const out = copy();
    rmSync(join(out, NAMES[0] as string));
    truncateSync(join(out, NAMES[1] as string), 150_000);
    const run = await init(out, "--json");
    expect(run.status).toBe(0);
    const hash = (i: number) => sha256(bytesOf(whole, NAMES[i] as string));
    expect(JSON.parse(run.stdout).files).toMatchObject([
      { path: join(out, NAMES[0] as string), sha256: hash(0), skipped: false },
      { path: join(out, NAMES[1] as string), sha256: hash(1), skipped: false },
      { path: join(out, NAMES[2] as string), sha256: null, skipped: true, bytes: 35_560 },
    ]);
    for (const name of readdirSync(whole)) expect(bytesOf(out, name).equals(bytesOf(whole, name)), name).toBe(true);
  });

  test("--verify draws what is there again, and writes it again if it differs", async () => {
    const out = copy();
    damage(out, NAMES[1] as string);
    expect((await init(out)).status).toBe(0);
    expect(bytesOf(out, NAMES[1] as string).equals(bytesOf(whole, NAMES[1] as string))).toBe(false);
    const run = await init(out, "--verify");
    expect(run.stderr).toMatch(
      /model-00002-of-00003.safetensors: its bytes differ from what is drawn; it is written again\n$/,
    );
    expect(bytesOf(out, NAMES[1] as string).equals(bytesOf(whole, NAMES[1] as string))).toBe(true);
  });

  test.each([
    ["seed", ["--seed", "43"]],
    ["dtype", ["--dtype", "f16", "--max-shard-size", "100KB"]],
    ["plan", ["--scheme", "heNormal"]],
  ])("a file of another %s is refused, before anything is written, and replaced by --force", async (_, flags) => {
    const out = copy();
    rmSync(join(out, NAMES[2] as string));
    const run = await init(out, ...flags);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/model-00001-of-00003.safetensors is another file: of another.*--force replaces it\n$/);
    expect(readdirSync(out)).not.toContain(NAMES[2]);
    expect((await init(out, ...flags, "--force")).status).toBe(0);
    expect((await nnInit(["verify", out])).status).toBe(0);
  });

  test("files of another split are refused by name", async () => {
    const run = await init(copy(), "--max-shard-size", "100KB");
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/foreign, remove them: model-00001-of-00003.safetensors, model-00002/);
  });

  test("a file that is cut within its header is written again", async () => {
    const out = copy();
    truncateSync(join(out, NAMES[0] as string), 50);
    truncateSync(join(out, NAMES[1] as string), 0);
    expect((await init(out)).status).toBe(0);
    for (const name of readdirSync(whole)) expect(bytesOf(out, name).equals(bytesOf(whole, name)), name).toBe(true);
  });

  test.each([
    [
      "a pipe",
      (path: string) => execFileSync("mkfifo", [path]),
      /00002.*: it is a device or a pipe, where a file belongs/,
    ],
    ["a folder", (path: string) => mkdirSync(path), /00002.*: it is a folder/],
  ])("%s under a file's name is refused before any file is written", async (_, make, message) => {
    const out = copy();
    for (const name of NAMES) rmSync(join(out, name));
    make(join(out, NAMES[1] as string));
    const run = await init(out);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(message);
    expect(readdirSync(out).filter((name) => name.endsWith(".safetensors"))).toEqual([NAMES[1]]);
  });

  test("a pipe where the hashes belong is refused", async () => {
    const out = copy();
    rmSync(join(out, "SHA256SUMS"));
    execFileSync("mkfifo", [join(out, "SHA256SUMS")]);
    expect((await nnInit(["index", out])).stderr).toMatch(/SHA256SUMS: it is a device or a pipe, where a file belongs/);
  });

  test("links that lead nowhere are refused as what they are", async () => {
    const out = copy();
    const [first, second] = NAMES.map((name) => join(out, name)) as [string, string];
    rmSync(first);
    symlinkSync(first, first);
    expect((await nnInit(["index", out])).stdout).toMatch(/^missing, or not whole: 1 of 3 files: model-00001/);
    expect((await init(out)).stderr).toMatch(/00001.*: it is a symbolic link that leads back to itself\n$/);
    rmSync(first);
    rmSync(second);
    symlinkSync("gone", second);
    expect((await init(out)).stderr).toMatch(/00002.*: it is a symbolic link to a file that does not exist\n$/);
    const link = fresh();
    symlinkSync("gone", link);
    expect((await init(link)).stderr).toMatch(/: it is a symbolic link to a folder that does not exist\n$/);
  });

  test("an empty name for a folder is wrong usage", async () => {
    expect(await init("")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--out: expected a file or a folder/),
    });
    expect((await nnInit(["index", ""])).status).toBe(2);
  });

  test("one file has no index", async () => {
    const out = fresh();
    expect((await init(out, "--max-shard-size", "1GB")).status).toBe(0);
    expect(readdirSync(out).sort()).toEqual(["SHA256SUMS", "model.safetensors"]);
    expect((await nnInit(["index", out])).stdout).toMatch(/: complete, 1 file, [\d,]+ bytes\n$/);
    expect((await nnInit(["verify", out])).status).toBe(0);
  });

  test("many files are counted, not listed", async () => {
    const out = fresh();
    const run = await init(out, "--max-shard-size", "30KB");
    expect(run.stdout).toMatch(
      /\n\d+ files, from .*model-00001-of-(\d+).safetensors to .*model-\1-of-\1.safetensors\n$/,
    );
    const again = await init(out, "--max-shard-size", "30KB");
    expect(again.stdout).toMatch(/^.*\nnothing was written, in [\d.]+ s\n(\d+) files, \1 of them there already, from /);
  });

  test("a share without files says so", async () => {
    const run = await init(fresh(), "--shard", "4/5");
    expect(run).toMatchObject({ status: 0 });
    expect(run.stderr).toMatch(/nothing to write; the 3 files belong to the tasks before this one\n$/);
  });

  const out = join(work, "refused");
  test.each<[string, readonly string[], RegExp]>([
    ["a size without a unit", ["--max-shard-size", "5000000"], /Expected a size .* with a unit, such as 5GB/],
    ["a wrong unit", ["--max-shard-size", "5XB"], /with a unit, such as 5GB/],
    ["a size of 0", ["--max-shard-size", "0GB"], /with a unit, such as 5GB/],
    ["a negative size", ["--max-shard-size", "-5GB"], /with a unit, such as 5GB/],
    ["a size above 2^53", ["--max-shard-size", "9999TB"], /to 2\^53 - 1 bytes/],
    ["no number", ["--max-shard-size", "GB"], /with a unit, such as 5GB/],
    ["an index that is the count", ["--shard", "3/3"], /Expected an index from 0 to 2, got 3/],
    ["a negative index", ["--shard", "-1/3"], /Expected i\/n with i from 0/],
    ["no tasks", ["--shard", "0/0"], /Expected from 1 to 1000000 tasks, got 0/],
    ["a fraction", ["--shard", "0.5/3"], /Expected i\/n/],
    ["no engine", ["--shard", "auto"], /Expected one of SLURM_ARRAY_TASK_ID/],
    [
      "a file for standard output",
      ["--out", "-"],
      /--out: expected one file for standard output, got 3 files: a folder takes/,
    ],
    ["standard output for no file", ["--out", "-", "--shard", "4/5"], /got a share without files/],
  ])("%s is wrong usage", async (_, flags, message) => {
    const run = await init(out, ...flags);
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(2);
    expect(readdirSync(work)).not.toContain(basename(out));
  });

  test("--shard without --seed is refused", async () => {
    const run = await nnInit(["init", config, "--out", out, "--max-shard-size", "1MB", "--shard", "0/2"]);
    expect(run).toMatchObject({ status: 2, stderr: expect.stringMatching(/--shard: expected --seed with it/) });
  });

  test("a size below the largest header is refused with it", async () => {
    const run = await init(out, "--max-shard-size", "0.3KB");
    expect(run).toMatchObject({ status: 2 });
    expect(run.stderr).toMatch(/--max-shard-size: expected at least the \d+ bytes of the largest header, got 300\n$/);
  });
});

describe("index and verify", () => {
  /** Damages a copy, and returns what both say of it. */
  async function both(change: (out: string) => void) {
    const out = copy();
    change(out);
    rmSync(join(out, INDEX), { force: true });
    const [index, verify] = [await nnInit(["index", out, "--json"]), await nnInit(["verify", out, "--json"])];
    expect(readdirSync(out).includes(INDEX)).toBe(index.status === 0);
    return { index, verify, out };
  }
  const parsed = ({ stdout }: { stdout: string }) => JSON.parse(stdout);

  test("a missing file is named", async () => {
    const { index, verify, out } = await both((out) => rmSync(join(out, NAMES[1] as string)));
    expect(index.status).toBe(1);
    expect(parsed(index)).toMatchObject({ complete: false, files: 2, missing: [NAMES[1]], foreign: [] });
    expect(verify.status).toBe(1);
    expect(parsed(verify)).toMatchObject({ equal: false, differing: [NAMES[1]] });
    expect((await nnInit(["index", out])).stdout).toMatch(/^missing, or not whole: 1 of 3 files: model-00002/);
  });

  test("a truncated file is missing", async () => {
    const { index } = await both((out) => truncateSync(join(out, NAMES[2] as string), 20_000));
    expect(parsed(index)).toMatchObject({ complete: false, missing: [NAMES[2]], foreign: [] });
  });

  test("a file of another seed is foreign; its place is in no other list", async () => {
    const other = fresh();
    await init(other, "--seed", "43");
    const { index } = await both((out) => copyFileSync(join(other, NAMES[0] as string), join(out, NAMES[0] as string)));
    expect(parsed(index)).toMatchObject({ complete: false, files: 2, missing: [], foreign: [NAMES[0]] });
  });

  test("a file that no checkpoint has is foreign", async () => {
    const { index } = await both((out) => copyFileSync(join(out, NAMES[0] as string), join(out, "copy.safetensors")));
    expect(index.status).toBe(1);
    expect(parsed(index)).toMatchObject({ complete: false, files: 3, missing: [], foreign: ["copy.safetensors"] });
  });

  test("a file under another's name", async () => {
    const { index, verify } = await both((out) =>
      copyFileSync(join(out, NAMES[0] as string), join(out, NAMES[1] as string)),
    );
    expect(index.status).toBe(1);
    expect(index.stderr).toMatch(
      /is in two files: model-00001-of-00003.safetensors and model-00002-of-00003.safetensors; remove them\n$/,
    );
    expect(parsed(index)).toMatchObject({ complete: false, foreign: NAMES.slice(0, 2) });
    expect(parsed(verify)).toMatchObject({ equal: false, differing: NAMES.slice(0, 2) });
  });

  test("files under each other's names", async () => {
    const { index } = await both((out) => {
      const [first, second] = NAMES.map((name) => join(out, name)) as [string, string];
      const bytes = readFileSync(first);
      copyFileSync(second, first);
      writeFileSync(second, bytes);
    });
    expect(index.stderr).toMatch(/the files are not the checkpoint that their records name/);
    expect(parsed(index)).toMatchObject({ complete: false, foreign: NAMES });
  });

  test("what killed tasks left is removed, also while files are missing", async () => {
    const left = ".nn-init.000000000000.000000000000.1.000000000000.tmp";
    const { out } = await both((out) => {
      rmSync(join(out, NAMES[1] as string));
      for (const name of [left, left.replace("1", "2")]) writeFileSync(join(out, name), "");
      utimesSync(join(out, left), 0, 0); // the other one may still be written, on another machine
    });
    expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([left.replace("1", "2")]);
  });

  test("one changed bit is found by verify, and not by index", async () => {
    const { index, verify } = await both((out) => damage(out, NAMES[1] as string));
    expect(index.status).toBe(0);
    expect(verify.status).toBe(1);
    expect(parsed(verify)).toMatchObject({ equal: false, differing: [NAMES[1]] });
  });

  test("a listed hash is kept, so that a changed byte still shows", async () => {
    const { index, out } = await both((out) => damage(out, NAMES[1] as string));
    expect(index.status).toBe(0);
    expect(bytesOf(out, "SHA256SUMS").equals(bytesOf(whole, "SHA256SUMS"))).toBe(true);
  });

  test("the index of another checkpoint beside one file is foreign", async () => {
    const out = fresh();
    await init(out, "--max-shard-size", "1GB");
    copyFileSync(join(whole, INDEX), join(out, INDEX));
    const run = await nnInit(["index", out, "--json"]);
    expect([run.status, parsed(run).foreign]).toEqual([1, [INDEX]]);
  });

  test("files without a hash are read and hashed, large ones in threads", async () => {
    const list = join(folder(), "list.json");
    writeFileSync(list, JSON.stringify(["a", "b"].map((name) => ({ name, shape: [4_300_000], scheme: "ones" }))));
    const out = fresh();
    await nnInit(["init", list, "--seed", "1", "--out", out, "--max-shard-size", "18MB"]);
    const sums = bytesOf(out, "SHA256SUMS");
    rmSync(join(out, "SHA256SUMS"));
    expect(await nnInit(["index", out])).toMatchObject({ status: 0, stderr: "" });
    expect(bytesOf(out, "SHA256SUMS").equals(sums)).toBe(true);
    rmSync(out, { recursive: true });
  });

  test("a wrong hash beside a file is not believed unless it is one", async () => {
    const { out } = await both((out) => writeFileSync(join(out, `${NAMES[0]}.sha256`), "no hash"));
    expect(bytesOf(out, "SHA256SUMS").equals(bytesOf(whole, "SHA256SUMS"))).toBe(true);
    expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
  });

  test("names an index that says something else than the files, however it is laid out", async () => {
    const out = copy();
    const text = readFileSync(join(out, INDEX), "utf8");
    writeFileSync(join(out, INDEX), JSON.stringify(JSON.parse(text)));
    expect(await nnInit(["verify", out])).toMatchObject({ status: 0 });
    for (const wrong of [text.replace("00001-of", "00002-of"), "{"]) {
      writeFileSync(join(out, INDEX), wrong);
      const { status, stdout } = await nnInit(["verify", out, "--json"]);
      expect([status, JSON.parse(stdout)]).toMatchObject([1, { equal: false, differing: [INDEX] }]);
    }
    expect(await nnInit(["index", out])).toMatchObject({ status: 0 });
    expect(readFileSync(join(out, INDEX), "utf8")).toBe(text);
  });

  test("a sample compares fewer bytes, but at least one piece of each file", async () => {
    const shapes = join(folder(), "shapes.json"); // a header and 5 pieces, the last of which is short
    writeFileSync(
      shapes,
      JSON.stringify([{ name: "w", shape: [2 ** 20, 4], scheme: "normal", std: 1, dtype: "bf16" }]),
    );
    const out = fresh();
    await nnInit(["init", shapes, "--seed", "1", "--out", out, "--max-shard-size", "1GB"]);
    const compared = async (sample: string) =>
      parsed(await nnInit(["verify", out, "--sample", sample, "--json"])).compared;
    const [block, bytes] = [2 ** 21, bytesOf(out, "model.safetensors").length];
    const short = bytes % block;
    expect([block, short]).toContain(await compared("0.000001"));
    expect([3 * block, 2 * block + short]).toContain(await compared("0.5"));
    expect(await compared("1")).toBe(bytes);
    for (const wrong of ["0", "1.5", "-1", "x", ""]) {
      expect((await nnInit(["verify", whole, "--sample", wrong])).status).toBe(2);
    }
  });

  test.each(["index", "verify"])("%s of a folder whose files have other names", async (command) => {
    const out = fresh();
    mkdirSync(out);
    copyFileSync(join(whole, NAMES[0] as string), join(out, "mine.safetensors"));
    const run = await nnInit([command, out]);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(
      /expected files of a checkpoint, got mine.safetensors: no file of a checkpoint has this name/,
    );
  });

  test.each(["index", "verify"])("%s of a folder without a checkpoint", async (command) => {
    const out = fresh();
    const none = {
      index: { complete: false, files: 0, bytes: 0, missing: [], foreign: [] },
      verify: { equal: false, compared: 0, differing: [] },
    }[command];
    for (const flags of [[], ["--json"]]) {
      const run = await nnInit([command, out, ...flags]);
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/expected files of a checkpoint, got no .safetensors file\n$/);
      expect(run.stdout).toBe(flags.length === 0 ? "" : `${JSON.stringify(none)}\n`);
    }
    mkdirSync(out);
    writeFileSync(join(out, "other.safetensors"), "nothing");
    const run = await nnInit([command, out]);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/expected at least 8 bytes, got 7\n$/);
    expect((await nnInit([command, out, "--json"])).stdout).toContain('["other.safetensors"]');
  });
});

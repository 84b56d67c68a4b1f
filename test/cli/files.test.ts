/**
 * What the command reads and writes besides plain files: links, pipes, standard output, what killed runs left. As
 * cp does: a link is followed, and what is no regular file is written through, never replaced.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openTarget } from "../../src/cli/target.js";
import { sweep, temporaryOf } from "../../src/cli/temporary.js";
import { folder, nnInit } from "./command.js";

const TINY = { model_type: "gpt2", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10 };

let work: string;
let config: string;
let whole: string; // sha256 of the checkpoint

const at = (name: string) => join(work, name);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const draw = (...args: string[]) => ["init", config, "--seed", "1", ...args];

beforeEach(async () => {
  work = folder();
  config = at("c.json");
  writeFileSync(config, JSON.stringify(TINY));
  if (whole !== undefined) return;
  const run = await nnInit(draw("--out", at("whole.safetensors"), "--json"));
  whole = JSON.parse(run.stdout).files[0].sha256;
});

/** Reads a pipe in a process of its own, whose output is the hash. */
function readerOf(path: string): Promise<string> {
  const child = spawn("sha256sum", [path], { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text).slice(0, 64))));
}

describe("what is read is not written over, under any of its names, even with --force", () => {
  test.each<[string, (place: string) => string[]]>([
    ["a page over the checkpoint", (place) => ["audit", place, "--html", place]],
    ["a page over a config", (place) => ["audit", at("m.safetensors"), "--config", place, "--html", place]],
    ["a page over layers", (place) => ["compare", "--network", place, "--html", place]],
    ["results over a plan", (place) => ["compare", "--plan", place, "--out", place]],
    ["a checkpoint over its config", (place) => draw("--out", place).with(1, place)],
    ["a checkpoint over its plan", (place) => draw("--plan", place, "--out", at("link"))],
  ])("%s", async (_, args) => {
    const place = at("input.json");
    writeFileSync(place, readFileSync(config));
    symlinkSync(place, at("link"));
    const run = await nnInit([...args(place), "--force"]);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toMatch(/^nn-init: --(html|out): expected another file than .*input.json, which is read, got /);
    expect(readFileSync(place)).toEqual(readFileSync(config));
  });

  test("a page over what an audit reads in a folder", async () => {
    const folder = at("folder");
    expect(await nnInit(["tiny", "gpt2", "--seed", "1", "--out", folder, "--max-shard-size", "20KB"])).toMatchObject({
      status: 0,
    });
    const names = readdirSync(folder).filter((name) => name !== "SHA256SUMS" && name !== "generation_config.json");
    expect(names.length).toBeGreaterThan(3);
    for (const given of [folder, join(folder, "model.safetensors.index.json")]) {
      for (const name of names) {
        const before = readFileSync(join(folder, name));
        const run = await nnInit(["audit", given, "--html", join(folder, name), "--force", "--threads", "1"]);
        expect(run, name).toMatchObject({ status: 2, stdout: "" });
        expect(readFileSync(join(folder, name)), name).toEqual(before);
      }
    }
  });

  test("but weights may be drawn in place", async () => {
    const [out, again] = [at("x.safetensors"), ["--plan", at("p.json"), "--seed", "1", "--force", "--json"]];
    writeFileSync(at("p.json"), JSON.stringify({ rules: [{ match: "*", scheme: "ones" }] }));
    await nnInit(draw("--out", out));
    expect(await nnInit(["init", out, ...again, "--out", out])).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("--force", () => {
  test.each([0o600, 0o444, 0o640, 0o666, 0o4755])(
    "keeps the mode %o, without what runs as another user",
    async (mode) => {
      const out = at("x.safetensors");
      writeFileSync(out, "old");
      chmodSync(out, mode);
      expect(await nnInit(draw("--out", out, "--force"))).toMatchObject({ status: 0, stderr: "" });
      expect(statSync(out).mode & 0o7777).toBe(mode & 0o777);
      expect(sha256(readFileSync(out))).toBe(whole);
    },
  );

  test("writes the file that a link leads to, in that file's folder; a hard link keeps the old file", async () => {
    mkdirSync(at("far"));
    writeFileSync(at("far/real"), "old");
    linkSync(at("far/real"), at("hard"));
    symlinkSync("far/real", at("near"));
    symlinkSync("near", at("nearer"));
    expect((await nnInit(draw("--out", at("nearer")))).stderr).toBe(
      `nn-init: ${at("nearer")} exists; --force replaces it\n`,
    );
    expect((await nnInit(draw("--out", at("nearer"), "--force"))).status).toBe(0);
    for (const link of ["near", "nearer"]) expect(lstatSync(at(link)).isSymbolicLink()).toBe(true);
    expect(sha256(readFileSync(at("far/real")))).toBe(whole);
    expect(readFileSync(at("hard"), "utf8")).toBe("old");
    expect(readdirSync(at("far"))).toEqual(["real"]);
  });

  test.each(["", "--force"])("links to nothing and to themselves are refused %s", async (force) => {
    symlinkSync("nothing", at("dangling"));
    symlinkSync("loop", at("loop"));
    const flags = force === "" ? [] : [force];
    expect((await nnInit(draw("--out", at("dangling"), ...flags))).stderr).toMatch(
      /dangling: it is a symbolic link to a file that does not exist\n$/,
    );
    expect((await nnInit(draw("--out", at("loop"), ...flags))).stderr).toMatch(
      /loop: it is a symbolic link that leads/,
    );
    expect(existsSync(at("nothing"))).toBe(false);
  });
});

describe("what is no file is written through", () => {
  test.each([[[]], [["--force"]]])("a pipe %s", async (flags) => {
    spawnSync("mkfifo", [at("pipe")]);
    const read = readerOf(at("pipe"));
    expect(await nnInit(draw("--out", at("pipe"), ...flags))).toMatchObject({ status: 0, stderr: "" });
    expect(await read).toBe(whole);
    expect(lstatSync(at("pipe")).isFIFO()).toBe(true);
    expect(readdirSync(work).sort()).toEqual([
      "c.json",
      "pipe",
      ...readdirSync(work).filter((name) => /^whole/.test(name)),
    ]);
  });

  test("standard output, which JSON needs for itself", async () => {
    expect(await nnInit(draw("--out", "-", "--json"))).toMatchObject({ status: 2, stdout: "" });
  });

  test("a socket is refused", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
    const run = await nnInit(draw("--out", at("socket"), "--force"));
    server.close();
    expect(run).toMatchObject({ status: 1, stderr: `nn-init: cannot write ${at("socket")}: it is a socket\n` });
  });
});

describe("refused before the work", () => {
  test("a page that exists, a folder for a page, one in no folder", async () => {
    writeFileSync(at("page.html"), "old");
    const lab = (html: string) => nnInit(["lab", "--depth", "1000000", "--html", html]); // would take hours
    expect((await lab(at("page.html"))).stderr).toMatch(/page\.html exists; --force replaces it/);
    expect((await lab(work)).stderr).toMatch(/it is a folder/);
    expect((await lab(at("no/page.html"))).stderr).toMatch(/its folder does not exist/);
    const audit = ["audit", at("none.safetensors"), "--html", at("page.html")];
    expect((await nnInit(audit)).stderr).toMatch(/page\.html exists/);
    expect((await nnInit(["audit", at("none.safetensors"), "--html", "-", "--json"])).status).toBe(2);
  });

  test("a model larger than the disk, with both numbers, and nothing is written", async () => {
    writeFileSync(at("large.json"), JSON.stringify([{ name: "w", shape: [2 ** 47], scheme: "zeros" }]));
    const run = await nnInit(["init", at("large.json"), "--out", at("x.safetensors")]);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(
      /x\.safetensors: no space left on the disk: expected 562949953\d+ bytes free, got \d+\n$/,
    );
    writeFileSync(at("x.safetensors"), "old");
    const forced = await nnInit(["init", at("large.json"), "--out", at("x.safetensors"), "--force"]);
    expect(forced.stderr).toMatch(/bytes free beside the old file, which stays until the new one is complete, got/);
    expect(readFileSync(at("x.safetensors"), "utf8")).toBe("old");
  });

  test("a checkpoint under the name of JSON", async () => {
    const run = await nnInit(draw("--out", at("model.safetensors.index.json")));
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/--out: expected a name for a safetensors file.*which is read as JSON/);
  });
});

describe("files that killed runs left", () => {
  const left = (writer: (name: string) => string) => {
    const path = join(work, writer(basename(temporaryOf(at("x.safetensors")))));
    writeFileSync(path, "half");
    return path;
  };
  const gone = String(spawnSync("sh", ["-c", "echo $$"]).stdout).trim(); // a process that has ended
  const withPid = (pid: string | number) => (name: string) => name.replace(`.${process.pid}.`, `.${pid}.`);

  test("are removed by the next run with the same target", async () => {
    const path = left(withPid(gone));
    const other = join(work, basename(temporaryOf(at("other"))).replace(`.${process.pid}.`, `.${gone}.`));
    writeFileSync(other, "half");
    expect((await nnInit(draw("--out", at("x.safetensors")))).status).toBe(0);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(other)).toBe(true); // another target's
  });

  test("but never a running writer's, nor one of another machine that was written to within a day", () => {
    const kept = [left(withPid(1)), left(withPid(process.pid))];
    const elsewhere = left((name) => name.replace(/^(\.nn-init\.\w+\.)\w+/, `$1${randomBytes(6).toString("hex")}`));
    const old = left((name) => name.replace(/^(\.nn-init\.\w+\.)\w+/, `$1${randomBytes(6).toString("hex")}`));
    utimesSync(old, 1, Date.now() / 1000 - 25 * 3600);
    sweep(at("x.safetensors"));
    for (const path of [...kept, elsewhere]) expect(existsSync(path), path).toBe(true);
    expect(existsSync(old)).toBe(false);
  });
});

describe("what is read", () => {
  const checkpoint = async () => {
    mkdirSync(at("model"), { recursive: true });
    await nnInit(draw("--out", at("model/model.safetensors"), "--force"));
    return at("model/model.safetensors");
  };

  test("a pipe or a device in place of a checkpoint, or of the config beside one", async () => {
    spawnSync("mkfifo", [at("x.safetensors")]);
    const refused = /cannot read .*: expected a regular file, got a (pipe|device)\n$/;
    expect((await nnInit(["audit", at("x.safetensors")])).stderr).toMatch(refused);
    const file = await checkpoint();
    spawnSync("mkfifo", [at("model/config.json")]);
    expect((await nnInit(["audit", file])).stderr).toMatch(refused);
    expect((await nnInit(["plan", at("model")])).stderr).toMatch(refused);
    spawnSync("ln", ["-sf", "/dev/zero", at("model/config.json")]);
    expect((await nnInit(["plan", file])).stderr).toMatch(refused);
    spawnSync("ln", ["-sf", "/dev/zero", at("z.safetensors")]);
    expect((await nnInit(["plan", at("z.safetensors")])).stderr).toMatch(refused);
  });

  test("a named pipe, and an endless device, which is refused after its limit", async () => {
    spawnSync("mkfifo", [at("fifo")]);
    spawn("sh", ["-c", `cat "$0" > "$1"`, config, at("fifo")], { stdio: "ignore" });
    expect(await nnInit(["plan", at("fifo"), "--json"])).toMatchObject({ status: 0, stderr: "" });
    expect((await nnInit(["plan", config, "--plan", "/dev/zero"])).stderr).toMatch(
      /cannot read \/dev\/zero: expected JSON of at most 10000000 bytes\n$/,
    );
  });

  test("bytes that are no text, and a nesting of 100,000", async () => {
    writeFileSync(at("latin1.json"), Buffer.from('{"a":"\u00fc"}', "latin1"));
    expect((await nnInit(["plan", at("latin1.json")])).stderr).toMatch(/cannot read .*: it is not UTF-8 text\n$/);
    const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
    for (const text of [deep, `{"rules":${deep}}`, `[{"name":"a","shape":[1],"scheme":${deep}}]`]) {
      writeFileSync(at("deep.json"), text);
      for (const args of [
        ["plan", at("deep.json")],
        ["plan", config, "--plan", at("deep.json")],
      ]) {
        expect((await nnInit(args)).stderr).toMatch(/expected at most 200 objects and lists within each other/);
      }
    }
  });

  test("a file that was found, not named, is not quoted", async () => {
    const file = await checkpoint();
    writeFileSync(at("secret"), "secret words\nmore\n");
    symlinkSync(at("secret"), at("model/config.json"));
    for (const args of [
      ["plan", at("model")],
      ["plan", file],
      ["audit", file],
    ]) {
      const { stderr } = await nnInit(args);
      expect(stderr).toMatch(/config\.json: line 1, column 1: it is not valid JSON\n$/);
    }
    expect((await nnInit(["plan", at("model/config.json")])).stderr).toContain("> 1 | secret words");
  });
});

describe("a large file", () => {
  // From 16 MiB on, whole sectors go past the system's cache, on disks that can do so.
  const BYTES = 2 ** 24 + 4097;

  test.each([
    ["whole pages", () => new Uint8Array(new WebAssembly.Memory({ initial: 257 }).buffer).subarray(0, BYTES), 2 ** 21],
    ["other memory", () => new Uint8Array(BYTES + 1).subarray(1), 2 ** 21],
    [
      "pieces that are no sectors",
      () => new Uint8Array(new WebAssembly.Memory({ initial: 257 }).buffer, 0, BYTES),
      2 ** 21 - 1,
    ],
  ])("has its bytes in their places: from %s", async (_, make, step) => {
    const bytes = make();
    for (let i = 0; i < BYTES; i += 509) bytes[i] = 1 + (i % 251);
    const target = await openTarget(at("large"), false, BYTES);
    const pieces = Array.from({ length: Math.ceil(BYTES / step) }, (_, i) => bytes.subarray(i * step, (i + 1) * step));
    await Promise.all(pieces.map((piece) => target.write(piece)));
    await target.commit();
    expect(Buffer.compare(readFileSync(at("large")), bytes)).toBe(0);
    expect(readdirSync(work).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

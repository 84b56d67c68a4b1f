/** What only root can set up: files of other users, devices, a small disk. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { writeFile } from "../../src/cli/target.js";
import { CLI } from "./build.js";
import { folder, nnInit } from "./command.js";
import { needs } from "./needs.js";

let work: string;
let shapes: string;
const at = (name: string) => join(work, name);
const draw = (...args: string[]) => ["init", shapes, "--seed", "1", ...args];

beforeEach((context) => {
  needs("root", context);
  work = folder();
  shapes = at("shapes.json");
  writeFileSync(shapes, JSON.stringify([{ name: "w", shape: [64, 64], scheme: "heNormal" }]));
});

test("--force keeps the owner", async () => {
  const out = at("x.safetensors");
  writeFileSync(out, "old");
  chownSync(out, 1234, 5678);
  expect((await nnInit(draw("--out", out, "--force"))).status).toBe(0);
  expect(statSync(out)).toMatchObject({ uid: 1234, gid: 5678 });
});

test("devices are written through, whether --force is given or not; a full one says so", async () => {
  const made = spawnSync("sh", ["-c", "mknod null c 1 3 && mknod full c 1 7 && mkdir sub"], { cwd: work });
  expect(made.status, String(made.stderr)).toBe(0);
  symlinkSync("../null", at("sub/link"));
  for (const out of ["null", "sub/link"]) {
    for (const flags of [[], ["--force"]]) {
      expect(await nnInit(draw("--out", at(out), ...flags))).toMatchObject({ status: 0, stderr: "" });
    }
  }
  expect((await nnInit(draw("--out", at("full"), "--force"))).stderr).toMatch(/full: no space left on the disk\n$/);
  await writeFile(at("null"), "a page", true);
  for (const name of ["null", "full"]) expect(lstatSync(at(name)).isCharacterDevice(), name).toBe(true);
  expect(lstatSync(at("sub/link")).isSymbolicLink()).toBe(true);
  expect(readdirSync(at("sub"))).toEqual(["link"]);
});

test("a disk that is too small is refused before the work", async () => {
  const mount = at("small");
  mkdirSync(mount);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", mount]);
  expect(mounted.status, String(mounted.stderr)).toBe(0);
  try {
    writeFileSync(shapes, JSON.stringify([{ name: "w", shape: [1024, 1024], scheme: "ones" }]));
    const run = await nnInit(draw("--out", join(mount, "x.safetensors")));
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(
      /^nn-init: cannot write .*x\.safetensors: no space left on the disk: expected \d+ bytes free, got 1048576\n$/,
    );
    expect(readdirSync(mount)).toEqual([]);
  } finally {
    spawnSync("umount", [mount]);
  }
});

test("a folder without permission is refused", () => {
  // Root may write everywhere, so root runs the command as nobody, from copies that nobody can read.
  const closed = at("closed");
  mkdirSync(closed);
  cpSync(dirname(CLI), at("dist"), { recursive: true });
  cpSync(process.execPath, at("node"));
  cpSync(join(dirname(CLI), "../package.json"), at("package.json")); // its imports are those of the library's files
  for (const path of [work, dirname(work)]) chmodSync(path, 0o755); // the second is the run's own folder
  chmodSync(closed, 0o555);
  const out = join(closed, "x.safetensors");
  const run = spawnSync(at("node"), [at("dist/cli.js"), ...draw("--out", out)], {
    ...{ uid: 65534, gid: 65534, cwd: work },
    encoding: "utf8",
  });
  expect(run.stderr).toBe(`nn-init: cannot write ${out}: permission denied\n`);
  expect(run.status).toBe(1);
  expect(readdirSync(closed)).toEqual([]);
});

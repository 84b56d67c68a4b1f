// Disks that are too small, or that become full while a file is written; limits of a file's size; folders that vanish.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLI, folder, litter, run, sleep, start } from "./command.mjs";

const MODEL = [{ name: "w", shape: [4, 2 ** 20], scheme: "normal", std: 1 }]; // 16 MiB
const SIZES = ["1m", "4m", "8m", "12m", "15m", "16m", "17m", "20m", "31m"];

/** @returns counts, what was wrong, and what could not be tried. */
export async function disks({ count = SIZES.length }) {
  const place = folder();
  const model = join(place, "model.json");
  writeFileSync(model, JSON.stringify(MODEL));
  const counts = { refused: 0, "full midway": 0, done: 0, "file size": 0 };
  const wrong = [];
  const absent = [];
  const judge = (name, end, out, isOld) => {
    const old = existsSync(out) ? readFileSync(out).length : -1;
    if (end.code === 0) return;
    if (
      !/^nn-init: cannot write .*(no space left on the disk|larger than this system allows|folder does not exist)/.test(
        end.stderr,
      )
    ) {
      wrong.push(`${name}: ${end.code} ${end.stderr}`);
    }
    if (old !== (isOld ? 3 : -1)) wrong.push(`${name}: the old file is lost, or a part is there`);
    if (existsSync(join(out, "..")) && litter(join(out, "..")).length > 0) wrong.push(`${name}: litter`);
  };
  for (const size of SIZES.slice(0, count)) {
    const mount = join(place, size);
    mkdirSync(mount);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", mount]).status !== 0) {
      absent.push("small disks: only root can mount them");
      break;
    }
    try {
      const out = join(mount, "x.safetensors");
      const small = await run(["init", model, "--out", out]);
      judge(`disk of ${size}`, small, out, false);
      counts[small.code === 0 ? "done" : "refused"] += 1;
      const isSmall = Number.parseInt(size, 10) <= 16;
      if (isSmall === (small.code === 0)) wrong.push(`disk of ${size}: exit code ${small.code}`);
      rmSync(out, { force: true });
      if (isSmall) continue;
      // Filled by another process, after the look at the free space.
      writeFileSync(out, "old");
      const { ended } = start(["init", model, "--out", out, "--force"]);
      for (let waited = 0; litter(mount).length === 0 && waited < 5000; ++waited) await sleep(1);
      spawnSync("sh", ["-c", `head -c 40000000 /dev/zero > "$0" 2>/dev/null`, join(mount, "filler")]);
      const full = await ended;
      judge(`disk of ${size}, filled`, full, out, true);
      counts[full.code === 0 ? "done" : "full midway"] += 1;
    } finally {
      spawnSync("umount", [mount]);
    }
  }
  const limited = join(place, "limited");
  mkdirSync(limited);
  const command = `ulimit -f 8192; exec "$0" "$1" init "$2" --out x.safetensors`;
  const end = spawnSync("sh", ["-c", command, process.execPath, CLI, model], { cwd: limited, encoding: "utf8" });
  judge("a limit of size", { code: end.status, stderr: end.stderr }, join(limited, "x.safetensors"), false);
  if (end.status === 0 || readdirSync(limited).length > 0) wrong.push("a limit of size: written, or litter");
  counts["file size"] += 1;
  rmSync(place, { recursive: true });
  return { counts, wrong, absent };
}

// `nn-init bench` of the packed package in a runtime, by the ways that people start it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ENGINES = ["simd", "threads", "scalar", "loop"];
const SIZE = 2000;

/** How people start the command in each runtime: the program and its arguments, given the folder of Deno's and Bun's. */
export const STARTS = {
  Node: () => ["npx", "--no-install", "nn-init"],
  Deno: (bin) => [join(bin, "deno"), "run", "-A", "--node-modules-dir=manual", "npm:nn-init"],
  Bun: (bin) => [join(bin, "bun"), "x", "--bun", "nn-init"],
};

/** Lays the folder out as a package manager does: the package is a dependency, and its command is in .bin. */
function layOut(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, "node_modules/nn-init/package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies: { "nn-init": version } }));
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  const link = join(folder, "node_modules/.bin/nn-init");
  rmSync(link, { force: true });
  symlinkSync("../nn-init/dist/cli.js", link);
}

/** Runs it, and checks that every engine was measured there. @returns the runtime, as it names itself. */
export function bench(folder, runtime, [program, ...args]) {
  layOut(folder);
  const file = join(folder, "bench.json");
  rmSync(file, { force: true });
  const flags = ["bench", "--filter", "normal f32", "--sizes", String(SIZE), "--turns", "4", "--json", file];
  const run = spawnSync(program, [...args, ...flags], { cwd: folder, encoding: "utf8", timeout: 120_000 });
  if (run.status !== 0) throw new Error(`${run.error ?? ""}${run.stdout}${run.stderr}`);
  if (!run.stdout.includes(`│ normal `)) throw new Error(run.stdout);
  const { machine, cells } = JSON.parse(readFileSync(file, "utf8"));
  const measured = cells.filter(({ seconds }) => seconds.length === 4 && seconds.every((each) => each > 0));
  const absent = ENGINES.filter((engine) => !measured.some((cell) => cell.engine === engine && cell.size === SIZE));
  if (absent.length > 0) throw new Error(`not measured: ${absent.join(", ")}`);
  if (!machine.runtime.startsWith(`${runtime} `)) throw new Error(`it took ${runtime} for ${machine.runtime}`);
  return machine.runtime.slice(runtime.length + 1);
}

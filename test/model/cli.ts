/** Runs the built command. */
import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export const folder = (): string => mkdtempSync(join(tmpdir(), "nn-init-"));

/** Asks for colours, so that a message that has any shows itself. */
export function nnInit(args: readonly string[], options: SpawnSyncOptions = {}) {
  const env = { ...process.env, FORCE_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: "utf8", env, ...options });
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

/** The built command, in a process of its own: for what only a process has, such as signals, limits and threads' pools. */
import { type ChildProcess, type SpawnOptions, type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const DIST = new URL("../../dist/", import.meta.url);
export const CLI = fileURLToPath(new URL("cli.js", DIST));

export const folder = (): string => mkdtempSync(join(tmpdir(), "nn-init-"));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How often a test file has started the command so far. */
export const starts = { count: 0 };

/** Asks for colours, so that a message that has any shows itself. */
export function spawned(args: readonly string[], options: SpawnSyncOptions = {}): Run {
  ++starts.count;
  const env = { ...process.env, FORCE_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: "utf8", env, ...options });
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

/** Starts the command without waiting for its end. */
export function started(args: readonly string[], options: SpawnOptions): ChildProcess {
  ++starts.count;
  return spawn(process.execPath, [CLI, ...args], options);
}

/** The built command, in a process of its own: for what only a process has, such as signals, limits and threads' pools. */
import { type ChildProcess, type SpawnOptions, type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const DIST = new URL("../../dist/", import.meta.url);
export const CLI = fileURLToPath(new URL("cli.js", DIST));

export const folder = (): string => mkdtempSync(join(tmpdir(), "nn-init-"));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The longest that a process may take, so that one that hangs ends before the test gives up, and is not left. */
const LIMIT = { timeout: 120_000, killSignal: "SIGKILL" } as const;

/** How often a test file has started the command so far. */
export const starts = { count: 0 };

/** Asks for colours, so that a message that has any shows itself. */
export function spawned(args: readonly string[], options: SpawnSyncOptions = {}): Run {
  ++starts.count;
  const env = { ...process.env, FORCE_COLOR: "1" };
  const settings = { encoding: "utf8", env, ...LIMIT, ...options } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], settings);
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

/** Starts the command without waiting for its end. What still runs at the end of the test is ended. */
export function started(args: readonly string[], options: SpawnOptions): ChildProcess {
  ++starts.count;
  const child = spawn(process.execPath, [CLI, ...args], { ...LIMIT, ...options });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

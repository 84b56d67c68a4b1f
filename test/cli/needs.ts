/** What a slow test needs and a machine may lack. Absence fails, unless WITHOUT says that it is known: WITHOUT=zsh,root. */
import { spawnSync } from "node:child_process";
import type { TestContext } from "vitest";

const HERE = {
  zsh: () => isInstalled("zsh"),
  fish: () => isInstalled("fish"),
  root: () => process.geteuid?.() === 0,
} as const;

const isInstalled = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0;

/** @throws Error if it is absent and WITHOUT does not name it; skips the test if WITHOUT does. */
export function needs(what: keyof typeof HERE, context: TestContext): void {
  if (HERE[what]()) return;
  if (process.env.WITHOUT?.split(",").includes(what)) context.skip(`without ${what}, as WITHOUT says`);
  throw new Error(`this test needs ${what}; WITHOUT=${what} skips it`);
}

/** The package as a user gets it, packed once for all test files of a run. */
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
// @ts-expect-error plain JavaScript, shared with the scripts of other runtimes
import { installPacked } from "../runtimes/packed.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A folder whose node_modules has the packed package. The first test file to ask packs it, the others wait for it. Files go
 * into a subfolder of one's own.
 */
export async function installed(): Promise<string> {
  // The workers of a run have one parent. A build of a later time is packed again.
  const built = Math.trunc(statSync(join(root, "dist/cli.js")).mtimeMs);
  const shared = join(tmpdir(), `nn-init-installed-${process.ppid}-${built}`);
  try {
    mkdirSync(shared);
  } catch {
    while (!existsSync(join(shared, "done"))) await setTimeout(50);
    return join(shared, "package");
  }
  renameSync(installPacked(), join(shared, "package"));
  writeFileSync(join(shared, "done"), "");
  return join(shared, "package");
}

/** A new subfolder of the installed package's folder. */
export async function workplace(name: string): Promise<string> {
  const folder = join(await installed(), `${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

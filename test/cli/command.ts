/** Runs the command in this process; only the scripts of its threads come from the build. */
import { main } from "../../src/cli/program.js";
import { DIST, type Run } from "./build.js";

export { folder, type Run } from "./build.js";

/** All commands, in the order of the help. */
export const COMMANDS = [
  ...["init", "tiny", "index", "verify", "serve", "plan", "plans"],
  ...["audit", "lab", "compare", "bench", "models", "completion"],
];

/** @param columns of the terminal; undefined is a pipe. */
export async function nnInit(args: readonly string[], columns?: number): Promise<Run> {
  const written = { stdout: "", stderr: "" };
  const status = await main(args, {
    print: async (text) => {
      written.stdout += text;
    },
    warn: (text) => {
      written.stderr += text;
    },
    columns,
    bars: false,
    scripts: DIST,
    version: "1.2.3",
  });
  return { status, ...written };
}

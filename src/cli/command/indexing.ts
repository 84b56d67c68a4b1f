/** The options of `nn-init index`. */
import type { Command } from "commander";
import type { IndexFlags } from "../indexing.js";
import type { Io } from "../io.js";
import { examples, PLACE } from "./help.js";
import type { Outcome } from "./outcome.js";

export function addIndex(program: Command, io: Io, outcome: Outcome): void {
  program
    .command("index")
    .description("check that all files of a checkpoint are there, and write its index and SHA256SUMS")
    .argument("<folder>", PLACE)
    .option("--json", "print one JSON object instead of text")
    .addHelpText("after", examples(["nn-init index llama"], "failed, or files are missing or foreign"))
    .action(async (folder: string, flags: IndexFlags) => {
      outcome.passed = await (await import("../indexing.js")).runIndex(folder, flags, io);
    });
}

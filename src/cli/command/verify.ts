/** The options of `nn-init verify`. */
import type { Command } from "commander";
import { parseSample } from "../arguments.js";
import type { Io } from "../io.js";
import type { VerifyFlags } from "../verify.js";
import { examples, PLACE } from "./help.js";
import type { Outcome } from "./outcome.js";

export function addVerify(program: Command, io: Io, outcome: Outcome): void {
  program
    .command("verify")
    .description("draw the files of a checkpoint again, as they record it, and compare the bytes")
    .argument("<folder>", PLACE)
    .option("--sample <share>", "compare a share of the pieces, above 0 and at most 1 (default: 1, all)", parseSample)
    .option("--json", "print one JSON object instead of text")
    .addHelpText(
      "after",
      examples(
        ["nn-init verify llama", "nn-init verify llama --sample 0.01"],
        "failed, or files differ, are missing or foreign",
      ),
    )
    .action(async (folder: string, flags: VerifyFlags) => {
      outcome.passed = await (await import("../verify.js")).runVerify(folder, flags, io);
    });
}

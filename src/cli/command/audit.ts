/** The options of `nn-init audit`. */
import type { Command } from "commander";
import { parseThreads, pathParser } from "../arguments.js";
import type { AuditFlags } from "../audit.flags.js";
import type { Io } from "../io.js";
import { examples, FAILED_AUDIT } from "./help.js";
import { architectureOption, planOption, WIDE } from "./option.js";
import type { Outcome } from "./outcome.js";

export function addAudit(program: Command, io: Io, outcome: Outcome): void {
  const path = pathParser();
  program
    .command("audit")
    .description("read a checkpoint and say for each tensor whether it is as expected")
    .argument("<file>", "a .safetensors file, the index of several, a folder with one, or an .onnx file", path)
    .addOption(
      planOption(
        "what to expect: rules in JSON, or @name of a built-in plan; can be repeated; - is standard input " +
          "(default: the file's own record, else the config beside it)",
        path,
      ),
    )
    .option(
      "--config <file>",
      "a config.json, whose plan is expected or whose numbers and roles --plan uses; - is standard input",
      path,
    )
    .addOption(architectureOption(path))
    .option("--spectral", "also compute the largest singular value of each matrix")
    .option("--reproduce", "draw each tensor again from the file's record and compare bits")
    .option("--threads <n>", "threads that read, from 1 to 256 (default: one per processor, at most 8)", parseThreads)
    .option("--json", "print one JSON object instead of a table")
    .option("--wide", WIDE)
    .option("--html <file>", "write a page with a histogram of each tensor")
    .option("--force", "replace an existing page")
    .addHelpText(
      "after",
      examples(
        [
          "nn-init audit model.safetensors",
          "nn-init audit model.safetensors --config config.json --html audit.html",
          "nn-init audit model.safetensors --reproduce",
        ],
        FAILED_AUDIT,
      ),
    )
    .action(async (file: string, flags: AuditFlags) => {
      const { endAuditThreads, isLarge, startAuditThreads } = await import("../audit.threads.js");
      const started = isLarge(file) ? startAuditThreads(flags.threads, io) : [];
      try {
        outcome.passed = await (await import("../audit.js")).runAudit(file, flags, io, started);
      } finally {
        endAuditThreads(started);
      }
    });
}

/** The options of `nn-init bench`. */
import type { Command } from "commander";
import { choice, parseSizes, parseTurns } from "../arguments.js";
import type { BenchFlags } from "../bench.js";
import { BENCH_FORMATS, FEWEST_TURNS, MOST_TURNS } from "../bench.limits.js";
import type { Io } from "../io.js";
import { examples } from "./help.js";
import { WIDE } from "./option.js";
import type { Outcome } from "./outcome.js";

export function addBench(program: Command, io: Io, outcome: Outcome): void {
  program
    .command("bench")
    .description("measure how fast this machine draws, beside the fill of memory and the loops that people write")
    .option(
      "--filter <words>",
      "measure only cells with these words in their names: a distribution, an engine (simd, threads, scalar, loop), " +
        'arena or own, an element type, such as "normal simd"',
    )
    .option(
      "--sizes <numbers>",
      "elements of a call, separated by commas (default: 65536,1024,1048576,10000000)",
      parseSizes,
    )
    .option(
      "--turns <n>",
      `turns of each cell, from ${FEWEST_TURNS} to ${MOST_TURNS}; large sizes take half as many (default: 12, fewer if slow)`,
      parseTurns,
    )
    .addOption(choice("--format <name>", "what to print", BENCH_FORMATS).default("table"))
    .option("--json <file>", "write all times to a file")
    .option("--compare <file>", "compare with an earlier run's --json file, and measure what that one measured")
    .option("--wide", WIDE)
    .option("--force", "replace an existing file")
    .addHelpText(
      "after",
      examples([
        "nn-init bench",
        'nn-init bench --filter "normal simd" --sizes 1024,65536',
        "nn-init bench --json before.json",
        "nn-init bench --compare before.json",
        "nn-init bench --format github-action > bench.json",
      ]),
    )
    .action(async (flags: BenchFlags) => {
      outcome.stopped = await (await import("../bench.js")).runBench(flags, io);
    });
}

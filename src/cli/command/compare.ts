/** The options of `nn-init compare`. */
import { type Command, InvalidArgumentError, type Option } from "commander";
import { flagOf } from "../../chart/words.js";
import { checkOneOf, printable } from "../../check.js";
import { SCHEME_NAMES } from "../../scheme/scheme.js";
import { DATA_NAMES, OPTIMIZERS, STRATEGY_NAMES } from "../../train/names.js";
import {
  choice,
  parseAboveZero,
  parseCount,
  parsed,
  parseSeed,
  parseThreads,
  pathParser,
  UsageError,
} from "../arguments.js";
import type { CompareFlags } from "../compare.js";
import type { Io } from "../io.js";
import { examples } from "./help.js";
import { addNetworkOptions, KINDS } from "./network.js";
import { engineOption, planOption, WIDE } from "./option.js";
import type { Outcome } from "./outcome.js";

export function addCompare(program: Command, io: Io, outcome: Outcome): void {
  const path = pathParser();
  const command = program
    .command("compare")
    .description("train the same network from several starts, and say which is best and what went wrong")
    .addOption(dataOption());
  addNetworkOptions(command, networkOption(), 12, 64)
    .option(
      "--schemes <names>",
      `starts, separated by commas: ${STRATEGY_NAMES.join(", ")}, or names of schemes (default: these eight)`,
      (text) => parsed(() => text.split(",").map((name) => checkOneOf("schemes", name, STARTS))),
    )
    .addOption(
      planOption(
        "one more start: rules in JSON for the network's parameters; can be repeated; - is standard input",
        path,
      ),
    )
    .addOption(choice("--optimizer <name>", "what makes the steps", OPTIMIZERS).default("sgd"))
    .option(
      "--lr <x>",
      "learning rate above 0; sweep tries several and keeps the best of each start (default: 0.05 for sgd, 0.01 for " +
        "momentum, 0.001 for adam)",
      (text) => (text === "sweep" ? text : parseAboveZero(text)),
    )
    .option("--steps <n>", "batches to learn from", parseCount, 600)
    .option("--batch <n>", "samples of a batch", parseCount, 32)
    .option("--seeds <n>", "number of seeds to repeat everything with", parseCount, 3)
    .option("--seed <n>", "first seed, from 0 to 2^64 - 1 (default: 0)", parseSeed)
    .option("--no-early", "let runs that can no longer learn go on to their last step")
    .option(
      "--threads <n>",
      "threads, from 1 to 256; the results do not depend on it (default: one per processor, at most 8)",
      parseThreads,
    )
    .addOption(engineOption())
    .option("--json", "print one JSON object instead of text")
    .option("--wide", WIDE)
    .option("--out <file>", "write the JSON object to a file, again at each seed")
    .option("--html <file>", "write a page of plots")
    .option("--force", "replace existing files")
    .addHelpText(
      "after",
      examples([
        "nn-init compare",
        "nn-init compare --activation tanh --schemes xavier,he --lr sweep",
        "nn-init compare --network attention --depth 2 --steps 100 --html page.html",
        "nn-init compare --network layers.json --optimizer adam",
      ]),
    )
    .action(async (flags: CompareFlags, command: Command) => {
      checkAlone(command, flags.network);
      outcome.stopped = await (await import("../compare.js")).runCompare(flags, io);
    });
}

const dataOption = (): Option =>
  choiceOrFile("--data <name>", "what it learns; or a .npz file with arrays x and y", DATA_NAMES, ".npz");

const networkOption = (): Option =>
  choiceOrFile("--network <kind>", "kind of its layers; or a .json file with a list of layers", KINDS, ".json");

/** The first name is the default. */
function choiceOrFile(flags: string, text: string, names: readonly string[], suffix: string): Option {
  const option = choice(flags, text, names);
  const { parseArg } = option;
  return option
    .argParser((given: string) => {
      if (given.endsWith(suffix)) return given;
      if (!/[./]/.test(given)) return parseArg?.(given, undefined);
      throw new InvalidArgumentError(`Expected ${names.join(", ")}, or a file whose name ends in ${suffix}.`);
    })
    .default(names[0]);
}

/** Flags that say what a file of layers says itself. */
const SHAPE = ["depth", "width", "activation", "slope", "residual", "normalization", "normalizationAt", "branchScale"];

function checkAlone(command: Command, network: string): void {
  if (!network.endsWith(".json")) return;
  const given = SHAPE.find((name) => command.getOptionValueSource(name) === "cli");
  if (given === undefined) return;
  throw new UsageError(`${flagOf(given)}: expected none beside --network ${printable(network)}, whose layers say it`);
}

/** What a network can start from, by name. */
const STARTS = [...new Set([...STRATEGY_NAMES, ...SCHEME_NAMES.filter((name) => name !== "split")])];

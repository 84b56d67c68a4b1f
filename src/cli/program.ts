/** The command, which loads no more than is asked for. Exit codes: 0 done, 1 failed, 2 wrong usage, 128 + n by signal n. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { checkOneOf } from "../check.js";
import { DTYPES } from "../dtype.js";
import { LAYOUT_NAMES } from "../scheme/fans.js";
import { ACTIVATIONS } from "../scheme/gain.js";
import type { Scheme } from "../scheme/options.js";
import { SCHEME_NAMES, scheme } from "../scheme/scheme.js";
import { checkSeed } from "../stream.js";
import type { AuditFlags } from "./audit.js";
import type { InitFlags } from "./init.js";
import type { LabFlags } from "./lab.js";
import type { PlanCommandFlags } from "./plan.js";

declare const VERSION: string; // of package.json; scripts/build.mjs puts it in

function parseSeed(text: string): bigint {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 0 to 2^64 - 1.");
  return parsed(() => BigInt(checkSeed(BigInt(text))));
}

function parseThreads(text: string): number {
  const threads = Number(text);
  if (!/^[0-9]+$/.test(text) || threads < 1 || threads > 256) {
    throw new InvalidArgumentError("Expected a whole number from 1 to 256.");
  }
  return threads;
}

function parseWhole(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Expected a whole number from 0 to 2^53 - 1.");
  }
  return value;
}

function parseCount(text: string): number {
  const value = parseWhole(text);
  if (value === 0) throw new InvalidArgumentError("Expected a whole number from 1.");
  return value;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

/** A check of the library as one of the command's arguments. */
function parsed<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const parseActivation = (text: string): string => parsed(() => checkOneOf("activation", text, ACTIVATIONS));

function parseScheme(text: string): Scheme {
  return parsed(() => scheme(text.trimStart().startsWith("{") ? JSON.parse(text) : { scheme: text }));
}

const program = new Command("nn-init")
  .description("Initial weights for neural networks: the same bits everywhere.")
  .version(VERSION)
  .exitOverride();

const MODEL =
  "a Hugging Face config.json, a folder with one, a .safetensors file or index, or a list of shapes: [{ name, shape, scheme }]";
const TYPES = "element type (default: the file's, else the config's, else f32)";

/** The options that say what each tensor starts from. */
const planned = (command: Command): Command =>
  command
    .exitOverride()
    .option(
      "--plan <file>",
      "rules in JSON, of which the first that matches decides a tensor (default: the model's own)",
    )
    .addOption(new Option("--scheme <name>", "one scheme for all weights; biases 0, scales 1").choices(SCHEME_NAMES))
    .addOption(new Option("--layout <name>", "of --scheme: where the inputs are").choices(LAYOUT_NAMES))
    .addOption(new Option("--dtype <type>", TYPES).choices(DTYPES));

planned(program.command("init").description("draw a whole model and write it as .safetensors"))
  .argument("<model>", MODEL)
  .option("--seed <n>", "from 0 to 2^64 - 1 (default: a fresh one, which is printed)", parseSeed)
  .addOption(
    new Option("--engine <name>", "who draws; it cannot change a bit")
      .choices(["auto", "simd", "scalar"])
      .default("auto"),
  )
  .option("--threads <n>", "threads that draw, from 1 to 256 (default: 1); they cannot change a bit", parseThreads)
  .option("--out <file>", "where to (default: MODEL.safetensors in the working folder)")
  .option("--force", "replace an existing file")
  .option("--json", "print one JSON object instead of tables")
  .action(async (model: string, flags: InitFlags) => (await import("./init.js")).runInit(model, flags));

planned(program.command("plan").description("print what would be drawn, tensor by tensor, without drawing"))
  .argument("<model>", MODEL)
  .option("--print", "print the plan itself, to start one of your own from")
  .option("--json", "print one JSON object instead of a table")
  .action(async (model: string, flags: PlanCommandFlags) => (await import("./plan.js")).runPlan(model, flags));

program
  .command("audit")
  .description("read a checkpoint, and say of each tensor whether it is what it should be")
  .argument("<file>", "a .safetensors file, the index of several, or a folder with one")
  .option("--plan <file>", "what the tensors should be (default: the file's own record, else the config beside it)")
  .option("--config <file>", "a config.json: for its plan, or the numbers and roles that --plan speaks of")
  .option("--spectral", "the largest singular value of each matrix too")
  .option("--reproduce", "draw each tensor again from the file's record, and compare bits")
  .option("--threads <n>", "threads that read, from 1 to 256 (default: as many as there are, up to 8)", parseThreads)
  .option("--json", "print one JSON object instead of a table")
  .option("--html <file>", "write a page with the distribution of each tensor")
  .option("--force", "replace an existing page")
  .exitOverride()
  .action(async (file: string, flags: AuditFlags) => (await import("./audit.js")).runAudit(file, flags));

program
  .command("lab")
  .description("send signals and gradients through a network as it starts, before any training")
  .addOption(
    new Option("--network <kind>", "of layers").choices(["dense", "convolution", "attention"]).default("dense"),
  )
  .option("--depth <n>", "layers, or blocks of attention", parseCount, 50)
  .option("--width <n>", "units in each", parseCount, 256)
  .option("--samples <n>", "an even number (default: 128; 16 where each has positions)", parseCount)
  .option("--activation <name>", ACTIVATIONS.join(", "), parseActivation, "relu")
  .option("--slope <x>", "of leakyRelu (default: 0.01)", parseNumber)
  .option("--scheme <scheme>", "its name, or JSON with its options (default: the one that is advised)", parseScheme)
  .option("--residual", "add each layer to what went into it")
  .addOption(
    new Option("--norm, --normalization <name>", "before each activation")
      .choices(["none", "layer", "rms"])
      .default("none"),
  )
  .option("--branch-scale <x>", "what a residual branch is multiplied by", parseNumber, 1)
  .option("--seeds <n>", "how many times all is drawn anew", parseCount, 3)
  .option("--seed <n>", "the first of them", parseWhole, 0)
  .option("--no-recommendation", "do not run the recommended scheme too")
  .addOption(
    new Option("--engine <name>", "it cannot change a bit").choices(["auto", "simd", "scalar"]).default("auto"),
  )
  .option("--json", "print one JSON object")
  .option("--html <file>", "write a page of plots")
  .option("--force", "replace an existing page")
  .exitOverride()
  .action(async (flags: LabFlags) => (await import("./lab.js")).runLab(flags));

export async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2; // its message is printed already
    } else {
      process.stderr.write(`nn-init: ${error instanceof Error ? error.message : error}\n`);
      process.exitCode = 1;
    }
  }
}

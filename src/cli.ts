#!/usr/bin/env node
/** The command. Exit codes: 0 done, 1 failed, 2 wrong usage, 128 + n ended by signal n. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type InitFlags, runInit } from "./cli/init.js";
import { DTYPES } from "./dtype.js";
import { checkSeed } from "./stream.js";

declare const VERSION: string; // of package.json; scripts/build.mjs puts it in

function parseSeed(text: string): bigint {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 0 to 2^64 - 1.");
  try {
    return BigInt(checkSeed(BigInt(text)));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function parseThreads(text: string): number {
  const threads = Number(text);
  if (!/^[0-9]+$/.test(text) || threads < 1 || threads > 256) {
    throw new InvalidArgumentError("Expected a whole number from 1 to 256.");
  }
  return threads;
}

const program = new Command("nn-init")
  .description("Initial weights for neural networks: the same bits everywhere.")
  .version(VERSION)
  .exitOverride();

program
  .command("init")
  .description("draw a whole model and write it as .safetensors")
  .argument("<model>", "a Hugging Face config.json (gpt2), or a list of shapes: [{ name, shape, scheme, ... }, ...]")
  .option("--seed <n>", "from 0 to 2^64 - 1 (default: a fresh one, which is printed)", parseSeed)
  .addOption(new Option("--dtype <type>", "element type").choices(DTYPES).default("f32"))
  .addOption(
    new Option("--engine <name>", "who draws; it cannot change a bit")
      .choices(["auto", "simd", "scalar"])
      .default("auto"),
  )
  .option("--threads <n>", "threads that draw, from 1 to 256 (default: 1); they cannot change a bit", parseThreads)
  .option("--out <file>", "where to (default: MODEL.safetensors in the working folder)")
  .option("--force", "replace an existing file")
  .option("--json", "print one JSON object instead of tables")
  .exitOverride()
  .action((model: string, flags: InitFlags) => runInit(model, flags));

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

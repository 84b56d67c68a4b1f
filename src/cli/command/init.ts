/** The options of `nn-init init`. */
import type { Command, Option } from "commander";
import { FORMAT_NAMES } from "../../format/names.js";
import { choice, parseBytes, parsed, parseSeed, parseThreads, pathParser } from "../arguments.js";
import type { InitFlags } from "../init.js";
import type { Io } from "../io.js";
import { type Given, withScheme } from "../scheme.flags.js";
import { parseShare } from "../share.js";
import { examples, MODEL } from "./help.js";
import { addPlanOptions, engineOption, WIDE } from "./option.js";

export function addInit(program: Command, io: Io): void {
  const path = pathParser();
  const command = program
    .command("init")
    .description("draw a whole model and write it, as a .safetensors file or in another format");
  addPlanOptions(command.argument("<model>", MODEL, path), path)
    .option("--seed <n>", "from 0 to 2^64 - 1 (default: a random one, which is printed)", parseSeed)
    .addOption(engineOption())
    .option(
      "--threads <n>",
      "threads that draw, from 1 to 256; the bytes do not depend on it (default: 1)",
      parseThreads,
    )
    .option(
      "--out <place>",
      "a file, or a folder or s3://bucket/prefix for the files of a checkpoint (default: MODEL.safetensors in the " +
        "working folder, or the folder MODEL); - is standard output",
    )
    .addOption(formatOption())
    .option(
      "--max-shard-size <size>",
      "the most bytes of tensors in a file, such as 5GB (default: 5GB in a folder or bucket)",
      parseBytes,
    )
    .option(
      "--shard <i/n>",
      "write every nth file of the folder, from file i on; auto takes i and n from the engine that started the task, " +
        "auto/n only i; needs --seed",
      (text) => parsed(() => parseShare(text, process.env)),
    )
    .option("--verify", "draw the files that are there again and compare them, too")
    .option("--force", "replace other files; devices and pipes are written through")
    .option("--json", "print one JSON object instead of a table")
    .option("--wide", WIDE)
    .addHelpText(
      "after",
      examples([
        "nn-init init config.json --seed 42 --out model.safetensors",
        "nn-init init config.json --scheme normal --std 0.02",
        "nn-init init model.safetensors --plan plan.json --out new.safetensors",
        "nn-init init shapes.json --dtype bf16 --threads 4",
        "nn-init init model.onnx --seed 42 --out new.onnx",
        "nn-init init config.json --format gguf --dtype f16",
        "nn-init init config.json --seed 42 --max-shard-size 5GB --shard 0/8",
      ]),
    )
    .action(async (model: string, given: Given<InitFlags>) => {
      const flags = withScheme(given);
      await (await import("../init.js")).runInit(model, flags, io);
    });
}

const formatOption = (): Option =>
  choice(
    "--format <name>",
    "format: safetensors, gguf of llama.cpp, npz of NumPy and MLX, bin of llm.c (default: gguf or npz if --out ends so, else safetensors)",
    FORMAT_NAMES,
  );

/** The options of `nn-init tiny`. */
import { type Command, Option } from "commander";
import { DTYPES } from "../../dtype.js";
import { FORMAT_NAMES } from "../../format/names.js";
import { choice, parseBytes, parseCount, parsed, parseField, parseSeed, pathParser } from "../arguments.js";
import type { Io } from "../io.js";
import type { TinyFlags } from "../tiny.js";
import { examples } from "./help.js";
import { architectureOption, planOption, WIDE } from "./option.js";

export function addTiny(program: Command, io: Io): void {
  const path = pathParser();
  const size = (flag: string, text: string) => new Option(`--${flag} <n>`, text).argParser(parseCount);
  program
    .command("tiny")
    .description("write a small random model with its config.json, for tests of programs that load models")
    .argument("<model>", "a family, such as llama, or a config.json, which is made smaller")
    .requiredOption("--out <folder>", "where its files go")
    .addOption(size("layers", "number of layers (default: 2)"))
    .addOption(size("width", "width of its layers (default: 32)"))
    .addOption(size("heads", "number of attention heads (default: 4)"))
    .addOption(size("vocabulary", "number of tokens (default: 320)"))
    .addOption(size("positions", "the longest sequence (default: 128)"))
    .addOption(size("experts", "number of experts, where the family has any (default: 4)"))
    .option("--class <name>", "class of the model, such as ForSequenceClassification (default: the family's usual one)")
    .option(
      "--set <field=value>",
      "a field of the config, with its value in JSON; can be repeated",
      (text: string, before: object = {}) => ({ ...before, ...parsed(() => parseField(text)) }),
    )
    .addOption(
      planOption("rules in JSON, or @name of a built-in plan; can be repeated (default: the family's own plan)", path),
    )
    .addOption(architectureOption(path))
    .addOption(choice("--dtype <type>", "element type (default: that of the config, else f32)", DTYPES))
    .option("--seed <n>", "from 0 to 2^64 - 1 (default: a random one, which is printed)", parseSeed)
    .addOption(choice("--format <name>", "format of the weights", FORMAT_NAMES).default("safetensors"))
    .option("--max-shard-size <size>", "the most bytes of tensors in a file, such as 50KB (default: 5GB)", parseBytes)
    .option("--force", "replace other files")
    .option("--json", "print one JSON object instead of a table")
    .option("--wide", WIDE)
    .addHelpText(
      "after",
      examples([
        "nn-init tiny llama --seed 42 --out tiny-llama",
        "nn-init tiny bert --class ForSequenceClassification --out tiny-bert",
        "nn-init tiny config.json --layers 1 --width 64 --out tiny",
        "nn-init tiny mixtral --format gguf --dtype f16 --out tiny-mixtral",
      ]),
    )
    .action(async (model: string, flags: TinyFlags) => {
      await (await import("../tiny.js")).runTiny(model, flags, io);
    });
}

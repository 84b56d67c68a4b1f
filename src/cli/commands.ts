/** The commands with their options and help. The code of a command is loaded when it runs. */
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { flagOf } from "../chart/words.js";
import { checkOneOf, printable } from "../check.js";
import { DTYPES } from "../dtype.js";
import { FORMAT_NAMES } from "../format/names.js";
import { ACTIVATIONS } from "../scheme/gain.js";
import { SCHEME_NAMES } from "../scheme/scheme.js";
import { DATA_NAMES, OPTIMIZERS, STRATEGY_NAMES } from "../train/names.js";
import {
  choice,
  parseAboveZero,
  parseBytes,
  parseCount,
  parsed,
  parseField,
  parseNumber,
  parsePort,
  parseSample,
  parseSeed,
  parseSizes,
  parseThreads,
  parseTurns,
  parseWhole,
  pathParser,
  UsageError,
} from "./arguments.js";
import type { AuditFlags } from "./audit.flags.js";
import type { BenchFlags } from "./bench.js";
import { BENCH_FORMATS, FEWEST_TURNS, MOST_TURNS } from "./bench.limits.js";
import type { CompareFlags } from "./compare.js";
import { completion, SHELLS, type Shell } from "./completion.js";
import type { IndexFlags } from "./indexing.js";
import type { InitFlags } from "./init.js";
import type { Io } from "./io.js";
import type { LabFlags } from "./lab.flags.js";
import type { ModelsFlags } from "./models.js";
import type { PlanCommandFlags } from "./plan.js";
import type { PlansFlags } from "./plans.js";
import { addSchemeOptions, type Given, NETWORK_KEYS, withScheme } from "./scheme.flags.js";
import type { ServeFlags } from "./serve.js";
import { parseShare } from "./share.js";
import type { TinyFlags } from "./tiny.js";
import type { VerifyFlags } from "./verify.js";

/** What a run of the program leaves. */
export interface Outcome {
  /** Whether an audit found nothing. */
  passed: boolean;
  /** What to exit with after a signal that a command ended by itself. */
  stopped?: number | undefined;
  /** What commander wants on standard output. */
  help: string;
}

/** What ends a help text. */
export const examples = (lines: readonly string[], failed = "failed"): string => `
Examples:
${lines.map((line) => `  $ ${line}`).join("\n")}

Exit codes:
  0        done
  1        ${failed}
  2        wrong usage
  128 + n  stopped by signal n`;

export const FAILED_AUDIT = "failed, or the audit found something";

const MODEL =
  "a Hugging Face config.json, a folder with one, a .safetensors file or index, an .onnx file, or a JSON list of tensors " +
  "(name, shape, scheme); - is JSON from standard input";

/** Options that decide what each tensor starts from. */
function addPlanOptions(command: Command, path: (text: string) => string): Command {
  command
    .addOption(
      planOption(
        "rules in JSON, or @name of a built-in plan (nn-init plans lists them); the first that matches a tensor decides " +
          "it; can be repeated; - is standard input (default: the model's own plan)",
        path,
      ),
    )
    .option(
      "--config <file>",
      "a config.json whose numbers and roles --plan uses, of a checkpoint or list (default: the one beside it)",
      path,
    )
    .addOption(architectureOption(path))
    .addOption(
      choice(
        "--dtype <type>",
        "element type to draw (default: that of the file, else that of the config, else f32)",
        DTYPES,
      ),
    );
  return addSchemeOptions(command, "one scheme for all weights; biases start as 0, scales as 1", path);
}

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
      await (await import("./init.js")).runInit(model, flags, io);
    });
}

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
      await (await import("./tiny.js")).runTiny(model, flags, io);
    });
}

const formatOption = (): Option =>
  choice(
    "--format <name>",
    "format: safetensors, gguf of llama.cpp, npz of NumPy and MLX, bin of llm.c (default: as --out ends, else safetensors)",
    FORMAT_NAMES,
  );

const PLACE = "the folder, or s3://bucket/prefix, of a checkpoint of one or more files";

export function addIndex(program: Command, io: Io, outcome: Outcome): void {
  program
    .command("index")
    .description("check that all files of a checkpoint are there, and write its index and SHA256SUMS")
    .argument("<folder>", PLACE)
    .option("--json", "print one JSON object instead of text")
    .addHelpText("after", examples(["nn-init index llama"], "failed, or files are missing or foreign"))
    .action(async (folder: string, flags: IndexFlags) => {
      outcome.passed = await (await import("./indexing.js")).runIndex(folder, flags, io);
    });
}

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
      outcome.passed = await (await import("./verify.js")).runVerify(folder, flags, io);
    });
}

export function addServe(program: Command, io: Io): void {
  program
    .command("serve")
    .description("serve weights that are stored nowhere: draw the bytes of each request, under the paths of a hub")
    .argument("<model...>", "a config.json, or a folder with one; owner/name=path gives it a name")
    .addOption(architectureOption(ownFile))
    .option("--seed <n>", "the seed of the revision main (default: none, clients name one, such as seed-42)", parseSeed)
    .addOption(choice("--dtype <type>", "element type where a revision names none", DTYPES))
    .option("--max-shard-size <size>", "the most bytes of tensors in a file (default: 5GB)", parseBytes)
    .option("--port <n>", "0 is a free one", parsePort, 8000)
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--threads <n>", "processes that answer (default: one per processor, at most 8)", parseThreads)
    .option("--quiet", "print no line for each request")
    .addHelpText(
      "after",
      examples(["nn-init serve config.json", "nn-init serve my/gpt2=config.json --seed 42 --dtype bf16 --port 9000"]),
    )
    .action(async (models: readonly string[], flags: ServeFlags) => {
      await (await import("./serve.js")).runServe(models, flags, io);
    });
}

export function addPlan(program: Command, io: Io): void {
  const path = pathParser();
  const command = program.command("plan").description("print what would be drawn, tensor by tensor, without drawing");
  addPlanOptions(command.argument("<model>", MODEL, path), path)
    .option("--print", "print the plan itself, as a start for your own")
    .option("--json", "print one JSON object instead of a table")
    .option("--wide", WIDE)
    .addHelpText(
      "after",
      examples([
        "nn-init plan config.json",
        "nn-init plan config.json --print > plan.json",
        "nn-init plan - --scheme orthogonal < shapes.json",
      ]),
    )
    .action(async (model: string, given: Given<PlanCommandFlags>) => {
      const flags = withScheme(given);
      await (await import("./plan.js")).runPlan(model, flags, io);
    });
}

export function addPlans(program: Command, io: Io): void {
  program
    .command("plans")
    .description("list the plans that --plan @name takes, with their sources")
    .option("--json", "print JSON instead of text")
    .addHelpText("after", examples(["nn-init plans", "nn-init init config.json --plan @torchtitan/llama3"]))
    .action(async (flags: PlansFlags) => (await import("./plans.js")).runPlans(flags, io));
}

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
      const { endAuditThreads, isLarge, startAuditThreads } = await import("./audit.threads.js");
      const started = isLarge(file) ? startAuditThreads(flags.threads, io) : [];
      try {
        outcome.passed = await (await import("./audit.js")).runAudit(file, flags, io, started);
      } finally {
        endAuditThreads(started);
      }
    });
}

const NETWORK_KINDS = ["dense", "convolution", "attention"];
const NORMALIZATIONS = ["none", "layer", "rms", "batch"];

const normalizationAtOption = (): Option =>
  choice(
    "--normalization-at <place>",
    "where: before each activation or residual branch, or after each residual addition",
    ["pre", "post"],
  ).default("pre");

/** The network of `lab` and of `compare`, in the same words. @param depth default, as is `width`. */
const addNetworkOptions = (command: Command, network: Option, depth: number, width: number): Command =>
  command
    .addOption(network)
    .option("--depth <n>", "number of layers, or of attention blocks", parseCount, depth)
    .option("--width <n>", "units of each layer, or channels", parseCount, width)
    .addOption(choice("--activation <name>", "activation function", ACTIVATIONS).default("relu"))
    .option("--slope <x>", "slope of leakyRelu for negative inputs (default: 0.01)", parseNumber)
    .option("--residual", "add the input of each layer to its output")
    .addOption(choice("--norm, --normalization <name>", "normalization", NORMALIZATIONS).default("none"))
    .addOption(normalizationAtOption())
    .option("--branch-scale <x>", "factor on each residual branch", parseNumber, 1);

export function addLab(program: Command, io: Io): void {
  const command = program
    .command("lab")
    .description("send signals and gradients through a network as it starts, before any training");
  addNetworkOptions(command, choice("--network <kind>", "kind of its layers", NETWORK_KINDS).default("dense"), 50, 256)
    .option(
      "--formula <text>",
      'an activation function of your own in place of --activation, such as "x * sigmoid(1.5 * x)"',
    )
    .option("--samples <n>", "number of inputs, even (default: 128; 16 for convolution and attention)", parseCount)
    .option("--bias-variance <x>", "variance of random biases; 0 is none", parseNumber, 0)
    .option("--seeds <n>", "number of seeds to repeat everything with", parseCount, 3)
    .option("--seed <n>", "first seed", parseWhole, 0)
    .option("--no-recommendation", "do not run the recommended scheme for comparison")
    .addOption(engineOption());
  addSchemeOptions(command, "scheme of the weights (default: the recommended one)", pathParser(), NETWORK_KEYS)
    .option("--json", "print one JSON object instead of text")
    .option("--wide", WIDE)
    .option("--html <file>", "write a page of plots")
    .option("--force", "replace an existing page")
    .option(
      "--open",
      "show the network in the interactive page, served on this machine until the command is interrupted",
    )
    .option("--port <n>", "port of --open (default: a free one)", parsePort)
    .addHelpText(
      "after",
      examples([
        "nn-init lab --activation relu --scheme glorotUniform --depth 30",
        "nn-init lab --activation tanh --scheme normal --std 0.05",
        "nn-init lab --network attention --depth 6 --html lab.html",
        "nn-init lab --scheme glorotUniform --open",
      ]),
    )
    .action(async (given: Given<LabFlags>) => {
      const flags = withScheme(given, NETWORK_KEYS);
      await (await import("./lab.js")).runLab(flags, io);
    });
}

export function addModels(program: Command, io: Io): void {
  program
    .command("models")
    .description(
      "list the model_types of configs that are built in, each with the class that is meant if a config names none",
    )
    .option("--json", "print one JSON object instead of text, with all classes")
    .addHelpText("after", examples(["nn-init models", "nn-init models | grep -i llama"]))
    .action(async (flags: ModelsFlags) => {
      await (await import("./models.js")).runModels(flags, io);
    });
}

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
      "threads, from 1 to 256; the results do not depend on it (default: one per processor)",
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
      outcome.stopped = await (await import("./compare.js")).runCompare(flags, io);
    });
}

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
      outcome.stopped = await (await import("./bench.js")).runBench(flags, io);
    });
}

const dataOption = (): Option =>
  choiceOrFile("--data <name>", "what it learns; or a .npz file with arrays x and y", DATA_NAMES, ".npz");

const networkOption = (): Option =>
  choiceOrFile("--network <kind>", "kind of its layers; or a .json file with a list of layers", NETWORK_KINDS, ".json");

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

export function addCompletion(program: Command, io: Io): void {
  program
    .command("completion")
    .description("print a script that completes commands, flags and their values in a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      examples([
        "source <(nn-init completion bash)    # in ~/.bashrc",
        "source <(nn-init completion zsh)     # in ~/.zshrc, after compinit",
        "nn-init completion fish > ~/.config/fish/completions/nn-init.fish",
      ]),
    )
    .action((shell: Shell) => io.print(completion(program, shell)));
}

/** @throws InvalidArgumentError for standard input, which only one of the processes could read. */
function ownFile(text: string): string {
  if (text === "-") throw new InvalidArgumentError("Expected a file, since each process reads it.");
  return text;
}

/** Can be given several times: the rules of the first come first, or each is one start. */
const planOption = (text: string, path: (text: string) => string): Option =>
  new Option("--plan <file>", text).argParser((text: string, before: readonly string[] = []) => [
    ...before,
    path(text),
  ]);

/** Can be given several times, for files that extend each other. */
const architectureOption = (path: (text: string) => string): Option =>
  new Option(
    "--architecture <file>",
    "a family of models that is not built in (docs/architectures.md); can be repeated",
  ).argParser((text: string, before: readonly string[] = []) => [...before, path(text)]);

const WIDE = "print tables in full, however narrow the terminal";

const engineOption = (): Option =>
  choice("--engine <name>", "engine that draws; the values do not depend on it", ["auto", "simd", "scalar"]).default(
    "auto",
  );

/**
 * The program: runs what the command line asks for, and is the one place that writes errors. `command/` has what `--help` needs;
 * the code of a command is loaded when it runs.
 */
import { Command, CommanderError } from "commander";
import { clipped, printable } from "../check.js";
import { UsageError } from "./arguments.js";
import { addAudit } from "./command/audit.js";
import { addBench } from "./command/bench.js";
import { addCompare } from "./command/compare.js";
import { addCompletion } from "./command/completion.js";
import { examples, FAILED_AUDIT } from "./command/help.js";
import { addIndex } from "./command/indexing.js";
import { addInit } from "./command/init.js";
import { addLab } from "./command/lab.js";
import { addModels } from "./command/models.js";
import type { Outcome } from "./command/outcome.js";
import { addPlan } from "./command/plan.js";
import { addPlans } from "./command/plans.js";
import { addServe } from "./command/serve.js";
import { addTiny } from "./command/tiny.js";
import { addVerify } from "./command/verify.js";
import type { Io } from "./io.js";
import { hinted, unknownTopic } from "./unknown.js";

const FAILED = 1; // also where an audit found something
const WRONG_USAGE = 2;

/** Runs the command and returns its exit code. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await run(argv, io);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return FAILED; // the reader has seen enough
    const isUsage = error instanceof CommanderError || error instanceof UsageError;
    // Without a command, commander has printed the help already.
    const isHelp = error instanceof CommanderError && error.code === "commander.help";
    if (!isHelp) io.warn(`nn-init: ${messageOf(error)}\n`);
    return isUsage ? WRONG_USAGE : FAILED;
  }
}

/** The message of an error, of bearable length; of control characters only line breaks stay. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message
    .replace(/^error: /, "")
    .trimEnd()
    .split("\n");
  return clipped(lines.map(printable).join("\n"));
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  const outcome: Outcome = { passed: true, help: "" };
  const program = programOf(io, outcome);
  const unknown = unknownTopic(argv, program);
  if (unknown !== undefined) throw unknown;
  const isHelpOfHelp = argv[0] === "help" && argv[1] === "help"; // which commander has none of
  try {
    await program.parseAsync(isHelpOfHelp ? ["help"] : argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error; // 0: help or version was asked for
  }
  if (outcome.help !== "") await io.print(outcome.help);
  return outcome.stopped ?? (outcome.passed ? 0 : FAILED);
}

function programOf(io: Io, outcome: Outcome): Command {
  const program = new Command("nn-init")
    .description("Initial weights for neural networks: the same bits everywhere.")
    .version(io.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showSuggestionAfterError(false) // `withHint` does it
    .configureOutput({
      writeOut: (text) => {
        outcome.help += text;
      },
      writeErr: (text) => io.warn(text),
      outputError: () => {}, // `main` writes all errors
      getOutHelpWidth: () => io.columns ?? 80,
      getErrHelpWidth: () => io.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      "after",
      examples(
        ["nn-init init config.json --seed 42 --out model.safetensors", "nn-init audit model.safetensors"],
        FAILED_AUDIT,
      ),
    );
  addInit(program, io);
  addTiny(program, io);
  addIndex(program, io, outcome);
  addVerify(program, io, outcome);
  addServe(program, io);
  addPlan(program, io);
  addPlans(program, io);
  addAudit(program, io, outcome);
  addLab(program, io);
  addCompare(program, io, outcome);
  addBench(program, io, outcome);
  addModels(program, io);
  addCompletion(program, io);
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => {
      throw hinted(error, command, program);
    });
  }
  return program;
}

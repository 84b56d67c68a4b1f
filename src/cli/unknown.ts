/** What is added to wrong usage: what an unknown name was probably meant to be, since other programs call the same otherwise. */
import { type Command, CommanderError } from "commander";
import { nearest } from "../spelling.js";

/** For flags and commands of this program, what the same thing is called elsewhere: letters and digits only. */
const ALIASES: Readonly<Record<string, string>> = {
  init: "initialize initialise draw generate create make new fill",
  plan: "show list describe explain dryrun",
  audit: "check validate inspect test stats",
  tiny: "small dummy mini toy fixture",
  plans: "recipes presets",
  lab: "simulate probe experiment signals",
  compare: "train versus vs",
  bench: "benchmark perf speed time",
  models: "families architectures types",
  completion: "completions autocomplete",
  "--activation": "act hiddenact activationfunction",
  "--branch-scale": "residualscale",
  "--bias-variance": "biasstd sigmab",
  "--config": "c cfg modelconfig",
  "--depth": "layers nlayers numlayers blocks nlayer",
  "--dtype": "precision torchdtype datatype elementtype",
  "--engine": "backend device",
  "--force": "f y yes overwrite replace clobber",
  "--help": "usage",
  "--html": "page report",
  "--layout": "dataformat",
  "--network": "arch architecture kind",
  "--no-recommendation": "norecommend",
  "--normalization": "norm",
  "--normalization-at": "normat normplace prenorm postnorm",
  "--out": "o output outfile outputfile outputpath outdir save saveto dest destination path write",
  "--plan": "p rules recipe initscheme",
  "--print": "dump export printplan",
  "--reproduce": "redraw rerun bits",
  "--residual": "skip skipconnection skipconnections shortcut",
  "--samples": "batch batchsize inputs nsamples numsamples",
  "--scheme": "init initializer initialiser initialization method kernelinitializer weightinit weightsinit",
  "--seed": "s r rng rngseed randomseed randomstate manualseed",
  "--seeds": "repeats runs trials nseeds numseeds",
  "--spectral": "spectrum svd singularvalues singular",
  "--threads": "j t jobs workers numthreads nthreads numworkers cpus cores parallel",
  "--version": "v",
  "--wide": "w full all verbose nofold",
  "--width": "hidden hiddensize units channels features dim",
};

/** An error of commander, with what was probably meant where a name is unknown, and where to look if an argument is missing. */
export function hinted(error: CommanderError, command: Command, program: Command): CommanderError {
  if (error.code === "commander.missingArgument")
    return extended(error, `; nn-init ${command.name()} --help says more`);
  const [, kind, name] = /^error: unknown (option|command) '(.*)'$/s.exec(error.message) ?? [];
  if (name === undefined) return error;
  const hint =
    kind === "option" ? hintOfFlag(name.replace(/=.*/s, ""), command, program) : hintOfCommand(name, program);
  return extended(error, hint);
}

/** The error of `help NAME` for a name that no command has, where commander prints the help of the program instead. */
export function unknownTopic([command, name]: readonly string[], program: Command): CommanderError | undefined {
  if (command !== "help" || name === undefined || name.startsWith("-")) return undefined;
  if (name === "help" || program.commands.some((each) => each.name() === name)) return undefined;
  const error = new CommanderError(2, "commander.unknownCommand", `error: unknown command '${name}'`);
  return hinted(error, program, program);
}

const extended = ({ exitCode, code, message }: CommanderError, hint: string) =>
  new CommanderError(exitCode, code, `${message}${hint}`);

function hintOfCommand(name: string, program: Command): string {
  const names = program.commands.map((each) => each.name());
  return perhaps(aliased(name, names) ?? nearest(name, names));
}

function hintOfFlag(flag: string, command: Command, program: Command): string {
  const others = program.commands.filter((other) => other !== command);
  const owners = others.filter((other) => flagsOf(other).includes(flag)).map((other) => other.name());
  if (owners.length > 0)
    return ` (${owners.join(", ").replace(/, (?=[^,]*$)/, " and ")} ${owners.length === 1 ? "has" : "have"} it)`;
  const own = flagsOf(command);
  return perhaps(
    aliased(flag, own) ??
      inAnother(flag, others, aliased) ??
      near(flag, own) ??
      byChoice(flag, command) ??
      inAnother(flag, others, near),
  );
}

type Guess = (flag: string, flags: readonly string[]) => string | undefined;

/** The flag of the first other command that has one like this. */
function inAnother(flag: string, others: readonly Command[], guess: Guess): string | undefined {
  for (const other of others) {
    const found = guess(flag, flagsOf(other));
    if (found !== undefined) return `nn-init ${other.name()} ${found}`;
  }
  return undefined;
}

/** By spelling, or by what the library knows of other libraries' words. */
function near(flag: string, flags: readonly string[]): string | undefined {
  const found = nearest(
    flag,
    flags.map((each) => each.slice(2)),
  );
  return found && `--${found}`;
}

/** `--dtype bf16` for `--bf16`. */
function byChoice(flag: string, command: Command): string | undefined {
  for (const { long, argChoices = [] } of optionsOf(command)) {
    const choice = nearest(flag, argChoices);
    if (choice !== undefined) return `${long} ${choice}`;
  }
  return undefined;
}

function aliased(given: string, names: readonly string[]): string | undefined {
  const plain = given.toLowerCase().replace(/[^a-z0-9]/g, "");
  return names.find((name) => Object.hasOwn(ALIASES, name) && ALIASES[name]?.split(" ").includes(plain));
}

const optionsOf = (command: Command) => command.createHelp().visibleOptions(command);
const flagsOf = (command: Command): string[] => optionsOf(command).map(({ long }) => long as string);
const perhaps = (guess: string | undefined): string => (guess === undefined ? "" : ` (perhaps "${guess}")`);

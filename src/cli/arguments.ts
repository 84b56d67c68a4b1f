/** Arguments of the command, from text to values. What they throw is wrong usage, told by its flag. */
import { InvalidArgumentError, Option } from "commander";
import { checkOneOf } from "../check.js";
import { checkSeed } from "../stream.js";

/** Wrong usage that no single argument shows: flags that exclude or need each other. */
export class UsageError extends Error {}

/** A whole number from 0 to 2^64 - 1. */
export function parseSeed(text: string): bigint {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 0 to 2^64 - 1.");
  return parsed(() => BigInt(checkSeed(BigInt(text))));
}

export function parseThreads(text: string): number {
  const threads = Number(text);
  if (!/^[0-9]+$/.test(text) || threads < 1 || threads > 256) {
    throw new InvalidArgumentError("Expected a whole number from 1 to 256.");
  }
  return threads;
}

export function parseWhole(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Expected a whole number from 0 to 2^53 - 1.");
  }
  return value;
}

export function parseCount(text: string): number {
  const value = parseWhole(text);
  if (value === 0) throw new InvalidArgumentError("Expected a whole number from 1.");
  return value;
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

/** An option that takes one of these names; its error says which one was probably meant. */
export const choice = (flags: string, description: string, names: readonly string[]): Option => {
  const option = new Option(flags, description).choices(names);
  return option.argParser((text: string) => parsed(() => checkOneOf(option.attributeName(), text, names)));
};

/** `-` is standard input, which only one argument can read. */
export function pathParser(): (text: string) => string {
  let taken = false;
  return (text) => {
    if (text !== "-") return text;
    if (taken) throw new InvalidArgumentError("Standard input (-) can be read only once.");
    taken = true;
    return text;
  };
}

/** Turns an error of the library's own checks into one of the argument. */
export function parsed<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

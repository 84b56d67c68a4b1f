/** Arguments of the command, from text to values. What they throw is wrong usage, told by its flag. */
import { InvalidArgumentError, Option } from "commander";
import { checkOneOf } from "../check.js";
import { parseJson } from "../checkpoint/json.js";
import { isLost } from "../math/digits.js";
import { checkSeed } from "../stream.js";
import { FEWEST_TURNS, MOST_SIZE, MOST_SIZES, MOST_TURNS } from "./bench.limits.js";

/** Wrong usage that no single argument shows: flags that exclude or need each other. */
export class UsageError extends Error {}

/** What the library says of the size of files, by the flag that sets it. */
export const byFlag = (message: string): string => message.replace("maxShardBytes", "--max-shard-size");

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

/** Numbers of elements, separated by commas. */
export function parseSizes(text: string): readonly number[] {
  const sizes = text.split(",").map(Number);
  const isRight = (size: number) => Number.isSafeInteger(size) && size > 0 && size <= MOST_SIZE;
  if (/^[0-9,]+$/.test(text) && sizes.every(isRight) && sizes.length <= MOST_SIZES) return sizes;
  throw new InvalidArgumentError(
    `Expected at most ${MOST_SIZES} whole numbers from 1 to ${MOST_SIZE}, separated by commas, such as 1024,65536.`,
  );
}

export function parseTurns(text: string): number {
  const turns = Number(text);
  if (/^[0-9]{1,4}$/.test(text) && turns >= FEWEST_TURNS && turns <= MOST_TURNS) return turns;
  throw new InvalidArgumentError(`Expected a whole number from ${FEWEST_TURNS} to ${MOST_TURNS}.`);
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 },
};

/** A size in bytes with its unit, such as 5GB; units of 1000 and of 1024, as huggingface_hub and others write them. */
export function parseBytes(text: string): number {
  const [, number, unit = ""] = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-z]{2,3})$/i.exec(text) ?? [];
  const scale = UNITS[unit.toUpperCase()];
  const bytes = scale === undefined ? 0 : Math.floor(Number(number) * scale);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  const units = "KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB or TiB (powers of 1024)";
  throw new InvalidArgumentError(`Expected a size from 1 byte to 2^53 - 1 bytes with a unit, such as 5GB: ${units}.`);
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export function parseNumber(text: string): number {
  const value = Number(text);
  if (!DECIMAL.test(text) || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  if (!isLost(text)) return value;
  throw new InvalidArgumentError("Expected a number that does not round to 0, which is below 5e-324.");
}

/** A field of a config: `name=value`, where the value is JSON, or else a word. */
export function parseField(text: string): Readonly<Record<string, unknown>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError('Expected field=value, such as rms_norm_eps=1e-5 or hidden_act="gelu".');
  const value = text.slice(at + 1);
  const isWord = /^[A-Za-z_][\w.-]*$/.test(value) && !["true", "false", "null"].includes(value);
  return { [text.slice(0, at)]: isWord ? value : parseJson(value) };
}

export function parseAboveZero(text: string): number {
  const value = parseNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port < 65536) return port;
  throw new InvalidArgumentError("Expected a whole number from 0 to 65535.");
}

/** A share: above 0, at most 1. */
export function parseSample(text: string): number {
  const value = parseNumber(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("Expected a number above 0 and at most 1.");
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
    if (text === "") throw new InvalidArgumentError("Expected a path, got an empty name.");
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

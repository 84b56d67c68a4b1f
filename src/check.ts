/** Checks of arguments, made once, in public calls. Errors name the argument, what was expected, and what came. */
import { perhaps } from "./spelling.js";

const MAX_MESSAGE = 2000; // characters
const MAX_VALUE = 200; // characters of one value
const MAX_ITEMS = 16; // of one list
const MAX_DEPTH = 3; // lists within lists

/** Escapes characters that move a cursor or hide text: controls, bidirectional marks and line separators. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to escape
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });

/** The text, or if it is longer than `limit` characters, its beginning and its length. */
export const clipped = (text: string, limit = MAX_MESSAGE): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}... (${text.length} characters)`;

/** A value as an error message shows it: short, and on one line. */
export const show = (value: unknown): string => showAt(value, 0);

function showAt(value: unknown, depth: number): string {
  if (typeof value === "string") return printable(JSON.stringify(clipped(value, MAX_VALUE)));
  if (typeof value === "bigint") return clipped(`${value}n`, MAX_VALUE);
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${printable(value.name)}`;
  if (Array.isArray(value)) return showList(value, depth);
  if (typeof value === "object" && value !== null) return brandOf(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

function showList(list: readonly unknown[], depth: number): string {
  if (depth > MAX_DEPTH) return "[...]";
  const items = list.slice(0, MAX_ITEMS).map((item) => showAt(item, depth + 1));
  if (list.length > MAX_ITEMS) items.push(`... ${list.length} in all`);
  return `[${items.join(", ")}]`;
}

/** An object's `toString`, such as "[object Map]": unlike `instanceof`, right for objects from another realm (iframe, vm). */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

const brandOf = (value: object): string => printable(clipped(tagOf(value).slice(8, -1), 64));

/** Error for a value of the wrong kind. */
export function wrongType(name: string, expected: string, got: unknown): TypeError {
  return new TypeError(clipped(`${name}: expected ${expected}, got ${show(got)}`));
}

/** @throws RangeError for text that UTF-8 cannot hold, as files need. */
export function checkText(name: string, text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw wrongValue(name, "text without lone surrogates", text);
}

/** Error for a value of the right kind that is out of range. */
export function wrongValue(name: string, expected: string, got: unknown): RangeError {
  return new RangeError(clipped(`${name}: expected ${expected}, got ${show(got)}`));
}

export function checkNumber(name: string, value: unknown, expected = "a number"): number {
  if (typeof value !== "number") throw wrongType(name, expected, value);
  return value;
}

/** Checks for a finite number, which must also be finite once rounded to f32. */
export function checkFinite(name: string, value: unknown): number {
  const number = checkNumber(name, value);
  if (!Number.isFinite(number)) throw wrongValue(name, "a finite number", number);
  if (!Number.isFinite(Math.fround(number)))
    throw wrongValue(name, "at most 3.4028234663852886e38 in magnitude", number);
  return number;
}

/** Checks as `checkFinite` does, and that the number is not negative. Returns 0 for -0. */
export function checkNotNegative(name: string, value: unknown): number {
  const number = checkFinite(name, value);
  if (number < 0) throw wrongValue(name, "a number not below 0", value);
  return number + 0;
}

/** Checks for a finite number above 0, of any size that a double can have. */
export function checkAboveZero(name: string, value: unknown): number {
  const number = checkNumber(name, value);
  if (!(number > 0 && Number.isFinite(number))) throw wrongValue(name, "a finite number above 0", number);
  return number;
}

/** Checks for a whole number from 0 to 2^53 - 1. Returns 0 for -0. */
export function checkCount(name: string, value: unknown): number {
  const number = checkNumber(name, value, "a whole number");
  if (!Number.isSafeInteger(number) || number < 0) throw wrongValue(name, "a whole number from 0 to 2^53 - 1", number);
  return number + 0;
}

/** Checks for a whole number from 1 to 2^53 - 1. */
export function checkPositive(name: string, value: unknown): number {
  const number = checkCount(name, value);
  if (number === 0) throw wrongValue(name, "a whole number from 1", number);
  return number;
}

/** Checks for the index of an axis, which can be negative. */
export function checkAxis(name: string, value: unknown, expected = "an axis"): number {
  const number = checkNumber(name, value, expected);
  if (!Number.isInteger(number)) throw wrongValue(name, "a whole number", number);
  return number;
}

/** Whether a value is an object with keys: no array and not null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw wrongType(name, "a boolean", value);
  return value;
}

/** Checks for a function, or undefined. */
export function checkCallback<T>(name: string, value: T): T {
  if (value !== undefined && typeof value !== "function") throw wrongType(name, "a function", value);
  return value;
}

/** Checks for one of the allowed strings. The error offers the one that was probably meant. */
export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if ((allowed as readonly unknown[]).includes(value)) return value as T;
  const expected = `one of ${allowed.map(show).join(", ")}${perhaps(value, allowed)}`;
  throw typeof value === "string" ? wrongValue(name, expected, value) : wrongType(name, expected, value);
}

/** Checks for an object, or undefined, that has no keys but the allowed ones. */
export function checkOptions(name: string, value: unknown, allowed: readonly string[]): object {
  if (value === undefined) return {};
  if (tagOf(value) !== "[object Object]") throw wrongType(name, "an object", value); // a Map has no keys, but is one
  for (const key in value as object) {
    if (allowed.includes(key)) continue; // also an inherited one, since these are read too
    throw wrongType(name, `options among ${allowed.join(", ") || "none"}${perhaps(key, allowed)}`, key);
  }
  return value as object;
}

/** As `checkOptions`, for an object that must be given. */
export function checkRequired(name: string, value: unknown, allowed: readonly string[]): object {
  if (value === undefined) throw wrongType(name, `an object with ${allowed.join(", ")}`, value);
  return checkOptions(name, value, allowed);
}

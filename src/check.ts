/** Checks at the public edge: each error names the argument, what was expected and what came. */

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value).slice(8, -1);
  return Object.is(value, -0) ? "-0" : String(value);
}

export function wrongType(name: string, expected: string, got: unknown): TypeError {
  return new TypeError(`${name}: expected ${expected}, got ${show(got)}`);
}

export function wrongValue(name: string, expected: string, got: unknown): RangeError {
  return new RangeError(`${name}: expected ${expected}, got ${show(got)}`);
}

/** A finite number that is also finite as a float of 32 bits. */
export function checkFinite(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongType(name, "a number", value);
  if (!Number.isFinite(value)) throw wrongValue(name, "a finite number", value);
  if (!Number.isFinite(Math.fround(value))) throw wrongValue(name, "at most 3.4028234663852886e38 in magnitude", value);
  return value;
}

/** As `checkFinite`, and not negative; -0 becomes 0. */
export function checkNotNegative(name: string, value: unknown): number {
  const number = checkFinite(name, value);
  if (number < 0) throw wrongValue(name, "a number not below 0", value);
  return number + 0;
}

/** A whole number from 0 to 2^53 - 1. */
export function checkCount(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongType(name, "a whole number", value);
  if (!Number.isSafeInteger(value) || value < 0) throw wrongValue(name, "a whole number from 0 to 2^53 - 1", value);
  return value + 0;
}

export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if (typeof value !== "string") throw wrongType(name, `one of ${allowed.map(show).join(", ")}`, value);
  if (!(allowed as readonly string[]).includes(value)) {
    throw wrongValue(name, `one of ${allowed.map(show).join(", ")}`, value);
  }
  return value as T;
}

/** An object (or nothing) with no keys but the allowed ones. */
export function checkOptions(name: string, value: unknown, allowed: readonly string[]): object {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongType(name, "an object", value);
  }
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) throw wrongType(name, `options among ${allowed.join(", ") || "none"}`, key);
  }
  return value;
}

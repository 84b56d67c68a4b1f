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

/** Positive and finite, of any size that a double has. */
export function checkAboveZero(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongType(name, "a number", value);
  if (!(value > 0 && Number.isFinite(value))) throw wrongValue(name, "a finite number above 0", value);
  return value;
}

/** A whole number from 0 to 2^53 - 1. */
export function checkCount(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongType(name, "a whole number", value);
  if (!Number.isSafeInteger(value) || value < 0) throw wrongValue(name, "a whole number from 0 to 2^53 - 1", value);
  return value + 0;
}

/** A whole number from 1 to 2^53 - 1. */
export function checkPositive(name: string, value: unknown): number {
  if (checkCount(name, value) === 0) throw wrongValue(name, "a whole number from 1", value);
  return value as number;
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw wrongType(name, "a boolean", value);
  return value;
}

export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if ((allowed as readonly unknown[]).includes(value)) return value as T;
  const expected = `one of ${allowed.map(show).join(", ")}`;
  if (typeof value !== "string") throw wrongType(name, expected, value);
  const near = nearest(value, allowed);
  throw wrongValue(name, near === undefined ? expected : `${expected} (perhaps ${show(near)})`, value);
}

/** The name that was probably meant: equal but for case and punctuation, or at most a third of its letters away. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const plain = (text: string) =>
    text
      .slice(0, 64)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "");
  const ranked = names
    .map((name) => ({ name, distance: distance(plain(given), plain(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && 3 * best.distance <= plain(best.name).length ? best.name : undefined;
}

/** Letters to insert, delete, replace or exchange with their neighbours (Damerau 1964). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] as number;
  for (let i = 1; i <= a.length; ++i) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; ++j) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const least = Math.min(replaced, at(i - 1, j) + 1, at(i, j - 1) + 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(exchanged ? Math.min(least, at(i - 2, j - 2) + 1) : least);
    }
  }
  return at(a.length, b.length);
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

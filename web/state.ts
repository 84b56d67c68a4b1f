/**
 * A panel's state as text in the page's address, after the #: `lab&a=tanh&d=40`. The first word is the panel; the rest are fields
 * that differ from their defaults. Text comes from anyone, so every field has bounds, and what is outside of them is replaced by
 * the default, with a sentence that says so.
 */

/** One value of a panel's state: how it is written in the address, and what it may be. */
export interface Field<T> {
  /** One to eight letters. */
  readonly key: string;
  /** What it is without a word in the address. */
  readonly initial: T;
  /** What may stand there, in words. */
  readonly expected: string;
  /** Undefined for a text that is not allowed. */
  parse(text: string): T | undefined;
  format(value: T): string;
}

// biome-ignore lint/suspicious/noExplicitAny: fields of any values
export type Fields = Readonly<Record<string, Field<any>>>;
export type StateOf<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

export function oneOf<T extends string>(key: string, values: readonly T[], initial: T): Field<T> {
  return {
    ...{ key, initial, expected: `one of ${values.join(", ")}` },
    parse: (text) => values.find((value) => value === text),
    format: (value) => value,
  };
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** A whole number in decimal digits. */
export function whole(key: string, { low, high }: Range, initial: number): Field<number> {
  return {
    ...{ key, initial, expected: `a whole number from ${low} to ${high}` },
    parse: (text) => (/^\d{1,15}$/.test(text) ? within(Number(text), low, high) : undefined),
    format: String,
  };
}

/** Any number in decimal digits; formats with at most six significant ones. */
export function decimal(key: string, { low, high }: Range, initial: number): Field<number> {
  return {
    ...{ key, initial, expected: `a number from ${low} to ${high}` },
    parse: (text) => numberIn(text, low, high),
    format: shortNumber,
  };
}

export function toggle(key: string, initial = false): Field<boolean> {
  return {
    ...{ key, initial, expected: "1 or 0" },
    parse: (text) => (text === "1" ? true : text === "0" ? false : undefined),
    format: (value) => (value ? "1" : "0"),
  };
}

/** A short text. What it means is for the panel to check. */
export function words(key: string, most: number, initial = ""): Field<string> {
  return {
    ...{ key, initial, expected: `at most ${most} characters` },
    parse: (text) => (text.length <= most ? text : undefined),
    format: (value) => value,
  };
}

const within = (x: number, low: number, high: number): number | undefined => (x >= low && x <= high ? x : undefined);

/** A number in decimal digits, with an exponent perhaps, between the bounds; otherwise undefined. */
export const numberIn = (text: string, low: number, high: number): number | undefined =>
  /^-?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})(e[+-]?\d{1,3})?$/i.test(text) ? within(Number(text), low, high) : undefined;

/** Six significant digits at most. */
export const shortNumber = (x: number): string => String(Number(x.toPrecision(6)));

/** The parts of an address after its #. */
export interface Address {
  /** Empty where none is named. */
  readonly panel: string;
  readonly values: ReadonlyMap<string, string>;
  readonly complaints: readonly string[];
}

const MOST_CHARACTERS = 2000;
const MOST_VALUES = 64;

export function parseAddress(hash: string): Address {
  const text = hash.replace(/^#/, "");
  if (text.length > MOST_CHARACTERS) {
    const complaint = `The link is longer than ${MOST_CHARACTERS} characters; the page shows its defaults.`;
    return { panel: "", values: new Map(), complaints: [complaint] };
  }
  const [panel = "", ...pairs] = text.split("&");
  const complaints: string[] = [];
  const values = new Map<string, string>();
  for (const pair of pairs.slice(0, MOST_VALUES)) {
    const at = pair.indexOf("=");
    const [key, value] = [at < 0 ? pair : pair.slice(0, at), decoded(at < 0 ? "" : pair.slice(at + 1))];
    if (value === undefined || !/^[a-z]{1,8}$/.test(key)) complaints.push(`${shown(pair)} in the link cannot be read.`);
    else values.set(key, value);
  }
  return { panel: /^[a-z]{0,16}$/.test(panel) ? panel : "", values, complaints };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // a % that stands for nothing
  }
}

const MOST_SHOWN = 40;

const shown = (text: string): string =>
  JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);

/** The state that an address has for these fields, and what is wrong with it. */
export function readState<F extends Fields>(fields: F, { values, complaints }: Address) {
  const wrong = [...complaints];
  const state = Object.entries(fields).map(([name, field]) => {
    const text = values.get(field.key);
    if (text === undefined) return [name, field.initial];
    const value = field.parse(text);
    if (value === undefined) {
      wrong.push(
        `${field.key}=${shown(text)} in the link is not ${field.expected}; it is ${shown(field.format(field.initial))} here.`,
      );
    }
    return [name, value ?? field.initial];
  });
  return { state: Object.fromEntries(state) as StateOf<F>, complaints: wrong };
}

/** The address of a state: what is as by default is left out. */
export function writeAddress<F extends Fields>(panel: string, fields: F, state: StateOf<F>): string {
  const pairs = Object.entries(fields).flatMap(([name, field]) => {
    const text = field.format(state[name]);
    return text === field.format(field.initial) ? [] : [`${field.key}=${encoded(text)}`];
  });
  return `#${[panel, ...pairs].join("&")}`;
}

/** As encodeURIComponent, but what is allowed after a # and reads better stays: ( ) * , : / ? @ + = < >. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/%(2C|3A|2F|3F|40|2B|3D)/g, (code) => decodeURIComponent(code));

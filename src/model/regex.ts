/**
 * Regular expressions of plans. Their syntax is JavaScript's (flag u), without look-around and back-references. RE2 matches
 * them, in time at most in proportion to the product of the two lengths, so that no plan from elsewhere can take for ever.
 *
 * Source: R. Cox, "Regular Expression Matching Can Be Simple And Fast" (2007).
 */
import { RE2JS } from "re2js";
import { show } from "../check.js";
import { reasonOf } from "./fault.js";
import type { Regex } from "./rule.js";

/** The most characters of a pattern. */
export const MOST_PATTERN = 1000;
const MOST_STATES = 10_000; // of the automaton that a pattern becomes

/** @throws TypeError for a pattern that JavaScript refuses, that has look-around or back-references, or that is too large. */
export function compileRegex(pattern: string): Regex {
  const names: string[] = [];
  const compiled = compile(pattern, names);
  return {
    test: (name) => compiled.test(name),
    groups(name) {
      if (names.length === 0) return {};
      const matcher = compiled.matcher(name);
      if (!matcher.find()) return {};
      return Object.fromEntries(names.map((group, i) => [group, matcher.group(`g${i}`) ?? undefined]));
    },
  };
}

/** @param names gets the names of the groups; in the result they are g0, g1 and so on. */
function compile(pattern: string, names: string[]): RE2JS {
  if (pattern.length > MOST_PATTERN) {
    throw new TypeError(`expected at most ${MOST_PATTERN} characters, got ${pattern.length}`);
  }
  try {
    new RegExp(pattern, "u"); // only to check the syntax: nothing is matched with it
  } catch (error) {
    throw new TypeError(reasonOf(error), { cause: error });
  }
  const translated = translate(pattern, names);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(translated);
  } catch (error) {
    throw new TypeError(`expected a pattern that RE2 takes, got ${show(pattern)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (compiled.programSize() <= MOST_STATES) return compiled;
  throw new TypeError(`expected repetitions of at most ${MOST_STATES} states, got ${compiled.programSize()}`);
}

/** What a pattern is read by: one token at a time, each valid by JavaScript's grammar with the flag u. */
const TOKEN =
  /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|[pP]\{[^}]*\}|k<[^>]*>|[1-9]\d*|.)|\(\?(?:<[=!]|<[^>]*>|[=!:]|[^)]?)|./gsu;

/** A pattern in RE2's syntax that matches what the pattern matches in JavaScript with the flag u. */
function translate(pattern: string, names: string[]): string {
  const tokens: readonly string[] = pattern.match(TOKEN) ?? [];
  let text = "";
  for (let at = 0; at < tokens.length; ++at) {
    const token = tokens[at] as string;
    if (token !== "[") {
      const [, name] = /^\(\?<([^=!].*)>$/.exec(token) ?? [];
      text += name === undefined ? translateToken(token) : `(?<g${names.push(name) - 1}>`;
      continue;
    }
    const end = tokens.indexOf("]", at);
    text += translateClass(tokens.slice(at + 1, end));
    at = end;
  }
  return text;
}

const SPACES = String.raw`\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const OTHERS = String.raw`\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const ANY = String.raw`\x{0}-\x{10ffff}`;

const REFUSED: Readonly<Record<string, string>> = {
  "(?=": "look-ahead",
  "(?!": "look-ahead",
  "(?<=": "look-behind",
  "(?<!": "look-behind",
};

function translateToken(token: string): string {
  if (token === ".") return String.raw`[^\x{a}\x{d}\x{2028}\x{2029}]`;
  if (token === "\\s") return `[${SPACES}]`;
  if (token === "\\S") return `[${OTHERS}]`;
  if (token === "\\b" || token === "\\B") return token;
  if (token.startsWith("(?")) {
    const refused = REFUSED[token];
    if (refused !== undefined) throw unsupported(refused, token);
    if (token !== "(?:") throw unsupported("modifiers", token);
    return token;
  }
  if (/^\\[k1-9]/.test(token)) throw unsupported("back-references", token);
  return token.startsWith("\\") ? translateEscape(token) : token;
}

const unsupported = (what: string, token: string): TypeError =>
  new TypeError(`expected a pattern without ${what}, which cannot be matched in linear time, got ${show(token)}`);

/** The content of a class: single characters, ranges, and escapes for several characters. */
function translateClass(tokens: readonly string[]): string {
  const negated = tokens[0] === "^";
  const items = negated ? tokens.slice(1) : tokens;
  if (items.length === 0) return negated ? `[${ANY}]` : `[^${ANY}]`;
  let text = "";
  for (let at = 0; at < items.length; ++at) {
    text += translateItem(items[at] as string);
    if (items[at + 1] !== "-" || at + 2 >= items.length) continue;
    text += `-${translateItem(items[at + 2] as string)}`;
    at += 2;
  }
  return `[${negated ? "^" : ""}${text}]`;
}

function translateItem(token: string): string {
  if (token === "\\s") return SPACES;
  if (token === "\\S") return OTHERS;
  if (token === "\\b") return "\\x{8}";
  return token.startsWith("\\") ? translateEscape(token) : [...token].map(codePoint).join("");
}

const CONTROLS: Readonly<Record<string, string>> = { t: "9", n: "a", v: "b", f: "c", r: "d", 0: "0" };

function translateEscape(token: string): string {
  const letter = token[1] as string;
  const control = CONTROLS[letter];
  if (control !== undefined) return `\\x{${control}}`;
  if (letter === "c") return `\\x{${(token.charCodeAt(2) % 32).toString(16)}}`;
  if (letter === "u" || letter === "x") return `\\x{${hexOf(token)}}`;
  if (letter === "p" || letter === "P") return token.replace(/\{(?:General_Category|gc|Script|sc)=/, "{");
  return /[dDwW]/.test(letter) ? token : codePoint(letter);
}

/** The hexadecimal digits of the character that an escape means; two surrogates are one character. */
function hexOf(token: string): string {
  const [first = "", second] = token.match(/[\da-fA-F]{2,}/g) ?? token.match(/[\da-fA-F]+/g) ?? [];
  if (second === undefined) return first;
  return (0x10000 + ((Number.parseInt(first, 16) & 0x3ff) << 10) + (Number.parseInt(second, 16) & 0x3ff)).toString(16);
}

const codePoint = (character: string): string => `\\x{${(character.codePointAt(0) as number).toString(16)}}`;

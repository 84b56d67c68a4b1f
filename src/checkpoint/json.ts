/**
 * Strict JSON. JSON.parse makes the value. The scanner here names the place of a fault and refuses keys that an object has
 * twice, of which JSON.parse silently keeps the last. It does not recurse, so no nesting overflows the stack.
 */
import { printable, show } from "../check.js";
import { isLost } from "../math/digits.js";

/**
 * The value of a JSON text.
 *
 * @throws TypeError with line and column, what was expected there, and the line itself.
 */
export function parseJson(text: string): unknown {
  const fault = findFault(text);
  if (fault === undefined) return JSON.parse(text);
  const { offset, message } = fault;
  const begin = text.slice(0, offset).lastIndexOf("\n") + 1;
  const line = linesBefore(text, offset) + 1;
  throw new TypeError(`line ${line}, column ${offset - begin + 1}: ${message}\n${excerpt(text, begin, offset, line)}`);
}

interface Fault {
  readonly offset: number;
  readonly message: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const EXTREME = /-?(?:[\d.]+[eE][+-]?\d{3,}|[\d.]{300,})/y; // a number that may be none of a double
const WORD = /[\w.+-]{1,20}/y;

/** The text that a sticky pattern matches at an offset, or "". */
function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? "";
}

/** The offset after what a sticky pattern matches at an offset, or 0. */
function endOfMatch(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

function endOfSpace(text: string, begin: number): number {
  let at = begin;
  for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9; ) {
    code = text.charCodeAt(++at);
  }
  return at;
}

/** Compares character codes: a regular expression would need memory for each escape of a long string. */
function endOfString(text: string, begin: number): number {
  for (let at = begin + 1; ; ) {
    const code = text.charCodeAt(at);
    if (code === 34) return at + 1;
    if (code === 92) {
      at = endOfMatch(ESCAPE, text, at);
      if (at === 0) return 0;
    } else if (code >= 32) ++at;
    else return 0; // a control character, or NaN: the end of the text
  }
}

const LITERALS = ["true", "false", "null"];

/** The offset after the token that begins at an offset, or 0 if none does. */
function endOfToken(text: string, offset: number): number {
  const first = text[offset] as string;
  if (first === '"') return endOfString(text, offset);
  if ("{}[],:".includes(first)) return offset + 1;
  const literal = LITERALS.find((word) => text.startsWith(word, offset));
  return literal === undefined ? endOfMatch(NUMBER, text, offset) : offset + literal.length;
}

type ScannerState =
  | ("a value" | "a value or ]" | "a key" | "a key or }" | "a colon")
  | ("a comma or }" | "a comma or ]" | "the end of the text");

/** What a token does: it leads to a state, opens or closes an object or a list, or completes a value. */
type Step = ScannerState | "open" | "close" | "complete";

const VALUE = { "{": "open", "[": "open", string: "complete", word: "complete" } as const;

/** The states of the scanner, named by what they expect, and the step for each token that may come. */
const STEPS: Readonly<Record<ScannerState, Readonly<Record<string, Step>>>> = {
  "a value": VALUE,
  "a value or ]": { ...VALUE, "]": "close" },
  "a key": { string: "a colon" },
  "a key or }": { string: "a colon", "}": "close" },
  "a colon": { ":": "a value" },
  "a comma or }": { ",": "a key", "}": "close" },
  "a comma or ]": { ",": "a value", "]": "close" },
  "the end of the text": {},
};

/** The objects and lists around a place, from the outside in: the keys of an object so far, nothing for a list. */
type Nesting = (Set<string> | undefined)[];

/** Deeper than any sensible file, since what reads the value afterwards may recurse. */
const MOST_NESTED = 200;

function findFault(text: string): Fault | undefined {
  const nesting: Nesting = [];
  let state: ScannerState = "a value";
  for (let offset = endOfSpace(text, 0); offset < text.length; ) {
    const end = endOfToken(text, offset);
    const first = text[offset] as string;
    const kind = first === '"' ? "string" : "{}[],:".includes(first) ? first : "word";
    const step: Step | undefined = end === 0 ? undefined : STEPS[state][kind];
    if (step === undefined) return { offset, message: unexpected(text, offset, state) };
    if (kind === "word" && isLost(matchAt(EXTREME, text, offset))) {
      return { offset, message: `expected a number that a double holds, got ${show(matchAt(WORD, text, offset))}` };
    }
    if (step === "a colon") {
      const keys = nesting.at(-1) as Set<string>;
      const token = text.slice(offset, end);
      const key = token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (keys.has(key)) return { offset, message: `expected each key once, got ${show(key)} again` };
      keys.add(key);
    }
    if (step === "open" && nesting.length === MOST_NESTED) {
      return { offset, message: `expected at most ${MOST_NESTED} objects and lists within each other` };
    }
    state = follow(step, first, nesting);
    offset = endOfSpace(text, end);
  }
  if (state === "the end of the text") return undefined;
  return { offset: text.length, message: `expected ${state}, but the text ends here` };
}

function follow(step: Step, token: string, nesting: Nesting): ScannerState {
  if (step === "open") {
    nesting.push(token === "{" ? new Set() : undefined);
    return token === "{" ? "a key or }" : "a value or ]";
  }
  if (step !== "close" && step !== "complete") return step;
  if (step === "close") nesting.pop();
  if (nesting.length === 0) return "the end of the text";
  return nesting.at(-1) === undefined ? "a comma or ]" : "a comma or }";
}

function unexpected(text: string, offset: number, state: ScannerState): string {
  if (text[offset] === "\ufeff") return `expected ${state}, got a byte order mark (U+FEFF)`;
  if (text[offset] === '"' && "string" in STEPS[state]) {
    return "expected a string that is closed on its line and has only the escapes of JSON";
  }
  return `expected ${state}, got ${show(matchAt(WORD, text, offset) || text[offset])}`;
}

function linesBefore(text: string, offset: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

const AROUND = 60; // characters that are shown on either side

/** The line around an offset, and below it a mark. */
function excerpt(text: string, begin: number, offset: number, line: number): string {
  const from = Math.max(begin, offset - AROUND);
  const before = `${from > begin ? "..." : ""}${shown(text.slice(from, offset))}`;
  const after = text.slice(offset, offset + AROUND).split(/\r?\n/)[0] as string;
  const margin = `> ${line} | `;
  return `${margin}${before}${shown(after)}\n${" ".repeat(margin.length - 2)}| ${" ".repeat(before.length)}^`;
}

const shown = (text: string): string => printable(text.replaceAll("\t", " "));

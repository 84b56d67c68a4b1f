/** Error messages about input: the place of each fault, what was expected and what came; printable, and limited in length. */
import { clipped, printable, show } from "../check.js";
import { aliased, perhaps } from "../spelling.js";
import type * as z from "./zod.js";

/**
 * Checks JSON against a schema.
 *
 * @param title first line of the error, such as "not a plan".
 * @throws TypeError with one line for each fault.
 */
export function parseBy<T>(schema: z.ZodMiniType<T>, json: unknown, title: string): T {
  let count = 0;
  const result = schema.safeParse(json, { error: (issue) => (++count > MOST_LINES ? UNSPECIFIC : expectation(issue)) });
  if (result.success) return result.data;
  throw new TypeError(`${title}\n${faultsOf(result.error, json, schema)}`);
}

/** The message of an error that a library or the runtime threw, which may quote the input as it is. */
export const reasonOf = (error: unknown): string => printable(clipped((error as Error).message, MOST_REASON));

const MOST_REASON = 300; // characters

/** A RangeError whose message consists of other messages. */
export const rangeError = (message: string, cause?: unknown): RangeError =>
  new RangeError(clipped(message), cause === undefined ? {} : { cause });

/** Runs `read` and puts the tensor's name before the message of what it throws. */
export function forTensor<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw rangeError(`tensor ${show(name)}: ${(error as Error).message}`, error);
  }
}

const MOST_FAULTS = 1900; // characters of all lines together
const MOST_LINES = 100; // more than these characters hold

/** One line for each fault of a schema: its place in the JSON, what was expected, and what came. */
function faultsOf({ issues }: z.core.$ZodError, json: unknown, schema: object): string {
  const lines: string[] = [];
  let characters = 0;
  for (const issue of issues) {
    const line = printable(`${faultOf(issue, json)}${misspelled(issue, json, schema)}`);
    characters += line.length + 1;
    if (lines.length > 0 && characters > MOST_FAULTS) {
      lines.push(`... ${issues.length} faults in all`);
      break;
    }
    lines.push(clipped(line, MOST_FAULTS));
  }
  return lines.join("\n");
}

function faultOf(outer: z.core.$ZodIssue, json: unknown): string {
  const issue = deepest(outer);
  const { message, path } = issue;
  const place = path.map(step).join("").replace(/^\./, "");
  const value = valueAt(json, path);
  const got = value === undefined ? "nothing" : show(value);
  const text = message.includes(", got ")
    ? message
    : `${message}${perhaps(value, aliased([...choicesOf(issue)], { normalization: "norm" }))}, got ${got}`;
  return place === "" ? text : `${place}: ${text}`;
}

/** For a missing field, the unknown one that is probably a misspelling of it. */
function misspelled({ path }: z.core.$ZodIssue, json: unknown, schema: object): string {
  const [field, ...rest] = path;
  const known = (schema as { readonly shape?: object }).shape;
  if (typeof field !== "string" || rest.length > 0 || known === undefined) return "";
  if (Array.isArray(json) || valueAt(json, path) !== undefined) return "";
  const hint = perhaps(
    field,
    Object.keys(Object(json)).filter((key) => !Object.hasOwn(known, key)),
  );
  return hint === "" ? "" : `${hint.slice(0, -1)} is a misspelling of it)`;
}

const step = (key: PropertyKey): string =>
  typeof key === "number" ? `[${key}]` : /^[\w$]+$/.test(String(key)) ? `.${String(key)}` : `[${show(String(key))}]`;

const valueAt = (json: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (Object.hasOwn(Object(value), key) ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    json,
  );

/** For a union without a message of its own, the fault of the alternative that the input came closest to. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union" || issue.message !== UNSPECIFIC) return issue;
  const faults = issue.errors.flatMap(([first]) => (first === undefined ? [] : [deepest(first)]));
  const [best] = faults.sort((a, b) => b.path.length - a.path.length);
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

/** The words that a schema would have accepted. */
function choicesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  return issue.code === "invalid_union" && "options" in issue ? (issue.options ?? []).map(String) : [];
}

const UNSPECIFIC = "expected another value"; // where a union says nothing better, or nobody will read the message

const TYPES: Readonly<Record<string, string>> = {
  ...{ number: "a number", int: "a whole number", string: "a string", boolean: "true or false" },
  ...{ array: "a list", tuple: "a list", object: "an object", record: "an object" },
};

/** What a schema expected, where it has no message of its own. */
const expectation: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(show).join(", ")}`;
    case "too_small":
      return `expected ${issue.exact ? "exactly" : issue.inclusive ? "at least" : "more than"} ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected ${issue.exact ? "exactly" : issue.inclusive ? "at most" : "less than"} ${issue.maximum}${unitOf(issue.origin)}`;
    case "unrecognized_keys": {
      const known = Object.keys((issue.inst as z.ZodMiniObject | undefined)?.def.shape ?? {});
      const [key, ...others] = issue.keys;
      const more = others.length > 0 ? ` and ${others.length} more` : "";
      return `expected keys among ${known.join(", ")}${perhaps(key, known)}, got ${show(key)}${more}`;
    }
    default:
      return UNSPECIFIC;
  }
};

const unitOf = (origin: string): string => (origin === "string" ? " characters" : origin === "array" ? " items" : "");

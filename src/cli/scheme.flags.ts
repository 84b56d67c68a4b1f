/** `--scheme` and the flags of its options: one scheme for all weights of a model, or for the layers of the lab. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { flagOf } from "../chart/words.js";
import { checkOneOf } from "../check.js";
import { parseJson } from "../checkpoint/json.js";
import { inFile, STDIN } from "../checkpoint/place.js";
import { MOST_CONFIG } from "../checkpoint/python.js";
import { readJson } from "../file/json.js";
import { COMPATS, LAYOUT_NAMES } from "../scheme/fans.js";
import { ACTIVATIONS } from "../scheme/gain.js";
import type { FanMode, Scheme, TruncatedNormalOptions, VarianceScalingDistribution } from "../scheme/options.js";
import { optionsOf, SCHEME_NAMES, scheme as schemeFrom } from "../scheme/scheme.js";
import { choice, parsed, parseNumber, UsageError } from "./arguments.js";

/** What the flag of a scheme's option takes, and what it is. */
interface Flag {
  readonly takes: "number" | readonly string[];
  readonly text: string;
}

const number = (text: string): Flag => ({ takes: "number", text });
const oneOf = <T extends string>(takes: readonly T[], text: string): Flag => ({ takes, text });

/** The options that are one number or one word, by their names in JSON; the others (axes, fans, parts) need JSON. */
const FLAGS = {
  std: number("standard deviation of normal, truncatedNormal and sparse"),
  mean: number("mean of normal and truncatedNormal (default: 0)"),
  low: number("lower bound of uniform and truncatedNormal, excluded"),
  high: number("upper bound of uniform and truncatedNormal, excluded"),
  bounds: oneOf<NonNullable<TruncatedNormalOptions["bounds"]>>(
    ["std", "absolute"],
    "unit of truncatedNormal's --low and --high: standard deviations from the mean, or values (default: std)",
  ),
  stdOf: oneOf<NonNullable<TruncatedNormalOptions["stdOf"]>>(
    ["parent", "result"],
    "what truncatedNormal's --std is: the value before truncation, or that of the result (default: parent)",
  ),
  value: number("value of constant"),
  scale: number("numerator of varianceScaling's variance"),
  mode: oneOf<FanMode>(["fan_in", "fan_out", "fan_avg", "fan_geo_avg"], "fan that the variance is divided by"),
  distribution: oneOf<VarianceScalingDistribution>(
    ["uniform", "normal", "truncated"],
    "distribution of varianceScaling's values",
  ),
  gain: number("factor on the standard deviation, or on a matrix"),
  activation: oneOf(ACTIVATIONS, "activation function whose gain the kaiming schemes use"),
  slope: number("slope of leakyRelu for negative inputs, in the kaiming schemes (default: 0)"),
  sparsity: number("share of zeros of sparse, from 0 to below 1"),
  layout: oneOf(LAYOUT_NAMES, "where the inputs are: io is [...kernel, in, out], oi is [out, in, ...kernel]"),
  compat: oneOf(COMPATS, "framework whose fans to reproduce where they differ from the layer's true ones"),
} as const satisfies Readonly<Record<string, Flag>>;

type SchemeKey = keyof typeof FLAGS;
const KEYS = Object.keys(FLAGS) as readonly SchemeKey[];

/** In the lab these flags are the network's. */
export const NETWORK_KEYS: readonly SchemeKey[] = ["activation", "slope"];

type SchemeFlags = { readonly scheme?: Named | typeof STDIN } & Readonly<Partial<Record<SchemeKey, unknown>>>;

/** A scheme of a known name, with options that are not checked yet: some may come from flags. */
type Named = { readonly scheme: Scheme["scheme"] } & Readonly<Record<string, unknown>>;

/**
 * An error that names options of the library (`depth, width: expected ...`), in terms of their flags.
 *
 * @param flags the names of flags that are not those of their options.
 */
export function inFlags(error: unknown, flags: Readonly<Record<string, string>> = {}): unknown {
  const [all, names = "", rest] = /^([A-Za-z.]+(?:, [A-Za-z]+)*): (.*)$/s.exec((error as Error).message) ?? [];
  if (all === undefined || !(error instanceof TypeError || error instanceof RangeError)) return error;
  const named = names
    .split(", ")
    .map((name) => (name in flags || !name.includes(".") ? flagOf(flags[name] ?? name) : name));
  return new UsageError(`${named.join(", ")}: ${rest}`, { cause: error });
}

/**
 * Adds `--scheme` and the flags of its options.
 *
 * @param path notes that standard input is taken.
 * @param except options whose flags mean something else in this command.
 */
export function addSchemeOptions(
  command: Command,
  text: string,
  path: (text: string) => string,
  except: readonly SchemeKey[] = [],
): Command {
  const named = new Option("--scheme <scheme>", `${text}; a name, or JSON with options; - is standard input`);
  command.addOption(
    named
      .choices(SCHEME_NAMES.filter((name) => name !== "split"))
      .argParser((given: string) => (path(given) === STDIN ? STDIN : parseScheme(given))),
  );
  command.optionsGroup("Options of --scheme:");
  for (const key of KEYS.filter((each) => !except.includes(each))) {
    const { takes, text }: Flag = FLAGS[key];
    command.addOption(
      takes === "number"
        ? new Option(`${flagOf(key)} <x>`, text).argParser(parseNumber)
        : choice(`${flagOf(key)} <name>`, text, takes),
    );
  }
  return command.optionsGroup("Options:");
}

function parseScheme(text: string): Named {
  if (text === "split")
    throw new InvalidArgumentError("The parts of a split have schemes of their own: write it as JSON.");
  return parsed(() => checkNamed(text.trimStart().startsWith("{") ? parseJson(text) : { scheme: text }));
}

/** @throws Error unless the value is an object with the name of a scheme. */
function checkNamed(json: unknown): Named {
  checkOneOf("scheme", (Object(json) as Partial<Named>).scheme, SCHEME_NAMES);
  return json as Named;
}

function readScheme(): Named {
  const json = readJson(STDIN, { most: MOST_CONFIG });
  return inFile(STDIN, () => checkNamed(json));
}

/** Flags as commander gives them: the scheme's options beside its name. */
export type Given<Flags> = Omit<Flags, "scheme"> & SchemeFlags;

/**
 * The flags with one checked scheme in place of its parts.
 *
 * @param except flags that are not the scheme's in this command.
 * @throws UsageError in terms of the flags.
 */
export function withScheme<Flags>(given: Given<Flags>, except: readonly SchemeKey[] = []): Flags {
  if (given.scheme !== undefined && "plan" in given) throw new UsageError("expected --plan or --scheme, got both");
  const scheme = schemeOf(given, except);
  const own = Object.entries(given).filter(([key]) => {
    return key !== "scheme" && (!KEYS.includes(key as SchemeKey) || except.includes(key as SchemeKey));
  });
  return { ...Object.fromEntries(own), ...(scheme && { scheme }) } as Flags;
}

function schemeOf(flags: SchemeFlags, except: readonly SchemeKey[]): Scheme | undefined {
  const given = KEYS.filter((key) => !except.includes(key) && flags[key] !== undefined);
  if (flags.scheme === undefined) {
    if (given.length > 0) throw new UsageError(`${given.map(flagOf).join(", ")}: give --scheme too`);
    return undefined;
  }
  const named = flags.scheme === STDIN ? readScheme() : flags.scheme;
  const name = named.scheme;
  for (const key of given) {
    if (key in named)
      throw new UsageError(`--scheme ${name}: ${key} is given twice, in its JSON and by ${flagOf(key)}`);
    if (!optionsOf(name).includes(key))
      throw new UsageError(`--scheme ${name} ${takes(name, except)}, got ${flagOf(key)}`);
  }
  try {
    return schemeFrom({ ...named, ...Object.fromEntries(given.map((key) => [key, flags[key]])) });
  } catch (error) {
    const { message } = error as Error;
    const key = KEYS.find((each) => message.startsWith(`${each}: `));
    const missing = key !== undefined && !except.includes(key) && !given.includes(key) && !(key in named);
    throw new UsageError(`--scheme ${name}: ${message}${missing ? `; give ${flagOf(key)}` : ""}`, { cause: error });
  }
}

/** Which flags a scheme takes, for a message. */
function takes(name: Scheme["scheme"], except: readonly SchemeKey[]): string {
  const flags = KEYS.filter((key) => !except.includes(key) && optionsOf(name).includes(key)).map(flagOf);
  return flags.length === 0 ? "takes no options" : `takes ${flags.join(", ")}`;
}

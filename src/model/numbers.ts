/** What a config of a family that is not known says all the same: its type, and its numbers. */
import { isObject } from "../check.js";
import type { Model } from "./model.js";

/**
 * The fields of a config that are numbers or lists of numbers, which the expressions of a plan can use; those of nested configs
 * with dots.
 */
export function numbersOf(config: object, depth = 0): Record<string, number | readonly number[]> {
  const pairs = Object.entries(config).flatMap(([name, value]): [string, number | readonly number[]][] => {
    if (Number.isFinite(value) || isNumbers(value)) return [[name, value]];
    if (!isObject(value) || depth === MOST_DEPTH) return [];
    return Object.entries(numbersOf(value, depth + 1)).map(([inner, number]) => [`${name}.${inner}`, number]);
  });
  return Object.fromEntries(pairs);
}

const MOST_DEPTH = 3; // of nested configs
const MOST_NUMBERS = 1000; // of a list

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.length <= MOST_NUMBERS && value.every(Number.isFinite);

/** The values of a field of a config and of the configs in it, also null. */
function valuesOf(config: object, field: string, depth = 0): unknown[] {
  const own = Object.hasOwn(config, field) ? [(config as Record<string, unknown>)[field]] : [];
  if (depth === MOST_DEPTH) return own;
  const nested = Object.values(config).filter(isObject);
  return [...own, ...nested.flatMap((inner) => valuesOf(inner, field, depth + 1))];
}

/**
 * What a config says of a model whose family is not known. Besides its numbers there are:
 * - `weight_std`: the std that transformers gives weights of no other rule, unless nested configs differ;
 * - `padding_row`: `pad_token_id`, unless it is null, or nested configs differ;
 * - `weight_stds_differ`, `padding_rows_differ`: 1 where they do.
 */
export function unknownConfig(name: string, config: object): Pick<Model, "modelType" | "variables"> {
  return { modelType: name, variables: { ...numbersOf(config), ...stdOf(config), ...paddingOf(config) } };
}

const USUAL_STD = 0.02; // of PreTrainedModel, where a config says none

function stdOf(config: object): Record<string, number> {
  const ranges = valuesOf(config, "initializer_range").map((value) => value || USUAL_STD); // 0 and null mean it there
  const [own] = ranges.length > 0 ? ranges : valuesOf(config, "init_std");
  const std = own ?? USUAL_STD;
  return ranges.every((range) => range === std) && Number.isFinite(std)
    ? { weight_std: std as number }
    : { weight_stds_differ: 1 };
}

function paddingOf(config: object): Record<string, number> {
  const tokens = valuesOf(config, "pad_token_id");
  const token = tokens[0] ?? null;
  if (tokens.some((other) => (other ?? null) !== token)) return { padding_rows_differ: 1 };
  return Number.isSafeInteger(token) ? { padding_row: token as number } : {};
}

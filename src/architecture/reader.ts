/** What a field of each type can hold, and its value in expressions. */
import { show } from "../check.js";
import type { Value } from "../model/expression.js";
import type { FieldSpec, FieldType } from "./file.js";

export const LENGTH = "a whole number from 1";

const isWhole = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;
export const isLength = (value: unknown): value is number => isWhole(value, 1);

interface FieldReader {
  readonly expected: string;
  /** The value in expressions, or undefined if it is none of this type. */
  readonly read: (value: unknown) => Value | undefined;
}

const READERS: Readonly<Record<FieldType, FieldReader>> = {
  length: { expected: LENGTH, read: (value) => (isLength(value) ? value : undefined) },
  count: { expected: "a whole number from 0", read: (value) => (isWhole(value, 0) ? value : undefined) },
  number: { expected: "a number", read: (value) => (Number.isFinite(value) ? (value as number) : undefined) },
  std: {
    expected: "a number above 0: for 0, old versions of transformers draw zeros, new ones take 0.02",
    read: (value) => (Number.isFinite(value) && (value as number) > 0 ? (value as number) : undefined),
  },
  flag: { expected: "true or false", read: (value) => (typeof value === "boolean" ? Number(value) : undefined) },
  word: { expected: "a string", read: (value) => (typeof value === "string" ? value : undefined) },
  token: { expected: "a whole number", read: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined) },
  lengths: {
    expected: `a list of whole numbers from 1`,
    read: (value) => (Array.isArray(value) && value.length > 0 && value.every(isLength) ? value : undefined),
  },
  counts: {
    expected: "a list of whole numbers from 0",
    read: (value) => (Array.isArray(value) && value.every((one) => isWhole(one, 0)) ? value : undefined),
  },
  words: {
    expected: "a list of strings",
    read: (value) => {
      const list = typeof value === "string" ? value.split("|") : value; // as DeBERTa's published configs write it
      return Array.isArray(list) && list.every((word) => typeof word === "string") ? list : undefined;
    },
  },
  size: {
    expected: "a length, or a list of height and width",
    read: (value) => {
      const pair = isLength(value) ? [value, value] : value;
      return Array.isArray(pair) && pair.length === 2 && pair.every(isLength) ? pair : undefined;
    },
  },
  config: { expected: "an object", read: () => undefined }, // another family reads it
};

export const isListType = (type: FieldType): boolean => type === "lengths" || type === "counts" || type === "words";

/** How a field is read: its type, one of its choices, and with `each` one value in place of a list. */
export function readerOf({ type, choices = [], each, expected }: FieldSpec): FieldReader {
  const reader = READERS[type];
  const isSingle = (value: unknown) => each !== undefined && isListType(type) && !Array.isArray(value);
  const isChosen = (value: Value) =>
    choices.length === 0 || [value].flat().every((one) => choices.includes(one as string));
  const listed =
    choices.length > 0 ? `${choices.length > 1 ? "one of " : ""}${choices.map(show).join(", ")}` : undefined;
  return {
    expected: expected ?? listed ?? reader.expected,
    read(value) {
      const found = reader.read(isSingle(value) ? [value] : value);
      return found !== undefined && isChosen(found) ? found : undefined;
    },
  };
}

/** What is wrong with the files of a checkpoint, in words. */
import { printable } from "../check.js";
import type { Examined } from "./complete.js";

const MOST_NAMES = 20; // that a text lists

/**
 * Lines about what is wrong with the files of a checkpoint.
 *
 * @param files how many there should be.
 */
export const faultLines = ({ missing, foreign }: Pick<Examined, "missing" | "foreign">, files: number) => [
  ...(missing.length === 0 ? [] : [`missing, or not whole: ${missing.length} of ${files} files: ${listOf(missing)}`]),
  ...(foreign.length === 0 ? [] : [foreignText(foreign)]),
];

/** A line about files that belong to another checkpoint. */
export const foreignText = (names: readonly string[]): string => `foreign, remove them: ${listOf(names)}`;

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(printable).join(", ");
  return names.length > MOST_NAMES ? `${shown}, ... ${names.length - MOST_NAMES} more` : shown;
}

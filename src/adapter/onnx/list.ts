/** Lists in messages. */
import { show } from "../../check.js";

const MOST_NAMED = 8;

/** The first names of a list, and how many more there are. */
export const clippedList = (names: readonly string[]): string =>
  `${names.slice(0, MOST_NAMED).map(show).join(", ")}${names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ""}`;

/** Globs over the names of tensors, and the names that are most similar to a pattern that matches none. */
import { show } from "../check.js";

/** Whether a glob matches the whole name: `*` stands for any characters, dots included, and `?` for one. */
export function globs(glob: string, name: string): boolean {
  const only = glob.indexOf("*");
  if (only >= 0 && only === glob.lastIndexOf("*") && !glob.includes("?")) {
    const isLong = name.length >= glob.length - 1;
    return isLong && name.startsWith(glob.slice(0, only)) && name.endsWith(glob.slice(only + 1));
  }
  // Only the last star has to be tried again, since longer matches of earlier ones cannot help. Time is therefore at most
  // the product of the lengths.
  let [g, n, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    if (glob[g] === "*") [star, mark, g] = [g, n, g + 1];
    else if (g < glob.length && (glob[g] === "?" || glob[g] === name[n])) [g, n] = [g + 1, n + 1];
    else if (star >= 0) [g, mark, n] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (glob[g] === "*") g += 1;
  return g === glob.length;
}

const SHOWN = 3;
const MOST_COMPARED = 20_000; // names
const MOST_CHARACTERS = 200; // of a name or a pattern that is compared

/** The names most similar to a glob, as a message lists them. Names that differ only in their numbers count as one. */
export function similarNames(pattern: string, names: readonly string[]): string {
  const kinds = new Map<string, string>();
  for (const name of names.slice(0, MOST_COMPARED)) {
    const kind = name.replace(/\d+/g, "0");
    if (!kinds.has(kind)) kinds.set(kind, name);
  }
  const glob = pattern.slice(0, MOST_CHARACTERS);
  const ranked = [...kinds.values()]
    .map((name) => ({ name, start: name.slice(0, MOST_CHARACTERS) }))
    .map(({ name, start }) => ({ name, within: distance(`*${glob}*`, start), whole: distance(glob, start) }))
    .sort((a, b) => a.within - b.within || a.whole - b.whole);
  return ranked
    .slice(0, SHOWN)
    .map(({ name }) => show(name))
    .join(", ");
}

/** A glob that matches roughly what a regular expression matches. */
export const globOf = (regex: string): string =>
  regex
    .replace(/^\^|\$$/g, "")
    .replace(/\\[dwsDWSb][+*?]?|\[[^\]]*\][+*?]?|\((?:\?<\w+>|\?:)?|[)|]|\.[+*?]|\{[^}]*\}/g, "*")
    .replace(/\\(.)/g, "$1")
    .replace(/\*+/g, "*");

/** Characters to insert, delete or replace in a glob until it matches the name (Levenshtein 1966; its stars are free). */
function distance(glob: string, name: string): number {
  let row = Array.from({ length: name.length + 1 }, (_, j) => j);
  for (const character of glob) {
    const star = character === "*";
    const next = [(row[0] as number) + (star ? 0 : 1)];
    for (let j = 1; j <= name.length; ++j) {
      const [above, left, corner] = [row[j] as number, next[j - 1] as number, row[j - 1] as number];
      next.push(
        star ? Math.min(above, left) : Math.min(above + 1, left + 1, corner + (character === name[j - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[name.length] as number;
}

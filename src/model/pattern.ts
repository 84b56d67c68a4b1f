/** Which names a rule means, and which it came closest to when it means none. */
import { show } from "../check.js";

/** Whether a whole name is what the glob says: `*` stands for any letters, dots too, and `?` for one. */
export function globs(glob: string, name: string): boolean {
  // The last star is the only one to come back to: what earlier ones took cannot matter. So time is at most a product.
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

const NEAREST = 3;
const MOST_COMPARED = 20_000; // names: the others are numbered alike

/** In words, the names that came closest to a glob or a regular expression. */
export function closest(pattern: string, names: readonly string[]): string {
  const alike = new Map<string, string>(); // layers of one kind differ by their numbers
  for (const name of names.slice(0, MOST_COMPARED)) {
    const kind = name.replace(/\d+/g, "0");
    if (!alike.has(kind)) alike.set(kind, name);
  }
  const glob = pattern.slice(0, 200);
  const ranked = [...alike.values()]
    .map((name) => ({ name, within: cost(`*${glob}*`, name.slice(0, 200)), whole: cost(glob, name.slice(0, 200)) }))
    .sort((a, b) => a.within - b.within || a.whole - b.whole);
  return ranked
    .slice(0, NEAREST)
    .map(({ name }) => show(name))
    .join(", ");
}

/** A glob that says about what a regular expression says. */
export const globOf = (regex: string): string =>
  regex
    .replace(/^\^|\$$/g, "")
    .replace(/\\[dwsDWSb][+*?]?|\[[^\]]*\][+*?]?|\((?:\?<\w+>|\?:)?|[)|]|\.[+*?]|\{[^}]*\}/g, "*")
    .replace(/\\(.)/g, "$1")
    .replace(/\*+/g, "*");

/** Letters to insert, delete or replace until the glob means the name; its stars stand for anything. */
function cost(glob: string, name: string): number {
  let row = Array.from({ length: name.length + 1 }, (_, j) => j);
  for (const letter of glob) {
    const star = letter === "*";
    const next = [(row[0] as number) + (star ? 0 : 1)];
    for (let j = 1; j <= name.length; ++j) {
      const [above, left, corner] = [row[j] as number, next[j - 1] as number, row[j - 1] as number];
      next.push(
        star ? Math.min(above, left) : Math.min(above + 1, left + 1, corner + (letter === name[j - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[name.length] as number;
}

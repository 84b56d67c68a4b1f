/** What both tests of docs/schemes.md and docs/coming-from.md read: tables, and the code that stands in their cells. */
import { readFileSync } from "node:fs";
import * as nn from "../../src/index.js";
import * as recipes from "../../src/recipes.js";

export const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

export interface Table {
  /** The last heading above it. */
  readonly heading: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a page. A bar within code does not end a cell. */
export function tables(page: string): Table[] {
  const found: { heading: string; head: string[]; rows: string[][] }[] = [];
  let heading = "";
  let open = false;
  for (const line of page.split("\n")) {
    if (line.startsWith("#")) heading = line.replace(/^#+ /, "");
    if (!line.startsWith("|")) {
      open = false;
      continue;
    }
    const cells = [...line.matchAll(/((?:`[^`]*`|[^|`])*)\|/g)].slice(1).map(([, cell]) => (cell as string).trim());
    if (!open) found.push({ heading, head: cells, rows: [] });
    else if (!line.startsWith("|--")) found.at(-1)?.rows.push(cells);
    open = true;
  }
  return found;
}

/** The code of a cell. */
export const code = (cell: string) => /`([^`]*)`/.exec(cell)?.[1] as string;

/** The value of a JavaScript expression, which may use the library's names and these values. */
export function evaluate(expression: string, values: object = {}): unknown {
  const scope = { ...nn, ...recipes, sqrt: Math.sqrt, pow: Math.pow, log: Math.log, ...values };
  return new Function(...Object.keys(scope), `return ${expression}`)(...Object.values(scope));
}

/** The tables of docs/coming-from.md, one for each framework. */
export const COMING_FROM = tables(read("coming-from.md")).filter(({ head }) => head.includes("nn-init"));

/** Their rows: the framework's code, ours, and the sentence that describes what is drawn. */
export const COMING_FROM_ROWS = COMING_FROM.flatMap(({ heading, rows }) =>
  rows.map(([theirs = "", ours = "", drawn = ""]) => ({ heading, theirs, ours, drawn })),
);

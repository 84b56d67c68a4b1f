/** What `nn-init init` wrote, for a terminal. */

import { counted, schemeText } from "../chart/words.js";
import { printable } from "../check.js";
import type { SchemeGroup } from "./init.measure.js";
import { type Column, rateText, table } from "./table.js";

const COLUMNS: readonly Column[] = [
  { head: "tensors", weight: 2 },
  { head: "elements", weight: 1 },
  { head: "scheme", weight: 5, least: 16 },
  { head: "std expected", weight: 3 },
  { head: "std measured", weight: 4 },
];

/** Lines of a table; none if nothing was drawn. @param width of the terminal; undefined gives the full table. */
export function initTable(groups: readonly SchemeGroup[], width: number | undefined): string {
  if (groups.length === 0) return "";
  const rows = groups.map((group) => {
    const expected = [...group.expected].map((std) => std.toPrecision(6)).slice(0, 3);
    return [
      String(group.tensors),
      group.elements.toLocaleString("en"),
      schemeText(group.scheme),
      group.expected.size > 3 ? `${expected.join(", ")}, ...` : expected.join(", "),
      group.std().toPrecision(6),
    ];
  });
  return `${table(COLUMNS, rows, width)}\n`;
}

/** A file, as reports show it. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  /** Null where the file was there already, and nothing says its hash. */
  readonly sha256: string | null;
  /** Whether the file was there already, whole. */
  readonly skipped: boolean;
}

/** What `nn-init init --json` prints. */
export interface InitReport {
  readonly model: string;
  readonly seed: string;
  readonly dtype: string;
  readonly engine: string;
  readonly tensors: number;
  readonly parameters: number;
  /** Of the files that were written. */
  readonly bytes: number;
  readonly seconds: number;
  readonly files: readonly WrittenFile[];
}

export function summary({ model, seed, engine, tensors, parameters, bytes, seconds, files }: InitReport): string {
  return [
    `${model}: ${counted(tensors, "tensor")}, ${counted(parameters, "parameter")}, seed ${seed}`,
    bytes === 0
      ? `nothing was written, in ${seconds.toFixed(2)} s`
      : `${bytes.toLocaleString("en")} bytes in ${seconds.toFixed(2)} s (${rateText(bytes, seconds)}, engine ${engine})`,
    ...(files.length <= MOST_FILES ? files.map(fileText) : [manyText(files)]),
  ].join("\n");
}

const MOST_FILES = 8; // that a summary lists

const fileText = ({ path, sha256, skipped }: WrittenFile): string =>
  `${printable(path)}\n${skipped ? "is there already" : `sha256 ${sha256}`}`;

function manyText(files: readonly WrittenFile[]): string {
  const skipped = files.filter(({ skipped }) => skipped).length;
  const there = skipped > 0 ? `, ${skipped} of them there already` : "";
  return `${files.length} files${there}, from ${printable(files[0]?.path ?? "")} to ${printable(files.at(-1)?.path ?? "")}`;
}

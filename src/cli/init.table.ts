/** What `nn-init init` wrote, for a terminal. */
import Table from "cli-table3";
import type { Group } from "./init.measure.js";
import { schemeText } from "./text.js";

export function initTable(groups: readonly Group[]): string {
  const rows = new Table({
    head: ["tensors", "elements", "scheme", "std expected", "std measured"],
    style: { head: [], border: [], compact: true },
  });
  for (const group of groups) {
    const expected = [...group.expected].map((std) => std.toPrecision(6)).slice(0, 3);
    rows.push([
      group.tensors,
      group.elements.toLocaleString("en"),
      schemeText(group.scheme),
      group.expected.size > 3 ? `${expected.join(", ")}, ...` : expected.join(", "),
      group.std().toPrecision(6),
    ]);
  }
  return rows.toString();
}

/** What `nn-init init --json` prints. */
export interface InitReport {
  readonly model: string;
  readonly seed: string;
  readonly dtype: string;
  readonly engine: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

export function summary({ model, seed, engine, tensors, parameters, bytes, seconds, files }: InitReport): string {
  const rate = (bytes / seconds / 1e6).toFixed(0);
  return [
    `${model}: ${tensors} tensors, ${parameters.toLocaleString("en")} parameters, seed ${seed}`,
    `${bytes.toLocaleString("en")} bytes in ${seconds.toFixed(2)} s (${rate} MB/s, engine ${engine})`,
    ...files.map(({ path, sha256 }) => `${path}\nsha256 ${sha256}`),
  ].join("\n");
}

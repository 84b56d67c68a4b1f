/** A chart with the table behind it. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

export type Cell = string | number | null;

interface TableProps {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly caption: string;
}

const cellText = (cell: Cell): string =>
  cell === null ? "" : typeof cell === "number" ? String(Number(cell.toPrecision(4))) : cell;

/** Also one in words of its own, which must not be broken at its sign. */
const isNumber = (cell: Cell): boolean => typeof cell === "number" || /^-?[\d.]+(e-?\d+)?$/.test(cell ?? "");

/** The class of a column: of numbers, if no cell is anything else. A shape among them would stand apart from the others. */
const classOf = (column: readonly Cell[]): string | undefined =>
  column.every((cell) => cellText(cell) === "" || isNumber(cell)) ? "number" : undefined;

export function Table({ head, rows, caption }: TableProps) {
  const classes = head.map((_, j) => classOf(rows.map((cells) => cells[j] ?? null)));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for inputs
    <div class="wide" role="group" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {head.map((name, j) => (
              <th key={name} scope="col" class={classes[j]}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, i) => (
            <tr key={String(cells[0] ?? i)}>
              {cells.map((cell, j) => (
                <td key={head[j]} class={classes[j]}>
                  {cellText(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ChartProps {
  readonly title: string;
  /** Of its heading. */
  readonly level?: 2 | 3;
  readonly children: ComponentChildren;
  /** Made only while the table is open. */
  table(): Omit<TableProps, "caption">;
}

/** A chart, with its numbers in a table that can be opened. */
export function Chart({ title, level = 3, children, table }: ChartProps) {
  const [open, setOpen] = useState(false);
  return (
    <section class="chart">
      {level === 2 ? <h2>{title}</h2> : <h3>{title}</h3>}
      {children}
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          Numbers <span class="hidden">of {title}</span>
        </summary>
        {open && <Table {...table()} caption={title} />}
      </details>
    </section>
  );
}

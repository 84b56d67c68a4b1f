/** What was measured, for people and for the tools that watch benchmarks. */

import { CEILING, DRAWN, nameOfCell, OTHER_DTYPES } from "./bench.cells.js";
import { bestAndMedian } from "./bench.measure.js";
import { type BenchResult, type Measured, machineText } from "./bench.result.js";
import { type Column, table } from "./table.js";

const GIGA = 1e9;

/** An entry of github-action-benchmark, for its tool customBiggerIsBetter. */
interface ActionEntry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range: string;
  readonly extra: string;
}

export function actionJson({ machine, cells }: BenchResult): string {
  const entries = cells.map((cell): ActionEntry => {
    const { best, median } = bestAndMedian(cell.seconds);
    return {
      name: nameOfCell(cell),
      unit: "10^9 elements/s",
      value: rounded(cell.size / best / GIGA),
      range: `median ${rounded(cell.size / median / GIGA)}`,
      extra: `best of ${cell.seconds.length} turns\n${machineText(machine)}`,
    };
  });
  return `${JSON.stringify(entries, undefined, 1)}\n`;
}

/** Bencher Metric Format: elements per second, and nanoseconds of a call, each with its worst and its best turn. */
export function bencherJson({ cells }: BenchResult): string {
  const entries = cells.map((cell) => {
    const [fast, slow] = [Math.min(...cell.seconds), Math.max(...cell.seconds)];
    const rate = (seconds: number) => rounded(cell.size / seconds);
    const time = (seconds: number) => rounded(seconds * GIGA);
    return [
      nameOfCell(cell),
      {
        throughput: { value: rate(fast), lower_value: rate(slow), upper_value: rate(fast) },
        latency: { value: time(fast), lower_value: time(fast), upper_value: time(slow) },
      },
    ];
  });
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 1)}\n`;
}

const rounded = (value: number): number => Number(value.toPrecision(6));

const RIGHT = { align: "right" } as const;

const COLUMNS: readonly Column[] = [
  { head: "distribution", weight: 9 },
  { head: "loop", weight: 4, ...RIGHT },
  { head: "scalar", weight: 6, ...RIGHT },
  { head: "simd", weight: 9, ...RIGHT },
  { head: "simd, own array", weight: 3, ...RIGHT },
  { head: "threads", weight: 7, ...RIGHT },
  { head: "threads, own array", weight: 2, ...RIGHT },
  { head: "simd / loop", weight: 5, ...RIGHT },
  { head: "simd / scalar", weight: 5, ...RIGHT },
  { head: "simd, ns", weight: 3, ...RIGHT },
  { head: `of ${CEILING}`, weight: 8, ...RIGHT },
];

/** The table of one size, and that of its element types. Undefined where nothing was measured. */
export function sizeText(cells: readonly Measured[], width: number | undefined): string | undefined {
  const [{ size } = { size: 0 }] = cells;
  const bests = new Map(cells.map((cell) => [nameOfCell(cell), bestAndMedian(cell.seconds).best]));
  const best = (words: string) => bests.get(`${words} ${size}`);
  const drawn = Object.keys(DRAWN).filter((name) => cells.some(({ distribution }) => distribution === name));
  const limit = best(`${CEILING} limit arena f32`);
  const rows = drawn.map((name) => rowOf(name, size, limit, (words) => best(`${name} ${words}`)));
  const dtypes = OTHER_DTYPES.filter((dtype) => cells.some((cell) => cell.dtype === dtype));
  const ceiling = limit === undefined ? "" : `; ${CEILING}: ${rate(size, limit)} G/s`;
  const head = `${size.toLocaleString("en")} elements; G/s is 10^9 elements a second${ceiling}`;
  const shown = COLUMNS.flatMap((_, i) => (rows.some((row) => row[i] !== "") ? [i] : []));
  const picked = rows.map((row) => shown.map((i) => row[i] as string));
  const columns = shown.map((i) => COLUMNS[i] as Column);
  const floats = columns.length > 1 ? [table(columns, picked, width)] : [];
  const typed = dtypes.length === 0 ? [] : [dtypeTable(drawn, dtypes, size, best, width)];
  if (drawn.length === 0) return undefined;
  return `${[head, ...floats, ...typed].join("\n")}\n\n`;
}

type Best = (words: string) => number | undefined;

function rowOf(name: string, size: number, limit: number | undefined, best: Best): readonly string[] {
  const [loop, scalar, simd] = [best("loop own f32"), best("scalar own f32"), best("simd arena f32")];
  const rates = [loop, scalar, simd, best("simd own f32"), best("threads arena f32"), best("threads own f32")];
  return [
    ...[name, ...rates.map((seconds) => rate(size, seconds))],
    ...[times(loop, simd), times(scalar, simd)],
    simd === undefined ? "" : ((simd / size) * GIGA).toFixed(3),
    simd === undefined || limit === undefined ? "" : `${((100 * limit) / simd).toFixed(0)}%`,
  ];
}

const rate = (size: number, seconds: number | undefined): string =>
  seconds === undefined ? "" : (size / seconds / GIGA).toFixed(3);

const times = (slow: number | undefined, fast: number | undefined): string =>
  slow === undefined || fast === undefined ? "" : `${(slow / fast).toFixed(1)}x`;

/** Rates of each element type, with the share of the rate of f32 in the same run. */
function dtypeTable(
  drawn: readonly string[],
  dtypes: readonly string[],
  size: number,
  best: Best,
  width: number | undefined,
): string {
  const columns = ["distribution", "f32", ...dtypes].map((head, i) => ({
    ...{ head, weight: 1 },
    ...(i > 0 && RIGHT),
  }));
  const rows = drawn.map((name) => {
    const base = best(`${name} simd arena f32`);
    const others = dtypes.map((dtype) => {
      const seconds = best(`${name} simd arena ${dtype}`);
      const share = seconds && base ? ` (${((100 * base) / seconds).toFixed(0)}%)` : "";
      return `${rate(size, seconds)}${share}`;
    });
    return [name, rate(size, base), ...others];
  });
  return table(columns, rows, width);
}

/** What an audit found, for a terminal: worst first. */
import type { AuditedTensor } from "../audit/found.js";
import { counted, expectationText } from "../chart/words.js";
import { printable } from "../check.js";
import { digits } from "../math/digits.js";
import type { PrintedAudit } from "./audit.printed.js";
import { type Column, grouped, rateText, table } from "./table.js";

const MOST_FAILED = 1000; // tensors that are listed; and as many with notes
const MOST_ROWS = 40; // in a terminal, beside those of tensors that failed

const WORDS = { ok: "ok", fail: "FAIL", unknown: "?" } as const;

/** @param width of the terminal; undefined gives the full table. */
export function auditText(report: PrintedAudit, width: number | undefined): string {
  const { tensors, missing, strayShards } = report;
  const failed = tensors.filter(({ verdict }) => verdict === "fail");
  const noted = tensors.filter(({ notes }) => notes.length > 0);
  const lines = [
    auditTable(tensors, width, Math.min(MOST_FAILED, failed.length) + MOST_ROWS),
    ...failed.slice(0, MOST_FAILED).flatMap(sentences),
    ...missing.map((name) => `FAIL ${printable(name)}: it is not in the file`),
    ...strayShards.map(({ path, sentence }) => `FAIL ${printable(path)}: ${sentence}`),
    ...noted.slice(0, MOST_FAILED).flatMap(notesOf),
    summary(report, failed.length + missing.length + strayShards.length),
  ];
  return `${lines.join("\n")}\n`;
}

const COLUMNS: readonly Column[] = [
  { head: "", weight: 15 },
  { head: "tensor", weight: 15, least: 32, names: true },
  { head: "shape", weight: 9 },
  { head: "dtype", weight: 6 },
  { head: "rule", weight: 4 },
  { head: "distribution", weight: 11, least: 12 },
  { head: "mean", weight: 10, measured: true },
  { head: "std expected", weight: 12 },
  { head: "std measured", weight: 13, measured: true },
  { head: "from", weight: 7, measured: true },
  { head: "to", weight: 8, measured: true },
  { head: "kurtosis", weight: 5, measured: true },
  { head: "zeros", weight: 3, measured: true },
  { head: "different", weight: 2, measured: true },
];
const SPECTRAL: readonly Column[] = [
  { head: "largest singular value", weight: 14, measured: true },
  { head: "at most about", weight: 1, measured: true },
];

function auditTable(tensors: readonly AuditedTensor[], width: number | undefined, most: number): string {
  const spectral = tensors.some((tensor) => tensor.spectral !== undefined);
  const rows = tensors.map((tensor) => [...cells(tensor), ...(spectral ? singularValues(tensor) : [])]);
  return table(spectral ? [...COLUMNS, ...SPECTRAL] : COLUMNS, rows, width, most);
}

function cells(tensor: AuditedTensor): string[] {
  const { verdict, name, shape, dtype, rule, expected, measured } = tensor;
  const { mean, std, min, max, kurtosis, zeros, distinct, among } = measured;
  return [
    ...[WORDS[verdict], printable(name), shape.join(" x "), dtype, rule === null ? "" : String(rule)],
    ...[expectationText(tensor)],
    ...[short(mean), expected === null ? "" : short(expected.std)],
    ...[short(std), short(min), short(max), kurtosis?.toFixed(3) ?? "", grouped(zeros)],
    `${grouped(distinct)} of ${grouped(among)}`,
  ];
}

const short = (x: number): string => digits(x, 4);
const singularValues = ({ spectral }: AuditedTensor): string[] =>
  [spectral?.measured, spectral?.expected].map((value) => (value == null ? "" : digits(value)));

const sentences = ({ name, failures }: AuditedTensor): string[] =>
  failures.map(({ sentence }) => `FAIL ${printable(name)}: ${printable(sentence)}`);

const notesOf = ({ name, notes }: AuditedTensor): string[] =>
  notes.map(({ sentence }) => `note ${printable(name)}: ${printable(sentence)}`);

function summary(
  { path, tensors, bytes, seconds, checks, falseAlarms, expectedFrom }: PrintedAudit,
  failed: number,
): string {
  const unknown = tensors.filter(({ verdict }) => verdict === "unknown").length;
  const notes = tensors.reduce((sum, tensor) => sum + tensor.notes.length, 0);
  return [
    `${path}: ${counted(tensors.length, "tensor")}, ${grouped(bytes)} bytes in ${seconds.toFixed(2)} s (${rateText(bytes, seconds)})`,
    `${failed} failed, ${unknown} with no known distribution${notes > 0 ? `, ${notes} noted` : ""}; expectations from ${expectedFrom}`,
    ...(falseAlarms === null
      ? []
      : [`at most ${Math.round(falseAlarms * 10_000)} of 10,000 correct files fail (${checks} checks)`]),
  ].join("\n");
}

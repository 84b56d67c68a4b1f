/** What an audit found, for a terminal: worst first. */
import Table from "cli-table3";
import type { Audited } from "../audit/audit.js";
import { printable } from "../check.js";
import { digits } from "../math/digits.js";
import type { AuditReport } from "./audit.report.js";
import { distributionName } from "./text.js";

const MOST_FAILED = 1000; // tensors that are told of
const MOST_ROWS = 40; // of those that did not fail

const WORDS = { ok: "ok", fail: "FAIL", unknown: "?" } as const;

export function auditTable(report: AuditReport): string {
  const { tensors, missing } = report;
  const failed = tensors.filter(({ verdict }) => verdict === "fail");
  const shown = tensors.slice(0, Math.min(MOST_FAILED, failed.length) + MOST_ROWS);
  const rest = tensors.length - shown.length;
  const lines = [
    rows(shown),
    ...(rest > 0 ? [`and ${rest} more; --json has them`] : []),
    ...failed.slice(0, MOST_FAILED).flatMap(sentences),
    ...missing.map((name) => `FAIL ${printable(name)}: it is not in the file`),
    summary(report, failed.length + missing.length),
  ];
  return `${lines.join("\n")}\n`;
}

function rows(tensors: readonly Audited[]): string {
  const spectral = tensors.some((tensor) => tensor.spectral !== undefined);
  const table = new Table({
    head: [
      ...["", "tensor", "shape", "dtype", "rule", "law", "mean", "std expected", "std measured", "from", "to"],
      ...["kurtosis", "zeros", "different", ...(spectral ? ["largest singular value"] : [])],
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const { verdict, name, shape, dtype, rule, distributions, expected, measured, spectral: largest } of tensors) {
    const { mean, std, min, max, kurtosis, zeros, distinct, among } = measured;
    table.push([
      ...[
        WORDS[verdict],
        printable(name),
        shape.join(" x "),
        dtype,
        rule ?? "",
        distributions.map(distributionName).join("; "),
      ],
      ...[short(mean), expected === null ? "" : short(expected.std), short(std), short(min), short(max)],
      ...[kurtosis?.toFixed(3) ?? "", zeros.toLocaleString("en"), differing(distinct, among)],
      ...(spectral ? [largest === undefined ? "" : singular(largest)] : []),
    ]);
  }
  return table.toString();
}

const short = (x: number): string => digits(x, 4);
const differing = (distinct: number, among: number): string =>
  `${distinct.toLocaleString("en")} of ${among.toLocaleString("en")}`;
const singular = ({ measured, expected }: NonNullable<Audited["spectral"]>): string =>
  `${digits(measured)}${expected === null ? "" : `, at most about ${digits(expected)}`}`;

const sentences = ({ name, failures }: Audited): string[] =>
  failures.map(({ sentence }) => `FAIL ${printable(name)}: ${printable(sentence)}`);

function summary(
  { path, tensors, bytes, seconds, checks, falseAlarms, expectedFrom }: AuditReport,
  failed: number,
): string {
  const rate = (bytes / seconds / 1e9).toFixed(2);
  const unknown = tensors.filter(({ verdict }) => verdict === "unknown").length;
  return [
    `${path}: ${tensors.length} tensors, ${bytes.toLocaleString("en")} bytes in ${seconds.toFixed(2)} s (${rate} GB/s)`,
    `${failed} failed, ${unknown} of no known law; expectations from ${expectedFrom}`,
    `at most ${Math.round(falseAlarms * 10_000)} of 10,000 correct files fails (${checks} checks)`,
  ].join("\n");
}

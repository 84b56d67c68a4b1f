/** What an audit found, as a page: the tensors with the histograms of their values, worst first. */
import type { Audited } from "../audit/audit.js";
import { printable } from "../check.js";
import { digits } from "../math/digits.js";
import type { AuditReport } from "./audit.report.js";
import { escaped, page } from "./page.js";
import { COLOURS, plotter } from "./plot.js";
import { distributionText } from "./text.js";

const MOST_PLOTS = 500; // some kilobytes each; the worst tensors get them

const WORDS = { ok: "ok", fail: "fails", unknown: "no known distribution" } as const;

export async function auditPage(report: AuditReport): Promise<string> {
  const { path, tensors, missing, strayShards, verdict } = report;
  const plot = plotter({
    width: 190,
    height: 46,
    padding: 2,
    data: { name: "values" },
    encoding: { x: { field: "x", type: "quantitative", axis: null, scale: { zero: false, nice: false } } },
    layer: [
      {
        mark: { type: "bar", color: COLOURS.measured, opacity: 0.65 },
        encoding: {
          x2: { field: "x2" },
          y: { field: "measured", type: "quantitative", axis: null },
          y2: { datum: 0 },
        },
      },
      {
        transform: [{ filter: "datum.expected !== null" }, { calculate: "(datum.x + datum.x2) / 2", as: "middle" }],
        mark: { type: "line", color: COLOURS.theory, strokeWidth: 1.5 },
        encoding: {
          x: { field: "middle", type: "quantitative" },
          y: { field: "expected", type: "quantitative", axis: null },
        },
      },
    ],
  });
  const rows: string[] = [];
  for (const [i, tensor] of tensors.entries()) rows.push(await row(tensor, i < MOST_PLOTS ? plot : undefined));
  const lost = [
    ...missing.map((name) => `<p class="note">${text(name)} is not in the file.</p>`),
    ...strayShards.map(({ path, sentence }) => `<p class="note">${text(path)}: ${text(sentence)}.</p>`),
  ].join("\n");
  return page(
    `Audit of ${path}`,
    `<h1>${text(path)}</h1>
<p class="verdict ${verdict}">${headline(report)}</p>
<p>${tensors.length} tensors, ${report.bytes.toLocaleString("en")} bytes; expectations from ${text(report.expectedFrom)}.
${promise(report)}
<span class="measured">Bars: measured.</span> <span class="theory">Line: expected.</span></p>
${lost}
<table>
<thead><tr><th></th><th>tensor</th><th>distribution</th><th class="number">std expected</th><th class="number">std measured</th>
<th class="number">mean</th><th class="number">kurtosis</th><th class="number">zeros</th><th>values</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`,
  );
}

function headline({ tensors, missing, strayShards, verdict }: AuditReport): string {
  if (verdict === "ok") {
    return tensors.every((tensor) => tensor.verdict === "unknown")
      ? "No tensor fails."
      : "Every tensor is as expected.";
  }
  const failed = tensors.filter((tensor) => tensor.verdict === "fail").length + missing.length;
  const mixed = strayShards.length === 0 ? "" : ` The files come from different runs.`;
  return `${failed} of ${tensors.length + missing.length} tensors fail.${mixed}`;
}

const promise = ({ checks, falseAlarms }: AuditReport): string =>
  falseAlarms === null
    ? ""
    : `At most ${Math.round(falseAlarms * 10_000)} in 10,000 correct files fails one of the ${checks} checks.`;

const text = (given: string): string => escaped(printable(given));
const number = (x: number): string => `<td class="number">${digits(x, 4)}</td>`;

async function row(tensor: Audited, plot: ReturnType<typeof plotter> | undefined): Promise<string> {
  const { name, shape, dtype, rule, verdict, distributions, copyOf, expected, measured, spectral } = tensor;
  const why = [...tensor.failures, ...tensor.notes].map(({ sentence }) => text(sentence)).join(" &middot; ");
  const by = rule === null ? "" : `, rule ${rule}`;
  const largest = spectral === undefined ? "" : `, largest singular value ${digits(spectral.measured, 5)}`;
  return `<tr><td class="verdict ${verdict}">${WORDS[verdict]}</td>
<td class="name">${text(name)}<div class="small">${shape.join(" &times; ") || "scalar"}, ${dtype}${by}${largest}</div></td>
<td>${copyOf === undefined ? distributions.map((each) => text(distributionText(each))).join("; ") : `copy of ${text(copyOf)}`}</td>${expected === null ? "<td></td>" : number(expected.std)}${number(measured.std)}
${number(measured.mean)}<td class="number">${measured.kurtosis?.toFixed(3) ?? ""}</td>
<td class="number">${measured.zeros.toLocaleString("en")}</td>
<td class="picture">${(await picture(tensor, plot)) ?? ""}<div class="small">${digits(measured.min, 4)} to ${digits(measured.max, 4)}</div></td></tr>${why && `<tr><td></td><td class="note" colspan="8">${why}</td></tr>`}`;
}

async function picture(
  { histogram }: Audited,
  plot: ReturnType<typeof plotter> | undefined,
): Promise<string | undefined> {
  if (histogram === undefined || plot === undefined || histogram.measured.length === 1) return undefined;
  const { low, high, measured, expected } = histogram;
  const width = (high - low) / measured.length;
  return plot(
    measured.map((share, i) => ({
      x: low + i * width,
      x2: low + (i + 1) * width,
      measured: share,
      expected: expected === null ? null : (expected[i] as number),
    })),
  );
}

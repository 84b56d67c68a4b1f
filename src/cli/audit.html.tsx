/** What an audit found, as a page: the tensors with the histograms of their values, worst first. */
import type { AuditedTensor } from "../audit/found.js";
import { auditHeadline, auditPromise } from "../chart/audit.words.js";
import { Histogram } from "../chart/histogram.js";
import { counted, expectationText } from "../chart/words.js";
import { printable } from "../check.js";
import { digits } from "../math/digits.js";
import type { PrintedAudit } from "./audit.printed.js";
import { page } from "./page.js";

const MOST_PLOTS = 500; // some kilobytes each; the worst tensors get them

const WORDS = { ok: "ok", fail: "fails", unknown: "no known distribution" } as const;

export function auditPage(report: PrintedAudit): string {
  const { path, tensors, missing, strayShards, verdict } = report;
  const file = printable(path);
  return page({
    title: `Audit of ${file}`,
    children: (
      <>
        <h1>{file}</h1>
        <p class={`verdict ${verdict}`}>{auditHeadline(report)}</p>
        <p>
          {counted(tensors.length, "tensor")}, {report.bytes.toLocaleString("en")} bytes; expectations from{" "}
          {printable(report.expectedFrom)}. {auditPromise(report)} <span class="measured">Bars: measured.</span>{" "}
          <span class="theory">Line: expected.</span>
        </p>
        {missing.map((name) => (
          <p class="note">{printable(name)} is not in the file.</p>
        ))}
        {strayShards.map(({ path, sentence }) => (
          <p class="note">
            {printable(path)}: {printable(sentence)}.
          </p>
        ))}
        <div class="wide">
          <table>
            <Head />
            <tbody>
              {tensors.map((tensor, i) => (
                <Row tensor={tensor} plot={i < MOST_PLOTS} />
              ))}
            </tbody>
          </table>
        </div>
      </>
    ),
  });
}

const Head = () => (
  <thead>
    <tr>
      <th />
      <th>tensor</th>
      <th>distribution</th>
      {["std expected", "std measured", "mean", "kurtosis", "zeros"].map((name) => (
        <th class="number">{name}</th>
      ))}
      <th>values</th>
    </tr>
  </thead>
);

function Row({ tensor, plot }: { readonly tensor: AuditedTensor; readonly plot: boolean }) {
  const { name, shape, dtype, rule, verdict, expected, measured, spectral } = tensor;
  const why = [...tensor.failures, ...tensor.notes].map(({ sentence }) => printable(sentence)).join(" \u00b7 ");
  const by = rule === null ? "" : `, rule ${rule}`;
  const largest = spectral === undefined ? "" : `, largest singular value ${digits(spectral.measured, 5)}`;
  return (
    <>
      <tr>
        <td class={`verdict ${verdict}`}>{WORDS[verdict]}</td>
        <td class="name">
          {printable(name)}
          <div class="small">{`${shape.join(" \u00d7 ") || "scalar"}, ${dtype}${by}${largest}`}</div>
        </td>
        <td>{expectationText(tensor)}</td>
        <td class="number">{expected && digits(expected.std, 4)}</td>
        <td class="number">{digits(measured.std, 4)}</td>
        <td class="number">{digits(measured.mean, 4)}</td>
        <td class="number">{measured.kurtosis?.toFixed(3)}</td>
        <td class="number">{measured.zeros.toLocaleString("en")}</td>
        <td class="picture">
          {plot && <Values tensor={tensor} />}
          <div class="small">{`${digits(measured.min, 4)} to ${digits(measured.max, 4)}`}</div>
        </td>
      </tr>
      {why !== "" && (
        <tr>
          <td />
          <td class="note" colSpan={8}>
            {why}
          </td>
        </tr>
      )}
    </>
  );
}

/** The histogram of a tensor's values; none if all are equal. */
function Values({ tensor: { name, histogram } }: { readonly tensor: AuditedTensor }) {
  if (histogram === undefined || histogram.measured.length === 1) return null;
  const { low, high, measured, expected } = histogram;
  const most = measured.indexOf(Math.max(...measured));
  const middle = low + ((most + 0.5) / measured.length) * (high - low);
  return (
    <Histogram
      title={`Values of ${printable(name)}`}
      description={`From ${digits(low, 4)} to ${digits(high, 4)}, most of them near ${digits(middle, 4)}.`}
      {...{ low, high, expected, shares: measured }}
      barWidth={5}
      height={46}
    />
  );
}

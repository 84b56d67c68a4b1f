/** The audit of a checkpoint that was dropped: the verdict, what fails and why, and pictures of the values. */
import type { AuditedTensor } from "nn-init/audit";
import { useMemo, useState } from "preact/hooks";
import { auditHeadline, auditPromise, isAllUnknown } from "../../src/chart/audit.words.js";
import { Histogram } from "../../src/chart/histogram.js";
import { numberText } from "../../src/chart/scale.js";
import { counted } from "../../src/chart/words.js";
import { Table } from "../part/chart.js";
import { Fault } from "../part/fault.js";
import { useSay } from "../part/say.js";
import type { AuditInput, AuditOutput } from "../task/audit.js";
import type { Dropped } from "./files.js";
import { bytesText } from "./save.js";
import { useWork } from "./work.js";

interface AuditPartProps {
  readonly of: Exclude<Dropped, { kind: "config" }>;
  readonly spectral: boolean;
  readonly reproduce: boolean;
}

export function AuditPart({ of, spectral, reproduce }: AuditPartProps) {
  const config = of.kind === "checkpoint" ? of.config?.text : undefined;
  const input = useMemo(
    (): AuditInput => ({ kind: of.kind, files: of.files, config, spectral, reproduce }),
    [of, config, spectral, reproduce],
  );
  const { output, progress, fault, milliseconds, cancelled, cancel } = useWork("audit", input);
  const sentence = output && auditHeadline(output.report);
  useSay(sentence ?? fault);
  const total = of.files.reduce((sum, { size }) => sum + size, 0);
  return (
    <>
      {of.kind === "checkpoint" && of.absent.length > 0 && (
        <p class="note">
          The index names files that were not dropped: {of.absent.slice(0, 8).join(", ")}
          {of.absent.length > 8 && ` and ${of.absent.length - 8} more`}. The rest is checked.
        </p>
      )}
      {fault !== undefined && <Fault>{fault}</Fault>}
      {cancelled && <p>Cancelled.</p>}
      {progress !== undefined && (
        <p class="row">
          <progress max={1} value={progress} aria-label="Reading" />
          <span class="small">
            {bytesText(progress * total)} of {bytesText(total)}
          </span>
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        </p>
      )}
      {output !== undefined && <Result output={output} milliseconds={milliseconds} />}
    </>
  );
}

const MOST_MISSING = 20;
const AT_ONCE = 24; // cards

function Result({ output, milliseconds }: { readonly output: AuditOutput; readonly milliseconds: number }) {
  const { report, expectations } = output;
  const { verdict, tensors, bytes, expectedFrom, missing, strayShards } = report;
  const [shown, setShown] = useState(AT_ONCE);
  const rate = milliseconds > 0 ? bytes / (milliseconds / 1000) : 0;
  return (
    <>
      <p class="verdict">
        <Sign verdict={isAllUnknown(report) ? "unknown" : verdict} /> {auditHeadline(report)}
      </p>
      <p>
        {counted(tensors.length, "tensor")}, {bytesText(bytes)}, read in {(milliseconds / 1000).toFixed(1)} s
        {bytes > 1e6 && ` (${bytesText(rate)}/s)`}.{" "}
        {expectedFrom === "nothing"
          ? "Drop its config.json, too, and each tensor is held against it."
          : `Expectations from ${expectedFrom}. ${auditPromise(report)}`}
      </p>
      {(missing.length > 0 || strayShards.length > 0) && (
        <ul class="note">
          {missing.slice(0, MOST_MISSING).map((name) => (
            <li key={name}>{name} is not in the file.</li>
          ))}
          {missing.length > MOST_MISSING && <li>And {missing.length - MOST_MISSING} more are not in the file.</li>}
          {strayShards.map(({ path, sentence }) => (
            <li key={path}>
              {path}: {sentence}.
            </li>
          ))}
        </ul>
      )}
      <h2>Tensors, worst first</h2>
      <ul class="cards">
        {tensors.slice(0, shown).map((tensor, i) => (
          <Card key={tensor.name} tensor={tensor} expectation={expectations[i] ?? ""} />
        ))}
      </ul>
      {tensors.length > shown && (
        <button type="button" onClick={() => setShown(shown + 4 * AT_ONCE)}>
          Show more: {tensors.length - shown} left
        </button>
      )}
      <details>
        <summary>All tensors as a table</summary>
        <Table
          head={HEAD}
          rows={tensors.slice(0, MOST_ROWS).map((tensor, i) => rowOf(tensor, expectations[i] ?? ""))}
          caption="Tensors, worst first"
        />
        {tensors.length > MOST_ROWS && (
          <p class="small">
            The first {MOST_ROWS} of {tensors.length}.
          </p>
        )}
      </details>
    </>
  );
}

const MOST_ROWS = 1000;
const HEAD = [
  "tensor",
  "verdict",
  "shape",
  "type",
  "expected",
  "std expected",
  "std",
  "mean",
  "least",
  "most",
  "zeros",
  "why",
];
const WORDS = { ok: "ok", fail: "fails", unknown: "not known" } as const;
const SIGNS = { ok: "\u2713", fail: "\u2717", unknown: "?" } as const;

const Sign = ({ verdict }: { readonly verdict: keyof typeof SIGNS }) => (
  <span class={verdict === "unknown" ? undefined : verdict}>{SIGNS[verdict]}</span>
);

const whyOf = ({ failures, notes }: AuditedTensor): readonly string[] =>
  [...failures, ...notes].map(({ sentence }) => sentence);

const rowOf = (tensor: AuditedTensor, expectation: string) => {
  const { name, verdict, shape, dtype, expected, measured } = tensor;
  const { std, mean, min, max, zeros } = measured;
  return [
    ...[name, WORDS[verdict], shape.join(" \u00d7 ") || "scalar", dtype, expectation, expected?.std ?? null],
    ...[std, mean, min, max, zeros, whyOf(tensor).join(" \u00b7 ")],
  ];
};

/** One tensor: its verdict, the reason, and its values beside what was expected. */
function Card({ tensor, expectation }: { readonly tensor: AuditedTensor; readonly expectation: string }) {
  const { name, verdict, shape, dtype, expected, measured, histogram, spectral } = tensor;
  return (
    <li class="card">
      <h3>
        <span class={verdict === "fail" ? "fail" : verdict === "ok" ? "ok" : undefined}>
          {SIGNS[verdict]} {WORDS[verdict]}
        </span>{" "}
        {name}
      </h3>
      {whyOf(tensor).map((sentence) => (
        <p key={sentence} class={verdict === "fail" ? "note" : undefined}>
          {sentence}
        </p>
      ))}
      <p class="small">
        {shape.join(" \u00d7 ") || "scalar"}, {dtype}
        {expectation !== "" && `; expected: ${expectation}`}
        {`; std ${numberText(measured.std, 4)}`}
        {expected !== null && ` (expected ${numberText(expected.std, 4)})`}
        {`, mean ${numberText(measured.mean, 3)}, from ${numberText(measured.min, 3)} to ${numberText(measured.max, 3)}`}
        {spectral !== undefined && `, largest singular value ${numberText(spectral.measured, 4)}`}
      </p>
      {histogram !== undefined && histogram.measured.length > 1 && (
        <Histogram
          title={`Values of ${name}`}
          description={`From ${numberText(histogram.low, 3)} to ${numberText(histogram.high, 3)}; bars are measured${histogram.expected === null ? "" : ", the line is expected"}.`}
          low={histogram.low}
          high={histogram.high}
          shares={histogram.measured}
          expected={histogram.expected}
          barWidth={6}
          height={64}
          labels={histogram.low < 0 && histogram.high > 0 ? [0] : []}
        />
      )}
    </li>
  );
}

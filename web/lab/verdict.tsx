/** The verdict of a run, and what is being measured. */
import type { VerdictKind } from "nn-init/lab";
import { useEffect } from "preact/hooks";
import { Fault } from "../part/fault.js";
import { say } from "../part/say.js";
import { Share } from "../part/share.js";
import { schemeName } from "./names.js";
import type { LabRuns, Shown } from "./run.js";

interface HeadProps {
  readonly runs: LabRuns;
  readonly command: string;
}

/** Verdict, progress and what can be copied. It stays in sight while sliders are dragged, also on a narrow screen. */
export function Head({ runs, command }: HeadProps) {
  const { shown, fault } = runs;
  return (
    <div class="head">
      {fault !== undefined && <Fault>{fault}</Fault>}
      {shown !== undefined && <Verdict shown={shown} />}
      {shown === undefined && fault === undefined && <p class="verdict">Measuring.</p>}
      <Status runs={runs} />
      <Share command={command} />
    </div>
  );
}

/** The verdict in one sentence, and what to use instead. */
export function Verdict({ shown: { report, coarse, beside } }: { readonly shown: Shown }) {
  const { verdict, recommendation, scheme } = report;
  const better = recommendation?.run?.verdict;
  const instead =
    recommendation === null || better === undefined
      ? ""
      : ` ${schemeName(recommendation.scheme)} is recommended instead: ${better.kind}.`;
  const other = beside === null ? "" : ` B, ${schemeName(beside.scheme)}: ${beside.verdict.kind}.`;
  const text = `${verdict.sentence}${instead}${other}`;
  useEffect(() => {
    if (coarse === undefined) say(`${schemeName(scheme)}: ${verdict.kind}. ${text}`);
  }, [text, verdict.kind, coarse, scheme]);
  return (
    <p class="verdict">
      <Kind of={verdict.kind} /> {text}
    </p>
  );
}

const Kind = ({ of }: { readonly of: VerdictKind }) => (
  <strong class={of === "stable" ? "ok" : "fail"}>
    {of === "stable" ? "\u2713" : "\u2717"} {of}.
  </strong>
);

/** The verdict alone, beside the text of a page. */
export function ShortVerdict({ shown }: { readonly shown: Shown | undefined }) {
  if (shown === undefined) return null;
  const { kind, sentence } = shown.report.verdict;
  return (
    <p>
      <Kind of={kind} /> {sentence}
    </p>
  );
}

/** What is shown, and what is still being measured. */
export function Status({ runs: { shown, progress, cancel } }: { readonly runs: LabRuns }) {
  return (
    <p class="status small row">
      <span>{shown === undefined ? "" : sizeText(shown)}</span>
      {progress !== undefined && (
        <>
          <progress max={1} value={progress} aria-label="Exact run" />
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        </>
      )}
    </p>
  );
}

function sizeText({ coarse, milliseconds, report, engine }: Shown): string {
  const { width, samples, seeds } = report.network;
  const took = milliseconds < 100 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
  const how = engine === "simd" ? "" : ", without WebAssembly, which this browser or its policy refuses";
  if (coarse !== undefined) {
    return `Coarse, to follow a slider: ${width} units, ${samples} samples, one seed; ${took}${how}.`;
  }
  return `Exact: ${width} units, ${samples} samples, ${seeds} ${seeds === 1 ? "seed" : "seeds"}; ${took}${how}.`;
}

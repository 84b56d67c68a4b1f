/** The lab, live: coarse while a slider is dragged, exact when it is let go. */
import { useEffect } from "preact/hooks";
import { usePanelState } from "../address.js";
import { commandOf } from "../command.js";
import { type ControlsProps, MeasureInputs, NetworkInputs, SchemeInputs } from "../lab/controls.js";
import { Film } from "../lab/film.js";
import { Instead } from "../lab/instead.js";
import { schemeName } from "../lab/names.js";
import { Numbers } from "../lab/numbers.js";
import { Curves, sidesOf, Units, Values } from "../lab/plots.js";
import { type LabRuns, type Shown, useLab } from "../lab/run.js";
import { LAB, type LabState } from "../network.js";
import type { PanelProps } from "../panels.js";
import { say } from "../part/say.js";
import { Complaints, Share } from "../part/share.js";

const OTHERS = { recommended: "recommended for the network" } as const;
const BESIDE = { recommended: "recommended for the network", none: "nothing" } as const;

export default function Lab({ name }: PanelProps) {
  const { state, set, drag, dragged, complaints } = usePanelState(name, LAB);
  const runs = useLab(state, dragged);
  const controls: ControlsProps = { state, fault: runs.fault, set, drag };
  return (
    <>
      <h1>What does this start do?</h1>
      <Complaints of={complaints} />
      <div class="bench">
        <form class="controls" onSubmit={(event) => event.preventDefault()} aria-label="The network and its start">
          <SchemeInputs
            legend="A: the start"
            value={state.scheme}
            others={OTHERS}
            onChange={(scheme) => set({ scheme: scheme as LabState["scheme"] })}
            onDrag={(scheme) => drag({ scheme })}
          />
          <NetworkInputs {...controls} />
          <SchemeInputs
            legend="B: beside it"
            value={state.beside}
            others={BESIDE}
            onChange={(beside) => set({ beside: beside as LabState["beside"] })}
            onDrag={() => {}}
          />
          <MeasureInputs {...controls} />
        </form>
        <Result {...{ runs, state, set }} />
      </div>
    </>
  );
}

interface ResultProps {
  readonly runs: LabRuns;
  readonly state: LabState;
  set(change: Partial<LabState>): void;
}

function Result({ runs, state, set }: ResultProps) {
  const { shown, fault } = runs;
  return (
    <div class="result">
      {fault !== undefined && (
        <p class="note" role="alert">
          {fault}
        </p>
      )}
      {shown === undefined ? (
        <p class="verdict">{fault === undefined ? "Measuring." : ""}</p>
      ) : (
        <Verdict shown={shown} />
      )}
      <Status runs={runs} />
      <Share command={commandOf(state)} />
      {shown !== undefined && (
        <div class={shown.of === state || shown.coarse !== undefined ? undefined : "stale"}>
          <div class="plots">
            <Curves sides={sidesOf(shown)} />
          </div>
          <Instead shown={shown} seed={state.seed} use={(scheme) => set({ scheme })} />
          <Film sides={sidesOf(shown)} />
          <h2>Units and directions</h2>
          <div class="plots">
            <Units sides={sidesOf(shown)} />
            <Values sides={sidesOf(shown)} />
          </div>
          <Numbers sides={sidesOf(shown)} />
        </div>
      )}
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
      <span class={verdict.kind === "stable" ? "ok" : "fail"}>
        {verdict.kind === "stable" ? "\u2713" : "\u2717"} {verdict.kind}.
      </span>{" "}
      {text}
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

function sizeText({ coarse, milliseconds, report }: Shown): string {
  const { width, samples, seeds } = report.network;
  const took = `${milliseconds < 100 ? milliseconds.toFixed(0) : `${(milliseconds / 10).toFixed(0)}0`} ms`;
  if (coarse !== undefined)
    return `Coarse, for following a slider: ${width} units, ${samples} samples, one seed; ${took}.`;
  return `Exact: ${width} units, ${samples} samples, ${seeds} ${seeds === 1 ? "seed" : "seeds"}; ${took}.`;
}

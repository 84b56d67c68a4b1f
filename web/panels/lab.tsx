/** The lab, live: coarse while a slider is dragged, exact when it is let go. */
import { usePanelState } from "../address.js";
import { commandOf } from "../command.js";
import { BiasInput, type ControlsProps, MeasureInputs, NetworkInputs, SchemeInputs } from "../lab/controls.js";
import { Film } from "../lab/film.js";
import { Instead } from "../lab/instead.js";
import { Numbers } from "../lab/numbers.js";
import { Curves, isAlone, sidesOf, Units, Values } from "../lab/plots.js";
import { type LabRuns, useLab } from "../lab/run.js";
import { Head } from "../lab/verdict.js";
import { activationText, LAB, type LabState } from "../network.js";
import type { PanelProps } from "../panels.js";
import { Complaints } from "../part/share.js";
import { writeAddress } from "../state.js";

const OTHERS = { recommended: "recommended" } as const;
const BESIDE = { recommended: "recommended", none: "nothing" } as const;

export default function Lab({ name }: PanelProps) {
  const { state, set, drag, dragged, complaints } = usePanelState(name, LAB);
  const runs = useLab(state, dragged);
  const controls: ControlsProps = { state, fault: runs.fault, set, drag };
  return (
    <>
      <h1>What does this start do?</h1>
      <Complaints of={complaints} />
      <Head runs={runs} command={commandOf(state)} />
      <div class="bench">
        <form class="controls" onSubmit={(event) => event.preventDefault()} aria-label="The network and its start">
          <SchemeInputs
            legend="A: the start"
            value={state.scheme}
            others={OTHERS}
            onChange={(scheme) => set({ scheme: scheme as LabState["scheme"] })}
            onDrag={(scheme) => drag({ scheme })}
          />
          <NetworkInputs {...controls} fields={LAB} most={{ depth: 100, width: 512 }}>
            <BiasInput {...controls} />
          </NetworkInputs>
          <SchemeInputs
            legend="B: beside it"
            value={state.beside}
            others={BESIDE}
            onChange={(beside) => set({ beside: beside as LabState["beside"] })}
            onDrag={() => {}}
          >
            {state.beside !== "none" && runs.shown !== undefined && isAlone(runs.shown) && (
              <p class="small">It is the start of A. Choose another one for A or B to compare.</p>
            )}
          </SchemeInputs>
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
  const { shown } = runs;
  return (
    <div class="result">
      {shown !== undefined && (
        <div class={shown.of === state || shown.coarse !== undefined ? undefined : "stale"}>
          <h2>Layer by layer</h2>
          <div class={state.beside === "none" || state.scheme === "recommended" ? "plots" : "plots two"}>
            <Curves sides={sidesOf(shown)} />
          </div>
          <p>
            <a href={writeAddress("phase", LAB, { ...state, beside: LAB.beside.initial })}>
              The critical std of {activationText(state)}
            </a>
            : where gradients neither vanish nor explode, in the plane of order and chaos.
          </p>
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

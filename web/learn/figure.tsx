/** A figure of a chapter: the lab with the networks of a table, one of them chosen, which the reader can push. */
import type { LabOptions } from "nn-init/lab";
import { useMemo, useState } from "preact/hooks";
import { DepthInput, SchemeInputs } from "../lab/controls.js";
import { schemeName } from "../lab/names.js";
import { Curves, sidesOf } from "../lab/plots.js";
import { useLab } from "../lab/run.js";
import { ShortVerdict, Status } from "../lab/verdict.js";
import { ACTIVATIONS, LAB, type LabState, pageScheme } from "../network.js";
import { Select } from "../part/input.js";
import { writeAddress } from "../state.js";

/** The lab's options as its panel has them. */
function stateFor(options: LabOptions): LabState {
  const { activation, scheme, normalizationAt, recommendation: _, jacobian: __, ...rest } = options;
  const initial = Object.fromEntries(
    Object.entries(LAB).map(([name, field]) => [name, field.initial]),
  ) as unknown as LabState;
  const own = Object.entries(rest).filter(([name]) => name in LAB);
  return {
    ...initial,
    ...Object.fromEntries(own),
    ...(typeof activation === "string" && { activation }),
    ...(typeof scheme === "object" && { scheme: pageScheme(scheme) ?? "recommended" }),
    ...(normalizationAt && { place: normalizationAt }),
    beside: "none",
  };
}

function titleOf(state: LabState): string {
  const { network, activation, residual, normalization, place, branchScale, depth, scheme } = state;
  return [
    ...(network === "dense" ? [] : [network]),
    activation === "own" ? "formula" : ACTIVATIONS[activation],
    `${depth} layers`,
    ...(residual ? ["residual"] : []),
    ...(branchScale === 1 ? [] : [`branches times ${branchScale}`]),
    ...(normalization === "none" ? [] : [`${normalization} norm${place === "post" ? " after" : ""}`]),
    typeof scheme === "string" ? scheme : schemeName(scheme),
  ].join(", ");
}

interface LabFigureProps {
  readonly networks: readonly LabOptions[];
  /** Names its inputs apart from those of other figures. */
  readonly id: string;
}

/** Nothing is measured before the reader opens it. */
export function LabFigure({ networks, id }: LabFigureProps) {
  const [open, setOpen] = useState(false);
  return (
    <details class="figure" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Push it: these networks in the lab</summary>
      {open && <Networks networks={networks} id={id} />}
    </details>
  );
}

function Networks({ networks, id }: LabFigureProps) {
  const states = useMemo(() => networks.map(stateFor), [networks]);
  const [chosen, setChosen] = useState(0);
  const [change, setChange] = useState<Partial<LabState>>({});
  const [dragged, setDragged] = useState(false);
  const state = useMemo((): LabState => ({ ...(states[chosen] as LabState), ...change }), [states, chosen, change]);
  const runs = useLab(state, dragged);
  const { shown, fault } = runs;
  const set = (more: Partial<LabState>) => {
    setDragged(false);
    setChange({ ...change, ...more });
  };
  const drag = (more: Partial<LabState>) => {
    setDragged(true);
    setChange({ ...change, ...more });
  };
  const choose = (next: number) => {
    setChosen(next);
    setChange({});
    setDragged(false);
  };
  return (
    <div class="bench">
      <div class="controls flat">
        <Choice titles={states.map(titleOf)} {...{ chosen, id }} onChange={choose} />
        <DepthInput {...{ state, set, drag }} fields={LAB} most={{ depth: 100 }} />
        <SchemeInputs
          legend="Its start"
          value={state.scheme}
          others={{ recommended: "recommended" }}
          onChange={(scheme) => set({ scheme: scheme as LabState["scheme"] })}
          onDrag={(scheme) => drag({ scheme })}
        />
        <p>
          <a href={writeAddress("lab", LAB, { ...state, beside: "recommended" })}>Open it in the lab</a>
        </p>
      </div>
      <div class="result">
        {fault !== undefined && <p class="note">{fault}</p>}
        <ShortVerdict shown={shown} />
        <Status runs={runs} />
        {shown !== undefined && (
          <div class="plots">
            <Curves sides={sidesOf(shown)} />
          </div>
        )}
      </div>
    </div>
  );
}

interface ChoiceProps {
  readonly titles: readonly string[];
  readonly chosen: number;
  readonly id: string;
  onChange(chosen: number): void;
}

const FEW = 8; // that are shown all at once

function Choice({ titles, chosen, id, onChange }: ChoiceProps) {
  if (titles.length > FEW) {
    const options = Object.fromEntries(titles.map((title, i) => [`n${i}`, title]));
    return (
      <Select
        label="Network"
        value={`n${chosen}`}
        options={options}
        onChange={(value) => onChange(Number(value.slice(1)))}
      />
    );
  }
  return (
    <fieldset>
      <legend>Network</legend>
      {titles.map((title, i) => (
        <label class="check" key={title}>
          <input type="radio" name={id} checked={i === chosen} onChange={() => onChange(i)} /> {title}
        </label>
      ))}
    </fieldset>
  );
}

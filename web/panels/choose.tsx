/** Which one do I need? A few questions, and `recommend`'s answer with its reason, its source, and the run that shows it. */
import { type Recommendation, recommend } from "nn-init/recipes";
import { useEffect, useMemo } from "preact/hooks";
import { type PanelState, usePanelState } from "../address.js";
import {
  asks,
  CHOICE,
  type ChoiceState,
  functionsOf,
  LAYERS,
  LAYOUTS,
  labLink,
  recommendOptions,
} from "../choose/fields.js";
import { Code } from "../lab/instead.js";
import { schemeName } from "../lab/names.js";
import { Curves, sidesOf } from "../lab/plots.js";
import { useLab } from "../lab/run.js";
import { ShortVerdict, Status } from "../lab/verdict.js";
import { LAB, type LabState, NORMALIZATIONS } from "../network.js";
import type { PanelProps } from "../panels.js";
import { Fault } from "../part/fault.js";
import { Check, FieldSlider, Select } from "../part/input.js";
import { say } from "../part/say.js";
import { Complaints, Share } from "../part/share.js";
import { parseAddress, readState, shortNumber } from "../state.js";

export default function Choose({ name }: PanelProps) {
  const panel = usePanelState(name, CHOICE);
  const { state, complaints } = panel;
  const answer = useMemo(() => answerTo(state), [state]);
  const link = labLink(state);
  return (
    <>
      <h1>Which one do I need?</h1>
      <Complaints of={complaints} />
      <div class="bench">
        <form class="controls questions" onSubmit={(event) => event.preventDefault()} aria-label="Questions">
          <Questions {...panel} />
        </form>
        <div class="result">
          {"fault" in answer ? <Fault>{answer.fault}</Fault> : <Answer answer={answer} />}
          <Share command={commandFor(state)} />
          {!("fault" in answer) && <Code scheme={answer.scheme} seed={0} heading="Code for" />}
          {link !== undefined && !panel.dragged && <Shown link={link} />}
        </div>
      </div>
    </>
  );
}

function answerTo(state: ChoiceState): Recommendation | { readonly fault: string } {
  try {
    return recommend(recommendOptions(state));
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

function Questions({ state, set, drag }: PanelState<typeof CHOICE>) {
  const shown = (question: keyof ChoiceState) => asks(state, question);
  const functions = functionsOf(state);
  const activation = Object.hasOwn(functions, state.activation) ? state.activation : "relu";
  return (
    <>
      <Select label="What is the layer?" value={state.layer} options={LAYERS} onChange={(layer) => set({ layer })} />
      {shown("activation") && (
        <Select
          label="Which activation is beside it?"
          value={activation}
          options={functions}
          onChange={(next) => set({ activation: next as ChoiceState["activation"] })}
        />
      )}
      {shown("slope") && (
        <FieldSlider
          name="slope"
          label="Its slope below 0"
          low={-1}
          high={1}
          step={0.01}
          format={shortNumber}
          fields={CHOICE}
          {...{ state, set, drag }}
        />
      )}
      {shown("normalization") && (
        <Select
          label="Which normalization?"
          value={state.normalization}
          options={NORMALIZATIONS}
          onChange={(normalization) => set({ normalization })}
        />
      )}
      {shown("residual") && (
        <Check
          label="It is the last layer of a residual branch"
          checked={state.residual}
          onChange={(residual) => set({ residual })}
        />
      )}
      {shown("depth") && (
        <FieldSlider
          name="depth"
          label={state.residual || state.layer === "layerScale" ? "How many branches?" : "How deep is the network?"}
          low={1}
          high={100}
          fields={CHOICE}
          {...{ state, set, drag }}
        />
      )}
      {shown("layout") && (
        <Select
          label="Axes of its weight"
          value={state.layout}
          options={LAYOUTS}
          onChange={(layout) => set({ layout })}
        />
      )}
      {shown("prior") && (
        <FieldSlider
          name="prior"
          label="Share of positive examples"
          low={0.001}
          high={0.5}
          log={true}
          format={shortNumber}
          fields={CHOICE}
          {...{ state, set, drag }}
        />
      )}
    </>
  );
}

function Answer({ answer: { scheme, reason, source } }: { readonly answer: Recommendation }) {
  const name = schemeName(scheme);
  useEffect(() => say(`Recommended: ${name}. ${reason}`), [name, reason]);
  return (
    <section aria-label="Recommendation">
      <p class="verdict">
        Recommended: <span class="ok">{name}</span>
      </p>
      <p>{reason}</p>
      <p class="small">{source}</p>
    </section>
  );
}

/** The lab's run of the network with the recommended scheme. */
function Shown({ link }: { readonly link: string }) {
  const state = useMemo((): LabState => ({ ...readState(LAB, parseAddress(link)).state, beside: "none" }), [link]);
  const runs = useLab(state, false);
  const { shown } = runs;
  return (
    <section aria-labelledby="shown">
      <h2 id="shown">The network that it makes</h2>
      <ShortVerdict shown={shown} />
      <Status runs={runs} />
      <p>
        <a href={link}>Open it in the lab</a>
      </p>
      {shown !== undefined && (
        <div class="plots">
          <Curves sides={sidesOf(shown)} />
        </div>
      )}
    </section>
  );
}

/** The lab's command, where it has such a network. */
function commandFor(state: ChoiceState): string | undefined {
  const { layer, activation, normalization, residual, depth } = state;
  if (labLink(state) === undefined || layer === "attention") return undefined;
  const flags = [
    ...(layer === "convolution" ? ["--network", "convolution"] : []),
    ...["--depth", depth, "--activation", activation],
    ...(activation === "leakyRelu" ? ["--slope", shortNumber(state.slope)] : []),
    ...(normalization === "none" ? [] : ["--normalization", normalization]),
    ...(residual ? ["--residual"] : []),
  ];
  return ["npx nn-init lab", ...flags].join(" ");
}

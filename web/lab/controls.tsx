/** The inputs of the lab: network, scheme, and what stands beside it. */
import type { Scheme } from "nn-init";
import type { ComponentChildren } from "preact";
import {
  ACTIVATIONS,
  entryOf,
  hasBranches,
  initialScheme,
  LAB,
  type LabState,
  NETWORKS,
  NORMALIZATIONS,
  NUMBER,
  type PageScheme,
  PLACES,
  SCHEMES,
} from "../network.js";
import { Check, FieldSlider, Group, Select, Slider } from "../part/input.js";
import { numberIn, shortNumber } from "../state.js";

export interface ControlsProps {
  readonly state: LabState;
  /** What is wrong with the formula. */
  readonly fault: string | undefined;
  set(change: Partial<LabState>): void;
  drag(change: Partial<LabState>): void;
}

/** What panels with a network have in common; `LabState` has more. */
type Layers = Pick<
  LabState,
  | "network"
  | "activation"
  | "formula"
  | "slope"
  | "depth"
  | "width"
  | "normalization"
  | "place"
  | "residual"
  | "branchScale"
>;

interface LayersProps {
  readonly state: Layers;
  readonly fault: string | undefined;
  set(change: Partial<Layers>): void;
  drag(change: Partial<Layers>): void;
}

interface NetworkProps extends LayersProps {
  /** The panel's own fields in the address. */
  readonly fields: Pick<typeof LAB, "depth" | "width">;
  /** The ends of the sliders. */
  readonly most: { readonly depth: number; readonly width: number };
  readonly children?: ComponentChildren;
}

export function NetworkInputs({ state, fault, set, drag, fields, most, children }: NetworkProps) {
  const branches = hasBranches(state);
  return (
    <Group legend="Network">
      <Select label="Layers" value={state.network} options={NETWORKS} onChange={(network) => set({ network })} />
      <ActivationInputs {...{ state, fault, set, drag }} />
      <DepthInput {...{ state, fields, most, set, drag }} />
      <FieldSlider
        name="width"
        label="Width"
        low={8}
        high={most.width}
        step={8}
        fields={fields}
        {...{ state, set, drag }}
      />
      <Select
        label="Normalization"
        value={state.normalization}
        options={NORMALIZATIONS}
        onChange={(normalization) => set({ normalization })}
      />
      {state.network !== "attention" && (
        <Check label="Residual branches" checked={state.residual} onChange={(residual) => set({ residual })} />
      )}
      {branches && state.normalization !== "none" && (
        <Select label="It stands" value={state.place} options={PLACES} onChange={(place) => set({ place })} />
      )}
      {branches && (
        <FieldSlider
          name="branchScale"
          label="Branch scale"
          low={0}
          high={2}
          step={0.01}
          format={shortNumber}
          fields={LAB}
          {...{ state, set, drag }}
        />
      )}
      {children}
    </Group>
  );
}

type DepthProps = Omit<NetworkProps, "fault" | "state" | "fields" | "most"> & {
  readonly state: Pick<Layers, "depth">;
  readonly fields: Pick<typeof LAB, "depth">;
  readonly most: { readonly depth: number };
};

export const DepthInput = ({ state, fields, most, set, drag }: DepthProps) => (
  <FieldSlider name="depth" label="Depth" low={1} high={most.depth} fields={fields} {...{ state, set, drag }} />
);

/** For networks of the lab, in the group of the network. */
export const BiasInput = ({ state, set, drag }: ControlsProps) => (
  <FieldSlider
    name="biasVariance"
    label="Bias variance"
    low={0}
    high={1}
    step={0.01}
    format={shortNumber}
    fields={LAB}
    {...{ state, set, drag }}
  />
);

interface SeedProps {
  readonly state: Pick<LabState, "seed">;
  set(change: { readonly seed: number }): void;
  drag(change: { readonly seed: number }): void;
}

export const SeedInput = ({ state, set, drag }: SeedProps) => (
  <FieldSlider name="seed" label="Seed" low={0} high={99} fields={LAB} {...{ state, set, drag }} />
);

export function ActivationInputs({ state, fault, set, drag }: LayersProps) {
  return (
    <>
      <Select
        label="Activation"
        value={state.activation}
        options={{ ...ACTIVATIONS, own: "a formula of your own" }}
        onChange={(activation) => set({ activation })}
      />
      {state.activation === "leakyRelu" && (
        <FieldSlider
          name="slope"
          label="Slope below 0"
          low={-1}
          high={1}
          step={0.01}
          format={shortNumber}
          fields={LAB}
          {...{ state, set, drag }}
        />
      )}
      {state.activation === "own" && (
        <label class="field">
          Formula in x
          <input
            type="text"
            class="text"
            value={state.formula}
            maxLength={200}
            spellcheck={false}
            autocomplete="off"
            aria-invalid={fault !== undefined}
            onChange={({ currentTarget }) => set({ formula: currentTarget.value })}
          />
          <span class="small">Such as x * sigmoid(1.5 * x), or x &gt; 0 ? x : 0.1 * x. It is read, never run.</span>
        </label>
      )}
    </>
  );
}

interface SchemeInputsProps {
  readonly legend: string;
  readonly value: Scheme | string;
  /** Words in place of a scheme, with what is shown. */
  readonly others: Readonly<Record<string, string>>;
  onChange(value: Scheme | string): void;
  onDrag(value: Scheme): void;
  readonly children?: ComponentChildren;
}

const TITLES = Object.fromEntries(Object.entries(SCHEMES).map(([name, { title }]) => [name, title]));

/** A scheme and its options. */
export function SchemeInputs({ legend, value, others, onChange, onDrag, children }: SchemeInputsProps) {
  const name = typeof value === "string" ? value : value.scheme;
  return (
    <Group legend={legend}>
      <Select
        label="Scheme"
        value={name}
        options={{ ...others, ...TITLES }}
        onChange={(next) => onChange(Object.hasOwn(SCHEMES, next) ? initialScheme(next as PageScheme) : next)}
      />
      {typeof value !== "string" && <SchemeOptions {...{ value, onChange, onDrag }} />}
      {children}
    </Group>
  );
}

function SchemeOptions({
  value,
  onChange,
  onDrag,
}: Pick<SchemeInputsProps, "onChange" | "onDrag"> & { value: Scheme }) {
  const { numbers = {}, choices = {} } = entryOf(value.scheme as PageScheme);
  const options = value as unknown as Readonly<Record<string, number | string>>;
  const changed = (key: string, to: number | string) => ({ ...value, [key]: to }) as Scheme;
  return (
    <>
      {Object.keys(numbers).map((key) => {
        const { low, high, slider } = NUMBER[key] as (typeof NUMBER)[string];
        const log = slider.low > 0;
        return (
          <Slider
            key={key}
            label={key}
            value={Number(options[key])}
            {...{ ...slider, log, step: 0.01 }}
            format={shortNumber}
            parse={(text) => numberIn(text, low, high)}
            onDrag={(to) => onDrag(changed(key, to))}
            onChange={(to) => onChange(changed(key, to))}
          />
        );
      })}
      {Object.entries(choices).map(([key, words]) => (
        <Select
          key={key}
          label={key}
          value={String(options[key])}
          options={Object.fromEntries(words.map((word) => [word, word.replace("_", " ")]))}
          onChange={(to) => onChange(changed(key, to))}
        />
      ))}
    </>
  );
}

const MOST_SEED = 999_999;

export function MeasureInputs({ state, set, drag }: ControlsProps) {
  return (
    <Group legend="Draws">
      <div class="row">
        <SeedInput {...{ state, set, drag }} />
        <button type="button" onClick={() => set({ seed: Math.floor(Math.random() * (MOST_SEED + 1)) })}>
          Another seed
        </button>
      </div>
      <Slider
        label="Seeds"
        value={state.seeds}
        {...{ low: 1, high: 10 }}
        parse={LAB.seeds.parse}
        onDrag={() => {}}
        onChange={(seeds) => set({ seeds })}
      />
    </Group>
  );
}

/** Native inputs with labels. A slider has a field beside it, for exact numbers. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";

interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  /** Value -> what is shown, in order. */
  readonly options: Readonly<Partial<Record<T, string>>>;
  onChange(value: T): void;
}

export function Select<T extends string>({ label, value, options, onChange }: SelectProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value as T)}>
        {Object.entries<string | undefined>(options).map(([name, text]) => (
          <option key={name} value={name} selected={name === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

interface SliderProps {
  readonly label: string;
  readonly value: number;
  /** The ends of the slider; the field beside it takes all that `parse` does. */
  readonly low: number;
  readonly high: number;
  readonly step?: number;
  /** Whether equal distances are equal factors. */
  readonly log?: boolean;
  readonly format?: (value: number) => string;
  parse(text: string): number | undefined;
  /** While it is being dragged. */
  onDrag(value: number): void;
  /** When it is let go. */
  onChange(value: number): void;
}

const STEPS = 200; // of a slider by factors

export function Slider(props: SliderProps) {
  const { label, value, low, high, step = 1, log = false, format = String, parse, onDrag, onChange } = props;
  const id = useId();
  const [draft, setDraft] = useState<string>(); // what is being typed: an answer that comes meanwhile must not replace it
  const at = (x: number) => (log ? (STEPS * Math.log(x / low)) / Math.log(high / low) : x);
  const of = (place: number) => (log ? Number((low * (high / low) ** (place / STEPS)).toPrecision(3)) : place);
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={log ? 0 : low}
        max={log ? STEPS : high}
        step={log ? 1 : step}
        value={Math.min(log ? STEPS : high, Math.max(log ? 0 : low, at(value)))}
        aria-valuetext={format(value)}
        onInput={({ currentTarget }) => onDrag(of(currentTarget.valueAsNumber))}
        onChange={({ currentTarget }) => onChange(of(currentTarget.valueAsNumber))}
      />
      <input
        type="text"
        inputMode="decimal"
        class="number"
        aria-label={`${label}, as a number`}
        value={draft ?? format(value)}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onBlur={() => setDraft(undefined)}
        onChange={({ currentTarget }) => {
          const given = parse(currentTarget.value.trim());
          setDraft(undefined);
          if (given === undefined) currentTarget.value = format(value);
          else onChange(given);
        }}
      />
    </div>
  );
}

interface FieldSliderProps<K extends string>
  extends Pick<SliderProps, "label" | "low" | "high" | "step" | "log" | "format"> {
  /** The key in the state, and of the field that parses it. */
  readonly name: K;
  readonly state: Readonly<Record<K, number>>;
  readonly fields: Readonly<Record<K, Pick<SliderProps, "parse">>>;
  set(change: Readonly<Record<K, number>>): void;
  drag(change: Readonly<Record<K, number>>): void;
}

/** The slider of a number in a panel's state. */
export function FieldSlider<K extends string>({ name, state, fields, set, drag, ...rest }: FieldSliderProps<K>) {
  const change = (value: number) => ({ [name]: value }) as Record<K, number>;
  return (
    <Slider
      {...rest}
      value={state[name]}
      parse={fields[name].parse}
      onDrag={(value) => drag(change(value))}
      onChange={(value) => set(change(value))}
    />
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  onChange(checked: boolean): void;
}

export const Check = ({ label, checked, onChange }: CheckProps) => (
  <label class="check">
    <input type="checkbox" checked={checked} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />{" "}
    {label}
  </label>
);

export const Group = ({ legend, children }: { readonly legend: string; readonly children: ComponentChildren }) => (
  <fieldset>
    <legend>{legend}</legend>
    {children}
  </fieldset>
);

/** The race: the same network is trained from several starts, side by side. */
import type { StrategyName } from "nn-init/train";
import { usePanelState } from "../address.js";
import { NetworkInputs, SeedInput } from "../lab/controls.js";
import { faultOf } from "../network.js";
import type { PanelProps } from "../panels.js";
import { Table } from "../part/chart.js";
import { Fault } from "../part/fault.js";
import { Check, FieldSlider, Group, Select, Slider } from "../part/input.js";
import { useSay } from "../part/say.js";
import { Complaints, Share } from "../part/share.js";
import { commandOfRace } from "../race/command.js";
import type { Contestant } from "../race/loop.js";
import { Accuracies, LayerMaps, Losses } from "../race/plots.js";
import { type Race, useRace } from "../race/run.js";
import { DATA, MEASURES, OPTIMIZERS, RACE, type RaceState, STARTS } from "../race/setup.js";
import { shortNumber } from "../state.js";

interface ControlsProps {
  readonly state: RaceState;
  set(change: Partial<RaceState>): void;
  drag(change: Partial<RaceState>): void;
}

export default function RacePanel({ name }: PanelProps) {
  const { state, set, drag, complaints } = usePanelState(name, RACE);
  const race = useRace(state);
  return (
    <>
      <h1>Which start learns?</h1>
      <p>
        The same network, the same data in the same order; only the weights it starts from differ. Training runs in this
        page, and gives the same digits in every browser.
      </p>
      <Complaints of={complaints} />
      <div class="bench">
        <form class="controls" onSubmit={(event) => event.preventDefault()} aria-label="The network and the starts">
          <Starts {...{ state, set, drag }} />
          <NetworkInputs
            {...{ state, set, drag, fault: faultOf(state) }}
            fields={RACE}
            most={{ depth: 30, width: 128 }}
          />
          <TrainingControls {...{ state, set, drag }} />
        </form>
        <div class="result">
          <Buttons race={race} steps={state.steps} fault={faultOf(state)} />
          <Outcome race={race} />
          <Share command={commandOfRace(state)} />
          <Standings race={race} steps={state.steps} />
          <h2 class="hidden">Curves</h2>
          <div class="plots">
            <Losses contestants={race.contestants} steps={state.steps} />
            <Accuracies contestants={race.contestants} steps={state.steps} />
          </div>
          <Findings contestants={race.contestants} />
          <h2>Layer by layer</h2>
          <div class="alone">
            <Select
              label="Colour shows"
              value={state.measure}
              options={MEASURES}
              onChange={(measure) => set({ measure })}
            />
          </div>
          <LayerMaps contestants={race.contestants} steps={state.steps} measure={state.measure} />
        </div>
      </div>
    </>
  );
}

function Starts({ state, set }: ControlsProps) {
  const toggled = (name: StrategyName, on: boolean) =>
    (Object.keys(STARTS) as StrategyName[]).filter((one) => (one === name ? on : state.starts.includes(one)));
  return (
    <Group legend="Starts">
      {(Object.keys(STARTS) as StrategyName[]).map((name) => (
        <Check
          key={name}
          label={STARTS[name]}
          checked={state.starts.includes(name)}
          onChange={(on) => {
            const starts = toggled(name, on);
            set({ starts: starts.length === 0 ? state.starts : starts }); // one is needed
          }}
        />
      ))}
    </Group>
  );
}

const rateText = (rate: number): string => (rate === 0 ? "usual" : shortNumber(rate));

function TrainingControls({ state, set, drag }: ControlsProps) {
  return (
    <Group legend="Training">
      <Select label="Data" value={state.data} options={DATA} onChange={(data) => set({ data })} />
      <Select
        label="Optimizer"
        value={state.optimizer}
        options={OPTIMIZERS}
        onChange={(optimizer) => set({ optimizer })}
      />
      <Slider
        label="Learning rate"
        value={state.rate}
        {...{ low: 0, high: 0.2, step: 0.001 }}
        format={rateText}
        parse={(text) => (text === "usual" ? 0 : RACE.rate.parse(text))}
        onDrag={(rate) => drag({ rate })}
        onChange={(rate) => set({ rate })}
      />
      <FieldSlider name="steps" label="Steps" low={50} high={1000} step={50} fields={RACE} {...{ state, set, drag }} />
      <SeedInput {...{ state, set, drag }} />
    </Group>
  );
}

interface ButtonsProps {
  readonly race: Race;
  readonly steps: number;
  /** What is wrong with the formula. */
  readonly fault: string | undefined;
}

function Buttons({ race, steps, fault }: ButtonsProps) {
  const { running, done, made } = race;
  const wrong = fault ?? race.fault;
  return (
    <>
      <div class="row">
        {running ? (
          <button type="button" onClick={race.pause}>
            Pause
          </button>
        ) : (
          <button type="button" class="main" disabled={fault !== undefined} onClick={done ? race.restart : race.go}>
            {done ? "Race again" : made === 0 ? "Start the race" : "Go on"}
          </button>
        )}
        <button type="button" disabled={done || fault !== undefined} onClick={race.step}>
          One step
        </button>
        <button type="button" disabled={made === 0} onClick={race.restart}>
          From the beginning
        </button>
        <progress max={steps} value={made} aria-label="Steps of the race" />
        <span class="small">
          {made} of {steps} steps{race.milliseconds > 0 && `, ${(race.milliseconds / 1000).toFixed(1)} s of training`}
        </span>
      </div>
      {wrong !== undefined && <Fault>{wrong}</Fault>}
    </>
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** The best first: by accuracy on the test data, or as it stands. */
const standingOf = ({ finish, monitored }: Contestant): number =>
  finish?.test.accuracy ?? monitored.at(-1)?.validation.accuracy ?? 0;

const byStanding = (contestants: readonly Contestant[]): Contestant[] =>
  [...contestants].sort((a, b) => standingOf(b) - standingOf(a));

/** The end of the race in a sentence: which start won, and what the lab had said about it. */
function Outcome({ race: { contestants, done } }: { readonly race: Race }) {
  const text = done ? outcomeOf(contestants) : undefined;
  useSay(text);
  return text === undefined ? null : <p class="verdict">{text}</p>;
}

function outcomeOf(contestants: readonly Contestant[]): string {
  const [best, second] = byStanding(contestants);
  if (best === undefined) return "";
  const failed = contestants.filter(({ finish }) => finish?.ended !== null);
  const place = second && standingOf(second) === standingOf(best) ? "level with" : "before";
  const ahead = second === undefined ? "" : `, ${place} ${STARTS[second.name]} (${percent(standingOf(second))})`;
  const predicted =
    best.verdict?.kind === "stable"
      ? "The lab called its start stable before the first step."
      : `The lab called its start ${best.verdict?.kind} before the first step.`;
  const given = failed.length === 0 ? "" : ` Given up: ${failed.map(({ name }) => STARTS[name]).join("; ")}.`;
  return `Best: ${STARTS[best.name]}, ${percent(standingOf(best))} on the test data${ahead}. ${predicted}${given}`;
}

const HEAD = ["start", "the lab, before", "step", "loss", "accuracy, %", "state"];

function Standings({ race, steps }: { readonly race: Race; readonly steps: number }) {
  const rows = byStanding(race.contestants).map((one) => [
    STARTS[one.name],
    one.verdict?.kind ?? "",
    one.losses.length,
    one.losses.at(-1) ?? null,
    one.monitored.length === 0 ? null : 100 * standingOf(one),
    stateOf(one, race, steps),
  ]);
  return <Table head={HEAD} rows={rows} caption="Standings, the best first" />;
}

function stateOf({ finish, losses }: Contestant, { running }: Race, steps: number): string {
  if (finish?.ended) return "given up";
  if (finish !== null) return "done";
  return losses.length === 0 ? "" : running && losses.length < steps ? "training" : "paused";
}

/** What the monitors found, and why a start was given up, in the order in which it was found. */
function Findings({ contestants }: { readonly contestants: readonly Contestant[] }) {
  const found = contestants
    .flatMap(({ name, findings, finish }) => [
      ...findings.map(({ step, kind, sentence }) => ({ name, step, kind: kind as string, sentence })),
      ...(finish?.ended
        ? [{ name, step: finish.ended.step, kind: "end", sentence: `Given up: ${finish.ended.reason}.` }]
        : []),
    ])
    .sort((a, b) => a.step - b.step);
  const isMonitored = contestants.some(({ monitored }) => monitored.length > 0);
  const last = found.at(-1);
  const text = last === undefined ? undefined : `${STARTS[last.name]}: ${last.sentence}`;
  useSay(text);
  return (
    <section>
      <h2>What the monitors say</h2>
      {found.length === 0 ? (
        <p class="small">{isMonitored ? "Nothing is wrong so far." : "Nothing is measured yet."}</p>
      ) : (
        <ul>
          {found.map(({ name, step, kind, sentence }) => (
            <li key={`${name} ${kind}`}>
              <strong>{STARTS[name]}</strong>, step {step + 1}: {sentence}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

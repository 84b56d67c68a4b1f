/**
 * The race in the worker. It is asked for a piece at a time, so that it can be paused and stepped by not asking: a piece is as
 * many steps of all starts, side by side, as fit into some milliseconds. What it has made stays here between the pieces.
 */
import type { Activation } from "nn-init";
import { parseActivation } from "nn-init/lab";
import {
  type EarlyEnd,
  type Evaluation,
  iterateTraining,
  type MonitoredStep,
  type NetworkOptions,
  spiral,
  type TrainingData,
  type TrainingFinding,
  type TrainingRun,
  type TrainingStep,
  type Verdict,
} from "nn-init/train";
import { loadDigits } from "nn-init/train/digits";
import type { DataName, RaceSetup } from "../race/setup.js";

interface RaceInput {
  readonly setup: RaceSetup;
  /** How many steps of each start the page has. What is missing here, in a new worker, is made again. */
  readonly known: readonly number[];
  /** At most so many steps of each. */
  readonly steps: number;
  /** About so long. */
  readonly milliseconds: number;
}

/** What became of a start that is done. */
export interface Finish {
  readonly test: Evaluation;
  readonly ended: EarlyEnd | null;
}

/** The steps of a start that the page does not have. */
export interface RacePiece {
  readonly verdict: Verdict | null;
  readonly losses: readonly number[];
  readonly monitored: readonly MonitoredStep[];
  readonly findings: readonly TrainingFinding[];
  readonly finish: Finish | null;
}

interface Racer {
  readonly training: Iterator<TrainingStep, TrainingRun>;
  readonly steps: TrainingStep[];
  finish: Finish | null;
}

let current: { readonly key: string; readonly racers: readonly Racer[] } | undefined;

export function run({ setup, known, steps, milliseconds }: RaceInput): readonly RacePiece[] {
  const key = JSON.stringify(setup);
  if (current?.key !== key || known.every((count) => count === 0)) current = { key, racers: startingLine(setup) };
  const { racers } = current;
  const most = Math.max(0, ...known) + steps;
  const end = performance.now() + milliseconds;
  for (let behind = slowest(racers, most); behind.length > 0; behind = slowest(racers, most)) {
    for (const racer of behind) advance(racer);
    if (performance.now() >= end && racers.every((racer, i) => racer.finish || racer.steps.length >= (known[i] ?? 0)))
      break;
  }
  return racers.map((racer, i) => pieceOf(racer, known[i] ?? 0));
}

const loaded = new Map<DataName, TrainingData>();

function dataOf(name: DataName): TrainingData {
  const data = loaded.get(name) ?? (name === "digits" ? loadDigits() : spiral());
  loaded.set(name, data);
  return data;
}

function startingLine({ network, activation, isFormula, data, starts, training }: RaceSetup): Racer[] {
  const given: NetworkOptions = {
    ...network,
    ...(isFormula ? parseActivation(activation) : { activation: activation as Activation }),
  };
  return starts.map((strategy) => ({
    training: iterateTraining(given, dataOf(data), { ...training, strategy }),
    steps: [],
    finish: null,
  }));
}

/** Those who have made the fewest steps, so that all stay side by side. */
function slowest(racers: readonly Racer[], most: number): readonly Racer[] {
  const running = racers.filter(({ finish, steps }) => finish === null && steps.length < most);
  const least = Math.min(...running.map(({ steps }) => steps.length));
  return running.filter(({ steps }) => steps.length === least);
}

/** Makes a step; after the last one, the end of the run too, so that a race that is done says so. */
function advance(racer: Racer): void {
  const { done, value } = racer.training.next();
  if (done) racer.finish = { test: value.test, ended: value.ended ?? null };
  else racer.steps.push(value);
}

function pieceOf({ steps, finish }: Racer, known: number): RacePiece {
  const fresh = steps.slice(known);
  return {
    verdict: steps[0]?.verdict ?? null,
    losses: fresh.map(({ loss }) => loss),
    monitored: fresh.flatMap(({ monitored }) => monitored ?? []),
    findings: fresh.flatMap(({ findings }) => findings),
    finish,
  };
}

/** A race as the page has it: what the worker has made so far, and whether it goes on. */
import type { MonitoredStep, StrategyName, TrainingFinding, Verdict } from "nn-init/train";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Runner, runner } from "../runner.js";
import type { Finish, RacePiece } from "../task/race.js";
import { type RaceSetup, type RaceState, setupOf } from "./setup.js";

/** A start that takes part, as far as it has come. */
export interface Contestant {
  readonly name: StrategyName;
  readonly verdict: Verdict | null;
  readonly losses: readonly number[];
  readonly monitored: readonly MonitoredStep[];
  readonly findings: readonly TrainingFinding[];
  readonly finish: Finish | null;
}

export interface Race {
  readonly contestants: readonly Contestant[];
  /** Of the one that has made most. */
  readonly made: number;
  readonly running: boolean;
  readonly done: boolean;
  /** Milliseconds that the library needed for all of it. */
  readonly milliseconds: number;
  /** What the library refused, in its words. */
  readonly fault: string | undefined;
  go(): void;
  pause(): void;
  /** One step of each. */
  step(): void;
  restart(): void;
}

const AT_ONCE = 24; // milliseconds of each piece: so that the page has something new for each frame or two

let worker: Runner | undefined;

/** What is shown; the numbers are of a race that began under the same setup. */
interface Held {
  readonly of: string;
  readonly contestants: readonly Contestant[];
  readonly milliseconds: number;
  readonly fault: string | undefined;
}

const startOf = (of: string, { starts }: RaceSetup): Held => ({
  of,
  contestants: starts.map((name) => ({
    ...{ name, verdict: null, losses: [], monitored: [], findings: [], finish: null },
  })),
  milliseconds: 0,
  fault: undefined,
});

const addTo = (one: Contestant, piece: RacePiece): Contestant => ({
  ...{ name: one.name, verdict: piece.verdict ?? one.verdict, finish: piece.finish },
  losses: piece.losses.length === 0 ? one.losses : [...one.losses, ...piece.losses],
  monitored: piece.monitored.length === 0 ? one.monitored : [...one.monitored, ...piece.monitored],
  findings: piece.findings.length === 0 ? one.findings : [...one.findings, ...piece.findings],
});

export function useRace(state: RaceState): Race {
  const setup = useMemo(() => setupOf(state), [state]);
  const key = useMemo(() => JSON.stringify(setup), [setup]);
  const [held, setHeld] = useState<Held>(() => startOf(key, setup));
  const [running, setRunning] = useState(false);
  const shown = held.of === key ? held : startOf(key, setup);
  const latest = useRef(shown);
  latest.current = shown;
  const asked = useRef<{ of: string; run: boolean; one: boolean; busy: boolean }>({
    of: key,
    run: false,
    one: false,
    busy: false,
  });
  if (asked.current.of !== key) asked.current = { of: key, run: false, one: false, busy: asked.current.busy };
  useEffect(() => setRunning(false), [key]);
  useEffect(
    () => () => {
      asked.current.run = false;
      worker?.cancel();
    },
    [],
  );

  /** Asks for one piece after the other, as long as the race goes on. */
  async function pull(): Promise<void> {
    const wanted = asked.current;
    if (wanted.busy) return;
    wanted.busy = true;
    worker ??= runner();
    let now = latest.current;
    try {
      while (asked.current === wanted && (wanted.run || wanted.one)) {
        const steps = wanted.one ? 1 : (setup.training.steps ?? 1);
        wanted.one = false;
        const known = now.contestants.map(({ losses }) => losses.length);
        const answer = await worker.run("race", { setup, known, steps, milliseconds: AT_ONCE });
        if (answer === undefined || asked.current !== wanted) break;
        const contestants = now.contestants.map((one, i) => addTo(one, answer.output[i] as RacePiece));
        now = { ...now, contestants, milliseconds: now.milliseconds + answer.milliseconds };
        if (contestants.every(({ finish }) => finish !== null)) wanted.run = false;
        setHeld(now);
      }
    } catch (error) {
      wanted.run = false;
      setHeld({ ...now, fault: (error as Error).message });
    }
    wanted.busy = false;
    if (asked.current === wanted) setRunning(wanted.run);
  }

  const { contestants, milliseconds, fault } = shown;
  const go = () => {
    asked.current.run = true;
    setRunning(true);
    void pull();
  };
  return {
    ...{ contestants, milliseconds, fault, running: running && held.of === key },
    made: Math.max(0, ...contestants.map(({ losses }) => losses.length)),
    done: contestants.every(({ finish }) => finish !== null),
    go,
    pause() {
      asked.current.run = false;
      setRunning(false);
    },
    step() {
      asked.current.run = false;
      asked.current.one = true;
      setRunning(false);
      void pull();
    },
    restart() {
      worker?.cancel();
      asked.current = { of: key, run: false, one: false, busy: false };
      const fresh = startOf(key, setup);
      latest.current = fresh;
      setHeld(fresh);
      go();
    },
  };
}

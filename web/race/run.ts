/** The race of the page: another one for each setup. */
import { useEffect, useMemo, useReducer } from "preact/hooks";
import { type Runner, runner } from "../runner.js";
import { RaceLoop } from "./loop.js";
import { type RaceState, setupOf } from "./setup.js";

export interface Race extends Pick<RaceLoop, "contestants" | "running" | "milliseconds" | "fault"> {
  /** Of the one that has made most. */
  readonly made: number;
  readonly done: boolean;
  go(): void;
  pause(): void;
  /** One step of each. */
  step(): void;
  restart(): void;
}

let worker: Runner | undefined;

export function useRace(state: RaceState): Race {
  const setup = useMemo(() => setupOf(state), [state]);
  const [, draw] = useReducer((times: number) => times + 1, 0);
  const key = JSON.stringify(setup);
  const loop = useMemo(() => {
    worker ??= runner();
    return new RaceLoop(setup, worker, () => draw(undefined));
  }, [key]);
  useEffect(() => () => loop.end(), [loop]);
  const { contestants, running, milliseconds, fault } = loop;
  return {
    ...{ contestants, running, milliseconds, fault },
    made: Math.max(0, ...contestants.map(({ losses }) => losses.length)),
    done: contestants.every(({ finish }) => finish !== null),
    go: () => loop.go(),
    pause: () => loop.pause(),
    step: () => loop.step(),
    restart: () => loop.restart(),
  };
}

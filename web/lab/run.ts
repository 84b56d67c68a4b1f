/**
 * What the lab shows for a state: a coarse run at once, and the exact one when nothing is being dragged. Each has a worker of its own,
 * so that the exact run never keeps a drag waiting.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { faultOf, type LabState, sentOptions } from "../network.js";
import { type Runner, runner } from "../runner.js";
import { firstWorker } from "../start.js";
import type { LabInput, LabOutput } from "../task/lab.js";
import { type CoarseSize, coarseSizes } from "./size.js";

/** A run that is shown. */
export interface Shown extends LabOutput {
  /** The size of a coarse run; undefined for the exact one. */
  readonly coarse: CoarseSize | undefined;
  /** Milliseconds that the library needed for it. */
  readonly milliseconds: number;
  /** The state that it is of. */
  readonly of: LabState;
}

export interface LabRuns {
  readonly shown: Shown | undefined;
  /** From 0 to 1; undefined while no exact run is going on. */
  readonly progress: number | undefined;
  /** What the library refused, in its words. */
  readonly fault: string | undefined;
  cancel(): void;
}

let workers: { readonly coarse: Runner; readonly exact: Runner } | undefined;
const sizes = coarseSizes();

/** The workers are kept from panel to panel. */
function labWorkers() {
  workers ??= { coarse: runner(firstWorker), exact: runner() };
  return workers;
}

export function useLab(state: LabState, dragged: boolean): LabRuns {
  const [shown, setShown] = useState<Shown | undefined>();
  const [progress, setProgress] = useState<number | undefined>();
  const [refused, setRefused] = useState<string | undefined>();
  const current = useRef(state);
  current.current = state;
  const cancelled = useRef<LabState | undefined>(undefined);
  const formulaFault = useMemo(() => faultOf(state), [state.activation, state.formula]);

  useEffect(() => {
    const { coarse, exact } = labWorkers();
    setRefused(undefined);
    if (formulaFault !== undefined) {
      exact.cancel();
      setProgress(undefined);
      return;
    }
    exact.cancel();
    const answered = runCoarse(state, coarse, {
      take: (next) =>
        setShown((before) => (before?.of === state && !before.coarse ? before : withBeside(next, before))),
      fail: setRefused,
    });
    if (dragged) {
      setProgress(undefined);
      return;
    }
    setProgress(0);
    let isOld = false;
    const isCurrent = () => !isOld && current.current === state;
    const run = async () => {
      await answered; // beside it, the exact run would take the core that the first answer needs
      if (!isCurrent() || cancelled.current === state) return;
      const onProgress = (part: unknown) => isCurrent() && setProgress(part as number);
      const done = await exact.run("lab", exactInput(state), { now: true, onProgress });
      if (done === undefined || !isCurrent()) return;
      setProgress(undefined);
      setShown({ ...done.output, coarse: undefined, milliseconds: done.milliseconds, of: state });
    };
    run().catch((error: Error) => {
      if (!isCurrent()) return;
      setProgress(undefined);
      setRefused(error.message);
    });
    return () => {
      isOld = true;
    };
  }, [state, dragged, formulaFault]);

  const cancel = () => {
    cancelled.current = state; // also of an exact run that has not begun
    labWorkers().exact.cancel();
    setProgress(undefined);
  };
  return { shown, progress, fault: formulaFault ?? refused, cancel };
}

/** The last answer's time, from the change of a slider on, for the browser's own tools and for tests. */
const ANSWER = "coarse answer";

/** A coarse run is of A alone. What stood beside it stays, as long as nothing but A's scheme changes. */
function withBeside(next: Shown, before: Shown | undefined): Shown {
  if (before === undefined || !sameBut("scheme", next.of, before.of)) return next;
  const { recommendation } = before.report;
  const own = recommendation !== null && recommendation.run === null; // A was the recommended scheme itself
  return {
    ...next,
    beside: before.beside,
    report: { ...next.report, recommendation: own ? { ...recommendation, run: before.report } : recommendation },
  };
}

const sameBut = (except: keyof LabState, a: LabState, b: LabState): boolean =>
  (Object.keys(a) as (keyof LabState)[]).every((key) => key === except || a[key] === b[key]);

interface Receiver {
  take(shown: Shown): void;
  fail(message: string): void;
}

/** @returns a promise that is kept once there is an answer, or none will come. */
function runCoarse(state: LabState, worker: Runner, { take, fail }: Receiver): Promise<void> {
  const size = sizes.sizeFor(state);
  const start = performance.now();
  return worker
    .run("lab", coarseInput(state, size))
    .then((done) => {
      if (done === undefined) return;
      sizes.took(state, done.milliseconds);
      performance.clearMeasures(ANSWER);
      performance.measure(ANSWER, { start });
      take({ ...done.output, coarse: size, milliseconds: done.milliseconds, of: state });
    })
    .catch((error: Error) => fail(error.message));
}

/** What is computed while a slider is dragged: the scheme alone. */
const coarseInput = (state: LabState, { width, samples }: CoarseSize): LabInput => ({
  options: {
    ...sentOptions({ ...state, scheme: narrowed(state.scheme, state.width / width) }),
    ...{ width, samples, seeds: 1, jacobian: false, meanField: false, recommendation: false },
  },
});

/** Weights whose std does not depend on the width are made larger in a narrower network, so that signals keep their size. */
function narrowed(scheme: LabState["scheme"], factor: number): LabState["scheme"] {
  if (scheme === "recommended") return scheme;
  const root = Math.sqrt(factor);
  switch (scheme.scheme) {
    case "normal":
    case "truncatedNormal":
    case "sparse":
      return { ...scheme, std: root * (scheme.std ?? 0) };
    case "uniform":
      return { ...scheme, low: root * scheme.low, high: root * scheme.high };
    case "constant":
      return { ...scheme, value: factor * scheme.value };
    default:
      return scheme;
  }
}

const exactInput = (state: LabState): LabInput => ({
  options: {
    ...sentOptions(state),
    ...{ seeds: state.seeds, recommendation: state.beside === "recommended" },
    ...(state.samples > 0 && { samples: 2 * Math.ceil(state.samples / 2) }),
  },
  ...(typeof state.beside === "object" && { beside: state.beside }),
});

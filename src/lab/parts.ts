/** The parts of the lab's work. Threads claim them one by one, so that each has something to do until the end. */
import type { Scheme } from "../scheme/options.js";
import { jacobianOf, type Measurement, measure, networkInstance } from "./experiment.js";
import { MOST_PROBES } from "./jacobian.js";
import { networkBytes, positionsOf, weightsOf } from "./layer.js";
import type { Experiment } from "./options.js";
import type { JacobianReport } from "./report.js";

/** What a scheme does in the network with one seed, or the Jacobian with the first seed. */
export type MeasuredPart = Measurement | JacobianReport;

/** Parts by number. A scheme's parts are in a row: one for each seed, then the Jacobian if it is wanted. */
export type MeasuredParts = ReadonlyMap<number, MeasuredPart>;

/** How many parts are claimed, and how many are done: two numbers that the threads of an experiment share. */
export type Claims = Int32Array;
export const CLAIMS = 2;

const partsPerScheme = ({ seeds, jacobian }: Experiment): number => seeds + (jacobian ? 1 : 0);

/**
 * Claims parts and measures them, until all are claimed.
 *
 * @param tell is told after each part how many are done, by all threads, and of how many.
 */
export function measureParts(
  experiment: Experiment,
  schemes: readonly Scheme[],
  claims: Claims,
  tell: (done: number, total: number) => void = () => {},
): MeasuredParts {
  const { spec, engine, samples, seeds, seed, jacobian } = experiment;
  const weights = schemes.map((scheme) => weightsOf(scheme, spec));
  const signals = networkInstance(spec, engine, samples);
  const probes = jacobian ? networkInstance(spec, engine, Math.min(spec.width, MOST_PROBES)) : undefined;
  const each = partsPerScheme(experiment);
  const measured = new Map<number, MeasuredPart>();
  for (let part = Atomics.add(claims, 0, 1); part < each * schemes.length; part = Atomics.add(claims, 0, 1)) {
    const own = weights[Math.floor(part / each)] as (typeof weights)[number];
    const i = part % each;
    measured.set(
      part,
      probes !== undefined && i === seeds
        ? jacobianOf(own, experiment, probes)
        : measure(own, experiment, seed + BigInt(i), signals),
    );
    tell(Atomics.add(claims, 1, 1) + 1, each * schemes.length);
  }
  return measured;
}

/** The parts of a scheme, by its place in the list. */
export function partsOfScheme(parts: MeasuredParts, experiment: Experiment, scheme: number) {
  const first = scheme * partsPerScheme(experiment);
  const part = (i: number) => parts.get(first + i);
  return {
    measurements: Array.from({ length: experiment.seeds }, (_, i) => part(i) as Measurement),
    jacobian: experiment.jacobian ? (part(experiment.seeds) as JacobianReport) : null,
  };
}

const LONG = 0x20000000; // multiplications in all: a thread takes as long to start (measured)
const MOST_BYTES_TWICE = 0x80000000;

/** Whether a second thread saves time, and its own instance of the network is not too large. */
export function isWorthThread({ spec, samples, ...experiment }: Experiment, schemes: number): boolean {
  const { depth, width, kind } = spec;
  const columns = samples * positionsOf(kind);
  const multiplications = 2 * experiment.seeds * schemes * depth * width * width * columns;
  return multiplications >= LONG && networkBytes(spec, columns) <= MOST_BYTES_TWICE;
}

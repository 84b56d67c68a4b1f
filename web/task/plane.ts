/** The plane of order and chaos in the worker: chi_1 and q* on a grid, as arrays. */
import { type PhasePlaneOptions, phasePlane } from "nn-init/lab";
import { labOptions, type SentOptions } from "../network.js";

interface PlaneInput {
  readonly network: Pick<SentOptions, "activation" | "formula" | "slope">;
  /** Least ends of the axes; that of weights grows until the plane shows both order and chaos. */
  readonly weight: number;
  readonly bias: number;
  readonly points: number;
}

/** Row by row from the bottom; weights vary fastest. */
export interface Plane {
  readonly points: number;
  readonly weight: number;
  readonly bias: number;
  readonly chi1: Float64Array;
  readonly fixedPoint: Float64Array;
}

const WIDEST = 24;

export function run(input: PlaneInput): Plane {
  const { network, bias, points } = input;
  const { activation = "relu", slope, derivative } = labOptions(network);
  const given = { activation, slope, derivative, bias };
  let { weight } = input;
  while (weight < WIDEST && isOrdered({ ...given, weight })) weight *= 2;
  const plane = phasePlane({ ...given, weight, points });
  return {
    ...{ points, weight, bias },
    chi1: Float64Array.from(plane, ({ chi1 }) => chi1),
    fixedPoint: Float64Array.from(plane, ({ fixedPoint }) => fixedPoint),
  };
}

const FEW = 8; // points of an axis: chaos in a sliver at its end is not enough

const isOrdered = (options: Omit<PhasePlaneOptions, "points">): boolean =>
  phasePlane({ ...options, points: FEW }).every(({ chi1 }) => chi1 < 1);

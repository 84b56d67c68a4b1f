/** The plane of order and chaos in the worker. */
import { type PhasePlaneOptions, type PhasePoint, phasePlane } from "nn-init/lab";

export const run = (options: PhasePlaneOptions): PhasePoint[] => phasePlane(options);

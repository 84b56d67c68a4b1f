/** What an audit finds: plain data. */
import type { FileType } from "../checkpoint/safetensors.js";
import type { Computed } from "../computed/computed.js";
import type { Unsplit } from "../distribution.js";

/** The result of one check. */
export interface Finding {
  /** The name of the check. */
  readonly check: string;
  /** The deviation, divided by the largest one that is accepted: above 1 the check fails. */
  readonly excess: number;
  /** What was found, in words. */
  readonly sentence: string;
}

/** Something that is a fault in one network and intended in another. */
export type Note = Pick<Finding, "check" | "sentence">;

/** Shares of values in equally wide columns. */
export interface Histogram {
  /** Where the first column begins: the smallest value. */
  readonly low: number;
  /** Where the last column ends: the largest value. */
  readonly high: number;
  /** The share of values in each column. */
  readonly measured: readonly number[];
  /** The expected shares; null if the tensor has no single random distribution. */
  readonly expected: readonly number[] | null;
}

/** Statistics of all finite values of a tensor. */
export interface Statistics {
  /** 0 if there are no values. */
  readonly mean: number;
  /** Standard deviation of the values, divided by their number (not less one). */
  readonly std: number;
  /** The smallest value. */
  readonly min: number;
  /** The largest value. */
  readonly max: number;
  /** 3 for a normal distribution. Null if all values are equal, and for integers of 32 bits or more. */
  readonly kurtosis: number | null;
  /** Number of zeros of either sign. */
  readonly zeros: number;
  /** Number of NaN and infinities. */
  readonly nonFinite: number;
  /** Number of different values. */
  readonly distinct: number;
  /** The number of values that were looked at for `distinct`. */
  readonly among: number;
}

/** Whether a tensor is as expected; "unknown" if nothing is known of it. */
export type TensorVerdict = "ok" | "fail" | "unknown";

/** The verdict on the values of a tensor. */
export interface TensorReport {
  /** Its name in the file. */
  readonly name: string;
  /** Lengths of the axes, row-major. */
  readonly shape: readonly number[];
  /** The element type as files name it: `F32`, `BF16`. */
  readonly dtype: FileType;
  /** "fail" if one check fails. */
  readonly verdict: TensorVerdict;
  /** Null if nothing is known of the tensor. */
  readonly expected: { readonly mean: number; readonly std: number } | null;
  /** Statistics of its values. */
  readonly measured: Statistics;
  /** The largest deviation, divided by the largest one that is accepted: above 1 the tensor fails. */
  readonly excess: number;
  /** The checks that failed, worst first. */
  readonly failures: readonly Finding[];
  /** What may be a fault or intended. Notes do not change the verdict. */
  readonly notes: readonly Note[];
}

/** A tensor, as it is and as it should be. */
export interface AuditedTensor extends TensorReport {
  /** Index of the plan's rule that says what is expected; null if none does. */
  readonly rule: number | null;
  /** The expected distributions, one for each part. */
  readonly distributions: readonly Unsplit[];
  /** The name of the tensor that it should be a copy of. */
  readonly copyOf?: string | undefined;
  /** How its values should be computed. */
  readonly computed?: Computed | undefined;
  /** The largest singular value of a matrix, if it was asked for. */
  readonly spectral?: { readonly measured: number; readonly expected: number | null } | undefined;
  /** The histogram of its values, if it was asked for. */
  readonly histogram?: Histogram | undefined;
}

/** A file whose record is not that of the others. */
export interface StrayShard {
  /** The name of the file. */
  readonly path: string;
  /** What differs, in words. */
  readonly sentence: string;
}

/** What `audit` found. It is plain data, ready for JSON. */
export interface AuditReport {
  /** In words, where the expectations come from. */
  readonly expectedFrom: string;
  /** "fail" if one tensor fails, one is missing, or files come from different runs. */
  readonly verdict: "ok" | "fail";
  /** Upper bound on the probability that a correct file fails one of the checks; null if there are none. */
  readonly falseAlarms: number | null;
  /** How many checks were made whose result is a matter of chance. */
  readonly checks: number;
  /** Bytes of all tensors. */
  readonly bytes: number;
  /** Names of tensors that are expected and not in the file. */
  readonly missing: readonly string[];
  /** Files that record another seed, or another version of the stream, than the rest. */
  readonly strayShards: readonly StrayShard[];
  /** Worst first. */
  readonly tensors: readonly AuditedTensor[];
}

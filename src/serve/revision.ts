/**
 * Revisions: which checkpoint of a model. A name says it for people, `seed-42.bf16.200MB.plan-wide`; a commit says it in 40
 * hexadecimal digits, from which a server without any state knows it again.
 */
import { DTYPES, type DType } from "../dtype.js";
import { checkSeed, type Seed } from "../stream.js";

export interface Revision {
  readonly seed: Seed;
  /** Undefined: the tensors' own. */
  readonly dtype: DType | undefined;
  /** Undefined: what the server has by default. */
  readonly maxShardBytes: number | undefined;
  /** Name of a plan. Undefined: the model's own. */
  readonly plan: string | undefined;
}

const SEED = /^seed-(\d{1,20})$/;
const SIZE = /^(\d{1,6})(KB|MB|GB)$/;
export const PLAN = /^plan-([A-Za-z0-9_-]{1,64})$/;
const UNITS = { KB: 1e3, MB: 1e6, GB: 1e9 } as const;

/** The revision of a name; undefined for any other text. */
export function revisionOf(name: string): Revision | undefined {
  const [first = "", ...suffixes] = name.split(".");
  const [, digits] = SEED.exec(first) ?? [];
  if (digits === undefined || BigInt(digits) > 0xffffffffffffffffn) return undefined;
  const found: { -readonly [key in keyof Revision]: Revision[key] } = {
    seed: checkSeed(BigInt(digits)),
    ...{ dtype: undefined, maxShardBytes: undefined, plan: undefined },
  };
  for (const suffix of suffixes) {
    const [, number, unit] = SIZE.exec(suffix) ?? [];
    const [, plan] = PLAN.exec(suffix) ?? [];
    const dtype = DTYPES.find((one) => one === suffix);
    if (dtype !== undefined && found.dtype === undefined) found.dtype = dtype;
    else if (number !== undefined && found.maxShardBytes === undefined) {
      found.maxShardBytes = Number(number) * UNITS[unit as keyof typeof UNITS];
    } else if (plan !== undefined && found.plan === undefined) found.plan = plan;
    else return undefined;
  }
  return found.maxShardBytes === 0 ? undefined : found;
}

/** Whether a revision's bytes are the same for ever: all but those of `main`. */
export const isFixed = (revision: string): boolean => revision !== "main";

/** What a commit says: a revision, whose plan is known by its fingerprint. */
export interface Commit {
  readonly seed: Seed;
  readonly dtype: DType | undefined;
  readonly maxShardBytes: number;
  /** 8 hexadecimal digits of a hash of the model and its plan. */
  readonly fingerprint: string;
}

/** 16 digits of the seed, 2 of the dtype, 14 of the size, 8 of the fingerprint. */
export function commitText({ seed, dtype, maxShardBytes, fingerprint }: Commit): string {
  const type = dtype === undefined ? 0 : 1 + DTYPES.indexOf(dtype);
  return hex(BigInt(seed), 16) + hex(BigInt(type), 2) + hex(BigInt(maxShardBytes), 14) + fingerprint;
}

const hex = (number: bigint, digits: number): string => number.toString(16).padStart(digits, "0");

/** Undefined for any text that is not a commit of this server. */
export function commitOf(text: string): Commit | undefined {
  if (!/^[0-9a-f]{40}$/.test(text)) return undefined;
  const number = (begin: number, end: number) => BigInt(`0x${text.slice(begin, end)}`);
  const type = Number(number(16, 18));
  const maxShardBytes = Number(number(18, 32));
  if (type > DTYPES.length || !Number.isSafeInteger(maxShardBytes) || maxShardBytes === 0) return undefined;
  return { seed: checkSeed(number(0, 16)), dtype: DTYPES[type - 1], maxShardBytes, fingerprint: text.slice(32) };
}

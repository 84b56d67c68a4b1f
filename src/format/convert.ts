/** Tensors of 16 bits as f32, and the functions that other formats apply to a tensor's values. */
import type { DrawPiece } from "../checkpoint/draw.js";
import type { DType } from "../dtype.js";
import type { Draw } from "../engine/engine.js";
import { exp } from "../math/functions.js";

/** What a format stores in place of x. Computed in f32 from the value in the model's element type. */
const VALUE_CHANGES = {
  /** Gemma's scale of a normalization is 1 + x. */
  plusOne: (x: number) => x + 1,
  /** Mamba's A is -exp(A_log). */
  minusExp: (x: number) => -exp(x),
} as const;

/** The name of such a function. */
export type ValueChange = keyof typeof VALUE_CHANGES;

const CHUNK = 0x8000; // elements that are converted at once

/** The pieces of a tensor as f32, with a function applied to each value. */
export function asFloats(draw: DrawPiece, from: DType, pointwise?: ValueChange): DrawPiece {
  const apply = pointwise === undefined ? undefined : VALUE_CHANGES[pointwise];
  return function* (bytes, start): Generator<Draw, void> {
    const out = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    if (from === "f32") yield* draw(bytes, start);
    else yield* widened(draw, from, out, start);
    if (apply === undefined) return;
    for (let i = 0; i < out.length; ++i) out[i] = apply(out[i] as number);
  };
}

function* widened(draw: DrawPiece, from: DType, out: Float32Array, start: number): Generator<Draw, void> {
  const widen = from === "bf16" ? floatOfBrain : floatOfHalf;
  const patterns = new Uint16Array(Math.min(CHUNK, out.length));
  for (let at = 0; at < out.length; at += CHUNK) {
    const part = patterns.subarray(0, out.length - at);
    yield* draw(new Uint8Array(part.buffer, 0, part.byteLength), start + at);
    for (let i = 0; i < part.length; ++i) out[at + i] = widen(part[i] as number);
  }
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The value of a bfloat16. */
export function floatOfBrain(pattern: number): number {
  bits[0] = pattern << 16;
  return float[0] as number;
}

const SUBNORMAL = 5.960464477539063e-8; // 2^-24, the smallest f16 above 0

/** The value of a binary16. */
export function floatOfHalf(pattern: number): number {
  const exponent = (pattern >> 10) & 31;
  const fraction = pattern & 0x3ff;
  if (exponent === 0) return (pattern & 0x8000) === 0 ? fraction * SUBNORMAL : -fraction * SUBNORMAL;
  const wide = exponent === 31 ? 255 : exponent + 112;
  bits[0] = ((pattern & 0x8000) << 16) | (wide << 23) | (fraction << 13);
  return float[0] as number;
}

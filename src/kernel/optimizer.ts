/**
 * What a step of an optimizer does to parameters. The formulas are those of PyTorch.
 *
 * `descend` and `roll` compute in double precision and round what they store. `adapt` computes in the precision of its arrays: in
 * single precision its roots and divisions take a third of the time (measured).
 *
 * Twin: assembly/optimizer.ts.
 */
import type { Floats } from "./matmul.js";

const f32 = Math.fround;

/** p -= rate g */
export function descend(values: Floats, gradient: Floats, rate: number): void {
  for (let i = 0; i < values.length; ++i) values[i] = (values[i] as number) - rate * (gradient[i] as number);
}

/** v = momentum v + g; p -= rate v, as it was stored. (In the first step v is g, as v starts as 0.) */
export function roll(values: Floats, gradient: Floats, velocity: Floats, momentum: number, rate: number): void {
  for (let i = 0; i < values.length; ++i) {
    velocity[i] = momentum * (velocity[i] as number) + (gradient[i] as number);
    values[i] = (values[i] as number) - rate * (velocity[i] as number);
  }
}

/** Of Adam (Kingma and Ba 2015), with what follows from them and from the number of the step. */
export interface Adaptation {
  /** 1 - beta1 */
  readonly rest1: number;
  readonly beta2: number;
  /** 1 - beta2 */
  readonly rest2: number;
  readonly epsilon: number;
  /** The learning rate / (1 - beta1^t) */
  readonly size: number;
  /** 1 / sqrt(1 - beta2^t): a factor, since divisions take more time. */
  readonly root: number;
}

/** m += rest1 (g - m); v = beta2 v + rest2 g g; p -= size m / (root sqrt(v) + epsilon) */
export function adapt(values: Floats, gradient: Floats, first: Floats, second: Floats, by: Adaptation): void {
  if (values instanceof Float64Array) {
    adapt64(values, gradient, first, second, by);
    return;
  }
  const [rest1, beta2, rest2] = [f32(by.rest1), f32(by.beta2), f32(by.rest2)];
  const [epsilon, size, root] = [f32(by.epsilon), f32(by.size), f32(by.root)];
  for (let i = 0; i < values.length; ++i) {
    const g = gradient[i] as number;
    const before = first[i] as number;
    const m = f32(before + f32(f32(g - before) * rest1));
    const v = f32(f32((second[i] as number) * beta2) + f32(f32(rest2 * g) * g));
    first[i] = m;
    second[i] = v;
    values[i] = (values[i] as number) - f32(f32(size * m) / f32(f32(root * f32(Math.sqrt(v))) + epsilon));
  }
}

function adapt64(values: Floats, gradient: Floats, first: Floats, second: Floats, by: Adaptation): void {
  const { rest1, beta2, rest2, epsilon, size, root } = by;
  for (let i = 0; i < values.length; ++i) {
    const g = gradient[i] as number;
    const m = (first[i] as number) + (g - (first[i] as number)) * rest1;
    const v = (second[i] as number) * beta2 + rest2 * g * g;
    first[i] = m;
    second[i] = v;
    values[i] = (values[i] as number) - (size * m) / (root * Math.sqrt(v) + epsilon);
  }
}

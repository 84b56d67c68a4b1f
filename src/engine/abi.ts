/**
 * The exports of assembly/index.ts as JavaScript calls them. Addresses and strides are bytes; `count` is a number of
 * elements, of words for `bits`. Kernels check nothing.
 */
export interface Kernels {
  copy(to: number, from: number, bytes: number): void;
  bits(
    out: number,
    count: number,
    blockLow: number,
    blockHigh: number,
    seedLow: number,
    seedHigh: number,
    streamLow: number,
    streamHigh: number,
  ): void;
  constant(out: number, count: number, value: number): void;
  constant64(out: number, count: number, value: number): void;
  uniform(out: number, count: number, middle: number, half: number, first: number, last: number): void;
  uniform64(out: number, count: number, middle: number, half: number, first: number, last: number): void;
  normal(out: number, count: number, mean: number, std: number, scratch: number): void;
  normal64(out: number, count: number, mean: number, std: number, scratch: number): void;
  truncated(
    out: number,
    count: number,
    mean: number,
    std: number,
    scale: number,
    rest: number,
    first: number,
    last: number,
    scratch: number,
  ): void;
  truncatedWide: TruncatedWideKernel;
  truncated64: TruncatedWideKernel;
  roundF16(out: number, count: number, from: number): void;
  roundBf16(out: number, count: number, from: number): void;
  matmul32: MatmulKernel;
  matmul64: MatmulKernel;
  reflect32: ReflectKernel;
  reflect64: ReflectKernel;
  orthogonal32: OrthogonalKernel;
  orthogonal64: OrthogonalKernel;
}

export type TruncatedWideKernel = (
  out: number,
  count: number,
  mean: number,
  std: number,
  middle: number,
  half: number,
  below: number,
  above: number,
  span: number,
  surplus: number,
  first: number,
  last: number,
  scratch: number,
) => void;

type MatmulKernel = (
  c: number,
  a: number,
  b: number,
  rows: number,
  columns: number,
  depth: number,
  strideC: number,
  rowsA: number,
  depthA: number,
  strideB: number,
  subtract: number,
) => void;

type ReflectKernel = (
  panel: number,
  rows: number,
  columns: number,
  triangle: number,
  signs: number,
  scratch: number,
) => void;

type OrthogonalKernel = (
  q: number,
  rows: number,
  columns: number,
  first: number,
  gain: number,
  tall: number,
  panels: number,
  triangles: number,
  signs: number,
  slab: number,
) => void;

/** The exports of assembly/training.ts. Addresses and strides are bytes; `count`, `rows` and `columns` are numbers of floats. */
export interface TrainingKernels {
  affine(
    c: number,
    a: number,
    b: number,
    biases: number,
    rows: number,
    columns: number,
    depth: number,
    strideC: number,
    rowsA: number,
    depthA: number,
    strideB: number,
  ): void;
  descend(values: number, gradient: number, count: number, rate: number): void;
  roll(values: number, gradient: number, velocity: number, count: number, momentum: number, rate: number): void;
  adapt(
    values: number,
    gradient: number,
    first: number,
    second: number,
    count: number,
    rest1: number,
    beta2: number,
    rest2: number,
    epsilon: number,
    size: number,
    root: number,
  ): void;
  rectify(to: number, from: number, count: number): void;
  rectifySlope(to: number, gradient: number, preactivation: number, count: number): void;
  sumRows(to: number, from: number, rows: number, columns: number, stride: number): void;
  multiplyTransposed(
    c: number,
    a: number,
    b: number,
    scratch: number,
    rows: number,
    columns: number,
    depth: number,
    strideC: number,
    stride: number,
  ): void;
}

/** The exports of assembly/counting.ts. `from`, `bins` and `sums` are addresses, `count` is a number of values. */
export interface CountingKernels {
  count32(from: number, count: number, bins: number, sums: number): void;
  count64(from: number, count: number, bins: number, sums: number): void;
  count16(from: number, count: number, bins: number): void;
}

/**
 * Networks that signals and gradients are sent through. Signals are matrices of units by samples; weights are drawn when
 * they are needed and drawn again for the way back, since a draw is cheaper than keeping them.
 */
import { columnsOf, type Products } from "../engine/product.js";
import { exp } from "../math.js";
import type { Unit } from "./activation.js";

export type Kind = "dense" | "convolution" | "attention";
export type Normalization = "none" | "layer" | "rms";

export const TAPS = 3; // of a convolution's kernel
export const POSITIONS = 16; // on a ring, of a convolution; tokens, of attention

export interface Spec {
  readonly kind: Kind;
  readonly depth: number;
  readonly width: number;
  readonly residual: boolean;
  readonly norm: Normalization;
  /** What a branch is multiplied by before it is added. */
  readonly branchScale: number;
  readonly unit: Unit;
}

/** Weights as rows of outputs: `across` where they lie by columns. */
export interface Weights {
  readonly values: Float32Array;
  readonly across: boolean;
  /** Of a convolution: whether the taps of one input lie together, or the inputs of one tap. */
  readonly tapsInside: boolean;
}

/** Draws the weights of a layer; the array is good until the next call. */
export type Draw = (layer: number, part: string) => Weights;

/** Told of each layer on the way: its signal (or gradient), and what went into its activation. */
export type Observe = (layer: number, signal: Float32Array, into?: Float32Array) => void;

export interface Pass {
  readonly products: Products;
  readonly draw: Draw;
  /** Samples, times positions where there are some. */
  readonly columns: number;
}

const EPSILON = 1e-5; // of a normalization, as PyTorch has it

/** A network's two ways: `backward` after `forward`, with the signals that it kept. */
export interface Ways {
  forward(input: Float32Array, observe: Observe): void;
  /** From the gradient of the last signal. */
  backward(gradient: Float32Array, observe: Observe): void;
}

export function network(spec: Spec, pass: Pass): Ways {
  return spec.kind === "attention" ? transformer(spec, pass) : spec.residual ? residual(spec, pass) : plain(spec, pass);
}

/** How many matrices of units by columns a network keeps. */
export const matricesOf = ({ kind, depth }: Spec): number => (kind === "attention" ? 2 * depth + 14 : depth + 8);

/** h[l] = W f(norm(h[l - 1])), where h[1] = W x. */
function plain(spec: Spec, pass: Pass): Ways {
  const { depth, width, unit } = spec;
  const { products, columns } = pass;
  const linear = linearOf(spec, pass);
  const kept = Array.from({ length: depth }, () => products.matrix(width, columns));
  const [active, into, slope] = [0, 1, 2].map(() => products.matrix(width, columns)) as Three;
  return {
    forward(input, observe) {
      for (let l = 0; l < depth; ++l) {
        const signal = kept[l] as Float32Array;
        if (l === 0) linear.forward(signal, input, 0, "weight");
        else {
          normalize(spec, into, kept[l - 1] as Float32Array, columns);
          apply(active, into, unit.f);
          observe(l - 1, kept[l - 1] as Float32Array, into);
          linear.forward(signal, active, l, "weight");
        }
      }
      observe(depth - 1, kept[depth - 1] as Float32Array);
    },
    backward(gradient, observe) {
      observe(depth - 1, gradient);
      for (let l = depth - 1; l > 0; --l) {
        const before = kept[l - 1] as Float32Array;
        linear.backward(active, gradient, l, "weight");
        normalize(spec, into, before, columns);
        times(slope, active, into, unit.derivative);
        normalizeBack(spec, gradient, slope, before, into, columns);
        observe(l - 1, gradient);
      }
    },
  };
}

type Three = [Float32Array, Float32Array, Float32Array];

/** x[l] = x[l - 1] + s W f(norm(x[l - 1])). */
function residual(spec: Spec, pass: Pass): Ways {
  const { depth, width, unit, branchScale } = spec;
  const { products, columns } = pass;
  const linear = linearOf(spec, pass);
  const kept = Array.from({ length: depth + 1 }, () => products.matrix(width, columns));
  const [active, into, slope] = [0, 1, 2].map(() => products.matrix(width, columns)) as Three;
  const branch = products.matrix(width, columns);
  return {
    forward(input, observe) {
      (kept[0] as Float32Array).set(input);
      for (let l = 0; l < depth; ++l) {
        const [before, after] = [kept[l], kept[l + 1]] as [Float32Array, Float32Array];
        normalize(spec, into, before, columns);
        apply(active, into, unit.f);
        linear.forward(branch, active, l, "weight");
        add(after, before, branch, branchScale);
        observe(l, after, into);
      }
    },
    backward(gradient, observe) {
      for (let l = depth - 1; l >= 0; --l) {
        observe(l, gradient);
        const before = kept[l] as Float32Array;
        linear.backward(active, gradient, l, "weight");
        normalize(spec, into, before, columns);
        times(slope, active, into, unit.derivative);
        normalizeBack(spec, branch, slope, before, into, columns);
        add(gradient, gradient, branch, branchScale);
      }
    },
  };
}

/** x + s O attention(norm(x)), then x + s W2 f(W1 norm(x)): a block of one head, whose layers are all as wide as the stream. */
function transformer(spec: Spec, pass: Pass): Ways {
  const { depth, width, unit, branchScale } = spec;
  const { products, columns } = pass;
  const linear = linearOf({ ...spec, kind: "dense" }, pass);
  const make = () => products.matrix(width, columns);
  const kept = Array.from({ length: 2 * depth + 1 }, make);
  const [normed, query, key, value, mixed, hidden, active] = Array.from({ length: 7 }, make) as Float32Array[] as Seven;
  const [a, b, c] = [make(), make(), make()];
  const heads = attention(width, columns);
  const project = (l: number) => {
    linear.forward(query, normed, l, "query");
    linear.forward(key, normed, l, "key");
    linear.forward(value, normed, l, "value");
    heads.forward(mixed, query, key, value);
  };
  return {
    forward(input, observe) {
      (kept[0] as Float32Array).set(input);
      for (let l = 0; l < depth; ++l) {
        const [x, y, z] = kept.slice(2 * l, 2 * l + 3) as Three;
        normalize(spec, normed, x, columns);
        project(l);
        linear.forward(a, mixed, l, "output");
        add(y, x, a, branchScale);
        normalize(spec, normed, y, columns);
        linear.forward(hidden, normed, l, "up");
        apply(active, hidden, unit.f);
        linear.forward(a, active, l, "down");
        add(z, y, a, branchScale);
        observe(l, z, hidden);
      }
    },
    backward(gradient, observe) {
      for (let l = depth - 1; l >= 0; --l) {
        observe(l, gradient);
        const [x, y] = kept.slice(2 * l, 2 * l + 2) as Three;
        normalize(spec, normed, y, columns);
        linear.forward(hidden, normed, l, "up");
        linear.backward(a, gradient, l, "down");
        times(b, a, hidden, unit.derivative);
        linear.backward(a, b, l, "up");
        normalizeBack(spec, b, a, y, normed, columns);
        add(gradient, gradient, b, branchScale);

        normalize(spec, normed, x, columns);
        project(l);
        linear.backward(hidden, gradient, l, "output");
        heads.backward([a, b, c], hidden, query, key, value);
        linear.backward(mixed, a, l, "query");
        linear.backward(active, b, l, "key");
        add(mixed, mixed, active, 1);
        linear.backward(active, c, l, "value");
        add(mixed, mixed, active, 1);
        normalizeBack(spec, a, mixed, x, normed, columns);
        add(gradient, gradient, a, branchScale);
      }
    },
  };
}

type Seven = [...Three, ...Three, Float32Array];

interface Linear {
  /** to = W from */
  forward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
  /** to = W' from */
  backward(to: Float32Array, from: Float32Array, layer: number, part: string): void;
}

function linearOf({ kind, width }: Spec, { products, draw, columns }: Pass): Linear {
  if (kind !== "convolution") {
    return {
      forward(to, from, layer, part) {
        const { values, across } = draw(layer, part);
        products.multiply(to, { values, rows: width, columns: width, across }, from, columns);
      },
      backward(to, from, layer, part) {
        const { values, across } = draw(layer, part);
        products.multiply(to, { values, rows: width, columns: width, across: !across }, from, columns);
      },
    };
  }
  const patches = products.matrix(TAPS * width, columns);
  const inputs = TAPS * width;
  return {
    forward(to, from, layer, part) {
      const { values, across, tapsInside } = draw(layer, part);
      unfold(patches, from, width, columns, tapsInside);
      products.multiply(to, { values, rows: width, columns: inputs, across }, patches, columns);
    },
    backward(to, from, layer, part) {
      const { values, across, tapsInside } = draw(layer, part);
      products.multiply(patches, { values, rows: inputs, columns: width, across: !across }, from, columns);
      fold(to, patches, width, columns, tapsInside);
    },
  };
}

/** Calls back with the row of patches that an input's tap is, and for each column the one it is taken from. */
function forEachTap(width: number, inside: boolean, visit: (row: number, input: number, shift: number) => void): void {
  for (let tap = 0; tap < TAPS; ++tap) {
    for (let input = 0; input < width; ++input) {
      visit(inside ? input * TAPS + tap : tap * width + input, input, tap - (TAPS >> 1));
    }
  }
}

const around = (column: number, shift: number): number => {
  const position = column % POSITIONS;
  return column - position + ((position + shift + POSITIONS) % POSITIONS);
};

function unfold(patches: Float32Array, from: Float32Array, width: number, columns: number, inside: boolean): void {
  const stride = columnsOf(columns);
  forEachTap(width, inside, (row, input, shift) => {
    for (let j = 0; j < columns; ++j) patches[row * stride + j] = from[input * stride + around(j, shift)] as number;
  });
}

function fold(to: Float32Array, patches: Float32Array, width: number, columns: number, inside: boolean): void {
  const stride = columnsOf(columns);
  to.fill(0);
  forEachTap(width, inside, (row, input, shift) => {
    for (let j = 0; j < columns; ++j) {
      const at = input * stride + around(j, shift);
      to[at] = (to[at] as number) + (patches[row * stride + j] as number);
    }
  });
}

function apply(to: Float32Array, from: Float32Array, f: (x: number) => number): void {
  for (let i = 0; i < to.length; ++i) to[i] = f(from[i] as number);
}

/** to = from f'(into) */
function times(to: Float32Array, from: Float32Array, into: Float32Array, f: (x: number) => number): void {
  for (let i = 0; i < to.length; ++i) to[i] = (from[i] as number) * f(into[i] as number);
}

function add(to: Float32Array, a: Float32Array, b: Float32Array, scale: number): void {
  for (let i = 0; i < to.length; ++i) to[i] = (a[i] as number) + scale * (b[i] as number);
}

/** Each column, over its units: less its mean (layer), over its root mean square. Ba et al. 2016; Zhang, Sennrich 2019. */
function normalize({ norm, width }: Spec, to: Float32Array, from: Float32Array, columns: number): void {
  if (norm === "none") {
    to.set(from);
    return;
  }
  const stride = columnsOf(columns);
  const { mean, root } = statistics(norm, from, width, stride);
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      to[i * stride + j] = ((from[i * stride + j] as number) - (mean[j] as number)) / (root[j] as number);
    }
  }
}

function statistics(norm: Normalization, from: Float32Array, width: number, stride: number) {
  const mean = new Float64Array(stride);
  const root = new Float64Array(stride);
  if (norm === "layer") {
    for (let i = 0; i < width; ++i) {
      for (let j = 0; j < stride; ++j) mean[j] = (mean[j] as number) + (from[i * stride + j] as number) / width;
    }
  }
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const off = (from[i * stride + j] as number) - (mean[j] as number);
      root[j] = (root[j] as number) + (off * off) / width;
    }
  }
  for (let j = 0; j < stride; ++j) root[j] = Math.sqrt((root[j] as number) + EPSILON);
  return { mean, root };
}

/** The gradient before a normalization: (g - mean g - n mean(g n)) / root; of rms without the mean. `to` may be `gradient`. */
function normalizeBack(
  { norm, width }: Spec,
  to: Float32Array,
  gradient: Float32Array,
  from: Float32Array,
  normed: Float32Array,
  columns: number,
): void {
  if (norm === "none") {
    to.set(gradient);
    return;
  }
  const stride = columnsOf(columns);
  const { root } = statistics(norm, from, width, stride);
  const [mean, along] = [new Float64Array(stride), new Float64Array(stride)];
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const g = gradient[i * stride + j] as number;
      if (norm === "layer") mean[j] = (mean[j] as number) + g / width;
      along[j] = (along[j] as number) + (g * (normed[i * stride + j] as number)) / width;
    }
  }
  for (let i = 0; i < width; ++i) {
    for (let j = 0; j < stride; ++j) {
      const at = i * stride + j;
      const rest = (gradient[at] as number) - (mean[j] as number) - (normed[at] as number) * (along[j] as number);
      to[at] = rest / (root[j] as number);
    }
  }
}

interface Attention {
  forward(to: Float32Array, query: Float32Array, key: Float32Array, value: Float32Array): void;
  backward(
    to: readonly Float32Array[],
    from: Float32Array,
    query: Float32Array,
    key: Float32Array,
    value: Float32Array,
  ): void;
}

/** softmax(q k / sqrt(width)) v among the tokens of each sample. Vaswani et al. 2017, eq. 1. */
function attention(width: number, columns: number): Attention {
  const stride = columnsOf(columns);
  const scale = 1 / Math.sqrt(width);
  const shares = new Float64Array(POSITIONS * POSITIONS);
  const slopes = new Float64Array(POSITIONS * POSITIONS);
  const dot = (to: Float64Array, a: Float32Array, b: Float32Array, first: number) => {
    to.fill(0);
    for (let i = 0; i < width; ++i) {
      for (let s = 0; s < POSITIONS; ++s) {
        const x = a[i * stride + first + s] as number;
        for (let t = 0; t < POSITIONS; ++t) {
          const at = s * POSITIONS + t;
          to[at] = (to[at] as number) + x * (b[i * stride + first + t] as number);
        }
      }
    }
  };
  /** to[s] = sum over t of weights[s, t] from[t]; with `down` of weights[t, s]. */
  const mix = (to: Float32Array, weights: Float64Array, from: Float32Array, first: number, down: boolean) => {
    for (let i = 0; i < width; ++i) {
      for (let s = 0; s < POSITIONS; ++s) {
        let sum = 0;
        for (let t = 0; t < POSITIONS; ++t) {
          const weight = weights[down ? t * POSITIONS + s : s * POSITIONS + t] as number;
          sum += weight * (from[i * stride + first + t] as number);
        }
        to[i * stride + first + s] = sum;
      }
    }
  };
  const attend = (query: Float32Array, key: Float32Array, first: number) => {
    dot(shares, query, key, first);
    for (let s = 0; s < POSITIONS; ++s) softmax(shares.subarray(s * POSITIONS, (s + 1) * POSITIONS), scale);
  };
  return {
    forward(to, query, key, value) {
      for (let first = 0; first < columns; first += POSITIONS) {
        attend(query, key, first);
        mix(to, shares, value, first, false);
      }
    },
    backward([toQuery, toKey, toValue], from, query, key, value) {
      for (let first = 0; first < columns; first += POSITIONS) {
        attend(query, key, first);
        mix(toValue as Float32Array, shares, from, first, true);
        dot(slopes, from, value, first);
        for (let s = 0; s < POSITIONS; ++s) {
          let mean = 0;
          for (let t = 0; t < POSITIONS; ++t) {
            mean += (shares[s * POSITIONS + t] as number) * (slopes[s * POSITIONS + t] as number);
          }
          for (let t = 0; t < POSITIONS; ++t) {
            const at = s * POSITIONS + t;
            slopes[at] = scale * (shares[at] as number) * ((slopes[at] as number) - mean);
          }
        }
        mix(toQuery as Float32Array, slopes, key, first, false);
        mix(toKey as Float32Array, slopes, query, first, true);
      }
    },
  };
}

function softmax(row: Float64Array, scale: number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (const x of row) most = Math.max(most, x);
  let sum = 0;
  for (let i = 0; i < row.length; ++i) {
    row[i] = exp(scale * ((row[i] as number) - most));
    sum += row[i] as number;
  }
  for (let i = 0; i < row.length; ++i) row[i] = (row[i] as number) / sum;
}

/** A convolution, product by product, on which fans are counted and through which data are pushed. */

/** A convolution on a ring of positions. */
export interface Convolution {
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly groups: number;
  readonly stride: number;
  readonly transposed: boolean;
}

/**
 * Each product of the layer on a ring of `length` inputs (if transposed, of `length` outputs): input (channel, place),
 * output (channel, place), and the weight between them.
 */
export function* products(
  { in: inputs, out: outputs, kernel, groups, stride, transposed }: Convolution,
  length: number,
) {
  const [perIn, perOut] = [inputs / groups, outputs / groups];
  for (let group = 0; group < groups; ++group)
    for (let i = 0; i < perIn; ++i)
      for (let o = 0; o < perOut; ++o)
        for (let tap = 0; tap < kernel; ++tap)
          for (let place = 0; place < length; place += stride) {
            const [few, many] = [place / stride, (place + tap) % length]; // on the strided side, and on the other
            const from = transposed ? few : many;
            const to = transposed ? many : few;
            yield { input: [group * perIn + i, from], output: [group * perOut + o, to], group, i, o, tap };
          }
}

/** The weight's shape in each layout. */
export const SHAPES = {
  oi: ({ in: inputs, out: outputs, kernel, groups, transposed }: Convolution) =>
    transposed ? [inputs, outputs / groups, kernel] : [outputs, inputs / groups, kernel],
  io: ({ in: inputs, out: outputs, kernel, groups, transposed }: Convolution) =>
    transposed ? [kernel, outputs / groups, inputs] : [kernel, inputs / groups, outputs],
};

/** Inputs and outputs along the ring. */
export const places = ({ stride, transposed }: Convolution, length: number) =>
  transposed ? { inputs: length / stride, outputs: length } : { inputs: length, outputs: length / stride };

/** Pushes inputs [channel, place] through the layer, under a weight in layout `oi`, to outputs [channel, place]. */
export function push(layer: Convolution, length: number) {
  const { in: inputs, out: outputs, groups, kernel, transposed } = layer;
  const count = places(layer, length);
  const terms: { readonly w: number; readonly x: number; readonly y: number }[] = [];
  for (const { input, output, group, i, o, tap } of products(layer, length)) {
    const [first, second, width] = transposed
      ? [group * (inputs / groups) + i, o, outputs / groups]
      : [group * (outputs / groups) + o, i, inputs / groups];
    const [c, place] = input as [number, number];
    const [d, to] = output as [number, number];
    terms.push({
      w: (first * width + second) * kernel + tap,
      x: c * count.inputs + place,
      y: d * count.outputs + to,
    });
  }
  return (weight: Float32Array | Float64Array, data: Float32Array | Float64Array): Float64Array => {
    const result = new Float64Array(outputs * count.outputs);
    for (const { w, x, y } of terms) result[y]! += weight[w]! * data[x]!;
    return result;
  };
}

// The std of the weights of every layer class against the formulas of docs/schemes.md, whose fans are computed here again.
import { forTensorFlow } from "../../dist/tfjs.js";

const near = (value, expected, tolerance, what) => {
  if (!(Math.abs(value / expected - 1) <= tolerance)) throw new Error(`${what}: ${value}, expected ${expected}`);
};

/** Root mean square of the values, which have mean 0. */
const rms = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** Each class: an input, a maker, and for each kernel its initializer's option and the fans, from the layer's definition. */
const CASES = {
  dense: {
    input: [96],
    make: (layers, o) => layers.dense({ units: 160, kernelInitializer: o }),
    fans: { kernel: { in: 96, out: 160 } },
  },
  conv1d: {
    input: [64, 24],
    make: (layers, o) => layers.conv1d({ filters: 40, kernelSize: 5, strides: 2, kernelInitializer: o }),
    fans: { kernel: { in: 24 * 5, out: (40 * 5) / 2 } },
  },
  conv2d: {
    input: [16, 16, 24],
    make: (layers, o) => layers.conv2d({ filters: 40, kernelSize: [3, 5], strides: [2, 3], kernelInitializer: o }),
    fans: { kernel: { in: 24 * 15, out: (40 * 15) / 6 } },
  },
  conv3d: {
    input: [6, 6, 6, 12],
    make: (layers, o) => layers.conv3d({ filters: 20, kernelSize: 3, kernelInitializer: o }),
    fans: { kernel: { in: 12 * 27, out: 20 * 27 } },
  },
  conv2dTranspose: {
    input: [8, 8, 24],
    make: (layers, o) => layers.conv2dTranspose({ filters: 40, kernelSize: 4, strides: 2, kernelInitializer: o }),
    fans: { kernel: { in: (24 * 16) / 4, out: 40 * 16 } },
  },
  conv3dTranspose: {
    input: [4, 4, 4, 8],
    make: (layers, o) => layers.conv3dTranspose({ filters: 12, kernelSize: 3, strides: 3, kernelInitializer: o }),
    fans: { kernel: { in: (8 * 27) / 27, out: 12 * 27 } },
  },
  depthwiseConv2d: {
    input: [8, 8, 96],
    make: (layers, o) => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 8, depthwiseInitializer: o }),
    fans: { depthwise_kernel: { in: 9, out: 9 * 8 } },
  },
  separableConv2d: {
    input: [8, 8, 96],
    make: (layers, o) =>
      layers.separableConv2d({ filters: 64, kernelSize: 3, depthMultiplier: 4, depthwiseInitializer: o }),
    fans: { depthwise_kernel: { in: 9, out: 9 * 4 }, pointwise_kernel: { in: 96 * 4, out: 64 } },
  },
  embedding: {
    input: [7],
    make: (layers, o) => layers.embedding({ inputDim: 200, outputDim: 64, embeddingsInitializer: o }),
    fans: { embeddings: { in: 200, out: 64 } },
  },
  simpleRNN: recurrent("simpleRNN", 1),
  gru: recurrent("gru", 3),
  lstm: recurrent("lstm", 4),
  convLstm2d: {
    input: [3, 8, 8, 16],
    make: (layers, o) =>
      layers.convLstm2d({ filters: 20, kernelSize: 3, kernelInitializer: o, recurrentInitializer: o }),
    fans: { kernel: { in: 16 * 9, out: 20 * 9 }, recurrent_kernel: { in: 20 * 9, out: 20 * 9 } },
  },
  bidirectional: {
    input: [5, 48],
    make: (layers, o) =>
      layers.bidirectional({ layer: layers.lstm({ units: 40, kernelInitializer: o, recurrentInitializer: o }) }),
    fans: { kernel: { in: 48, out: 40 }, recurrent_kernel: { in: 40, out: 40 } },
  },
  timeDistributed: {
    input: [5, 96],
    make: (layers, o) => layers.timeDistributed({ layer: layers.dense({ units: 160, kernelInitializer: o }) }),
    fans: { kernel: { in: 96, out: 160 } },
  },
  stackedCells: {
    input: [5, 40],
    make: (layers, o) => {
      const cell = () => layers.gruCell({ units: 40, kernelInitializer: o, recurrentInitializer: o });
      return layers.rnn({ cell: [cell(), cell()] });
    },
    fans: { kernel: { in: 40, out: 40 }, recurrent_kernel: { in: 40, out: 40 } },
  },
};

function recurrent(name, gates) {
  return {
    input: [5, 48],
    gates,
    make: (layers, o) => layers[name]({ units: 40, kernelInitializer: o, recurrentInitializer: o }),
    fans: { kernel: { in: 48, out: 40 }, recurrent_kernel: { in: 40, out: 40 } },
  };
}

/** Variances, by docs/schemes.md. */
const SCHEMES = {
  glorotNormal: (fans) => 2 / (fans.in + fans.out),
  glorotUniform: (fans) => 2 / (fans.in + fans.out),
  heNormal: (fans) => 2 / fans.in,
  heUniform: (fans) => 2 / fans.in,
  lecunNormal: (fans) => 1 / fans.in,
  lecunUniform: (fans) => 1 / fans.in,
  xavierNormal: (fans) => 2 / (fans.in + fans.out),
  kaimingUniform: (fans) => 2 / fans.in,
};

/** Relative error of a root mean square of n independent values is about sqrt((kurtosis - 1) / 4n): five times that. */
const toleranceOf = (scheme, count) => 5 * Math.sqrt((scheme.endsWith("Normal") ? 2 : 0.8) / (4 * count));

export async function run({ check, load, quietly }) {
  const tf = load("@tensorflow/tfjs");
  load("@tensorflow/tfjs-backend-wasm");
  const nn = forTensorFlow(tf);
  for (const backend of ["cpu", "wasm"]) {
    if (!(await tf.setBackend(backend))) throw new Error(`no backend ${backend}`);
    await tf.ready();
    await check(`the std of every layer's weights, ${backend}`, () => {
      let compared = 0;
      for (const [name, { input, make, fans }] of Object.entries(CASES)) {
        for (const [scheme, variance] of Object.entries(SCHEMES)) {
          tf.tidy(() => {
            const initializer = nn.initializer(scheme, { seed: 11 });
            const layer = make(tf.layers, initializer);
            layer.apply(tf.input({ shape: input }));
            for (const weight of layer.weights) {
              const kernel = weight.originalName.split("/").at(-1);
              if (fans[kernel] === undefined) continue;
              const values = weight.read().dataSync();
              const tolerance = toleranceOf(scheme, values.length);
              near(rms(values), Math.sqrt(variance(fans[kernel])), tolerance, `${scheme} of ${name}/${kernel}`);
              compared += 1;
            }
            layer.dispose();
          });
        }
      }
      return `${compared} weights of ${Object.keys(CASES).length} kinds of layers`;
    });
    await check(`orthogonal gates, ${backend}`, () => {
      for (const [name, gates] of [
        ["simpleRNN", 1],
        ["gru", 3],
        ["lstm", 4],
      ]) {
        const layer = tf.layers[name]({ units: 32, recurrentInitializer: nn.initializer("orthogonal", { seed: 3 }) });
        quietly(() => layer.apply(tf.input({ shape: [4, 8] })));
        const weight = layer.weights.find(({ originalName }) => originalName.endsWith("recurrent_kernel"));
        const values = weight.read().dataSync();
        for (let gate = 0; gate < gates; ++gate) {
          for (let i = 0; i < 32; ++i) {
            for (let j = 0; j < 32; ++j) {
              let dot = 0;
              for (let row = 0; row < 32; ++row) {
                dot += values[row * 32 * gates + gate * 32 + i] * values[row * 32 * gates + gate * 32 + j];
              }
              if (Math.abs(dot - (i === j)) > 1e-5) throw new Error(`${name}, gate ${gate}: ${i} . ${j} = ${dot}`);
            }
          }
        }
      }
      return "each gate of three cells is an orthogonal matrix";
    });
    await check(`the makers of tf.initializers have the variance of their names, ${backend}`, () => {
      const shape = [300, 200];
      const variances = { glorot: 2 / 500, he: 2 / 300, leCun: 1 / 300 };
      const wrong = [];
      for (const [name, variance] of Object.entries(variances)) {
        for (const kind of ["Normal", "Uniform"]) {
          const stdOf = (initializers) => rms(initializers[name + kind]({ seed: 0 }).apply(shape).dataSync());
          const layer = tf.layers.dense({
            units: 200,
            kernelInitializer: nn.initializers[name + kind]({ seed: 0 }),
            name: "d",
          });
          layer.apply(tf.input({ shape: [300] }));
          near(rms(layer.weights[0].read().dataSync()), Math.sqrt(variance), 0.012, name + kind);
          layer.dispose();
          if (Math.abs(stdOf(tf.initializers) / Math.sqrt(variance) - 1) > 0.05) wrong.push(name + kind);
        }
      }
      const names = Object.keys(tf.initializers).filter((name) => typeof tf.initializers[name] === "function");
      const missing = names.filter((name) => typeof nn.initializers[name] !== "function");
      if (missing.length > 0) throw new Error(`missing ${missing}`);
      if (wrong.length !== 3) throw new Error(`TensorFlow.js's own are narrow in ${wrong}, expected three normal ones`);
      return `all ${names.length} names; TensorFlow.js's own are narrow in ${wrong.join(", ")}`;
    });
  }
  await check("one initializer for several layers", () => {
    const initializer = nn.initializer("heNormal", { seed: 1 });
    const layers = ["a", "b"].map((name) => tf.layers.dense({ units: 8, kernelInitializer: initializer, name }));
    const unnamed = [0, 1].map(() => tf.layers.dense({ units: 8, kernelInitializer: initializer }));
    const bidirectional = tf.layers.bidirectional({
      layer: tf.layers.gru({ units: 8, kernelInitializer: initializer }),
      name: "e",
    });
    const stacked = tf.layers.rnn({
      cell: [0, 1].map(() => tf.layers.gruCell({ units: 8, kernelInitializer: initializer })),
      name: "f",
    });
    quietly(() => {
      for (const layer of [...layers, ...unnamed]) layer.apply(tf.input({ shape: [8] }));
      for (const layer of [bidirectional, stacked]) layer.apply(tf.input({ shape: [4, 8] }));
    });
    const kernels = [...layers, ...unnamed, bidirectional, stacked].flatMap(({ weights }) =>
      weights
        .filter(({ originalName }) => /[/]kernel$/.test(originalName))
        .map((weight) => weight.read().dataSync()[0]),
    );
    if (new Set(kernels).size !== 8) throw new Error(`${new Set(kernels).size} different kernels of 8`);
    return "8 kernels, all different";
  });
}

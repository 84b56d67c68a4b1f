// A hash of what the library draws, for runtimes without crypto and without a file system: plain JavaScript.

const DTYPES = ["f32", "f64", "f16", "bf16"];

/**
 * @param nn the public names of nn-init; of nn-init/recipes, nn-init/model, nn-init/lab and nn-init/train as well, if they are there
 * @returns the same text in every runtime
 */
export function fingerprint(nn) {
  const hash = { value: 0x811c9dc5 };
  const options = { seed: 42, name: "w" };
  const schemes = [
    ...[nn.heNormal(), nn.normal({ std: 1 }), nn.uniform({ low: -0.1, high: 0.3 }), nn.truncatedNormal({ std: 1 })],
    ...[nn.truncatedNormal({ std: 1, low: 0, high: 3 }), nn.orthogonal(), nn.sparse({ sparsity: 0.3 })],
  ];
  for (const dtype of DTYPES) {
    for (const scheme of schemes) {
      add(hash, bytesOf(nn.init([90, 70], scheme, { ...options, dtype })));
      const arena = new nn.Arena(90 * 70 * 8);
      add(hash, bytesOf(nn.init([90, 70], scheme, { ...options, dtype, arena })));
    }
  }
  const texts = [
    JSON.stringify(nn.recommend({ activation: "relu" })),
    JSON.stringify(nn.meanField({ activation: "tanh", weightVariance: 1.5, biasVariance: 0.1 })),
    JSON.stringify(nn.lab({ activation: "gelu", depth: 3, width: 16, samples: 4 })),
    JSON.stringify(trained(nn)),
  ];
  for (const text of texts) {
    add(
      hash,
      Array.from(text, (letter) => letter.charCodeAt(0)),
    );
  }
  const config = { model_type: "gpt2", n_layer: 2, n_embd: 16, n_positions: 8, vocab_size: 30 };
  const plan = { rules: [{ match: "*", scheme: "normal", std: "0.02 / sqrt(n_layer)" }] };
  for (const { values } of nn.initModel(nn.modelOf(config), { plan, seed: 1 }).tensors.values())
    add(hash, bytesOf(values));
  return `fingerprint ${(hash.value >>> 0).toString(16)}`;
}

/** A few steps of networks of each kind, by each optimizer. @param nn the public names of nn-init/train */
export function trained({ splitData, train }) {
  const inputs = Float32Array.from({ length: 60 * 32 }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const targets = Float32Array.from({ length: 60 }, (_, i) => i % 3);
  const data = splitData({ inputs, targets }, { name: "bits", features: 32, classes: 3 });
  const options = { strategy: "lsuv", steps: 8, batch: 12, measurements: 2 };
  return [
    train({ depth: 3, width: 20, activation: "tanh", normalization: "layer" }, data, { ...options, optimizer: "adam" }),
    train({ kind: "convolution", depth: 2, width: 8, normalization: "batch" }, data, {
      ...options,
      optimizer: "momentum",
    }),
    train({ kind: "attention", depth: 1, width: 8, activation: "gelu" }, data, { ...options, optimizer: "sgd" }),
  ];
}

/** The engine that draws without an `engine` option. */
export const usualEngine = (nn) => nn.engines().find((engine) => engine.default).name;

const bytesOf = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);

/** FNV-1a, 32 bits. */
function add(hash, bytes) {
  for (const byte of bytes) hash.value = Math.imul(hash.value ^ byte, 0x01000193);
}

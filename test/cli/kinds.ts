/** A list of tensors of every kind of scheme and of every dtype. */
export const KINDS = [
  { name: "q", shape: [1100, 1000], scheme: "orthogonal", gain: 2 }, // several pieces
  { name: "conv", shape: [3, 3, 8, 16], scheme: "deltaOrthogonal" },
  { name: "rnn", shape: [40, 40], scheme: "identity" },
  { name: "s", shape: [50, 20], scheme: "sparse", sparsity: 0.5 },
  { name: "qkv", shape: [96, 64], scheme: "split", axis: 0, parts: [64, 16, 16], of: { scheme: "xavierUniform" } },
  { name: "gates", shape: [20, 80], scheme: "split", axis: 1, parts: 4, of: { scheme: "orthogonal" } },
  { name: "w", shape: [3, 1_000_003], scheme: "truncatedNormal", std: 1 }, // several pieces
  { name: "empty", shape: [0, 3], scheme: "zeros" },
  { name: "double", shape: [300, 700], dtype: "f64", scheme: "normal", std: 0.02 },
  { name: "half", shape: [300, 700], dtype: "f16", scheme: "heNormal" },
  { name: "brain", shape: [300, 700], dtype: "bf16", scheme: "uniform", low: -1, high: 1 },
];

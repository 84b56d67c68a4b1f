// Draws the weights of a small network (784 pixels, 512 hidden units, 10 classes) and writes them to mlp.safetensors,
// a file that PyTorch, MLX, Candle and many others read. It is the same file on every machine.
//
//   npm install nn-init
//   node mlp.mjs
import { writeFileSync } from "node:fs";
import { explain, init, kaimingNormal, xavierUniform, zeros } from "nn-init";

const seed = 42;
const layers = [
  { name: "fc1.weight", shape: [512, 784], scheme: kaimingNormal() }, // [out, in]; made for the ReLU that follows
  { name: "fc1.bias", shape: [512], scheme: zeros() },
  { name: "fc2.weight", shape: [10, 512], scheme: xavierUniform() }, // linear: its outputs are logits
  { name: "fc2.bias", shape: [10], scheme: zeros() },
];

const tensors = layers.map(({ name, shape, scheme }) => {
  const values = init(shape, scheme, { seed, name }); // a Float32Array, row-major
  console.log(`${name}: ${explain(shape, scheme)}; drawn with std ${std(values).toFixed(5)}`);
  return { name, shape, values };
});
writeFileSync("mlp.safetensors", safetensors(tensors));

function std(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** A .safetensors file: the length of the header as 8 bytes, the header as JSON, then the data of all tensors. */
function safetensors(tensors) {
  const header = {};
  let begin = 0; // byte of the data at which the tensor begins
  for (const { name, shape, values } of tensors) {
    const end = begin + values.byteLength;
    header[name] = { dtype: "F32", shape, data_offsets: [begin, end] };
    begin = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc(-json.length & 7, " "); // so that the data begins at a multiple of 8
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  const data = tensors.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return Buffer.concat([length, json, padding, ...data]);
}

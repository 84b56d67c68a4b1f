// What runs in Chromium: TensorFlow.js on each of its backends, WebGPU by itself, jax-js. It posts one line a check.
import * as jax from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";
import * as nn from "nn-init";
import { forJax } from "nn-init/jax";
import { forTensorFlow } from "nn-init/tfjs";

setWasmPaths("/wasm/");
const post = (line) => fetch("/line", { method: "POST", body: JSON.stringify(line) });
const equal = (one, other, tolerance = 0) => {
  const wrong = Array.from(one).findIndex((value, i) => !(Math.abs(value - other[i]) <= tolerance));
  if (one.length !== other.length || wrong >= 0) throw new Error(`${wrong}: ${one[wrong]}, expected ${other[wrong]}`);
};

/** Runs a check, which returns what it did, or "absent: ..." where a backend cannot start here. */
async function check(name, run) {
  try {
    await post({ name, text: await run() });
  } catch (error) {
    await post({ name, error: String(error.stack ?? error) });
  }
}

const kernel = [24, 16];
const scheme = nn.heNormal();

async function onBackend(backend) {
  try {
    if (!(await tf.setBackend(backend))) return "absent: setBackend refused it";
    await tf.ready();
  } catch (error) {
    return `absent: ${error.message}`;
  }
  const { initializer, reinitialize } = forTensorFlow(tf);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 16,
        inputShape: [24],
        kernelInitializer: initializer(scheme, { seed: 42 }),
        name: `${backend}_fc`,
      }),
      tf.layers.reshape({ targetShape: [4, 4] }),
      tf.layers.lstm({
        units: 4,
        unitForgetBias: true,
        recurrentInitializer: initializer("orthogonal", { seed: 42 }),
        name: `${backend}_l`,
      }),
      tf.layers.dense({ units: 1, name: `${backend}_d` }),
    ],
  });
  const read = async () =>
    Promise.all(model.layers.flatMap(({ weights }) => weights).map((weight) => weight.read().data()));
  equal((await read())[0], nn.init(kernel, scheme, { seed: 42, name: `${backend}_fc/kernel` }));
  const { weights } = reinitialize(model, { seed: 7, plan: "keras" });
  const values = await read();
  const arena = new nn.Arena(1 << 16);
  for (let i = 0; i < 9; ++i, arena.reset()) nn.init([1000], nn.normal({ std: 1 }), { seed: i, name: "x", arena });
  for (const [i, { name, shape, distribution }] of weights.entries()) {
    equal(values[i], nn.init(shape, distribution, { seed: 7, name }));
    equal((await read())[i], values[i]);
  }
  const inputs = Float32Array.from({ length: 8 * 24 }, (_, i) => Math.sin(i));
  const predicted = await model.predict(tf.tensor(inputs, [8, 24])).data();
  if (!predicted.every(Number.isFinite)) throw new Error("predictions are not finite");
  return `${weights.length} weights are those of init, also after ${tf.getBackend()} has used them`;
}

let adapter;
let device;

async function readBuffer(buffer, bytes) {
  const copy = device.createBuffer({ size: bytes, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  return copy.getMappedRange().slice(0);
}

const USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

async function mappedBuffers() {
  adapter = await navigator.gpu?.requestAdapter();
  device = await adapter?.requestDevice();
  if (device === undefined) return "absent: there is no WebGPU adapter";
  const options = { seed: 42, name: "fc1.kernel" };
  const expected = nn.init([784, 512], scheme, options);
  const buffer = device.createBuffer({ size: expected.byteLength, usage: USAGE(), mappedAtCreation: true });
  nn.fill(new Float32Array(buffer.getMappedRange()), [784, 512], scheme, options);
  buffer.unmap();
  equal(new Float32Array(await readBuffer(buffer, expected.byteLength)), expected);
  const half = nn.init([784, 512], scheme, { ...options, dtype: "f16" });
  const halves = device.createBuffer({ size: half.byteLength, usage: USAGE(), mappedAtCreation: true });
  nn.fill(new Uint16Array(halves.getMappedRange()), [784, 512], scheme, { ...options, dtype: "f16" });
  halves.unmap();
  equal(new Uint16Array(await readBuffer(halves, half.byteLength)), half);
  const arena = new nn.Arena(expected.byteLength + 4096);
  const written = device.createBuffer({ size: expected.byteLength, usage: USAGE() });
  device.queue.writeBuffer(written, 0, nn.init([784, 512], scheme, { ...options, arena }));
  arena.reset();
  nn.init([784, 512], scheme, { seed: 1, name: "other", arena });
  equal(new Float32Array(await readBuffer(written, expected.byteLength)), expected);
  return `f32 and f16 mapped, f32 from an arena that is reset; ${adapter.info?.vendor} ${adapter.info?.architecture}; ${await timed()}`;
}

/** The best of several, for 16 MB. */
async function timed() {
  const [shape, normal] = [[2048, 2048], nn.normal({ std: 0.02 })];
  const size = 4 * 2048 * 2048;
  const arena = new nn.Arena(size + 4096);
  const ways = {
    mapped(buffer) {
      nn.fill(new Float32Array(buffer.getMappedRange()), shape, normal, { seed: 1, name: "w" });
      buffer.unmap();
    },
    arena(buffer) {
      arena.reset();
      device.queue.writeBuffer(buffer, 0, nn.init(shape, normal, { seed: 1, name: "w", arena }));
    },
  };
  const best = { mapped: Number.POSITIVE_INFINITY, arena: Number.POSITIVE_INFINITY };
  for (let round = 0; round < 6; ++round) {
    for (const [way, run] of Object.entries(ways)) {
      const begun = performance.now();
      const buffer = device.createBuffer({ size, usage: USAGE(), mappedAtCreation: way === "mapped" });
      run(buffer);
      await device.queue.onSubmittedWorkDone();
      best[way] = Math.min(best[way], performance.now() - begun);
      buffer.destroy();
    }
  }
  return `16 MB: mapped ${best.mapped.toFixed(1)} ms, arena and writeBuffer ${best.arena.toFixed(1)} ms`;
}

async function withSeed(device) {
  jax.defaultDevice(device);
  const array = forJax(jax).heNormal()({ seed: 42, name: "w" }, kernel);
  equal(await array.data(), nn.init(kernel, scheme, { seed: 42, name: "w" }));
  return "the values of init";
}

/** A key is read at once. Chromium's software renderer can lose WebGPU by that, which says nothing about the values. */
async function withKey(device) {
  jax.defaultDevice(device);
  const values = await forJax(jax)
    .normal()(jax.random.key(42), [8])
    .data()
    .catch(({ message }) => message);
  if (/external Instance reference/.test(values))
    return `absent: Chromium lost WebGPU after a synchronous reading (${values})`;
  if (typeof values === "string") throw new Error(values);
  equal(values, nn.init([8], nn.normal({ std: 0.01 }), { seed: 42, name: "jax.random.key" }));
  return "the values of init";
}

for (const device of await jax.init()) {
  await check(`jax-js, ${device}, by a seed`, () => withSeed(device));
  await check(`jax-js, ${device}, by a key`, () => withKey(device));
}
for (const backend of ["cpu", "wasm", "webgl", "webgpu"])
  await check(`TensorFlow.js, ${backend}`, () => onBackend(backend));
await check("fill in buffers of WebGPU", mappedBuffers);
await post({ end: true });

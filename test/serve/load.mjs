// Random ranges by 64 connections at once, and the rate beside that of `fill` on this machine.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import autocannon from "autocannon";
import { fill, normal } from "../../dist/index.js";
import { random } from "../faults/command.mjs";
import { isLinux, usageOf } from "./processes.mjs";
import { listening, SERVERS, serversFolder } from "./servers.mjs";

const CONFIG = { model_type: "gpt2", n_layer: 12, n_embd: 768, n_positions: 1024, vocab_size: 50257 };
const LENGTH = 490e6; // bytes of the file where ranges begin; it has 497 million
const MOST = 2e6; // bytes of a range
const FILE = "/nn-init/tiny/resolve/seed-42/model.safetensors";

/** Bytes that one thread draws in a second. */
function fillRate() {
  const values = new Float32Array(2 ** 16);
  const draw = (times) => {
    const begun = performance.now();
    for (let i = 0; i < times; ++i) fill(values, [values.length], normal({ std: 1 }), { seed: i, name: "w" });
    return (times * values.byteLength) / ((performance.now() - begun) / 1000);
  };
  draw(100);
  return Math.max(draw(1000), draw(1000), draw(1000));
}

export async function load({ seconds, seed }) {
  const folder = serversFolder();
  writeFileSync(join(folder, "config.json"), JSON.stringify(CONFIG));
  const drawn = fillRate();
  const server = await listening((...args) => [...SERVERS["nn-init serve"].command(...args), "--quiet"], folder);
  const wrong = [];
  const next = random(seed);
  const range = () => {
    const begin = Math.floor(next() * LENGTH);
    return `bytes=${begin}-${begin + Math.floor(next() * MOST)}`;
  };
  try {
    const memory = [];
    const watch = setInterval(() => isLinux && memory.push(usageOf(server.pid).memory), 500);
    const before = isLinux ? usageOf(server.pid).seconds : 0;
    const requests = [{ path: FILE, setupRequest: (request) => ({ ...request, headers: { Range: range() } }) }];
    const result = await autocannon({ url: server.origin, connections: 64, duration: seconds, requests, timeout: 60 });
    clearInterval(watch);
    const cpu = isLinux ? usageOf(server.pid).seconds - before : Number.NaN;
    const { errors, timeouts, non2xx } = result;
    for (const [what, count] of Object.entries({ errors, timeouts, non2xx }))
      if (count > 0) wrong.push(`${count} ${what}`);
    const [third, last] = [Math.floor(memory.length / 3), memory.length - 1];
    if (memory[last] > 1.2 * memory[third] + 20e6)
      wrong.push(`memory grew from ${memory[third]} to ${memory[last]} bytes`);
    const bytes = result.throughput.total;
    return {
      counts: {
        requests: result.requests.total,
        "MB/s": Math.round(bytes / result.duration / 1e6),
        "server's CPU, ms per MB": ((1000 * cpu) / (bytes / 1e6)).toFixed(2),
        "one thread's fill, MB/s": Math.round(drawn / 1e6),
        "MB of memory": Math.round(memory[last] / 1e6),
        "p50, ms": result.latency.p50,
        "p99, ms": result.latency.p99,
      },
      wrong,
    };
  } finally {
    await server.close();
  }
}

// Random ranges by 64 connections at once, by wrk, and the rate beside that of `fill` on this machine.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fill, normal } from "../../dist/index.js";
import { debian } from "../debian.mjs";
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

const ranges = fileURLToPath(new URL("ranges.lua", import.meta.url));

/** What wrk measured, as ranges.lua prints it. */
const wrk = (origin, seconds, seed) =>
  new Promise((resolve, reject) => {
    const args = [
      "-t1",
      "-c64",
      `-d${seconds}s`,
      "--timeout",
      "60s",
      "-s",
      ranges,
      origin,
      "--",
      FILE,
      LENGTH,
      MOST,
      seed,
    ];
    const child = spawn("wrk", args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
    });
    child.on("error", reject);
    child.on("close", () => {
      try {
        resolve(JSON.parse(said.trim().split("\n").at(-1)));
      } catch {
        reject(new Error(`wrk: ${said}`));
      }
    });
  });

/** @returns what was counted and what was wrong; undefined where there is no /proc. */
export async function load({ seconds, seed }) {
  if (!isLinux) return undefined;
  debian(["wrk"], "wrk");
  const folder = serversFolder();
  writeFileSync(join(folder, "config.json"), JSON.stringify(CONFIG));
  const drawn = fillRate();
  const command = SERVERS["nn-init serve"].command;
  const server = await listening((...args) => [...command(...args), "--quiet"], folder);
  const wrong = [];
  try {
    await wrk(server.origin, 2, seed); // warm
    const memory = [];
    const watch = setInterval(() => memory.push(usageOf(server.pid).memory), 500);
    const before = usageOf(server.pid).seconds;
    const result = await wrk(server.origin, seconds, seed + 1);
    clearInterval(watch);
    const cpu = usageOf(server.pid).seconds - before;
    if (result.wrong > 0) wrong.push(`${result.wrong} errors`);
    const [third, last] = [memory[Math.floor(memory.length / 3)], memory.at(-1)];
    if (last > 1.2 * third + 20e6) wrong.push(`memory grew from ${third} to ${last} bytes`);
    const megabytes = result.bytes / 1e6;
    const counts = {
      requests: result.requests,
      "MB/s": Math.round(megabytes / result.seconds),
      "server's CPU, ms per MB": ((1000 * cpu) / megabytes).toFixed(2),
      "one thread's fill, MB/s": Math.round(drawn / 1e6),
      "MB of memory": Math.round(last / 1e6),
      "p50, ms": Math.round(result.p50),
      "p99, ms": Math.round(result.p99),
    };
    return { counts, wrong };
  } finally {
    await server.close();
  }
}

// What serving costs beyond drawing: CPU seconds of `respond` read to its end, by a reader that brings its own memory and by one
// that takes what it gets, and of `fill` over the same tensors, into one array and into new ones, in turns. Then over loopback, on Linux: CPU seconds of
// `nn-init serve` in one process, and of a server that sends one buffer again and again, while a client reads the same length.
// usage: node bench/serve.mjs [rounds]
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkpoint } from "../dist/checkpoint.js";
import { fill } from "../dist/index.js";
import { modelOf } from "../dist/model.js";
import { respond } from "../dist/serve.js";

const rounds = Number(process.argv[2] ?? 7);
const config = JSON.parse(readFileSync(new URL("../examples/gpt2/config.json", import.meta.url), "utf8"));
const gpt2 = checkpoint(modelOf(config), { seed: 42 });
const [file] = gpt2.files;
const PIECE = 2 ** 16; // elements, 256 KiB
const NEW_PIECE = 7 * 2 ** 12; // 112 KiB, as a response's chunks

const piece = new Float32Array(PIECE);

const drawn = () => draw((length) => piece.subarray(0, length), PIECE);
const drawnIntoNew = () => draw((length) => new Float32Array(length), NEW_PIECE);

/** Fills all tensors, in as many values at a time. */
function draw(memoryOf, most) {
  for (const { name, shape, distribution } of file.tensors) {
    const size = shape.reduce((product, length) => product * length, 1);
    for (let start = 0; start < size; start += most) {
      fill(memoryOf(Math.min(most, size - start)), shape, distribution, { seed: 42, name, start });
    }
  }
}

async function served() {
  const { body } = await respond(new Request(`http://localhost/${file.name}`), gpt2);
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  if (bytes !== file.byteLength) throw new Error(`expected ${file.byteLength} bytes, got ${bytes}`);
}

async function servedInto() {
  const { body } = await respond(new Request(`http://localhost/${file.name}`), gpt2);
  const reader = body.getReader({ mode: "byob" });
  let bytes = 0;
  for (let memory = new ArrayBuffer(4 * PIECE); ; ) {
    const { done, value } = await reader.read(new Uint8Array(memory));
    if (done) break;
    bytes += value.length;
    memory = value.buffer;
  }
  if (bytes !== file.byteLength) throw new Error(`expected ${file.byteLength} bytes, got ${bytes}`);
}

async function cpuOf(run) {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const runs = {
  "filled, one array": drawn,
  "served, one array": servedInto,
  "filled, new arrays": drawnIntoNew,
  "served, new arrays": served,
};
const best = {};
for (let round = 0; round < rounds; ++round) {
  for (const [what, run] of Object.entries(runs)) {
    best[what] = Math.min(best[what] ?? Number.POSITIVE_INFINITY, await cpuOf(run));
  }
}
const megabytes = file.byteLength / 1e6;
for (const [what, seconds] of Object.entries(best)) {
  const each = ((1000 * seconds) / megabytes).toFixed(3);
  const beside = seconds / best[what.replace("served", "filled")];
  console.log(
    `${what.padEnd(23)} ${seconds.toFixed(3)} s of CPU, ${each} ms per MB, ${beside.toFixed(3)} beside filling`,
  );
}

const FIXED = `
  const chunk = Buffer.alloc(${4 * PIECE}, 1);
  require("node:http").createServer(async (_, response) => {
    response.setHeader("Content-Length", ${file.byteLength});
    for (let left = ${file.byteLength}; left > 0; left -= chunk.length) {
      await new Promise((resolve) => response.write(chunk.subarray(0, Math.min(left, chunk.length)), resolve));
    }
    response.end();
  }).listen(0, "127.0.0.1", function () { console.log("on http://127.0.0.1:" + this.address().port + ";"); });
`;

/** A server's process, and where it listens, which it says first. */
async function started(args) {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Promise((resolve) => child.stdout.once("data", resolve));
  return { child, origin: /on (http:[^;]+);/.exec(said)[1] };
}

/** CPU seconds of a process, in hundredths. */
const secondsOf = ({ pid }) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

async function overLoopback() {
  const path = (name) => fileURLToPath(new URL(name, import.meta.url));
  const model = `nn-init/gpt2=${path("../examples/gpt2/config.json")}`;
  const flags = ["--threads", "1", "--port", "0", "--quiet"];
  const servers = {
    "one buffer": await started(["-e", FIXED]),
    "nn-init serve": await started([path("../dist/cli.js"), "serve", model, ...flags]),
  };
  const least = {};
  for (let round = 0; round < rounds; ++round) {
    for (const [what, { child, origin }] of Object.entries(servers)) {
      const before = secondsOf(child);
      const begun = performance.now();
      const { body } = await fetch(`${origin}/nn-init/gpt2/resolve/seed-42/${file.name}`);
      let bytes = 0;
      for await (const chunk of body) bytes += chunk.length;
      if (bytes !== file.byteLength) throw new Error(`expected ${file.byteLength} bytes, got ${bytes}`);
      const [cpu, wall] = [secondsOf(child) - before, (performance.now() - begun) / 1000];
      const { cpu: c = cpu, wall: w = wall } = least[what] ?? {};
      least[what] = { cpu: Math.min(c, cpu), wall: Math.min(w, wall) };
    }
  }
  for (const { child } of Object.values(servers)) child.kill();
  for (const [what, { cpu, wall }] of Object.entries(least)) {
    console.log(`${what.padEnd(23)} ${cpu.toFixed(2)} s of CPU, ${Math.round(megabytes / wall)} MB/s`);
  }
  const ratio = least["nn-init serve"].cpu / (best["filled, one array"] + least["one buffer"].cpu);
  console.log(`nn-init serve beside drawing and one buffer: ${ratio.toFixed(2)}`);
}

if (existsSync("/proc/self/stat")) await overLoopback();

// Readers that take little, and readers that leave midway, against the command: its memory stays where it is, and nothing is
// drawn for them that they do not read.

import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { ask } from "./conformance.mjs";
import { isLinux, usageOf } from "./processes.mjs";
import { listening, SERVERS, serversFolder } from "./servers.mjs";

/** GPT-2 of 4 layers, 220 MB: more than all buffers on the way hold. */
const CONFIG = { model_type: "gpt2", n_layer: 4, n_embd: 768, n_positions: 512, vocab_size: 32000 };
const FILE = "/nn-init/tiny/resolve/seed-42/model.safetensors";
const REQUEST = `GET ${FILE} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const megabytes = (bytes) => Math.round(bytes / 1e6);

/** A reader that has got its status, and has stopped reading. */
const paused = (port) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(REQUEST));
    socket.once("error", reject);
    socket.once("data", (chunk) => {
      socket.pause();
      socket.removeAllListeners("error").on("error", () => {}); // it may be closed in its sleep
      resolve({ socket, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(chunk.toString("latin1"))?.[1]) });
    });
  });

/** Many of them, some at a time. */
async function many(port, count) {
  const readers = [];
  while (readers.length < count) {
    const some = Array.from({ length: Math.min(50, count - readers.length) }, () => paused(port));
    readers.push(...(await Promise.all(some)));
  }
  return readers;
}

const statusesOf = (readers) => {
  const counts = {};
  for (const { status } of readers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** CPU seconds in some seconds of waiting, once what is in flight has settled. */
async function idleSeconds(pid, seconds) {
  await sleep(1000);
  const before = usageOf(pid).seconds;
  await sleep(1000 * seconds);
  return usageOf(pid).seconds - before;
}

const CHUNK = 0x40000; // bytes that one answer has drawn at once
const MOST_ANSWERS = 256; // at once, in each process

/** @returns what was counted and what was wrong; undefined where there is no /proc. */
export async function readers({ count }) {
  if (!isLinux) return undefined;
  const folder = serversFolder();
  writeFileSync(join(folder, "config.json"), JSON.stringify(CONFIG));
  const server = await listening(
    (...args) => [...SERVERS["nn-init serve"].command(...args), "--threads", "2", "--quiet"],
    folder,
  );
  const wrong = [];
  const counts = {};
  try {
    await ask(server.origin, FILE); // drawn once whole: what is kept is kept
    const before = usageOf(server.pid).memory;

    const slow = await many(server.port, count);
    Object.assign(counts, { slow: count, ...statusesOf(slow) });
    const idle = await idleSeconds(server.pid, 3);
    const during = usageOf(server.pid).memory;
    if (idle > 0.3) wrong.push(`${idle} s of CPU in 3 s, while ${count} readers read nothing`);
    const served = slow.filter(({ status }) => status === 200);
    if (served.length < Math.min(count, MOST_ANSWERS)) wrong.push(`${served.length} of ${count} readers were served`);
    if (slow.length !== served.length + (counts[503] ?? 0)) wrong.push(`statuses ${JSON.stringify(counts)}`);
    const growth = during - before;
    const allowed = 40e6 + 3 * CHUNK * served.length;
    if (growth > allowed) wrong.push(`${megabytes(growth)} MB more memory for ${served.length} readers`);
    for (const { socket } of slow) socket.destroy();
    Object.assign(counts, { "MB before": megabytes(before), "MB during": megabytes(during) });

    await leave(server, Math.ceil(count / 2));
    const first = usageOf(server.pid).memory;
    await leave(server, Math.floor(count / 2));
    const second = usageOf(server.pid).memory;
    if (second - first > 40e6) wrong.push(`${megabytes(second - first)} MB more after as many left again`);
    const after = await idleSeconds(server.pid, 2);
    if (after > 0.2) wrong.push(`${after} s of CPU in 2 s, after all have left`);
    Object.assign(counts, { left: count, "MB after": megabytes(second), "CPU s, idle": idle.toFixed(2) });
    const { status } = await ask(server.origin, FILE, { headers: { Range: "bytes=0-9" } });
    if (status !== 206) wrong.push(`the server answers ${status} after all have left`);
  } finally {
    await server.close();
  }
  return { counts, wrong };
}

/** Readers that take the beginning of the file and leave, 50 at a time. */
async function leave({ port }, count) {
  for (let i = 0; i < count; i += 50) {
    for (const { socket } of await many(port, Math.min(50, count - i))) socket.destroy();
  }
  await sleep(1000);
}

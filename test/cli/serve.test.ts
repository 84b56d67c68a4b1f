/** `nn-init serve`, in this process: what its sockets carry. The answers themselves are in test/serve. */

import cluster from "node:cluster";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpoint } from "../../src/checkpoint.js";
import type { Io } from "../../src/cli/io.js";
import { listenAt } from "../../src/cli/listen.js";
import { runServe } from "../../src/cli/serve.js";
import { modelOf } from "../../src/model.js";
import { folder } from "./command.js";

const config = { model_type: "gpt2", n_layer: 4, n_embd: 256, n_positions: 64, vocab_size: 1000 };
const family = {
  name: "mine",
  extends: "gpt2",
  class: "Mine",
  tensors: { gate: { parameter: ["n_embd"], role: "bias" } },
};
const mine = { model_type: "mine", n_layer: 1, n_embd: 8, n_positions: 4, vocab_size: 10 };
const FILE = "/nn-init/small/resolve/seed-42/model.safetensors";

const IO = { columns: undefined, bars: false, scripts: new URL("../../dist/", import.meta.url), version: "1.2.3" };

let origin: string;
let ended: Promise<void>;
let log = "";
let said = "";

/** Starts a server of one process; where it listens is what it prints first. */
beforeAll(async () => {
  const path = join(folder(), "small.json");
  writeFileSync(path, JSON.stringify(config));
  const own = { config: join(folder(), "mine.json"), architecture: join(folder(), "family.json") };
  writeFileSync(own.config, JSON.stringify(mine));
  writeFileSync(own.architecture, JSON.stringify(family));
  origin = await new Promise<string>((resolve, reject) => {
    const io: Io = {
      ...IO,
      print: async (text) => {
        said = text;
        resolve(/on (http:\S+)/.exec(text)?.[1] ?? text);
      },
      warn: (text) => {
        log += text;
      },
    };
    const models = [path, `my/model=${own.config}`];
    ended = runServe(models, { port: 0, host: "127.0.0.1", threads: 1, architecture: [own.architecture] }, io);
    ended.catch(reject);
  });
});

afterAll(async () => {
  for (const listener of process.listeners("SIGTERM").slice(-1)) listener("SIGTERM"); // as the system calls it
  await ended;
});

test("it warns of a model that it refuses as it is", async () => {
  const path = join(folder(), "large.json");
  writeFileSync(path, JSON.stringify(config));
  let warned = "";
  let end: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    const io: Io = {
      ...IO,
      print: async () => resolve(),
      warn: (text) => {
        warned += text;
      },
    };
    end = runServe([path], { port: 0, host: "127.0.0.1", threads: 1, maxShardSize: 1000 }, io);
    end.catch(reject);
  });
  for (const listener of process.listeners("SIGTERM").slice(-1)) {
    listener("SIGTERM");
    process.removeListener("SIGTERM", listener);
  }
  await end;
  expect(warned).toMatch(
    /^nn-init\/large is refused at seed-42: a file of .* bytes, more than --max-shard-size, 1000\n$/,
  );
});

const made = checkpoint(modelOf(config), { seed: 42 });
const whole = made.read("model.safetensors", 0, made.files[0]?.byteLength ?? 0);

/** All that a server sends for these bytes, to a client that may end its side at once. */
const talk = (bytes: string, send: "write" | "end" = "write") =>
  new Promise<string>((resolve, reject) => {
    let said = "";
    const socket = connect(Number(new URL(origin).port), "127.0.0.1", () => socket[send](bytes));
    socket.setEncoding("latin1").on("data", (text) => {
      said += text;
    });
    socket.on("error", reject).on("close", () => resolve(said));
  });

const request = (method: string, target: string, host = "x") =>
  `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=0-9\r\nConnection: close\r\n\r\n`;

test("says what it serves, by the page that it serves", async () => {
  expect(said).toBe(`serving on ${origin}\n${await (await fetch(origin)).text()}`);
  const [, url = ""] = /^ {2}curl -O (\S+)$/m.exec(said) ?? [];
  expect((await fetch(url)).status).toBe(200);
});

test("a client that ends its side when it has asked is answered, the first time too", async () => {
  const asked = request("GET", FILE.replace("seed-42", "seed-43"));
  for (let i = 0; i < 2; ++i) expect(await talk(asked, "end")).toMatch(/^HTTP\/1\.1 206 /);
});

test("a file of many chunks, by several clients at once, and again", async () => {
  expect(whole.length).toBeGreaterThan(8e6);
  for (let round = 0; round < 2; ++round) {
    const answers = await Promise.all([1, 2].map(() => fetch(origin + FILE)));
    for (const answer of answers) {
      expect(answer.headers.get("content-length")).toBe(String(whole.length));
      expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), whole)).toBe(0);
    }
  }
});

test.each([
  ["a path", request("GET", FILE)],
  ["slashes", request("GET", `//${FILE}`)],
  ["an absolute URL", request("GET", `http://other.example${FILE}`)],
  ["a host that is none", request("GET", FILE, "[::")],
])("a range by %s", async (_, bytes) => {
  const said = await talk(bytes);
  expect(said).toMatch(/^HTTP\/1\.1 206 /);
  expect(said.slice(-10)).toBe(Buffer.from(whole.subarray(0, 10)).toString("latin1"));
});

test("a model of an architecture of one's own", async () => {
  const expected = checkpoint(modelOf(mine, { architecture: family }), { seed: 42 });
  expect(expected.find("transformer.gate")).toBeDefined();
  const { name = "", byteLength = 0 } = expected.files[0] ?? {};
  const answer = await fetch(`${origin}/my/model/resolve/seed-42/${name}`);
  expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), expected.read(name, 0, byteLength))).toBe(0);
});

test("TRACE, and a request for the server as a whole", async () => {
  expect(await talk(request("TRACE", FILE))).toMatch(/^HTTP\/1\.1 405 /);
  expect(await talk(request("OPTIONS", "*"))).toMatch(/^HTTP\/1\.1 204 /);
});

test.each([
  ["a process of its own is ended by the second signal", false],
  ["one of several has the signal twice, and answers on", true],
])("%s", async (_, isWorker) => {
  const before = { SIGINT: process.rawListeners("SIGINT"), SIGTERM: process.rawListeners("SIGTERM") };
  const { isWorker: own } = cluster;
  Object.assign(cluster, { isWorker });
  const running = await listenAt(createServer(), "127.0.0.1", 0).finally(() =>
    Object.assign(cluster, { isWorker: own }),
  );
  const [heard] = process.rawListeners("SIGTERM").slice(-1) as [() => void];
  heard(); // as the system calls it
  expect(process.rawListeners("SIGTERM").includes(heard)).toBe(isWorker);
  await running.ended;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    for (const listener of process.rawListeners(signal)) {
      if (!before[signal].includes(listener)) process.off(signal, listener as () => void);
    }
  }
});

test("a client that leaves is noted, and the next is served", async () => {
  const leaving = new AbortController();
  const { body } = await fetch(origin + FILE, { signal: leaving.signal });
  await body?.getReader().read();
  leaving.abort();
  await expect.poll(() => log).toMatch(/^GET \S+model\.safetensors 200 \d+ bytes, [\d.]+ ms, left$/m);
  const { status } = await fetch(origin + FILE, { headers: { Range: "bytes=0-9" } });
  expect(status).toBe(206);
  await expect.poll(() => log).toMatch(/^GET \S+model\.safetensors 206 10 bytes, [\d.]+ ms$/m);
});

/** Pools of threads. They are taken from the build, since only the build has the scripts that workers run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  Arena,
  deltaOrthogonal,
  heNormal,
  init,
  normal,
  orthogonal,
  sparse,
  split,
  truncatedNormal,
  uniform,
  zeros,
} from "../../src/index.js";
import { expectSameBits, expectWrites } from "../bits.js";
import { INDEPENDENT, KEYED } from "../schemes.js";

const url = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;
const { openPool, openPoolAsync } = (await import(url("threads.js"))) as typeof import("../../src/threads.js");
const built = (await import(url("index.js"))) as typeof import("../../src/index.js");

const SIZE = 700_001; // 11 pieces, the last one short

/** Waits until all workers of a pool are up. */
async function up(pool: { readonly ready: number; readonly threads: number }): Promise<void> {
  for (let i = 0; i < 1000 && pool.ready < pool.threads - 1; ++i) await new Promise((r) => setTimeout(r, 5));
  expect(pool.ready).toBe(pool.threads - 1);
}

describe.each([1, 4])("a pool of %d threads", async (threads) => {
  const pool = openPool({ threads });
  await up(pool);
  afterAll(() => pool.close());
  const arena = pool.arena(4 * SIZE + 128);

  test.each(INDEPENDENT)("draws the bits of init for %j, in arenas and arrays", (scheme) => {
    const whole = init([SIZE], scheme, KEYED);
    arena.reset();
    const view = pool.init([SIZE], scheme, { ...KEYED, arena });
    expect(view.buffer).toBe(arena.buffer);
    expectSameBits(view, whole);
    expectSameBits(pool.init([SIZE], scheme, KEYED), whole);
    expectSameBits(pool.init([1000], scheme, KEYED), whole.slice(0, 1000));
  });

  test.each(["f64", "f16", "bf16"] as const)("draws the bits of init in %s, in arenas, arrays and slices", (dtype) => {
    const scheme = normal({ std: 0.02 });
    const whole = init([SIZE], scheme, { ...KEYED, dtype });
    const large = pool.arena(8 * SIZE + 64);
    expectSameBits(pool.init([SIZE], scheme, { ...KEYED, dtype, arena: large }), whole);
    expectSameBits(pool.init([SIZE], scheme, { ...KEYED, dtype }), whole);
    large.reset();
    const view = large.allocate(SIZE, dtype);
    const part = view.subarray(3, 400_000);
    pool.fill(part as typeof view, [SIZE], scheme, { ...KEYED, dtype, start: 70_003 });
    expectSameBits(part, whole.slice(70_003, 470_000));
  });

  test.each([
    [orthogonal({ gain: 2 }), [150, 97]],
    [orthogonal(), [200, 400]], // one that threads share
    [deltaOrthogonal(), [3, 3, 20, 40]],
    [sparse({ sparsity: 0.2 }), [60, 50]],
    [split({ axis: 1, parts: 3, of: orthogonal() }), [40, 120]],
  ] as const)("draws the matrix of init for %j of %j, in every dtype, in arenas and slices", (scheme, shape) => {
    const large = pool.arena(2 ** 20);
    for (const dtype of ["f32", "f64", "f16", "bf16"] as const) {
      const whole = init(shape, scheme, { ...KEYED, dtype });
      expectSameBits(pool.init(shape, scheme, { ...KEYED, dtype }), whole);
      large.reset();
      expectSameBits(pool.init(shape, scheme, { ...KEYED, dtype, arena: large }), whole);
      const part = whole.slice(0, 1000).fill(7);
      pool.fill(part as typeof whole, shape, scheme, { ...KEYED, dtype, start: 33 });
      expectSameBits(part, whole.slice(33, 1033));
    }
  });

  test("fills slices at odd places and touches nothing beside them", () => {
    const scheme = normal({ std: 1 });
    const whole = init([SIZE], scheme, KEYED);
    arena.reset();
    for (const memory of [arena.allocate(SIZE), new Float32Array(SIZE)]) {
      const runs = [
        [1, 3, 400_000],
        [4096, 0, 300_001],
        [65_537, 70_000, 600_003],
        [5, 9, 77],
      ] as const;
      for (const [start, at, length] of runs) {
        expectWrites(memory, at, whole.slice(start, start + length), (view) =>
          pool.fill(view, [SIZE], scheme, { ...KEYED, start }),
        );
      }
    }
  });

  test("draws into an ordinary arena, and init draws into an arena of the pool", () => {
    const whole = init([1000, 600], heNormal(), KEYED);
    const ordinary = new built.Arena(4e6);
    expectSameBits(pool.init([1000, 600], heNormal(), { ...KEYED, arena: ordinary }), whole);
    arena.reset();
    expectSameBits(built.init([1000, 600], heNormal(), { ...KEYED, arena }), whole);
  });
});

test("the workers of an async pool draw all, and its calls follow one another", async () => {
  const pool = await openPoolAsync({ threads: 3 });
  await up(pool);
  const scheme = normal({ std: 1 });
  const whole = init([SIZE], scheme, KEYED);
  const arena = pool.arena(8 * SIZE + 1024);
  const drawn = await Promise.all([
    pool.init([SIZE], scheme, { ...KEYED, arena }),
    pool.init([SIZE], scheme, KEYED),
    pool.fill(new Float32Array(SIZE), [SIZE], scheme, KEYED),
  ]);
  for (const values of drawn) expectSameBits(values, whole);
  pool.close();
  await expect(pool.init([SIZE], scheme, KEYED)).rejects.toThrow(
    "pool: expected an open pool, got one that was closed; open another",
  );
});

test("an arena of a pool stays valid and in place when others are made and when the pool is closed", async () => {
  const pool = openPool({ threads: 2 });
  await up(pool);
  const first = pool.init([SIZE], normal({ std: 1 }), { ...KEYED, arena: pool.arena(4 * SIZE + 64) });
  const copy = first.slice();
  pool.arena(2 ** 26);
  pool.fill(first, [SIZE], zeros());
  expect(first.every((x) => x === 0)).toBe(true);
  pool.fill(first, [SIZE], normal({ std: 1 }), KEYED);
  expectSameBits(first, copy);
  pool.close();
  expectSameBits(first, copy);
});

test("an async pool draws a matrix by its workers alone, or without workers", async () => {
  const whole = init([300, 260], orthogonal(), KEYED);
  for (const threads of [1, 3]) {
    const pool = await openPoolAsync({ threads });
    await up(pool);
    expectSameBits(await pool.init([300, 260], orthogonal(), KEYED), whole);
    pool.close();
  }
});

test("a pool refuses a matrix for which its memory has no room, and draws others", async () => {
  const pool = openPool({ threads: 1 });
  pool.arena(3 * 2 ** 30);
  expect(() => pool.init([16_000, 16_000], orthogonal(), KEYED)).toThrow(/^shape: expected a matrix that is made in/);
  expectSameBits(pool.init([9, 9], orthogonal(), KEYED), init([9, 9], orthogonal(), KEYED));
  pool.close();
});

test("what the owner of an arena writes to the pool's first bytes changes no later draw", async () => {
  const pool = openPool({ threads: 3 });
  await up(pool);
  const arena = pool.arena(8 * SIZE + 64);
  for (const scheme of [normal({ std: 0.02 }), truncatedNormal({ std: 0.02 })]) {
    for (const dtype of ["f32", "f64"] as const) {
      new Uint8Array(arena.buffer).fill(0);
      arena.reset();
      const whole = init([SIZE], scheme, { ...KEYED, dtype });
      expectSameBits(pool.init([SIZE], scheme, { ...KEYED, dtype, arena }), whole);
    }
  }
  new Uint8Array(arena.buffer).fill(255);
  expectSameBits(pool.init([300, 260], orthogonal(), KEYED), init([300, 260], orthogonal(), KEYED));
  pool.close();
});

describe("an array that loses its memory before it is drawn", async () => {
  const pool = await openPoolAsync({ threads: 3 });
  afterAll(() => pool.close());
  const message =
    /^array: expected one that keeps its \d+ elements until they are drawn, got "one that lost its memory"/;
  const transfer = (array: Float32Array) => void structuredClone(array, { transfer: [array.buffer] });
  const resizable = (length: number) =>
    new Float32Array(new ArrayBuffer(4 * length, { maxByteLength: 8 * length } as never));
  const resize = (array: Float32Array, length: number) =>
    (array.buffer as unknown as { resize(bytes: number): void }).resize(4 * length);

  test.each([
    ["transferred, small", 4, transfer],
    ["transferred, large", SIZE, transfer],
    ["shrunk", SIZE, (array: Float32Array) => resize(array, 4)],
  ])("%s: the promise is rejected, before its turn and during it; the next call is not", async (_, size, take) => {
    const [early, late] = [resizable(size), resizable(size)];
    const before = pool.init([SIZE], normal({ std: 1 }), KEYED);
    const promise = pool.fill(early, [size], normal({ std: 1 }), KEYED);
    take(early);
    await expect(promise).rejects.toThrow(message);
    const during = pool.fill(late, [size], normal({ std: 1 }), KEYED);
    await Promise.resolve();
    take(late);
    await expect(during).rejects.toThrow(message);
    expectSameBits(await pool.init([SIZE], normal({ std: 1 }), KEYED), await before);
  });

  test("one that grew is drawn as far as it was asked for", async () => {
    const array = resizable(8);
    const promise = pool.fill(array, [8], normal({ std: 1 }), KEYED);
    resize(array, 12);
    expect(await promise).toBe(array);
    expect(array.slice(0, 8)).toEqual(init([8], normal({ std: 1 }), KEYED));
    expect(array.slice(8)).toEqual(new Float32Array(4));
  });
});

test("closing a pool ends a call that waits", async () => {
  const pool = await openPoolAsync({ threads: 2, worker: () => ({ postMessage() {}, terminate() {} }) });
  const waiting = pool.init([SIZE], normal({ std: 1 }), KEYED);
  setTimeout(() => pool.close(), 50);
  await expect(waiting).rejects.toThrow("pool: expected an open pool, got one that was closed; open another");
});

test("a pool of 256 threads draws the bits of init", async () => {
  const pool = openPool({ threads: 256, worker: () => ({ postMessage() {}, terminate() {} }) });
  expectSameBits(pool.init([SIZE], normal({ std: 1 }), KEYED), init([SIZE], normal({ std: 1 }), KEYED));
  pool.close();
});

test("a call does not wait for workers that are not up", () => {
  const pool = openPool({ threads: 3, worker: () => ({ postMessage() {}, terminate() {} }) });
  const scheme = uniform({ low: 0, high: 1 });
  expectSameBits(pool.init([SIZE], scheme, KEYED), init([SIZE], scheme, KEYED));
  expect(pool.ready).toBe(0);
  pool.close();
  expect(() => pool.init([4], zeros())).toThrow("pool: expected an open pool, got one that was closed; open another");
  pool.close();
});

const folder = mkdtempSync(join(tmpdir(), "nn-init-threads-"));

/** What a program prints that runs in a Node of its own. `worker` is the script of its workers. */
function run(worker: string, body: string): string {
  writeFileSync(join(folder, "worker.mjs"), worker);
  writeFileSync(
    join(folder, "main.mjs"),
    `import { Worker } from "node:worker_threads";
     import { openPool } from ${JSON.stringify(url("threads.js"))};
     import { normal, init } from ${JSON.stringify(url("index.js"))};
     const worker = () => { const made = new Worker(new URL("./worker.mjs", import.meta.url)); made.unref(); return made; };
     const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
     const draw = (pool) => pool.init([5_000_000], normal({ std: 1 }), { seed: 1, name: "w" });
     const up = async (pool) => { for (let i = 0; i < 1000 && pool.ready < 1; ++i) await sleep(10); };
     // The message of the first draw that fails. A worker that is late may not take part in the first ones.
     const failure = async (pool) => {
       for (let i = 0; i < 500; ++i) {
         const said = attempt(pool);
         if (said !== "drawn") return said;
         await sleep(10);
       }
       return "no draw failed";
     };
     const attempt = (pool) => { try { draw(pool); return "drawn"; } catch (error) { return error.message; } };
     ${body}`,
  );
  return execFileSync(process.execPath, [join(folder, "main.mjs")], { encoding: "utf8", timeout: 60_000 }).trim();
}

describe("a call fails with the name of the worker and never hangs where a worker", () => {
  // The words of engine/pool/job.ts: 0 is the sequence, 2 counts active workers, 3 is the next piece, and the states of the
  // workers begin at 64.
  const HOLDING = (then: string) => `
    import { parentPort } from "node:worker_threads";
    parentPort.once("message", ({ control }) => {
      const words = new Int32Array(control);
      Atomics.store(words, 64, 1);
      Atomics.wait(words, 0, 0);
      Atomics.add(words, 2, 1);
      while (Atomics.load(words, 0) % 2);
      Atomics.store(words, 65, 1 + Atomics.add(words, 3, 1));
      ${then}
    });`;

  test("exits before its piece is done", () => {
    const out = run(
      HOLDING("process.exit(3);"),
      `const pool = openPool({ threads: 2, worker, patience: 300 });
       await up(pool);
       console.log(await failure(pool));
       console.log(attempt(pool));`,
    );
    expect(out.split("\n")).toEqual([
      "pool: expected worker 0 to make progress within 300 ms, got none; the pool is closed now, open another, with more patience if the machine was only busy",
      "pool: expected an open pool, got one that closed when worker 0 made no progress within 300 ms; open another",
    ]);
  });

  test("never ends its piece", () => {
    const out = run(
      HOLDING("for (;;);"),
      `const pool = openPool({ threads: 2, worker, patience: 300 });
       await up(pool);
       console.log(await failure(pool));`,
    );
    expect(out).toBe(
      "pool: expected worker 0 to make progress within 300 ms, got none; the pool is closed now, open another, with more patience if the machine was only busy",
    );
  });

  test("throws before it is up", () => {
    const out = run(
      `throw new Error("out of luck");`,
      `const pool = openPool({ threads: 2, worker });
       console.log(await failure(pool));`,
    );
    expect(out).toBe(
      "pool: expected worker 0 to run, got its error: out of luck; the pool is closed now, open another",
    );
  });

  test("throws while it draws", () => {
    const out = run(
      `import ${JSON.stringify(url("engine/pool/worker.node.js"))};
       const add = Atomics.add;
       Atomics.add = (words, index, value) => { if (index === 3) throw new Error("out of order"); return add(words, index, value); };`,
      `const pool = openPool({ threads: 2, worker });
       await up(pool);
       console.log(pool.ready);
       console.log(await failure(pool));`,
    );
    expect(out).toMatch(/^1\npool: .*out of order.*open another$/);
  });
});

describe("a pool in a program of its own", () => {
  test("works with workers that the caller makes", () => {
    const out = run(
      `import ${JSON.stringify(url("engine/pool/worker.node.js"))};`,
      `const pool = openPool({ threads: 2, worker });
       await up(pool);
       console.log(pool.ready, attempt(pool), Buffer.from(draw(pool).buffer).equals(Buffer.from(init([5_000_000], normal({ std: 1 }), { seed: 1, name: "w" }).buffer)));`,
    );
    expect(out).toBe("1 drawn true");
  });

  test("does not keep a finished program alive", () => {
    const out = run(
      "",
      `const pool = openPool({ threads: 3 });
       draw(pool);
       await sleep(200);
       draw(pool);
       console.log("end");`,
    );
    expect(out).toBe("end");
  });
});

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  ["0 threads", () => openPool({ threads: 0 }), RangeError, /^threads: expected a whole number from 1 to 256, got 0$/],
  ["half a thread", () => openPool({ threads: 1.5 }), RangeError, /^threads/],
  ["threads that are a string", () => openPool({ threads: "2" as never }), TypeError, /^threads/],
  ["more than 256 threads", () => openPool({ threads: 257 }), RangeError, /^threads/],
  ["an unknown option", () => openPool({ thread: 2 } as never), TypeError, /"thread"/],
  ["a worker that is no function", () => openPool({ worker: {} as never }), TypeError, /^worker/],
  [
    "a worker that makes no Worker",
    () => openPool({ threads: 2, worker: () => ({}) as never }),
    RangeError,
    /worker: expected a function that makes a Worker, got Object/,
  ],
  ["a patience of NaN", () => openPool({ patience: Number.NaN }), RangeError, /^patience/],
])("openPool refuses %s", (_, act, kind, message) => {
  expect(act).toThrow(kind);
  expect(act).toThrow(message);
});

test("a pool refuses what init and fill refuse, before anything is written", () => {
  const pool = openPool({ threads: 1 });
  expect(() => pool.init([2], normal({ std: 1 }), { seed: 1 })).toThrow(/^name/);
  expect(() => pool.init([2], normal({ std: 1 }), { engine: "simd" } as never)).toThrow(/"engine"/);
  expect(() => pool.fill(new Float32Array(3), [2], zeros())).toThrow(/^array.length/);
  const own = new Float32Array(pool.arena(64).buffer, 0, 16);
  expect(() => pool.fill(own, [16], zeros())).toThrow(/^array.byteOffset/);
  expect(() => pool.arena(2 ** 33)).toThrow(/^bytes: expected at most/);
  expect(() => pool.init([2 ** 20], zeros(), { arena: pool.arena(64) })).toThrow(/^arena: expected room/);
  expect(() => new Arena(64).allocate(17)).toThrow(/^arena/);
  pool.close();
});

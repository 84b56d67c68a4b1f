/** Threads, from the build: workers are scripts of their own, which only the build has. */
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
  type Scheme,
  sparse,
  split,
  truncatedNormal,
  uniform,
  zeros,
} from "../../src/index.js";

const url = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;
const { openPool, openPoolAsync } = (await import(url("threads.js"))) as typeof import("../../src/threads.js");
const built = (await import(url("index.js"))) as typeof import("../../src/index.js");

/** The values' bytes: `expect(...).toEqual` takes seconds for arrays of this size, comparing buffers none. */
type Values = Float32Array | Float64Array | Uint16Array;
const bytes = (values: Values) => Buffer.from(values.slice().buffer);
const same = (a: Values, b: Values) => bytes(a).equals(bytes(b));
const KEYED = { seed: 42, name: "w" } as const;
const SIZE = 700_001; // 11 pieces, the last one short
const SCHEMES: readonly Scheme[] = [
  normal({ std: 0.02 }),
  normal({ mean: 1, std: 0.02 }),
  uniform({ low: 0, high: 1 }),
  truncatedNormal({ std: 0.02 }),
  truncatedNormal({ std: 0.02, low: 0, high: 3 }),
  zeros(),
];

async function up(engine: { ready: number; threads: number }): Promise<void> {
  for (let i = 0; i < 1000 && engine.ready < engine.threads - 1; ++i) await new Promise((r) => setTimeout(r, 5));
  expect(engine.ready).toBe(engine.threads - 1);
}

describe.each([1, 2, 3, 4])("%d threads", async (threads) => {
  const engine = openPool({ threads });
  await up(engine);
  afterAll(() => engine.close());
  const arena = engine.arena(4 * SIZE + 128);

  test.each(SCHEMES)("%j: the same bits, in arenas and arrays", (scheme) => {
    const whole = init([SIZE], scheme, KEYED);
    arena.reset();
    const view = engine.init([SIZE], scheme, { ...KEYED, arena });
    expect(view.buffer).toBe(arena.buffer);
    expect(same(view, whole)).toBe(true);
    expect(same(engine.init([SIZE], scheme, KEYED), whole)).toBe(true);
    expect(same(engine.init([1000], scheme, KEYED), whole.slice(0, 1000))).toBe(true);
  });

  test.each(["f64", "f16", "bf16"] as const)("%s: the same bits, in arenas and arrays, and in slices", (dtype) => {
    const scheme = normal({ std: 0.02 });
    const whole = init([SIZE], scheme, { ...KEYED, dtype });
    const large = engine.arena(8 * SIZE + 64);
    expect(same(engine.init([SIZE], scheme, { ...KEYED, dtype, arena: large }), whole)).toBe(true);
    expect(same(engine.init([SIZE], scheme, { ...KEYED, dtype }), whole)).toBe(true);
    large.reset();
    const view = large.allocate(SIZE, dtype);
    const part = view.subarray(3, 400_000);
    engine.fill(part as typeof view, [SIZE], scheme, { ...KEYED, dtype, start: 70_003 });
    expect(same(part, whole.slice(70_003, 470_000))).toBe(true);
  });

  test.each([
    ["orthogonal", orthogonal({ gain: 2 }), [150, 97]],
    ["wide", orthogonal(), [70, 200]],
    ["delta", deltaOrthogonal(), [3, 3, 20, 40]],
    ["sparse", sparse({ sparsity: 0.2 }), [60, 50]],
    ["packed", split({ axis: 1, parts: 3, of: orthogonal() }), [40, 120]],
  ] as const)("%s: the same matrix, in every dtype, in arenas and slices", (_, scheme, shape) => {
    const large = engine.arena(2 ** 20);
    for (const dtype of ["f32", "f64", "f16", "bf16"] as const) {
      const whole = init(shape, scheme, { ...KEYED, dtype });
      expect(same(engine.init(shape, scheme, { ...KEYED, dtype }), whole)).toBe(true);
      large.reset();
      expect(same(engine.init(shape, scheme, { ...KEYED, dtype, arena: large }), whole)).toBe(true);
      const part = whole.slice(0, 1000).fill(7);
      engine.fill(part as typeof whole, shape, scheme, { ...KEYED, dtype, start: 33 });
      expect(same(part, whole.slice(33, 1033))).toBe(true);
    }
  });

  test("slices, at odd places, and nothing beside them is touched", () => {
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
        memory.fill(7);
        engine.fill(memory.subarray(at, at + length), [SIZE], scheme, { ...KEYED, start });
        expect(same(memory.subarray(at, at + length), whole.slice(start, start + length))).toBe(true);
        expect(memory.subarray(0, at).every((x) => x === 7)).toBe(true);
        expect(memory.subarray(at + length).every((x) => x === 7)).toBe(true);
      }
    }
  });

  test("an ordinary arena, and an engine's arena in the main entry", () => {
    const whole = init([1000, 600], heNormal(), KEYED);
    const ordinary = new built.Arena(4e6);
    expect(same(engine.init([1000, 600], heNormal(), { ...KEYED, arena: ordinary }), whole)).toBe(true);
    arena.reset();
    expect(same(built.init([1000, 600], heNormal(), { ...KEYED, arena }), whole)).toBe(true);
  });
});

test("the async engine: its workers draw all, calls follow one another", async () => {
  const engine = await openPoolAsync({ threads: 3 });
  await up(engine);
  const scheme = normal({ std: 1 });
  const whole = init([SIZE], scheme, KEYED);
  const arena = engine.arena(8 * SIZE + 1024);
  const drawn = await Promise.all([
    engine.init([SIZE], scheme, { ...KEYED, arena }),
    engine.init([SIZE], scheme, KEYED),
    engine.fill(new Float32Array(SIZE), [SIZE], scheme, KEYED),
  ]);
  for (const values of drawn) expect(same(values, whole)).toBe(true);
  engine.close();
  await expect(engine.init([SIZE], scheme, KEYED)).rejects.toThrow(
    "pool: expected an open pool, got one that was closed; open another",
  );
});

test("arenas made later leave the views of earlier ones valid and in place", async () => {
  const engine = openPool({ threads: 2 });
  await up(engine);
  const first = engine.init([SIZE], normal({ std: 1 }), { ...KEYED, arena: engine.arena(4 * SIZE + 64) });
  const copy = first.slice();
  engine.arena(2 ** 26);
  engine.fill(first, [SIZE], zeros());
  expect(first.every((x) => x === 0)).toBe(true);
  engine.fill(first, [SIZE], normal({ std: 1 }), KEYED);
  expect(same(first, copy)).toBe(true);
  engine.close();
  expect(same(first, copy)).toBe(true);
});

test("matrices by workers alone, and by a pool without workers", async () => {
  const whole = init([130, 90], orthogonal(), KEYED);
  for (const threads of [1, 3]) {
    const engine = await openPoolAsync({ threads });
    await up(engine);
    expect(same(await engine.init([130, 90], orthogonal(), KEYED), whole)).toBe(true);
    engine.close();
  }
});

test("a matrix for which the engine's memory has no room is refused, and others go on", async () => {
  const engine = openPool({ threads: 1 });
  engine.arena(3 * 2 ** 30);
  expect(() => engine.init([16_000, 16_000], orthogonal(), KEYED)).toThrow(/^shape: expected a matrix that is made in/);
  expect(same(engine.init([9, 9], orthogonal(), KEYED), init([9, 9], orthogonal(), KEYED))).toBe(true);
  engine.close();
});

test("what the owner of an arena writes to the pool's first bytes changes no later draw", async () => {
  const engine = openPool({ threads: 3 });
  await up(engine);
  const arena = engine.arena(8 * SIZE + 64);
  for (const scheme of [normal({ std: 0.02 }), truncatedNormal({ std: 0.02 })]) {
    for (const dtype of ["f32", "f64"] as const) {
      new Uint8Array(arena.buffer).fill(0);
      arena.reset();
      const whole = init([SIZE], scheme, { ...KEYED, dtype });
      expect(same(engine.init([SIZE], scheme, { ...KEYED, dtype, arena }), whole)).toBe(true);
    }
  }
  new Uint8Array(arena.buffer).fill(255);
  expect(same(engine.init([130, 90], orthogonal(), KEYED), init([130, 90], orthogonal(), KEYED))).toBe(true);
  engine.close();
});

describe("an array that loses its memory before it is drawn", async () => {
  const engine = await openPoolAsync({ threads: 3 });
  afterAll(() => engine.close());
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
    const before = engine.init([SIZE], normal({ std: 1 }), KEYED);
    const promise = engine.fill(early, [size], normal({ std: 1 }), KEYED);
    take(early);
    await expect(promise).rejects.toThrow(message);
    const during = engine.fill(late, [size], normal({ std: 1 }), KEYED);
    await Promise.resolve();
    take(late);
    await expect(during).rejects.toThrow(message);
    expect(same(await engine.init([SIZE], normal({ std: 1 }), KEYED), await before)).toBe(true);
  });

  test("one that grew is drawn as far as it was asked for", async () => {
    const array = resizable(8);
    const promise = engine.fill(array, [8], normal({ std: 1 }), KEYED);
    resize(array, 12);
    expect(await promise).toBe(array);
    expect(array.slice(0, 8)).toEqual(init([8], normal({ std: 1 }), KEYED));
    expect(array.slice(8)).toEqual(new Float32Array(4));
  });
});

test("closing while a call waits ends that call", async () => {
  const engine = await openPoolAsync({ threads: 2, worker: () => ({ postMessage() {}, terminate() {} }) });
  const waiting = engine.init([SIZE], normal({ std: 1 }), KEYED);
  setTimeout(() => engine.close(), 50);
  await expect(waiting).rejects.toThrow("pool: expected an open pool, got one that was closed; open another");
});

test("256 threads have their words apart", async () => {
  const engine = openPool({ threads: 256, worker: () => ({ postMessage() {}, terminate() {} }) });
  const first = init([SIZE], zeros());
  expect(same(engine.init([SIZE], zeros()), first)).toBe(true);
  engine.close();
});

test("work does not wait for workers that are not up", () => {
  const engine = openPool({ threads: 3, worker: () => ({ postMessage() {}, terminate() {} }) });
  expect(
    same(engine.init([SIZE], uniform({ low: 0, high: 1 }), KEYED), init([SIZE], uniform({ low: 0, high: 1 }), KEYED)),
  ).toBe(true);
  expect(engine.ready).toBe(0);
  engine.close();
  expect(() => engine.init([4], zeros())).toThrow("pool: expected an open pool, got one that was closed; open another");
  engine.close();
});

describe("a worker that fails is an error that names it, never a hang", () => {
  const folder = mkdtempSync(join(tmpdir(), "nn-init-threads-"));
  const run = (worker: string, body: string) => {
    writeFileSync(join(folder, "worker.mjs"), worker);
    writeFileSync(
      join(folder, "main.mjs"),
      `import { Worker } from "node:worker_threads";
       import { openPool } from ${JSON.stringify(url("threads.js"))};
       import { normal, init } from ${JSON.stringify(url("index.js"))};
       const worker = () => { const made = new Worker(new URL("./worker.mjs", import.meta.url)); made.unref(); return made; };
       const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
       const draw = (engine) => engine.init([5_000_000], normal({ std: 1 }), { seed: 1, name: "w" });
       const up = async (engine) => { for (let i = 0; i < 1000 && engine.ready < 1; ++i) await sleep(10); };
       // What the first draw that fails says; a worker that is late may miss some.
       const failure = async (engine) => {
         for (let i = 0; i < 500; ++i) {
           const said = attempt(engine);
           if (said !== "drawn") return said;
           await sleep(10);
         }
         return "no draw failed";
       };
       const attempt = (engine) => { try { draw(engine); return "drawn"; } catch (error) { return error.message; } };
       ${body}`,
    );
    return execFileSync(process.execPath, [join(folder, "main.mjs")], { encoding: "utf8", timeout: 60_000 }).trim();
  };

  // job.ts: word 0 is the sequence, 2 counts active workers, 3 is the next piece, 64... are the workers' states.
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

  const STUCK =
    "pool: expected worker 0 to make progress within 300 ms, got none; the pool is closed now, open another, with more patience if the machine was only busy";

  test("it dies with a piece in its hands", () => {
    const out = run(
      HOLDING("process.exit(3);"),
      `const engine = openPool({ threads: 2, worker, patience: 300 });
       await up(engine);
       console.log(await failure(engine));
       console.log(attempt(engine));`,
    );
    expect(out.split("\n")).toEqual([
      STUCK,
      "pool: expected an open pool, got one that closed when worker 0 made no progress within 300 ms; open another",
    ]);
  });

  test("it hangs with a piece in its hands", () => {
    const out = run(
      HOLDING("for (;;);"),
      `const engine = openPool({ threads: 2, worker, patience: 300 });
       await up(engine);
       console.log(await failure(engine));`,
    );
    expect(out).toBe(STUCK);
  });

  test("it throws before it is up", () => {
    const out = run(
      `throw new Error("out of luck");`,
      `const engine = openPool({ threads: 2, worker });
       console.log(await failure(engine));`,
    );
    expect(out).toBe(
      "pool: expected worker 0 to run, got its error: out of luck; the pool is closed now, open another",
    );
  });

  test("it throws at work", () => {
    const out = run(
      `import ${JSON.stringify(url("engine/pool/worker.node.js"))};
       const add = Atomics.add;
       Atomics.add = (words, index, value) => { if (index === 3) throw new Error("out of order"); return add(words, index, value); };`,
      `const engine = openPool({ threads: 2, worker });
       await up(engine);
       console.log(engine.ready);
       console.log(await failure(engine));`,
    );
    expect(out).toMatch(/^1\npool: .*out of order.*open another$/);
  });

  test("a worker of the caller's own making serves as well", () => {
    const out = run(
      `import ${JSON.stringify(url("engine/pool/worker.node.js"))};`,
      `const engine = openPool({ threads: 2, worker });
       await up(engine);
       console.log(engine.ready, attempt(engine), draw(engine).join() === init([5_000_000], normal({ std: 1 }), { seed: 1, name: "w" }).join());`,
    );
    expect(out).toBe("1 drawn true");
  });

  test("an open pool does not keep a finished program alive", () => {
    const begun = performance.now();
    const out = run(
      "",
      `const engine = openPool({ threads: 3 }); draw(engine); await sleep(200); draw(engine); console.log("end");`,
    );
    expect(out).toBe("end");
    expect(performance.now() - begun).toBeLessThan(30_000); // execFileSync would otherwise wait for its 60 s
  });
});

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  ["no thread", () => openPool({ threads: 0 }), RangeError, /^threads: expected a whole number from 1 to 256, got 0$/],
  ["half a thread", () => openPool({ threads: 1.5 }), RangeError, /^threads/],
  ["threads as text", () => openPool({ threads: "2" as never }), TypeError, /^threads/],
  ["too many threads", () => openPool({ threads: 257 }), RangeError, /^threads/],
  ["an unknown option", () => openPool({ thread: 2 } as never), TypeError, /"thread"/],
  ["a worker that is no function", () => openPool({ worker: {} as never }), TypeError, /^worker/],
  ["patience NaN", () => openPool({ patience: Number.NaN }), RangeError, /^patience/],
])("refuses %s", (_, act, kind, message) => {
  // The build's classes are its own: compare by name.
  expect(act).toThrow(message);
  expect(act).toThrow(expect.objectContaining({ name: kind.name }));
});

test("refuses what init and fill refuse, before anything is written", () => {
  const engine = openPool({ threads: 1 });
  expect(() => engine.init([2], normal({ std: 1 }), { seed: 1 })).toThrow(/^name/);
  expect(() => engine.init([2], normal({ std: 1 }), { engine: "simd" } as never)).toThrow(/"engine"/);
  expect(() => engine.fill(new Float32Array(3), [2], zeros())).toThrow(/^array.length/);
  const own = new Float32Array(engine.arena(64).buffer, 0, 16);
  expect(() => engine.fill(own, [16], zeros())).toThrow(/^array.byteOffset/);
  expect(() => engine.arena(2 ** 33)).toThrow(/^bytes: expected at most/);
  expect(() => engine.init([2 ** 20], zeros(), { arena: engine.arena(64) })).toThrow(/^arena: expected room/);
  expect(() => new Arena(64).allocate(17)).toThrow(/^arena/);
  engine.close();
});

/** The two calls, `init` and `fill`, and arenas: the same bits wherever they are drawn, and refusals before any is. */
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
  Arena,
  type EngineName,
  engines,
  fill,
  heNormal,
  init,
  lecunNormal,
  normal,
  ones,
  orthogonal,
  resolve,
  sparse,
  zeros,
} from "../../src/index.js";
import { expectSameBits, expectWrites } from "../bits.js";
import { ENGINES } from "../engines.js";
import { chooser } from "../kernels.js";
import { INDEPENDENT, KEYED } from "../schemes.js";

test("both engines are there, and simd is the default", () => {
  expect(engines()).toEqual([
    { name: "simd", available: true, default: true },
    { name: "scalar", available: true, default: false },
  ]);
});

describe.each(INDEPENDENT)("%j", (scheme) => {
  const whole = init([20_000], scheme, { ...KEYED, engine: "scalar" });

  describe.each(ENGINES)("by the engine %s", (engine) => {
    const options = { ...KEYED, engine };

    test("has the same bits in an array of its own and in an arena", () => {
      expectSameBits(init([20_000], scheme, options), whole);
      const arena = new Arena(2 ** 17);
      expectSameBits(init([100, 200], scheme, { ...options, arena }), whole);
    });

    test("begins with the values of a shorter tensor", () => {
      for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 4095, 4096, 4097, 8192, 12_289]) {
        expectSameBits(init([length], scheme, options), whole.slice(0, length));
      }
    });

    test("fills any slice, at any place of an array or an arena, and touches nothing beside it", () => {
      const choose = chooser(20);
      const arena = new Arena(4 * 20_000 + 64);
      const inArena = arena.allocate(20_000);
      const own = new Float32Array(20_000);
      const borders = [0, 1, 3, 4, 7, 8, 15, 16, 4095, 4096, 4097, 8191, 8192, 12_288];
      for (let round = 0; round < 60; ++round) {
        const start = round % 3 ? choose() % 12_000 : (borders[choose() % borders.length] as number);
        const length = round % 2 ? 1 + (choose() % 40) : 1 + (choose() % 8000);
        const at = choose() % (20_000 - length);
        for (const memory of [own, inArena]) {
          expectWrites(memory, at, whole.slice(start, start + length), (view) => {
            expect(fill(view, [20_000], scheme, { ...options, start })).toBe(view);
          });
        }
      }
    });

    test("is whole after its pieces are filled in any order", () => {
      const out = new Float32Array(20_000);
      const starts = Array.from({ length: 20 }, (_, i) => ((i * 7) % 20) * 1000);
      for (const start of starts) fill(out.subarray(start, start + 1000), [20_000], scheme, { ...options, start });
      expectSameBits(out, whole);
    });

    test("can be drawn into shared memory", () => {
      const out = new Float32Array(new SharedArrayBuffer(4 * 20_000));
      fill(out, [20_000], scheme, options);
      expectSameBits(out, whole);
    });
  });
});

test("a slice can be drawn of a tensor that is larger than any memory", () => {
  const shape = [2 ** 25, 2 ** 27]; // 2^52 elements
  const parts = ENGINES.map((engine) =>
    fill(new Float32Array(100), shape, normal({ std: 1 }), { ...KEYED, engine, start: 2 ** 52 - 100 }),
  );
  expectSameBits(parts[0], parts[1]);
  expect(new Set(parts[0]).size).toBe(100);
  const near = fill(new Float32Array(100), shape, normal({ std: 1 }), { ...KEYED, start: 2 ** 52 - 99 - 2 ** 44 });
  expect(near.slice(0, 99)).not.toEqual(parts[0]?.slice(1));
});

test("equal seed and name give equal values, others give other values, and without a seed each call draws anew", () => {
  const draw = (options: object) => init([8], heNormal({ axes: { in: [], out: 0 } }), options).join();
  const w = () => init([4, 2], heNormal(), KEYED).join();
  expect(w()).toBe(w());
  expect(init([4, 2], heNormal(), { ...KEYED, seed: 43 }).join()).not.toBe(w());
  expect(init([4, 2], heNormal(), { ...KEYED, name: "fc1.kerneL" }).join()).not.toBe(w());
  expect(init([4, 2], heNormal(), { ...KEYED, seed: 42n }).join()).toBe(w());
  expect(init([4, 2], heNormal()).join()).not.toBe(init([4, 2], heNormal()).join());
  expect(init([4, 2], heNormal(), { name: "a" }).join()).not.toBe(init([4, 2], heNormal(), { name: "a" }).join());
  expect(() => draw({})).toThrow(/two axes/);
});

test.each(ENGINES)("a shape with a 0 has no element, and [] has one, as in NumPy, by the engine %s", (engine) => {
  const options = { ...KEYED, engine };
  expect(init([0], normal({ std: 1 }), options)).toHaveLength(0);
  expect(init([3, 0], heNormal(), options)).toHaveLength(0);
  expect(init([0, 2 ** 52, 2 ** 52], normal({ std: 1 }), options)).toHaveLength(0);
  expect(init([], normal({ std: 1 }), options)).toHaveLength(1);
  expect(init([0], normal({ std: 1 }), { ...options, arena: new Arena(0) })).toHaveLength(0);
});

describe("an arena", () => {
  test("is the buffer of every view of it, and views are filled without a copy", () => {
    const arena = new Arena(2 ** 20);
    const { buffer } = arena;
    const first = init([1000], normal({ std: 1 }), { ...KEYED, arena });
    const copy = first.slice();
    for (let i = 0; i < 10; ++i) {
      const view = init([100, 100], normal({ std: 1 }), { seed: i, name: "w", arena });
      expect(view.buffer).toBe(buffer);
      expect(view.byteOffset % 64).toBe(0);
    }
    expect(arena.buffer).toBe(buffer);
    expect(first.buffer).toBe(buffer);
    expectSameBits(first, copy);
    const set = Float32Array.prototype.set;
    let copies = 0;
    Float32Array.prototype.set = function (...given) {
      copies += 1;
      set.apply(this, given);
    };
    try {
      const view = arena.allocate(8192);
      fill(view, [8192], normal({ std: 1 }), KEYED);
      expect(copies).toBe(0);
      fill(new Float32Array(8192), [8192], normal({ std: 1 }), KEYED);
      expect(copies).toBeGreaterThan(0); // the count counts
    } finally {
      Float32Array.prototype.set = set;
    }
  });

  test("counts what is used in steps of 64 bytes, up to its capacity, until it is reset or disposed of", () => {
    const arena = new Arena(1024);
    expect([arena.capacity, arena.used]).toEqual([1024, 0]);
    arena.allocate(1);
    expect(arena.used).toBe(64);
    arena.allocate(240);
    expect(arena.used).toBe(1024);
    expect(() => init([1], zeros(), { arena })).toThrow("arena: expected room for 4 bytes, got 0 free of 1024");
    expect(arena.used).toBe(1024);
    arena.reset();
    expect(init([256], zeros(), { arena })).toHaveLength(256);
    arena[Symbol.dispose]();
    expect(arena.used).toBe(0);
    expect(new Arena(100).allocate(25)).toHaveLength(25); // a capacity that is no multiple of 64
  });

  test("can be used in turn with other arenas and with arrays", () => {
    const arenas = [new Arena(2 ** 16), new Arena(2 ** 16)];
    const views = arenas.map((arena) => init([1000], normal({ std: 1 }), { ...KEYED, arena }));
    const own = init([1000], normal({ std: 1 }), KEYED);
    for (const view of views) expectSameBits(view, own);
  });

  test.each([5000, 8192])("of the largest size is filled up to its last byte by %i elements", (length) => {
    const arena = new Arena(2 ** 32 - 2 ** 17);
    arena.allocate(arena.capacity / 4 - 16 * Math.ceil(length / 16));
    const view = arena.allocate(length);
    for (const scheme of INDEPENDENT) {
      fill(view, [length], scheme, KEYED);
      expectSameBits(view, init([length], scheme, KEYED));
    }
  });
});

test("an arena of a second copy of the package is refused with what to do", async () => {
  const build = new URL("../../dist/index.js", import.meta.url).href;
  const copy = (await import(build)) as { readonly Arena: typeof Arena };
  const message = "arena: expected an Arena of this copy of nn-init: two copies are loaded, install one, got";
  expect(() => init([2], zeros(), { arena: new copy.Arena(64) })).toThrow(message);
  expect(() => init([2], zeros(), { arena: new Uint8Array(64) as never })).toThrow(
    /^arena: expected an Arena, got Uint8/,
  );
  // `fill` takes any array, also one that a second copy of the package has made.
  const view = new copy.Arena(64).allocate(2);
  expect([...fill(view, [2], ones())]).toEqual([1, 1]);
});

const detached = new Float32Array(4);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
const small = new Arena(64);
const one = normal({ std: 1 });

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, RegExp]>([
  ["a negative length", () => init([-1], one), RangeError, /^shape\[0\]: expected a whole number.*got -1$/],
  ["a fractional length", () => init([2, 2.5], one), RangeError, /^shape\[1\].*2\.5$/],
  ["a length of NaN", () => init([Number.NaN], one), RangeError, /^shape\[0\]/],
  ["a length of 2^53", () => init([2 ** 53], one), RangeError, /^shape\[0\]/],
  [
    "a shape of more than 2^53 elements",
    () => init([2 ** 30, 2 ** 30], one),
    RangeError,
    /^shape: expected at most 2\^53 - 1 elements/,
  ],
  ["a length that is a string", () => init(["3" as never], one), TypeError, /^shape\[0\].*"3"$/],
  [
    "a shape with a hole",
    () => init(new Array(2), one),
    TypeError,
    /^shape\[0\]: expected a whole number, got undefined$/,
  ],
  ["a length that is null", () => init([null as never], one), TypeError, /^shape\[0\]/],
  ["a number for a shape", () => init(3 as never, one), TypeError, /^shape: expected an array of lengths, got 3$/],
  [
    "a tensor larger than can be allocated",
    () => init([2 ** 40], one),
    RangeError,
    /^shape: expected a size that this runtime/,
  ],
  ["a missing scheme", () => init([2], undefined as never), TypeError, /^scheme/],
  ["a function for a scheme", () => init([2], heNormal as never), TypeError, /^scheme/],
  ["an unknown scheme", () => init([2], { scheme: "x" } as never), RangeError, /^scheme/],
  ["a scheme's unknown option", () => init([2], { scheme: "normal", std: 1, sead: 1 } as never), TypeError, /"sead"/],
  [
    "a scheme from data with a std of NaN",
    () => init([2], { scheme: "normal", std: Number.NaN } as never),
    RangeError,
    /^std/,
  ],
  ["an unknown option", () => init([2], one, { sead: 1 } as never), TypeError, /seed.*"sead"/],
  ["options that are null", () => init([2], one, null as never), TypeError, /^options/],
  ["an unknown dtype", () => init([2], one, { dtype: "f8" as never }), RangeError, /^dtype: expected one of "f32"/],
  ["an unknown engine", () => init([2], one, { engine: "gpu" as EngineName }), RangeError, /^engine/],
  ["a seed without a name", () => init([2], one, { seed: 1 }), TypeError, /^name: expected the tensor's name/],
  ["an empty name", () => init([2], one, { seed: 1, name: "" }), RangeError, /^name/],
  ["a name that is no string", () => init([2], one, { seed: 1, name: 1 as never }), TypeError, /^name/],
  ["a name with a lone surrogate", () => init([2], one, { seed: 1, name: "\ud800" }), RangeError, /^name/],
  ["a negative seed", () => init([2], one, { seed: -1, name: "w" }), RangeError, /^seed/],
  ["a fractional seed", () => init([2], one, { seed: 1.5, name: "w" }), RangeError, /^seed/],
  ["a seed of NaN", () => init([2], one, { seed: Number.NaN, name: "w" }), RangeError, /^seed/],
  [
    "a number from 2^53 on for a seed",
    () => init([2], one, { seed: 2 ** 53, name: "w" }),
    RangeError,
    /^seed: .*bigint/,
  ],
  ["a bigint from 2^64 on for a seed", () => init([2], one, { seed: 2n ** 64n, name: "w" }), RangeError, /^seed/],
  ["a negative bigint", () => init([2], one, { seed: -1n, name: "w" }), RangeError, /^seed/],
  ["a seed that is a string", () => init([2], one, { seed: "1" as never, name: "w" }), TypeError, /^seed/],
  ["a negative seed where nothing is random", () => init([2], zeros(), { seed: -1 }), RangeError, /^seed/],
  ["an object that is no arena", () => init([2], one, { arena: {} as never }), TypeError, /^arena/],
  ["an arena without room", () => init([17], one, { arena: small }), RangeError, /^arena: expected room for 68 bytes/],
  ["an arena of negative size", () => new Arena(-1), RangeError, /^bytes/],
  ["an arena of fractional size", () => new Arena(0.5), RangeError, /^bytes/],
  ["an arena above 4 GiB", () => new Arena(2 ** 32 + 1), RangeError, /^bytes: expected at most 4294836224/],
  ["a negative length in an arena", () => small.allocate(-1), RangeError, /^length/],
  [
    "an array longer than the tensor",
    () => fill(new Float32Array(3), [2], one),
    RangeError,
    /^array.length: expected 2 for shape \[2\].*got 3$/,
  ],
  ["an array shorter than the tensor", () => fill(new Float32Array(1), [2], one), RangeError, /^array.length/],
  [
    "an array of another type",
    () => fill(new Float64Array(2) as never, [2], one),
    TypeError,
    /^array: expected a Float32Array for dtype f32, got Float64Array$/,
  ],
  ["a Uint16Array without dtype", () => fill(new Uint16Array(2) as never, [2], one), TypeError, /^array.*Uint16Array$/],
  ["a list for an array", () => fill([0, 0] as never, [2], one), TypeError, /^array/],
  ["a DataView", () => fill(new DataView(new ArrayBuffer(8)) as never, [2], one), TypeError, /^array/],
  ["a detached array", () => fill(detached, [4], one), TypeError, /^array.*detached/],
  ["a detached array for an empty tensor", () => fill(detached, [0], one), TypeError, /^array.*detached/],
  [
    "a start from which the array reaches beyond the tensor",
    () => fill(new Float32Array(2), [4], one, { start: 3 }),
    RangeError,
    /^start/,
  ],
  ["a negative start", () => fill(new Float32Array(2), [4], one, { start: -1 }), RangeError, /^start/],
  ["a fractional start", () => fill(new Float32Array(2), [4], one, { start: 0.5 }), RangeError, /^start/],
  ["a start of NaN", () => fill(new Float32Array(2), [4], one, { start: Number.NaN }), RangeError, /^start/],
  ["a start for init", () => init([2], one, { start: 1 } as never), TypeError, /"start"/],
  [
    "the first page of an arena, which is the kernels'",
    () => fill(new Float32Array(small.buffer, 0, 16), [16], one),
    RangeError,
    /^array.byteOffset/,
  ],
])("refuses %s", (_, act, kind, message) => {
  expect(act).toThrow(kind);
  expect(act).toThrow(message);
});

test("nothing is written by a call that is refused", () => {
  const out = new Float32Array(4).fill(7);
  for (const options of [{ seed: -1, name: "w" }, { seed: 1 }, { start: 1 }, { engine: "x" }, { dtype: "f8" }]) {
    expect(() => fill(out, [4], one, options as never)).toThrow();
  }
  expect(() => fill(out, [4], { scheme: "normal", std: -1 } as never)).toThrow();
  expect(() => fill(out, [4], heNormal())).toThrow();
  expect([...out]).toEqual([7, 7, 7, 7]);
});

describe("what the owner of an arena writes to its first page", () => {
  const DRAWN = [...INDEPENDENT, orthogonal(), sparse({ sparsity: 0.5 })];

  test.each([0, 255])("%d everywhere: later draws have the same bits, in every dtype", (byte) => {
    for (const dtype of ["f32", "f64", "f16", "bf16"] as const) {
      for (const scheme of DRAWN) {
        const expected = init([40, 30], scheme, { ...KEYED, dtype });
        const arena = new Arena(2 ** 16);
        init([40, 30], scheme, { ...KEYED, dtype, arena });
        new Uint8Array(arena.buffer).fill(byte);
        arena.reset();
        const drawn = init([40, 30], scheme, { ...KEYED, dtype, arena });
        expect(Buffer.from(drawn.slice().buffer).equals(Buffer.from(expected.buffer))).toBe(true);
      }
    }
  });
});

describe("arguments that change or lie", () => {
  test("every option is read once", () => {
    const reads: string[] = [];
    const options = new Proxy({ ...KEYED, dtype: "f32", engine: "simd" } as const, {
      get(target, key, receiver) {
        if (typeof key === "string") reads.push(key); // the tag of a kind of object is no option
        return Reflect.get(target, key, receiver);
      },
    });
    init([4], normal({ std: 1 }), options);
    expect(reads.sort()).toEqual([...new Set(reads)]);
    reads.length = 0;
    fill(new Float32Array(4), [4], normal({ std: 1 }), options);
    expect(reads.sort()).toEqual([...new Set(reads)]);
    expect(reads).toEqual(["dtype", "engine", "name", "seed", "start"]);
  });

  test("a dtype that changes between reads does not write beside the tensor", () => {
    const arena = new Arena(8192);
    const [first, second] = [arena.allocate(1024), arena.allocate(1024)];
    let reads = 0;
    const options = Object.defineProperty({ ...KEYED }, "dtype", {
      enumerable: true,
      get: () => (reads++ === 0 ? "f32" : "f64"),
    });
    fill(first, [1024], normal({ std: 1 }), options);
    expectSameBits(first, init([1024], normal({ std: 1 }), KEYED));
    expect(second.every((x) => x === 0)).toBe(true);
  });

  test("options that are inherited count", () => {
    const drawn = init([4], normal({ std: 1 }), Object.create(KEYED));
    expect(drawn).toEqual(init([4], normal({ std: 1 }), KEYED));
  });

  test("options that are inherited are checked as one's own are", () => {
    expect(() => init([2], normal({ std: 1 }), Object.create({ sed: 1 }))).toThrow(
      /^options: expected options among .* \(perhaps "seed"\), got "sed"$/,
    );
  });

  test("an array is what its slots say, not what its own properties or its class say", () => {
    const arena = new Arena(4096);
    const bytes = new Uint8Array(arena.buffer, arena.allocate(16).byteOffset, 16);
    Object.defineProperty(bytes, Symbol.toStringTag, { value: "Float32Array" });
    expect(() => fill(bytes as never, [16], normal({ std: 1 }), KEYED)).toThrow(/^array: expected a Float32Array/);
    Object.setPrototypeOf(bytes, Float32Array.prototype);
    expect(() => fill(bytes as never, [16], normal({ std: 1 }), KEYED)).toThrow(/^array: expected a Float32Array/);
    class Longer extends Float32Array {
      override get length() {
        return 16;
      }
    }
    const short = new Longer(arena.buffer, arena.allocate(8).byteOffset, 8);
    const next = arena.allocate(16);
    expect(() => fill(short, [16], normal({ std: 1 }), KEYED)).toThrow(/^array.length: expected 16 .* got 8/);
    expect(next.every((x) => x === 0)).toBe(true);
    const tagged = Object.defineProperty(new Float32Array(4), Symbol.toStringTag, { value: "Uint8Array" });
    expect(fill(tagged, [4], normal({ std: 1 }), KEYED)).toBe(tagged);
    expect(tagged[0]).not.toBe(0);
  });

  test.each([
    ["transferred", (buffer: ArrayBuffer) => void structuredClone(buffer, { transfer: [buffer] })],
    ["shrunk", (buffer: ArrayBuffer) => (buffer as unknown as { resize(bytes: number): void }).resize(4)],
  ])("an array that a getter among the arguments %s is refused", (_, take) => {
    const array = () => new Float32Array(new ArrayBuffer(64, { maxByteLength: 128 } as never), 0, 16);
    const [first, second] = [array(), array()];
    const message = /^array(: expected an array that is not detached|.length: expected 16)/;
    expect(() =>
      fill(first, [16], normal({ std: 1 }), {
        ...KEYED,
        get dtype() {
          take(first.buffer);
          return "f32" as const;
        },
      }),
    ).toThrow(message);
    const scheme = {
      scheme: "normal",
      get std() {
        take(second.buffer);
        return 1;
      },
    } as const;
    expect(() => fill(second, [16], scheme, KEYED)).toThrow(message);
  });
});

test.each([[], new Map([["seed", 1]]), new Set(), new Date(), Promise.resolve(), "seed", 7, null, () => {}])(
  "options that are no plain object are refused: %o",
  (options) => {
    expect(() => init([2], normal({ std: 1 }), options as never)).toThrow(TypeError);
    expect(() => init([2], normal({ std: 1 }), options as never)).toThrow("options: expected an object, got");
    expect(() => normal(options as never)).toThrow(TypeError);
  },
);

test("options can be of a class, without a prototype, or of another realm", () => {
  class Own {
    seed = 1;
    name = "w";
  }
  const bare = Object.assign(Object.create(null), { seed: 1, name: "w" });
  const other = runInNewContext("({ seed: 1, name: 'w' })");
  const expected = init([2], normal({ std: 1 }), { seed: 1, name: "w" });
  for (const options of [new Own(), bare, other]) expect(init([2], normal({ std: 1 }), options)).toEqual(expected);
});

describe("the distribution of the last shape and scheme, which is kept,", () => {
  const drawn = (shape: number[], scheme: Parameters<typeof init>[1]) => [
    ...init(shape, scheme, { seed: 1, name: "w" }),
  ];

  test("is that of the shape as it is now, of this scheme, and never the caller's", () => {
    const shape = [4, 2];
    const tall = drawn(shape, heNormal());
    shape[0] = 2;
    shape[1] = 4;
    expect(drawn(shape, heNormal())).toEqual(tall.map((value) => Math.fround(value * Math.SQRT2)).map(closeTo));
    expect(drawn([4, 2], heNormal())).toEqual(tall);
    expect(drawn([4, 2], { scheme: "heNormal" })).toEqual(tall);
    expect(drawn([4, 2], heNormal({ layout: "oi" }))).not.toEqual(tall);
    expect(drawn([4, 2, 1], heNormal())).not.toEqual(tall);
    expect(drawn([4, 2], lecunNormal())).not.toEqual(tall);
    const own = resolve([4, 2], heNormal()) as { std: number };
    own.std = 0;
    expect(drawn([4, 2], heNormal())).toEqual(tall);
    expect(Object.isFrozen(heNormal())).toBe(true);
  });
});

const closeTo = (value: number) => expect.closeTo(value, 6);

/** nn-init/jax with arrays that are only kept. check:adapters has jax-js itself. */
import { afterEach, expect, test, vi } from "vitest";
import { heNormal, init, orthogonal, varianceScaling } from "../../src/index.js";
import { forJax } from "../../src/jax.js";

interface Kept {
  readonly values: ArrayLike<number>;
  readonly shape: number[];
  readonly dtype?: string;
}

const initializers = forJax<Kept>({ numpy: { array: (values, options) => ({ values, ...options }) } });
const key = { seed: 42, name: "w" };

afterEach(() => vi.unstubAllGlobals());

test("float16 and float64 need the Float16Array that jax-js asks for", () => {
  vi.stubGlobal("Float16Array", undefined);
  for (const dtype of ["float16", "float64"] as const) {
    expect(() => initializers.zeros(key, [2], dtype)).toThrow(/^dtype: expected float32, since .* Float16Array/);
  }
  vi.stubGlobal("Float16Array", Uint16Array);
  expect(initializers.zeros(key, [2], "float64").values).toEqual(new Float64Array(2));
});

test("an array without elements is given as a list, since jax-js takes no empty typed array", () => {
  expect(initializers.heNormal()(key, [0, 3])).toEqual({ values: [], shape: [0, 3], dtype: "float32" });
});

test("each maker draws its scheme", () => {
  const drawn = (made: Kept) => Array.from(made.values);
  expect(initializers.heNormal()(key, [4, 3])).toEqual({
    values: init([4, 3], heNormal(), key),
    shape: [4, 3],
    dtype: "float32",
  });
  expect(initializers.kaimingNormal()(key, [4, 3])).toEqual(initializers.heNormal()(key, [4, 3]));
  const axes = { inAxis: 1, outAxis: [2, 3], batchAxis: 0 };
  const scheme = varianceScaling({
    scale: 2,
    mode: "fan_out",
    distribution: "truncated",
    axes: { in: 1, out: [2, 3], batch: 0 },
  });
  expect(drawn(initializers.varianceScaling(2, "fan_out", "truncated_normal", axes)(key, [2, 3, 4, 5]))).toEqual(
    Array.from(init([2, 3, 4, 5], scheme, key)),
  );
  expect(drawn(initializers.orthogonal(2, 0)(key, [2, 3]))).toEqual(
    Array.from(init([2, 3], orthogonal({ gain: 2, layout: "oi" }), key)),
  );
  expect(Math.max(...drawn(initializers.uniform(-0.5)(key, [50])))).toBeLessThan(0);
});

test("a key of jax.random is two words of a seed, and is used up", () => {
  let reads = 0;
  const random = {
    dataSync() {
      reads += 1;
      return Uint32Array.of(1, 2);
    },
  };
  const expected = init([3], { scheme: "normal", std: 0.01 }, { seed: 2n ** 32n + 2n, name: "jax.random.key" });
  expect(initializers.normal()(random, [3]).values).toEqual(expected);
  expect(reads).toBe(1);
  expect(() => initializers.normal()({ dataSync: () => new Uint32Array(6) }, [3])).toThrow(
    /^key: expected a single key, of two words/,
  );
});

test("what is refused", () => {
  expect(() => forJax({} as never)).toThrow(/^jax: expected jax-js, with numpy.array/);
  expect(() => initializers.heNormal()(undefined as never, [2, 2])).toThrow(/^key: expected a seed and a name/);
  expect(() => initializers.heNormal()({ name: "w" } as never, [2, 2])).toThrow(/^key.seed/);
  expect(() => initializers.heNormal()(key, [2, 2], "bfloat16" as never)).toThrow(/^dtype: expected one of "float32"/);
  expect(() => initializers.orthogonal(1, 2 as never)).toThrow(/^columnAxis: expected -1 or 0/);
  expect(() => initializers.lecunNormal({ in_axis: 0 } as never)).toThrow(
    /^axes: expected options among inAxis, outAxis, batchAxis/,
  );
});

// nn-init/jax in jax-js.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { glorotNormal, init, orthogonal, varianceScaling } from "../../dist/index.js";
import { forJax } from "../../dist/jax.js";

const rms = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** Every maker, with the std that JAX documents for [300, 200]. */
const STDS = {
  glorotUniform: Math.sqrt(2 / 500),
  glorotNormal: Math.sqrt(2 / 500),
  xavierUniform: Math.sqrt(2 / 500),
  xavierNormal: Math.sqrt(2 / 500),
  lecunUniform: Math.sqrt(1 / 300),
  lecunNormal: Math.sqrt(1 / 300),
  heUniform: Math.sqrt(2 / 300),
  heNormal: Math.sqrt(2 / 300),
  kaimingUniform: Math.sqrt(2 / 300),
  kaimingNormal: Math.sqrt(2 / 300),
  normal: 0.01,
  uniform: 0.01 / Math.sqrt(3), // about 0, since it is not centred
  truncatedNormal: 0.01 * 0.8796256610342398,
  orthogonal: Math.sqrt(1 / 300),
};

export async function run({ check, folder, Absent }) {
  globalThis.navigator ??= {}; // Node 20 has none, and jax-js asks for it
  const jax = await import(pathToFileURL(join(folder, "node_modules/@jax-js/jax/dist/index.js"))).catch((error) => {
    throw new Absent(error.message);
  });
  const devices = await jax.init();
  const initializers = forJax(jax);
  for (const device of devices) {
    jax.defaultDevice(device);
    await check(`every initializer, ${device}`, () => {
      for (const [name, std] of Object.entries(STDS)) {
        const array = initializers[name]()({ seed: 7, name }, [300, 200]);
        assert.deepEqual(array.shape, [300, 200]);
        assert.ok(Math.abs(rms(array.dataSync()) / std - 1) < 0.012, name);
      }
      const same = (array, values) => assert.deepEqual(Array.from(array.dataSync()), Array.from(values));
      const key = { seed: 2n ** 64n - 1n, name: "w" };
      same(initializers.initializer("heNormal")(key, [4, 4]), init([4, 4], { scheme: "heNormal" }, key));
      same(
        initializers.glorotNormal({ inAxis: 0, outAxis: [1, 2] })(key, [4, 2, 8]),
        init([4, 2, 8], glorotNormal({ axes: { in: 0, out: [1, 2] } }), key),
      );
      const scaling = varianceScaling({
        scale: 3,
        mode: "fan_geo_avg",
        distribution: "normal",
        axes: { in: 1, out: 2, batch: 0 },
      });
      same(
        initializers.varianceScaling(3, "fan_geo_avg", "normal", { inAxis: 1, outAxis: 2, batchAxis: 0 })(
          key,
          [5, 4, 3],
        ),
        init([5, 4, 3], scaling, key),
      );
      same(initializers.orthogonal(2, 0)(key, [3, 4]), init([3, 4], orthogonal({ gain: 2, layout: "oi" }), key));
      same(initializers.constant(3)(key, [2]), [3, 3]);
      same(initializers.uniform(-1)(key, [2]), init([2], { scheme: "uniform", low: -1, high: 0 }, key));
      const kernel = initializers.deltaOrthogonal()(key, [3, 3, 2, 4]).dataSync();
      assert.equal(kernel.filter((value) => value !== 0).length, 8);
      return `${Object.keys(STDS).length + 6} makers`;
    });
  }
  await check("keys of jax.random", () => {
    const draw = (key) => Array.from(initializers.normal()(key, [4]).dataSync());
    const key = () => jax.random.key(42);
    assert.deepEqual(draw(key()), draw(key()));
    assert.deepEqual(
      draw(key()),
      Array.from(init([4], { scheme: "normal", std: 0.01 }, { seed: 42, name: "jax.random.key" })),
    );
    const [one, two] = jax.random.split(key());
    assert.notDeepEqual(draw(one), draw(two));
    const kept = key();
    draw(kept.ref);
    draw(kept);
    assert.throws(() => draw(kept), /freed/);
    assert.throws(() => draw(jax.random.split(key(), 3)), /^RangeError: key: expected a single key/);
    return "equal keys, split keys, keys that are used up";
  });
  await check("a network of jax-js trains", () => {
    const { numpy: np, valueAndGrad, random } = jax;
    const network = ({ a, b }, x) => np.matmul(np.tanh(np.matmul(x, a)), b);
    let weights = {
      a: initializers.glorotNormal()({ seed: 1, name: "a" }, [4, 16]),
      b: initializers.glorotNormal()({ seed: 1, name: "b" }, [16, 1]),
    };
    const x = random.uniform(random.key(1), [32, 4]);
    const y = np.sum(x.ref, 1).reshape([32, 1]);
    const loss = (weights) => np.mean(np.square(network(weights, x.ref).sub(y.ref)));
    const losses = [];
    for (let step = 0; step < 60; ++step) {
      const [value, grads] = valueAndGrad(loss)({ a: weights.a.ref, b: weights.b.ref });
      losses.push(value.item());
      weights = { a: weights.a.sub(grads.a.mul(0.1)), b: weights.b.sub(grads.b.mul(0.1)) };
    }
    assert.ok(losses.at(-1) < losses[0] / 4, `loss ${losses[0]} -> ${losses.at(-1)}`);
    return `loss ${losses[0].toFixed(3)} -> ${losses.at(-1).toFixed(3)}`;
  });
  await check("what is refused", () => {
    const cases = [
      [() => forJax({}), /^TypeError: jax: expected jax-js, with numpy\.array/],
      [() => initializers.heNormal()(undefined, [2, 2]), /^TypeError: key: expected a seed and a name/],
      [() => initializers.heNormal()({ name: "w" }, [2, 2]), /^TypeError: key\.seed/],
      [() => initializers.heNormal()({ seed: 1 }, [2, 2]), /^TypeError: name: expected/],
      [
        () => initializers.heNormal()({ seed: 1, name: "w", dtype: 1 }, [2, 2]),
        /^TypeError: key: expected options among/,
      ],
      [() => initializers.heNormal()({ seed: 1, name: "w" }, [2]), /^RangeError: /],
      [
        () => initializers.heNormal()({ seed: 1, name: "w" }, [2, 2], "int32"),
        /^RangeError: dtype: expected one of "float32", "float16", "float64"/,
      ],
      [() => initializers.heNormal({ in_axis: 1 }), /^TypeError: axes: expected options among inAxis/],
      [
        () => initializers.varianceScaling(1, "fan_in", "truncated"),
        /^RangeError: distribution: expected one of "truncated_normal"/,
      ],
      [() => initializers.orthogonal(1, 1), /^RangeError: columnAxis: expected -1 or 0/],
    ];
    for (const [call, pattern] of cases) assert.throws(call, pattern);
    if (globalThis.Float16Array === undefined) {
      for (const dtype of ["float16", "float64"]) {
        assert.throws(() => initializers.zeros({ seed: 1, name: "w" }, [2], dtype), /needs a Float16Array/);
      }
    }
    assert.deepEqual(initializers.heNormal()({ seed: 1, name: "w" }, [0, 3]).shape, [0, 3]);
    return `${cases.length} cases`;
  });
}

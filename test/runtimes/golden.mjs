// The golden hashes, in any runtime: what the packed library draws must be the bits of the specification, and `simd`
// must be what drew them. Plain JavaScript without imports, since some runtimes here have no file system.

/**
 * @param nn the library's public names
 * @param vectors test/vectors/stream_v1.json
 * @returns what is wrong, a line each; nothing in a sound runtime
 */
export async function golden(nn, vectors) {
  const wrong = [];
  const usual = nn.engines().find((engine) => engine.default);
  if (usual.name !== "simd") wrong.push(`the default engine is ${usual.name}: ${JSON.stringify(nn.engines())}`);
  const arena = new nn.Arena(65536);
  for (const { distribution, parameters, dtype, seed, name, start, count, sha256 } of vectors.hashes) {
    const scheme = schemeOf(nn, distribution, parameters);
    for (const engine of [undefined, "simd", "scalar"]) {
      arena.reset();
      const own = { f32: Float32Array, f64: Float64Array, f16: Uint16Array, bf16: Uint16Array }[dtype];
      for (const out of [new own(count), arena.allocate(count, dtype)]) {
        nn.fill(out, [2 ** 20], scheme, { seed: BigInt(seed), name, start, dtype, ...(engine && { engine }) });
        const hash = await hex(out.slice());
        if (hash !== sha256)
          wrong.push(`${distribution}(${parameters}) ${dtype} by ${engine ?? "default"}: ${hash}, not ${sha256}`);
      }
    }
  }
  for (const { distribution, dtype, shape, sha256 } of vectors.matrices) {
    const [rows, columns, zeros, across] = shape;
    const scheme =
      distribution === "orthogonal"
        ? nn.orthogonal({ gain: rows === columns ? 1 : 0.7 })
        : nn.sparse({ sparsity: zeros / (across ? columns : rows), axis: across });
    for (const engine of ["simd", "scalar"]) {
      const hash = await hex(nn.init([rows, columns], scheme, { seed: 42, name: "q", dtype, engine }));
      if (hash !== sha256) wrong.push(`${distribution}(${shape}) ${dtype} by ${engine}: ${hash}, not ${sha256}`);
    }
  }
  if (typeof Float16Array === "function") {
    const options = { seed: 3, name: "half", dtype: "f16" };
    const own = nn.fill(new Float16Array(1000), [1000], nn.normal({ std: 1 }), options);
    const bits = nn.init([1000], nn.normal({ std: 1 }), options);
    if (new Uint16Array(own.buffer).join() !== bits.join()) wrong.push("a Float16Array has other bits");
  }
  const fresh = nn.init([64], nn.normal({ std: 1 }));
  if (fresh.join() === nn.init([64], nn.normal({ std: 1 })).join()) wrong.push("two draws without a seed are equal");
  if (vectors.hashes.length < 10) wrong.push("too few hashes");
  return wrong;
}

/**
 * The same with threads, for runtimes that have them; workers must be up, and the caller leaves them all the work.
 *
 * @param threads the public names of nn-init/threads
 */
export async function goldenThreads(nn, threads, vectors) {
  const wrong = [];
  const engine = await threads.openPoolAsync({ threads: 3 });
  for (let i = 0; i < 2000 && engine.ready < 2; ++i) await new Promise((resolve) => setTimeout(resolve, 5));
  if (engine.ready !== 2) wrong.push(`${engine.ready} of 2 workers are up`);
  const scheme = nn.normal({ std: 1 });
  const options = { seed: 3, name: "threads" };
  const expected = nn.init([300_001], scheme, options);
  const arena = engine.arena(2 ** 21);
  for (const values of [
    await engine.init([300_001], scheme, options),
    await engine.init([300_001], scheme, { ...options, arena }),
  ]) {
    if (values.some((value, i) => value !== expected[i])) wrong.push("threads draw other values");
  }
  const matrix = nn.init([200, 300], nn.orthogonal(), options);
  const drawn = await engine.init([200, 300], nn.orthogonal(), options);
  if (drawn.some((value, i) => value !== matrix[i])) wrong.push("threads make another matrix");
  engine.close();
  if (vectors.hashes.length < 10) wrong.push("too few hashes");
  return wrong;
}

/**
 * What whole models, the lab and training make, as text: the same in every runtime, to the last digit.
 *
 * @param model the public names of nn-init/model
 * @param lab the public names of nn-init/lab
 * @param runs what `trained` of fingerprint.mjs made
 */
export async function networks({ initModel, modelOf }, { lab, meanField }, runs) {
  const config = { model_type: "gpt2", n_layer: 3, n_embd: 24, n_positions: 8, vocab_size: 30 };
  const plan = {
    rules: [
      { rank: 2, scheme: "normal", std: "exp(-n_layer) * 0.1 ** 0.5" },
      { match: "*", scheme: "zeros" },
    ],
  };
  const { arena } = initModel(modelOf(config), { plan, seed: 1, dtype: "f64" });
  const reports = ["gelu", "tanh", "sin", "mish"].map((activation) =>
    JSON.stringify(
      lab({ activation, depth: 5, width: 20, samples: 6, normalization: "layer", residual: activation === "sin" }),
    ),
  );
  const attention = JSON.stringify(lab({ network: "attention", depth: 2, width: 12, samples: 2, activation: "silu" }));
  const field = JSON.stringify(meanField({ activation: "erf", weightVariance: 2, biasVariance: 0.1 }));
  return [
    await hex(new Uint8Array(arena.buffer).slice(65536)),
    ...reports,
    attention,
    field,
    JSON.stringify(runs),
  ].join("\n");
}

function schemeOf(nn, distribution, [a, b, c, d]) {
  if (distribution === "uniform") return nn.uniform({ low: a, high: b });
  if (distribution === "normal") return nn.normal({ mean: a, std: b });
  return nn.truncatedNormal({ mean: a, std: b, low: c, high: d });
}

async function hex(values) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", values));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

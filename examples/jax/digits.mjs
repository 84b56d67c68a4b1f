// Trains a jax-js network of two layers on the digits of nn-init/train/digits, from weights that nn-init/jax draws.
//
//   npm install nn-init @jax-js/jax
//   node digits.mjs
import { forJax } from "nn-init/jax";
import { loadDigits } from "nn-init/train/digits";

globalThis.navigator ??= {}; // Node 20 has none, and jax-js asks for it
const jax = await import("@jax-js/jax");
await jax.init();
const { nn, numpy: np, valueAndGrad } = jax;
const { heNormal, lecunNormal, zeros } = forJax(jax);

const { training, features, classes } = loadDigits();
const samples = training.targets.length;
const x = np.array(training.inputs, { shape: [samples, features] });
const y = nn.oneHot(np.array(Int32Array.from(training.targets), { shape: [samples] }), classes);

const seed = 42; // with the names below, it chooses all values
let weights = {
  hidden: heNormal()({ seed, name: "hidden.kernel" }, [features, 64]),
  hiddenBias: zeros({ seed, name: "hidden.bias" }, [64]),
  head: lecunNormal()({ seed, name: "head.kernel" }, [64, classes]),
  headBias: zeros({ seed, name: "head.bias" }, [classes]),
};

/** The mean of -ln of the probability of the right class. Arguments of jax-js are used up, so x and y are given by `ref`. */
function loss({ hidden, hiddenBias, head, headBias }) {
  const signal = nn.relu(np.matmul(x.ref, hidden).add(hiddenBias));
  const logits = np.matmul(signal, head).add(headBias);
  return np.mean(np.sum(nn.logSoftmax(logits).mul(y.ref), 1)).mul(-1);
}

const names = Object.keys(weights);
const RATE = 0.5;
for (let step = 0; step <= 100; ++step) {
  const [value, gradients] = valueAndGrad(loss)(Object.fromEntries(names.map((name) => [name, weights[name].ref])));
  if (step % 25 === 0) console.log(`step ${step}: loss ${value.item().toFixed(3)}`);
  else value.dispose();
  weights = Object.fromEntries(names.map((name) => [name, weights[name].sub(gradients[name].mul(RATE))]));
}

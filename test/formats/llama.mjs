// node llama.mjs FOLDER FILE...: the logarithms of llama.cpp's probabilities after each token of 5,9,70,... of each GGUF file,
// as a line of JSON for each file. In a process of its own, since llama.cpp ends the process where it fails an assertion.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, tokens, ...files] = process.argv.slice(2);
const { getLlama } = await import(pathToFileURL(join(folder, "node_modules/node-llama-cpp/dist/index.js")).href);
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: 1 });
/** Keys and values as they are, where llama.cpp keeps them in 16 bits otherwise. */
const EXACT = { experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32" };
const options = { temperature: 1, topK: 0, topP: 1, minP: 0 };

for (const modelPath of files) {
  const model = await llama.loadModel({ modelPath, useMmap: false });
  const context = await model.createContext({ contextSize: 64, flashAttention: false, ...EXACT });
  const given = tokens.split(",").map((token) => [Number(token), { generateNext: { probabilities: true, options } }]);
  const found = await context.getSequence().controlledEvaluate(given);
  const rows = found.map(({ next }) => {
    const row = [];
    for (const [token, probability] of next.probabilities) row[token] = Math.log(probability);
    return row;
  });
  console.log(JSON.stringify({ file: modelPath, rows, text: model.detokenize(model.tokenize("Weights, \u00e9\n")) }));
  await context.dispose();
  await model.dispose();
}
process.exit(0);

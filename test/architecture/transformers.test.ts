/** Every class and option, against the tensors that transformers saves and what they start from. */
import { describe, expect, test } from "vitest";
import { modelOf, parametersOf, planModel } from "../../src/model.js";
import { agreed, textOf, uncut } from "./starts.js";
import { FAMILIES, MODELS, SIZES } from "./vectors.js";

/** A ResNet has torchvision's names here. */
const torchvision = (name: string) =>
  name
    .replace(/^resnet\./, "")
    .replace("embedder.embedder.convolution", "conv1")
    .replace("embedder.embedder.normalization", "bn1")
    .replace(/encoder\.stages\.(\d+)\.layers\.(\d+)\./, (_, stage, layer) => `layer${Number(stage) + 1}.${layer}.`)
    .replace(/\.layer\.(\d)\.convolution/, (_, i) => `.conv${Number(i) + 1}`)
    .replace(/\.layer\.(\d)\.normalization/, (_, i) => `.bn${Number(i) + 1}`)
    .replace("shortcut.convolution", "downsample.0")
    .replace("shortcut.normalization", "downsample.1")
    .replace("classifier.1", "fc");

describe.each(FAMILIES)("$family, as transformers saves it", ({ family }) => {
  const models = MODELS.filter((model) => model.family === family);
  test.each(models)("$name", ({ config, tensors, tied }) => {
    const model = modelOf(config);
    const { tensors: planned, tied: mine } = planModel(model);
    const rename = config.model_type === "resnet" ? torchvision : (name: string) => name;
    const expected = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), uncut(tensor)]));
    const ours = planned.map((tensor) => [tensor.name, agreed(textOf(tensor), expected[tensor.name])]);
    expect(Object.fromEntries(ours)).toEqual(expected);
    expect(mine).toEqual(tied);
  });

  test("has no other classes", () => {
    const odd = { ...models[0]?.config, architectures: ["Odd"] };
    const known = new Set(models.map(({ name }) => JSON.stringify(name.split(" ")[0])));
    const message = (() => {
      try {
        return String(modelOf(odd));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    const [, list = ""] = /architectures\[0\]: expected one of (.*), got/.exec(message) ?? [];
    const published = /^"PhiMoE/; // class names of configs that are older than the library's class
    expect(new Set(list.split(", ").filter((name) => !published.test(name)))).toEqual(known);
  });
});

// Whisper's and Marian's positions are parameters of the library, although they are not trained.
const COMPUTED = ["whisper", "marian"];

test.each(SIZES)("$family of the default config: $parameters parameters", ({ family, config, parameters }) => {
  const { tensors } = modelOf(config);
  expect(
    parametersOf({ tensors: COMPUTED.includes(family) ? tensors.map(({ role: _, ...rest }) => rest) : tensors }),
  ).toBe(parameters);
});

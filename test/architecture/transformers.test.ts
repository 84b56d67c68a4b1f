/** Every class and option, against the tensors that transformers saves and what they start from. */
import { describe, expect, test } from "vitest";
import type { Distribution } from "../../src/index.js";
import { modelOf, planModel } from "../../src/model.js";
import { MODELS } from "./vectors.js";

/** What transformers.py records: the std of a normal or truncated normal, the upper bound of a uniform, a constant. */
function startOf(distribution: Distribution): number | number[] {
  switch (distribution.kind) {
    case "constant":
      return distribution.value;
    case "normal":
    case "truncated":
      return Math.fround(distribution.std);
    case "uniform":
      return Math.fround(distribution.high);
    case "split":
      return distribution.parts.flatMap(({ length, distribution: part }) => Array(length / 4).fill(startOf(part)));
    default:
      throw new Error(distribution.kind);
  }
}

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

describe("as transformers saves them", () => {
  test.each(MODELS)("$name", ({ config, tensors }) => {
    const { tensors: planned } = planModel(modelOf(config));
    const rename = config.model_type === "resnet" ? torchvision : (name: string) => name;
    const expected = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
    const mine = planned.map(({ name, shape, distribution }) => [name, [shape, startOf(distribution)]]);
    expect(Object.fromEntries(mine)).toEqual(expected);
  });
});

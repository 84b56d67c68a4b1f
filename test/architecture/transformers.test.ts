/** Every class and option, against the tensors that transformers saves and what they start from. */
import { describe, expect, test } from "vitest";
import { isOfDraw, isPlaced, type ModelDistribution } from "../../src/computed/computed.js";
import { imageOf, uniformOf } from "../../src/computed/image.js";
import { writePlaced } from "../../src/computed/place.js";
import { modelOf, parametersOf, planModel } from "../../src/model.js";
import { FAMILIES, MODELS, SIZES } from "./vectors.js";

/** What transformers.py records of a tensor's values. */
function startOf(distribution: ModelDistribution, rows: number, size: number): string {
  switch (distribution.kind) {
    case "constant":
      return `=${Math.fround(distribution.value)}`;
    case "normal":
      return `n${Math.fround(distribution.std)}`;
    case "truncated": {
      const [low, high] = [distribution.low, distribution.high].map((bound) => Math.fround(bound * distribution.std));
      return `t${Math.fround(distribution.std)}${low === -2 && high === 2 ? "" : `@${low},${high}`}`;
    }
    case "uniform":
      return distribution.low === 0 && distribution.high === 1 ? "u0:1" : `u${Math.fround(distribution.high)}`;
    case "split":
      return distribution.parts
        .map(({ length, distribution: part }) => `${startOf(part, rows, size)}*${(length * rows) / size}`)
        .join(",");
    case "norms": {
      const { of, elements, length } = distribution; // of a tensor whose values all are the bound
      return of.kind === "uniform" ? `u${of.high * Math.sqrt(elements / length)} norm` : "?";
    }
    default:
      return `c${computedValues(distribution, size).join()}`;
  }
}

/** The values of a computed tensor, with (i + 0.5) / n in place of draw i of n. */
function computedValues(distribution: ModelDistribution, size: number): Float64Array {
  const values = new Float64Array(size);
  if (isPlaced(distribution)) writePlaced(distribution, 0, values);
  else if (isOfDraw(distribution)) {
    const uniform = uniformOf(distribution);
    if (uniform.kind !== "uniform") throw new Error(uniform.kind);
    const { low, high } = uniform;
    return values.map((_, i) => imageOf(distribution, low + ((i + 0.5) / size) * (high - low)));
  } else throw new Error(distribution.kind);
  return values;
}

/** The library's computed values are of binary32, with six digits; ours that agree are written as they are. */
function agreed(ours: string, theirs = ""): string {
  const [norm, sum] = [ours, theirs].map((tensor) => Number(/ u([\d.]+)/.exec(tensor)?.[1])) as [number, number];
  if (ours.endsWith(" norm")) return Math.abs(norm / sum - 1) < 1e-6 ? theirs : ours;
  const [mine, other] = [ours, theirs].map((tensor) =>
    tensor
      .match(/ c(.*)/)?.[1]
      ?.split(",")
      .map(Number),
  );
  if (mine === undefined || other?.length !== mine.length) return ours;
  return mine.every((value, i) => Math.abs(value - (other[i] as number)) < 1e-5) ? theirs : ours;
}

/** A normal that is cut at 8 std or later is one that is not cut: ViT's plan cuts all, as older versions do, new ones some. */
const uncut = (tensor: string): string =>
  tensor.replace(/ t([\d.]+)$/, (cut, std) => (2 / Number(std) >= 8 ? ` n${std}` : cut));

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
    const ours = planned.map(({ name, shape, distribution }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const tensor = uncut(`${shape.join("x")} ${startOf(distribution, shape[0] ?? 1, size)}`);
      return [name, agreed(tensor, expected[name])];
    });
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

/** Published models: as many parameters as transformers counts, and the names and bytes of published checkpoints. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Model, modelOf, parametersOf } from "../../src/model.js";
import { isLarge, PUBLISHED } from "./published.js";

test.each(PUBLISHED.filter((model) => !isLarge(model)))("$name: $parameters parameters", ({ config, parameters }) => {
  const model = modelOf(config);
  expect(parametersOf(model)).toBe(parameters);
  expect(model.unknownFields).toBeUndefined();
});

const hashOf = (names: readonly string[]) =>
  createHash("sha256")
    .update([...names].sort().join("\n"))
    .digest("hex");
const namesOf = ({ tensors }: Model) => tensors.map(({ name }) => name);
const bytesOf = ({ tensors }: Model) =>
  2 * tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

// These two are not what the library saves today. Neither needs a family of its own.
const BLOOM = "BLOOM 176B"; // its names have no prefix
const FALCON = "Falcon 180B"; // it has the tied head a second time

describe.each(PUBLISHED.filter(({ index }) => index !== undefined))(
  "the checkpoint of $name",
  ({ name, config, index }) => {
    const architecture = { name: "bloom", extends: "bloom", classes: { ForCausalLM: { base: "" } } };
    const model = name === BLOOM ? modelOf(config, { architecture }) : modelOf(config);
    const again = name === FALCON ? model.tensors.filter(({ name }) => name === model.tied["lm_head.weight"]) : [];

    test("has these names", () => {
      const names = [...namesOf(model), ...again.map(() => "lm_head.weight")];
      expect(names.length).toBe(index?.names);
      expect(hashOf(names)).toBe(index?.sha256);
    });

    test("has this many bytes", () => {
      expect(bytesOf(model) + bytesOf({ ...model, tensors: again })).toBe(index?.total_size);
    });
  },
);

/** Recipes and defaults that are called without the options that they need. */
import { expect, test } from "vitest";
import * as recipes from "../../src/recipes.js";

type Call = (options?: unknown) => unknown;

/** Recipes all of whose options have defaults, and what is no recipe. */
const OTHERS = ["defaults", "forgetBias", "lsuv", "recommend", "reZero"];
const RECIPES = Object.entries(recipes).filter(([name]) => !OTHERS.includes(name));

test.each(RECIPES)("%s says that its options are missing", (_, recipe) => {
  for (const options of [undefined, null, 3, []]) {
    expect(() => (recipe as Call)(options)).toThrow(/^options: expected an object/);
  }
});

test.each(["torch", "keras", "flax", "tfjs", "mlx"] as const)(
  "layers of %s say that their shape is missing",
  (name) => {
    const layers = Object.values(recipes.defaults(name)) as Call[];
    expect(layers).toHaveLength(6);
    for (const layer of layers) {
      for (const shape of [undefined, null, 3, []]) expect(() => layer(shape)).toThrow(/^shape: expected an object/);
    }
  },
);

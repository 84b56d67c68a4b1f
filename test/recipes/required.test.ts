/** Recipes and defaults that are called without the options that they need. */
import { expect, test } from "vitest";
import * as recipes from "../../src/recipes.js";

type Call = (options?: unknown) => unknown;

const { chronoBias, deepNorm, depthScaled, fixup, gpt2, mitchell, muP, siren, smallInit, spectral, subLN, tFixup } =
  recipes as unknown as Record<string, Call>;
const RECIPES = {
  chronoBias,
  deepNorm,
  depthScaled,
  fixup,
  gpt2,
  mitchell,
  muP,
  siren,
  smallInit,
  spectral,
  subLN,
  tFixup,
};

test.each(Object.entries(RECIPES))("%s says that its options are missing", (_, recipe) => {
  for (const options of [undefined, null, 3, []]) {
    expect(() => (recipe as Call)(options)).toThrow(/^options: expected an object/);
  }
});

test.each(["torch", "keras"] as const)("the layers of %s say that the shape is missing", (framework) => {
  for (const layer of Object.values(recipes.defaults(framework))) {
    expect(() => (layer as Call)()).toThrow(/^shape: expected an object/);
  }
});

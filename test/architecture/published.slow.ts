/** As published.test.ts, for mixtures of very many experts. */
import { expect, test } from "vitest";
import { modelOf, parametersOf } from "../../src/model.js";
import { isLarge, PUBLISHED } from "./published.js";

test.each(PUBLISHED.filter(isLarge))("$name: $parameters parameters", ({ config, parameters }) => {
  expect(parametersOf(modelOf(config))).toBe(parameters);
});

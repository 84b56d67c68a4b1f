/** Each field of each family at the ends of its range. */
import { expect, test } from "vitest";
import { MODEL_TYPES } from "../../src/model.js";
import { edited, faultsOf } from "./edited.js";

test("a field at the end of its range makes no plan that its family's rules cannot decide", () => {
  expect(faultsOf(MODEL_TYPES.flatMap(edited))).toEqual([]);
});

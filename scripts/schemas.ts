/** The JSON Schemas of plans and of architecture files, which are published with the package, for editors. */
import { toJSONSchema } from "zod/mini";
import { ArchitectureJson } from "../src/architecture/grammar.js";
import { noScheme, PlanJson } from "../src/model/grammar.js";

export const planSchema = () =>
  toJSONSchema(PlanJson, {
    ...{ io: "input", reused: "ref", unrepresentable: "any" },
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === noScheme) jsonSchema.not = {}; // the key may not be there
    },
  });

export const architectureSchema = () => toJSONSchema(ArchitectureJson, { io: "input", reused: "ref" });

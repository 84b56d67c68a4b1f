/** The JSON Schemas of plans and of architecture files, which are published with the package, for editors. */
import { toJSONSchema } from "zod/mini";
import { ArchitectureJson } from "../src/architecture/grammar.js";
import { noScheme, PlanJson } from "../src/model/grammar.js";

export const planSchema = () =>
  withShortNames(
    toJSONSchema(PlanJson, {
      ...{ io: "input", reused: "ref", unrepresentable: "any" },
      override({ zodSchema, jsonSchema }) {
        if (zodSchema === noScheme) jsonSchema.not = {}; // the key may not be there
      },
    }),
  );

export const architectureSchema = () => withShortNames(toJSONSchema(ArchitectureJson, { io: "input", reused: "ref" }));

/** The same, with names such as `s12` for what occurs several times: 6 KB less are installed. */
const withShortNames = <T>(schema: T): T => JSON.parse(JSON.stringify(schema).replaceAll("__schema", "s"));

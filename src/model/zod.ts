/**
 * zod in the form of functions, of which the build keeps those that are named here. It compiles no parsers, so that no Content
 * Security Policy is violated. All schemas of this package take zod from here.
 */
export type { core, infer, ZodMiniObject, ZodMiniType } from "zod/mini";
/** What the schemas use: a list, so that the build leaves out the rest. */
export {
  array,
  boolean,
  describe,
  discriminatedUnion,
  enum,
  int,
  literal,
  looseObject,
  maximum,
  maxLength,
  minimum,
  minLength,
  nonnegative,
  nullable,
  nullish,
  number,
  optional,
  record,
  refine,
  strictObject,
  string,
  superRefine,
  tuple,
  undefined,
  union,
} from "zod/mini";

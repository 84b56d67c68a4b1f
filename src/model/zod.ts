/**
 * zod without code generation. By default zod compiles the parsers of objects, and tests with `new Function("")` whether it
 * may; a Content Security Policy reports that as a violation. All schemas of this package take zod from here.
 */
import { config, looseObject as loose, strictObject as strict, util } from "zod";

// zod keeps its settings on globalThis, where the caller's own copy of zod reads them too. So the setting lasts only
// until this copy has found that it may not compile, which it remembers.
const settings = config();
const { jitless } = settings;
settings.jitless = true;
void util.allowsEval.value;
if (jitless === undefined) delete settings.jitless;
else settings.jitless = jitless;

export type {
  core,
  infer,
  RefinementCtx,
  ZodError,
  ZodObject,
  ZodRawShape,
  ZodType,
} from "zod";
/** What the schemas use: a list, so that the build leaves out the rest. */
export {
  array,
  boolean,
  discriminatedUnion,
  enum,
  int,
  literal,
  number,
  preprocess,
  record,
  string,
  toJSONSchema,
  tuple,
  undefined,
  union,
  unknown,
} from "zod";
// A bundler may drop a file that only re-exports. These two exports are its own, so the statements above are kept.
export const looseObject = loose;
export const strictObject = strict;

import type { instantiateSync } from "@assemblyscript/loader";

/**
 * Evaluates the AssemblyScript loader and writes its function to `loader`. Throws where the loader cannot be evaluated:
 * without a TextDecoder, or where intrinsics are frozen. `npm run build` makes the module.
 */
export function evaluate(loader: { instantiateSync?: typeof instantiateSync }): void;

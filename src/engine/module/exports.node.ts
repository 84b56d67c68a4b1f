/**
 * New instances in Node, Deno and Bun, by the AssemblyScript loader. Its own exports are not used: they wrap every call and
 * collect its arguments in an array. Where it cannot be evaluated (frozen intrinsics), or does not recognize a module of
 * another realm, the instance is made without it.
 */
import { exportsOf as exportsWithoutLoader } from "./exports.web.js";
import { evaluate } from "./loader.js";

export function exportsOf(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Exports {
  try {
    const loader: Parameters<typeof evaluate>[0] = {};
    evaluate(loader);
    return loader.instantiateSync!(module, { env: { memory } }).instance.exports;
  } catch {
    return exportsWithoutLoader(module, memory);
  }
}

/** The kernels built for shared memory: a module for one kind of memory cannot be given the other. */
import { compile } from "./compile.js";
import { BYTES } from "./shared.bytes.js";

let module: WebAssembly.Module | undefined;

export function sharedModule(): WebAssembly.Module {
  module ??= compile(BYTES);
  return module;
}

/** The kernels for shared memory. A module is compiled for one kind of memory and cannot be given the other. */
import { compile } from "../module/compile.js";
import { BYTES } from "../module/shared.bytes.js";

let module: WebAssembly.Module | undefined;

export function sharedModule(): WebAssembly.Module {
  module ??= compile(BYTES);
  return module;
}

/** The kernels built for shared memory: a module for one kind of memory cannot be given the other. */
import { BYTES } from "./shared.bytes.js";

let module: WebAssembly.Module | undefined;

export function sharedModule(): WebAssembly.Module {
  module ??= new WebAssembly.Module(Uint8Array.from(atob(BYTES), (character) => character.charCodeAt(0)));
  return module;
}

/** The kernels where bytes may be compiled: they travel inside the code, so that every bundler takes them along. */
import { BYTES } from "./bytes.js";

export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(BYTES), (character) => character.charCodeAt(0)));
}

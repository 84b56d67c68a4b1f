/** The kernels where bytes may be compiled: they travel inside the code, so that every bundler takes them along. */
import { BYTES } from "./bytes.js";
import { compile } from "./compile.js";

export const loadModule = (): WebAssembly.Module => compile(BYTES);

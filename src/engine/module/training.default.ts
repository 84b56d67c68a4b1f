/** The kernels of training for runtimes that may compile WebAssembly. They are part of the code. */
import { compile } from "./compile.js";
import { BYTES } from "./training.bytes.js";

export const loadModule = (): WebAssembly.Module => compile(BYTES);

/** The kernels for runtimes that may compile WebAssembly. They are part of the code, so that every bundler includes them. */
import { BYTES } from "./bytes.js";
import { compile } from "./compile.js";

export const loadModule = (): WebAssembly.Module => compile(BYTES);

export { scalar as twins } from "../scalar.js";

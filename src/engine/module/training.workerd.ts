/** The kernels of training for workerd, which compiles modules at upload and never at run time. */
import module from "../../training.wasm";

export const loadModule = (): WebAssembly.Module => module;

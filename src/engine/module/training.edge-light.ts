/** The kernels of training for Vercel's edge runtime, which imports compiled modules by the suffix `?module`. */
import module from "../../training.wasm?module";

export const loadModule = (): WebAssembly.Module => module;

/** The kernels in Vercel's edge runtime, which takes compiled modules by the suffix `?module`. */
import module from "../../kernel.wasm?module";

export const loadModule = (): WebAssembly.Module => module;

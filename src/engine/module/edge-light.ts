/** The kernels for Vercel's edge runtime, which imports compiled modules by the suffix `?module`. */
import module from "../../kernel.wasm?module";

export const loadModule = (): WebAssembly.Module => module;

export { twins } from "./absent.js";

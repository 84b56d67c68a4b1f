/** The kernels for workerd (Cloudflare Workers), which compiles modules at upload and never at run time. */
import module from "../../kernel.wasm";

export const loadModule = (): WebAssembly.Module => module;

export { twins } from "./absent.js";

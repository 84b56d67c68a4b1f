/** The kernels in workerd (Cloudflare Workers), which compiles modules at upload and none at run time. */
import module from "../../kernel.wasm";

export const loadModule = (): WebAssembly.Module => module;

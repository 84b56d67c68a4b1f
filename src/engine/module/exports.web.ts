/** New instances without the AssemblyScript loader: where code is downloaded, and in the threads of a pool. */

export const exportsOf = (module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Exports =>
  new WebAssembly.Instance(module, { env: { memory } }).exports;

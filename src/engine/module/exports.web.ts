/** New instances where code is downloaded, or where the AssemblyScript loader finds no TextDecoder: without the loader. */

export const exportsOf = (module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports =>
  new WebAssembly.Instance(module, imports).exports;

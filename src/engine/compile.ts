/** Compiles kernels that travel in the code, two hexadecimal digits a byte. */
export function compile(hex: string): WebAssembly.Module {
  const byte = (_: number, i: number) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return new WebAssembly.Module(new Uint8Array(hex.length / 2).map(byte));
}

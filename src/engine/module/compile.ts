/** Compiles kernels that are part of the code, as two hexadecimal digits for each byte. */
export function compile(hex: string): WebAssembly.Module {
  const digit = (at: number) => {
    const code = hex.charCodeAt(at);
    return (code & 15) + 9 * (code >> 6); // 0 to 9, a to f
  };
  return new WebAssembly.Module(new Uint8Array(hex.length / 2).map((_, i) => 16 * digit(2 * i) + digit(2 * i + 1)));
}

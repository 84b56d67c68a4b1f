/** Compiles kernels that are part of the code, as text: one or two characters for each byte (scripts/kernels.mjs). */
export const compile = (text: string): WebAssembly.Module => new WebAssembly.Module(decode(text));

export function decode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let count = 0;
  let base = 0; // what the character before adds
  for (let at = 0; at < text.length; ++at) {
    const code = text.charCodeAt(at);
    const n = (code - (code > 92 ? 26 : 25)) % 91;
    if (n > 87) base = 88 * (n - 87);
    else {
      bytes[count++] = base + n - 16;
      base = 0;
    }
  }
  return bytes.subarray(0, count);
}

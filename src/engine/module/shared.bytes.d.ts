/** The kernels for shared memory, two hexadecimal digits a byte. `npm run build` makes the module. */
export const BYTES: string;

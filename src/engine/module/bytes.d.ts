/** The kernels for ordinary memory, as text that compile.ts reads. `npm run build` makes the module. */
export const BYTES: string;

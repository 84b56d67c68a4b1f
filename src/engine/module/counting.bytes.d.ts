/** The kernels of audits, as text that compile.ts reads. `npm run build` makes the module. */
export const BYTES: string;

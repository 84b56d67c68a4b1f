/** Who draws in a server. Runtimes that always have the kernels do not carry the twins, which they would never run. */
import { twins } from "#kernel";
import type { Drawer } from "./engine.js";
import { absence, simd } from "./simd.js";

/** The kernels if this runtime has them, else the twins. */
export const servedDrawer = (): Drawer => (absence() === undefined ? simd : twins);

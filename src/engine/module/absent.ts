/** In place of the twins, where a runtime always has the kernels. */
import type { Drawer } from "../engine.js";

export const twins: Drawer = {
  draw() {
    throw new Error("this draw is one for the twins of the kernels, which workerd and edge-light do not load");
  },
};

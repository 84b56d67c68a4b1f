/**
 * The ABI of the kernels that training needs besides matrix products. They are a module of their own, without constants in
 * memory, so that what does not train does not load them.
 *
 * Arguments are byte addresses and strides, and numbers of floats. Kernels check nothing.
 */
export { affine } from "./affine";
export { adapt, descend, roll } from "./optimizer";
export { rectify, rectifySlope } from "./rectify";
export { sumRows } from "./rows";
export { multiplyTransposed } from "./transposed";

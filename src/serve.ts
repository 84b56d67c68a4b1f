/** `nn-init/serve`: weights that are never stored, drawn for each request. */
export type { Checkpoint } from "./checkpoint/checkpoint.js";
export { respond } from "./serve/respond.js";
export { type Router, type RouterOptions, router, type ServedModel } from "./serve/router.js";

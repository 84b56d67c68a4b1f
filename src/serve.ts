/** `nn-init/serve`: weights that are never stored, drawn for each request. */
export type { Family } from "./architecture/families.js";
export type { Checkpoint } from "./checkpoint/checkpoint.js";
export type { ServedModel } from "./serve/repository.js";
export { respond } from "./serve/respond.js";
export { type Router, type RouterOptions, router, routerOf } from "./serve/router.js";

/** `nn-init/jax`: initializers for jax-js. */
export {
  forJax,
  type Jax,
  type JaxAxes,
  type JaxDType,
  type JaxInitializer,
  type JaxInitializers,
  type JaxKey,
  type SeedAndName,
} from "./adapter/jax.js";

/**
 * The factor on a weight's std that makes up for what an activation does to the variance of its input.
 * He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015, section 2.2.
 */
import { checkFinite, checkOneOf } from "./check.js";

export type Activation = "linear" | "relu" | "leakyRelu";
export const ACTIVATIONS: readonly Activation[] = ["linear", "relu", "leakyRelu"];

/** linear 1; relu sqrt(2); leakyRelu sqrt(2 / (1 + slope^2)), slope being the one for negative inputs. */
export function gain(activation: Activation, slope = 0.01): number {
  checkOneOf("activation", activation, ACTIVATIONS);
  checkFinite("slope", slope);
  if (activation === "linear") return 1;
  return activation === "relu" ? Math.sqrt(2) : Math.sqrt(2 / (1 + slope * slope));
}

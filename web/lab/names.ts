/** Names of schemes as a legend shows them. */
import type { Scheme } from "nn-init";
import { shortNumber } from "../state.js";

/** `orthogonal, gain 1.2` */
export const schemeName = ({ scheme, ...options }: Scheme): string => {
  const given = Object.entries(options).map(([key, value]) => {
    return `${key} ${typeof value === "number" ? shortNumber(value) : String(value)}`;
  });
  return [scheme, ...given].join(", ");
};

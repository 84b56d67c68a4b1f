// All parts. Each has a name, what it promises, and units of a few minutes: `run(seed)` returns a count, failures and what is absent.
import { benches } from "./benches.mjs";
import { bits } from "./bits.mjs";
import { checks } from "./checks.mjs";
import { fuzzing } from "./fuzz.mjs";
import { mutation } from "./mutation.mjs";
import { randomness } from "./randomness.mjs";
import { testParts } from "./tests.mjs";
import { vectors } from "./vectors.mjs";

/** @param big whether BigCrush is among them. */
export const partsOf = ({ big }) => [
  bits,
  ...testParts,
  ...randomness({ big }),
  ...checks,
  fuzzing,
  vectors,
  ...mutation,
  benches,
];

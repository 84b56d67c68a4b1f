/** Memory of the command. */
import { setFlagsFromString } from "node:v8";

/** A model of more tensors is drawn with little memory, whatever it is written to. */
export const MANY_TENSORS = 10_000;

/**
 * Asks V8 to collect garbage sooner and to grow its heap more slowly. A checkpoint of files takes 11 to 22 MB less by it, and 3% more
 * CPU time; `init` of 70,702 tensors takes 140 instead of 195 MB, and a fifth more CPU time (measured). `plan` does without: it takes
 * half as long, and 270 instead of 210 MB.
 */
export const saveMemory = (): void => askV8("--optimize-for-size");

/**
 * Asks V8 to leave the space of new objects at 1 MB. Planning makes it grow to 16 MB, which drawing would fill bit by bit and not
 * need: `init` by two threads takes 9 MB less, and no more CPU time (measured).
 */
export const keepNewSpaceSmall = (): void => askV8("--semi-space-growth-factor=1");

/** Sets a flag of V8. A runtime without V8 draws without. */
function askV8(flag: string): void {
  try {
    setFlagsFromString(flag);
  } catch {
    // Bun has no V8.
  }
}

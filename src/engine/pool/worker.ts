/** What a worker of a pool runs: it waits for jobs and takes pieces of them, until it is told to stop. */

import { instantiate } from "../kernels.js";
import { ACTIVE, Control, READY, SEQUENCE, STOP } from "./job.js";
import { sharedModule } from "./shared.js";

/** What a worker is given, by structured clone. */
export interface Setup {
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly index: number;
  /** Address of the worker's own scratch. */
  readonly scratch: number;
}

export function serve({ memory, control: buffer, index, scratch }: Setup): void {
  const control = new Control(0, buffer);
  const { words } = control;
  try {
    const on = instantiate(sharedModule(), memory, scratch);
    control.setState(index, READY);
    let seen = 0;
    while (Atomics.load(words, STOP) === 0) {
      Atomics.wait(words, SEQUENCE, seen);
      Atomics.add(words, ACTIVE, 1);
      const sequence = Atomics.load(words, SEQUENCE);
      // The caller writes a job only while the sequence is odd and no worker is active.
      if (sequence % 2 === 0 && sequence !== seen) control.work(control.read(), on, index);
      seen = sequence;
      if (Atomics.sub(words, ACTIVE, 1) === 1) Atomics.notify(words, ACTIVE);
    }
  } catch (error) {
    control.fail(index, error instanceof Error ? error.message : String(error));
  }
}

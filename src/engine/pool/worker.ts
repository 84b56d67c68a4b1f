/** What a worker of a pool runs: it waits for jobs and works on them until the pool is closed. Protocol: job.ts. */
import { instantiate } from "../kernels.js";
import { exportsOf } from "../module/exports.web.js";
import { checkSubnormal } from "../subnormal.js";
import { ACTIVE, Control, READY, SEQUENCE, STOP } from "./job.js";
import { sharedModule } from "./shared.js";

/** What a worker is given, by structured clone. */
export interface Setup {
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly index: number;
  /** Address of the worker's own scratch. */
  readonly scratch: number;
  /** The kernels' constants, as the pool's own instance had them before it gave any memory away. */
  readonly constants: Uint8Array;
}

export function serve({ memory, control: buffer, index, scratch, constants }: Setup): void {
  const control = new Control(0, buffer);
  const { words } = control;
  try {
    const instance = instantiate(exportsOf(sharedModule(), memory), memory, scratch, constants);
    control.setState(index, READY);
    let seen = 0;
    while (Atomics.load(words, STOP) === 0) {
      Atomics.wait(words, SEQUENCE, seen);
      Atomics.add(words, ACTIVE, 1);
      // ACTIVE is raised first: if the sequence is even now, the caller waits for ACTIVE to fall before it writes.
      const sequence = Atomics.load(words, SEQUENCE);
      if (sequence % 2 === 0 && sequence !== seen) {
        const job = control.read();
        if ("source" in job) checkSubnormal(job.source.distribution, job.source.dtype); // of this thread, not the caller's
        control.work(job, instance, index);
      }
      seen = sequence;
      if (Atomics.sub(words, ACTIVE, 1) === 1) Atomics.notify(words, ACTIVE);
    }
  } catch (error) {
    control.fail(index, error instanceof Error ? error.message : String(error));
  }
}

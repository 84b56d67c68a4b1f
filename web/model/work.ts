/** A task of a panel as a hook: its result, how far it is, what went wrong, and its end. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Runner, runner } from "../runner.js";
import type { InputOf, OutputOf, TaskName } from "../task.js";

export interface Work<Output> {
  readonly output: Output | undefined;
  /** From 0 to 1; undefined if nothing runs. */
  readonly progress: number | undefined;
  readonly fault: string | undefined;
  readonly milliseconds: number;
  readonly cancelled: boolean;
}

const NONE = { output: undefined, progress: undefined, fault: undefined, milliseconds: 0, cancelled: false } as const;

/** Runs a task when its input changes. @param input undefined for none. */
export function useWork<Name extends TaskName>(name: Name, input: InputOf<Name> | undefined) {
  const own = useRef<Runner | undefined>(undefined);
  own.current ??= runner(); // its worker starts with its first task
  const worker = own.current;
  const [work, setWork] = useState<Work<OutputOf<Name>> & { readonly of?: unknown }>(NONE);
  useEffect(() => {
    if (input === undefined) return;
    let isOld = false;
    const show = (part: Partial<Work<OutputOf<Name>>>) => isOld || setWork({ ...NONE, ...part, of: input });
    show({ progress: 0 });
    worker.run(name, input, { now: true, onProgress: (progress) => show({ progress: progress as number }) }).then(
      (done) => show(done === undefined ? { cancelled: true } : done),
      (error: Error) => show({ fault: error.message }),
    );
    return () => {
      isOld = true;
      worker.cancel();
    };
  }, [name, input, worker]);
  return { ...(work.of === input ? work : NONE), cancel: () => worker.cancel() };
}

/** A task of a panel as a hook: its result, how far it is, what went wrong, and its end. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Runner, runner } from "../runner.js";
import type { InputOf, OutputOf, TaskName } from "../task.js";

interface Work<Output> {
  readonly output: Output | undefined;
  /** From 0 to 1; undefined if nothing runs. */
  readonly progress: number | undefined;
  /** The last thing that the running task told: how far it is, and more. */
  readonly told: unknown;
  readonly fault: string | undefined;
  readonly milliseconds: number;
  readonly cancelled: boolean;
}

const NONE = {
  output: undefined,
  progress: undefined,
  told: undefined,
  fault: undefined,
  milliseconds: 0,
  cancelled: false,
} as const;

/** A task tells its share, or an object that has it. */
const shareOf = (told: unknown): number =>
  typeof told === "number" ? told : (told as { readonly share: number }).share;

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
    worker.run(name, input, { now: true, onProgress: (told) => show({ told, progress: shareOf(told) }) }).then(
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

/** A button that writes files: to where the user says, or by the way that this browser has. */
import { useEffect, useState } from "preact/hooks";
import { Fault } from "../part/fault.js";
import { say } from "../part/say.js";
import { type Runner, runner } from "../runner.js";
import type { InputOf, TaskName } from "../task.js";
import type { Target, WrittenHere } from "./destination.js";
import { bytesText, download, limitText, targetFor } from "./save.js";

interface WriteButtonProps<Name extends TaskName> {
  readonly task: Name;
  readonly label: string;
  readonly names: readonly string[];
  /** Of all files; 0 if they are few. */
  readonly bytes: number;
  input(to: Target): InputOf<Name>;
}

/** What was written, or how far it is. */
interface Writing {
  readonly progress?: number;
  readonly done?: string;
  readonly fault?: string;
}

let writer: Runner | undefined;

export function WriteButton<Name extends TaskName>({ task, label, names, bytes, input }: WriteButtonProps<Name>) {
  const [writing, setWriting] = useState<Writing>({});
  const [limit, setLimit] = useState("");
  useEffect(() => {
    limitText().then(setLimit);
  }, []);
  const write = async () => {
    try {
      const to = await targetFor(names);
      if (to === undefined) return;
      setWriting({ progress: 0 });
      writer ??= runner();
      const begun = performance.now();
      const onProgress = (progress: unknown) => setWriting({ progress: progress as number });
      const answer = await writer.run(task, input(to), { now: true, onProgress });
      if (answer === undefined) {
        setWriting({ done: "Cancelled; nothing was written." });
        return;
      }
      const { kept } = answer.output as unknown as WrittenHere;
      for (const one of kept) download(one);
      const seconds = (performance.now() - begun) / 1000;
      const rate = bytes > 1e7 ? `, ${bytesText(bytes / seconds)}/s` : "";
      const done = `${kept.length === 0 ? "Written" : "Downloading"}: ${names.join(", ")} in ${seconds.toFixed(1)} s${rate}.`;
      say(done);
      setWriting({ done });
    } catch (error) {
      setWriting({ fault: (error as Error).message });
    }
  };
  const { progress, done, fault } = writing;
  return (
    <div>
      <p class="row">
        <button type="button" onClick={write} disabled={progress !== undefined}>
          {label}
        </button>
        {progress !== undefined && (
          <>
            <progress max={1} value={progress} aria-label={label} />
            <button type="button" onClick={() => writer?.cancel()}>
              Cancel
            </button>
          </>
        )}
        {done !== undefined && <span>{done}</span>}
      </p>
      {fault !== undefined && <Fault>{fault}</Fault>}
      <p class="small">{limit}</p>
    </div>
  );
}

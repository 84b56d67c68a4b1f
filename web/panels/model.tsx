/** Your model: the plan of a config, the audit of a checkpoint, fresh weights on disk. Files are read here and sent nowhere. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { usePanelState } from "../address.js";
import { AuditPart } from "../model/audit.js";
import { EXAMPLES, type ExampleName, exampleText } from "../model/examples.js";
import { type Dropped, droppedOf, together } from "../model/files.js";
import { OnnxPart } from "../model/onnx.js";
import { DTYPE_NAMES, PlanPart } from "../model/plan.js";
import type { PanelProps } from "../panels.js";
import { Fault } from "../part/fault.js";
import { Check, Group, Select } from "../part/input.js";
import { say } from "../part/say.js";
import { Complaints, Share } from "../part/share.js";
import { oneOf, type StateOf, toggle, whole } from "../state.js";

const EXAMPLE_NAMES = Object.keys(EXAMPLES) as ExampleName[];
const SHARDS = { one: "one file", "5": "files of at most 5 GB", "1": "files of at most 1 GB" } as const;

export const MODEL = {
  example: oneOf("c", ["none", ...EXAMPLE_NAMES], "none"),
  seed: whole("seed", { low: 0, high: Number.MAX_SAFE_INTEGER }, 0),
  dtype: oneOf("dt", ["own", "f32", "f16", "bf16", "f64"], "own"),
  shards: oneOf("sh", Object.keys(SHARDS) as (keyof typeof SHARDS)[], "5"),
  spectral: toggle("sp"),
  reproduce: toggle("re"),
};
type ModelState = StateOf<typeof MODEL>;

export default function ModelPanel({ name }: PanelProps) {
  const { state, set, complaints } = usePanelState(name, MODEL);
  const [files, setFiles] = useState<readonly File[]>([]);
  const { dropped, fault } = useDropped(files);
  const shown = useMemo(() => dropped ?? exampleOf(state.example), [dropped, state.example]);
  const take = (list: FileList | null | undefined) => {
    if (list == null || list.length === 0) return;
    setFiles(together(files, [...list]));
  };
  return (
    <Drop take={take}>
      <h1>Your model</h1>
      <p>
        Drop a <code>config.json</code> to see what each tensor starts from and to write fresh weights; one or more{" "}
        <code>.safetensors</code> files, with or without their config, to check them; or an <code>.onnx</code> model.
        Files are read in this page, piece by piece, and sent nowhere.
      </p>
      <Complaints of={complaints} />
      <div class="bench">
        <form class="controls" onSubmit={(event) => event.preventDefault()} aria-label="Files and options">
          <Choose take={take} files={files} clear={() => setFiles([])} />
          <Select
            label="Or an example"
            value={files.length > 0 ? "none" : state.example}
            options={{ none: "none", ...Object.fromEntries(EXAMPLE_NAMES.map((one) => [one, EXAMPLES[one].title])) }}
            onChange={(example) => {
              setFiles([]);
              set({ example: example as ModelState["example"] });
            }}
          />
          <Options state={state} set={set} kind={shown?.kind} />
        </form>
        <div class="result">
          {fault !== undefined && <Fault>{fault}</Fault>}
          {shown === undefined && fault === undefined && <p class="verdict">Nothing is chosen yet.</p>}
          {shown !== undefined && <Shown shown={shown} state={state} />}
        </div>
      </div>
    </Drop>
  );
}

function Shown({ shown, state }: { readonly shown: Dropped; readonly state: ModelState }) {
  const shardBytes = state.shards === "one" ? Number.MAX_SAFE_INTEGER : Number(state.shards) * 1e9;
  switch (shown.kind) {
    case "config":
      return (
        <>
          <PlanPart name={shown.name} text={shown.text} make={{ seed: state.seed, dtype: state.dtype, shardBytes }} />
          <Share command={commandOfModel(state)} />
        </>
      );
    case "checkpoint":
      return <AuditPart of={shown} spectral={state.spectral} reproduce={state.reproduce} />;
    case "onnx":
      return <OnnxPart of={shown} seed={state.seed} spectral={state.spectral} />;
  }
}

/** The command that writes the same checkpoint. */
function commandOfModel({ seed, dtype, shards }: ModelState): string {
  const flags = ["config.json", "--seed", String(seed)];
  if (dtype !== "own") flags.push("--dtype", dtype);
  const out = shards === "one" ? ["--out", "model.safetensors"] : ["--max-shard-size", `${shards}GB`, "--out", "model"];
  return `npx nn-init init ${[...flags, ...out].join(" ")}`;
}

const exampleOf = (name: ExampleName | "none"): Dropped | undefined =>
  name === "none" ? undefined : { kind: "config", name: EXAMPLES[name].title, text: exampleText(name) };

function useDropped(files: readonly File[]): {
  readonly dropped: Dropped | undefined;
  readonly fault: string | undefined;
} {
  const [found, setFound] = useState<{ of: readonly File[]; dropped?: Dropped; fault?: string }>({ of: [] });
  useEffect(() => {
    if (files.length === 0) return;
    let isOld = false;
    droppedOf(files).then(
      (dropped) => isOld || setFound({ of: files, dropped }),
      (error: Error) => {
        if (isOld) return;
        say(error.message);
        setFound({ of: files, fault: error.message });
      },
    );
    return () => {
      isOld = true;
    };
  }, [files]);
  const isNow = found.of === files;
  return { dropped: isNow ? found.dropped : undefined, fault: isNow ? found.fault : undefined };
}

interface DropProps {
  take(list: FileList | null | undefined): void;
  readonly children: preact.ComponentChildren;
}

/** The whole panel takes files that are dropped. The input does the same by keyboard. */
function Drop({ take, children }: DropProps) {
  const [over, setOver] = useState(false);
  return (
    <section
      aria-label="Your model"
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      {children}
    </section>
  );
}

interface ChooseProps {
  take(list: FileList | null): void;
  readonly files: readonly File[];
  clear(): void;
}

const Choose = ({ take, files, clear }: ChooseProps) => (
  <Group legend="Files">
    <label class="file">
      Choose files, or drop them anywhere
      <input
        type="file"
        multiple
        accept=".json,.safetensors,.onnx,.data,.bin"
        onChange={({ currentTarget }) => {
          take(currentTarget.files);
          currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
    </label>
    {files.length > 0 && (
      <p class="small row">
        <span class="names">{files.map(({ name }) => name).join(", ")}</span>
        <button type="button" onClick={clear}>
          Put away
        </button>
      </p>
    )}
  </Group>
);

interface OptionsProps {
  readonly state: ModelState;
  readonly kind: Dropped["kind"] | undefined;
  set(change: Partial<ModelState>): void;
}

function Options({ state, set, kind }: OptionsProps) {
  return (
    <>
      {(kind === "config" || kind === "onnx") && <FreshOptions {...{ state, set, kind }} />}
      {(kind === "checkpoint" || kind === "onnx") && <CheckOptions {...{ state, set, kind }} />}
    </>
  );
}

const CheckOptions = ({ state, set, kind }: OptionsProps) => (
  <Group legend="The check">
    <Check
      label="Largest singular value of each matrix (slower)"
      checked={state.spectral}
      onChange={(spectral) => set({ spectral })}
    />
    {kind === "checkpoint" && (
      <Check
        label="Draw it again from its record, and compare bits"
        checked={state.reproduce}
        onChange={(reproduce) => set({ reproduce })}
      />
    )}
  </Group>
);

function FreshOptions({ state, set, kind }: OptionsProps) {
  return (
    <Group legend="Fresh weights">
      <label class="field">
        Seed
        <input
          type="text"
          inputMode="numeric"
          class="text"
          value={state.seed}
          onChange={({ currentTarget }) => {
            const seed = MODEL.seed.parse(currentTarget.value.trim());
            if (seed === undefined) currentTarget.value = String(state.seed);
            else set({ seed });
          }}
        />
      </label>
      {kind === "config" && (
        <>
          <Select label="Element type" value={state.dtype} options={DTYPE_NAMES} onChange={(dtype) => set({ dtype })} />
          <Select label="Files" value={state.shards} options={SHARDS} onChange={(shards) => set({ shards })} />
        </>
      )}
    </Group>
  );
}

/** A config: its plan, and what can be made of it. */
import type { DType } from "nn-init/model";
import { useMemo, useState } from "preact/hooks";
import { Table } from "../part/chart.js";
import { Fault } from "../part/fault.js";
import { useSay } from "../part/say.js";
import { type ModelInput, type ModelOutput, PLAN_HEAD, type PlanOutput } from "../task/model.js";
import { bytesText, download } from "./save.js";
import { useWork } from "./work.js";
import { WriteButton } from "./write.js";

export const DTYPE_NAMES: Readonly<Record<DType | "own", string>> = {
  own: "as in the config",
  f32: "float32",
  f16: "float16",
  bf16: "bfloat16",
  f64: "float64",
};

type Make = Extract<ModelInput, { kind: "plan" }>["make"];

interface PlanPartProps {
  readonly name: string;
  readonly text: string;
  readonly make: Make;
}

export function PlanPart({ name, text, make }: PlanPartProps) {
  const { seed, dtype, shardBytes } = make;
  const input = useMemo(
    (): ModelInput => ({ kind: "plan", config: text, make: { seed, dtype, shardBytes } }),
    [text, seed, dtype, shardBytes],
  );
  const { output, fault } = useWork("model", input);
  const plan = output !== undefined && "rows" in output ? output : undefined;
  const sentence = plan && sentenceOf(plan);
  useSay(sentence);
  if (fault !== undefined) {
    return (
      <Fault>
        {name}: {fault}
      </Fault>
    );
  }
  if (plan === undefined) return <p class="loading">Reading {name}.</p>;
  return (
    <>
      <p class="verdict">{sentence}</p>
      {plan.unknownFields.length > 0 && (
        <p class="note">Fields of the config that are not known, and do not count: {plan.unknownFields.join(", ")}.</p>
      )}
      <Fresh plan={plan} text={text} make={make} />
      <h2>What each tensor starts from</h2>
      <p class="small">Tensors of layers that are alike share a row: h.{"{0..11}"} stands for twelve.</p>
      <Table head={PLAN_HEAD} rows={plan.rows.slice(0, MOST_ROWS)} caption="The plan" />
      {plan.rows.length > MOST_ROWS && <p class="small">And {plan.rows.length - MOST_ROWS} more rows.</p>}
      {plan.ties.length > 0 && (
        <ul class="small">
          {plan.ties.map(([one, other]) => (
            <li key={one}>
              {one} is {other}: one tensor under two names.
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const MOST_ROWS = 500;

const sentenceOf = ({ name, parameters, tensors }: PlanOutput): string =>
  `${name}: ${parameters.toLocaleString("en")} parameters in ${tensors.toLocaleString("en")} tensors, each with a start of its own.`;

function Fresh({ plan, text, make }: { readonly plan: PlanOutput; readonly text: string; readonly make: Make }) {
  const { files, fault } = plan;
  if (fault !== undefined) {
    return <Fault>No weights can be written: {fault}</Fault>;
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <section>
      <h2>Fresh weights</h2>
      <p>
        Seed {make.seed}, {DTYPE_NAMES[make.dtype]}: {bytesText(total)} in{" "}
        {files.length === 1 ? "one file" : `${files.length} files and an index`}. The same bytes in every browser, and
        by <code>nn-init init</code>.
      </p>
      <WriteButton
        task="model"
        label="Write the weights"
        names={files.map(({ name }) => name)}
        bytes={total}
        input={(to) => ({ kind: "write", config: text, make, to })}
      />
      <Tiny text={text} />
    </section>
  );
}

/** A small model of the same family, for tests of programs that load models. */
function Tiny({ text }: { readonly text: string }) {
  const [asked, setAsked] = useState<string | undefined>();
  const input = useMemo(
    (): ModelInput | undefined => (asked === text ? { kind: "tiny", config: text } : undefined),
    [asked, text],
  );
  const { output, fault } = useWork("model", input);
  const config = configIn(output);
  return (
    <>
      <p class="row">
        <button type="button" onClick={() => setAsked(text)}>
          Make a tiny one
        </button>
        <span class="small">Two layers of 32 units of the same family, for tests.</span>
      </p>
      {fault !== undefined && <Fault>{fault}</Fault>}
      {config !== undefined && <TinyResult config={config} />}
    </>
  );
}

const configIn = (output: ModelOutput | undefined): string | undefined =>
  output !== undefined && "config" in output ? output.config : undefined;

const TINY_MAKE = { seed: 0, dtype: "own", shardBytes: 1e9 } as const;

function TinyResult({ config }: { readonly config: string }) {
  return (
    <section aria-label="The tiny model">
      <pre>{config}</pre>
      <p class="row">
        <button
          type="button"
          onClick={() => download({ name: "config.json", file: new Blob([config], { type: "application/json" }) })}
        >
          Download its config
        </button>
      </p>
      <WriteButton
        task="model"
        label="Write its weights"
        names={["model.safetensors"]}
        bytes={0}
        input={(to) => ({ kind: "write", config, make: TINY_MAKE, to })}
      />
    </section>
  );
}

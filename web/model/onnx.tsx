/** An ONNX model that was dropped: which tensors are weights, what they start from, and the model with new ones. */
import { useMemo } from "preact/hooks";
import { counted } from "../../src/chart/words.js";
import { Table } from "../part/chart.js";
import { Fault } from "../part/fault.js";
import { useSay } from "../part/say.js";
import { LEFT_HEAD, ONNX_HEAD, type OnnxInput, type OnnxPlan } from "../task/onnx.js";
import { AuditPart } from "./audit.js";
import type { Dropped } from "./files.js";
import { bytesText } from "./save.js";
import { useWork } from "./work.js";
import { WriteButton } from "./write.js";

interface OnnxPartProps {
  readonly of: Extract<Dropped, { kind: "onnx" }>;
  readonly seed: number;
  readonly spectral: boolean;
}

const MOST_ROWS = 500;

export function OnnxPart({ of, seed, spectral }: OnnxPartProps) {
  const { files } = of;
  const input = useMemo((): OnnxInput => ({ files, seed }), [files, seed]);
  const { output, fault } = useWork("onnx", input);
  const plan = output !== undefined && "rows" in output ? output : undefined;
  const sentence = plan && sentenceOf(of.name, plan);
  useSay(sentence);
  if (fault !== undefined) {
    return (
      <Fault>
        {of.name}: {fault}
      </Fault>
    );
  }
  if (plan === undefined) return <p class="loading">Reading {of.name}.</p>;
  const total = plan.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <>
      <p class="verdict">{sentence}</p>
      <p>
        New weights of seed {seed}, {bytesText(total)}; everything else stays as it is.
      </p>
      <WriteButton
        task="onnx"
        label="Write the model with new weights"
        names={plan.files.map(({ name }) => name)}
        bytes={total}
        input={(to) => ({ files, seed, to })}
      />
      <h2>What each weight starts from</h2>
      <Table head={ONNX_HEAD} rows={plan.rows.slice(0, MOST_ROWS)} caption="The plan" />
      {plan.left.length > 0 && (
        <details>
          <summary>{plan.left.length} tensors stay as they are</summary>
          <Table head={LEFT_HEAD} rows={plan.left.slice(0, MOST_ROWS)} caption="What stays" />
        </details>
      )}
      <h2>Its weights as they are</h2>
      <AuditPart of={of} spectral={spectral} reproduce={false} />
    </>
  );
}

const sentenceOf = (name: string, { weights, parameters, left }: OnnxPlan): string =>
  `${name}: ${parameters.toLocaleString("en")} parameters in ${counted(weights, "weight")}; ${counted(left.length, "other tensor")} ${left.length === 1 ? "stays as it is" : "stay as they are"}.`;

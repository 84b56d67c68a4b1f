/** The numbers of each side: factors, Jacobian, mean-field theory. */
import type { Side } from "../../src/chart/lab.figure.js";
import { numberText } from "../../src/chart/scale.js";
import { fixedPointText } from "../../src/chart/words.js";
import { Table } from "../part/chart.js";

const short = (x: number): string => (x === Number.POSITIVE_INFINITY ? "infinite" : numberText(x, 4));

const HEAD = [
  ...["start", "verdict", "signal factor per layer", "gradient factor per layer", "signals in all", "gradients in all"],
  ...["condition number", "fixed point q*", "chi_1", "phase", "depth scale, layers"],
];

const rowOf = ({ label, run: { verdict, jacobian, meanField } }: Side): string[] => [
  label,
  verdict.kind,
  ...[verdict.factorPerLayer.forward, verdict.factorPerLayer.backward].map(short),
  ...[verdict.growth.forward, verdict.growth.backward].map(short),
  jacobian === null ? "" : short(jacobian.conditionNumber),
  ...(meanField === null
    ? ["", "", "", ""]
    : [fixedPointText(meanField, short), short(meanField.chi1), meanField.phase, short(meanField.depthScale)]),
];

export const Numbers = ({ sides }: { readonly sides: readonly Side[] }) => (
  <section aria-labelledby="numbers">
    <h2 id="numbers">In numbers</h2>
    <Table caption="Numbers of each start" head={HEAD} rows={sides.map(rowOf)} />
    <p class="small">
      Factors and growth are of variances. chi_1 is mean-field theory's factor on gradients per layer: below 1 they
      vanish, above 1 they explode; the depth scale is the number of layers in which what two inputs differ in shrinks
      to 1 / e of itself.
    </p>
  </section>
);

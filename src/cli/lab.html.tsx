/** An experiment as a page: the verdict, plots layer by layer, and a table of numbers. */

import { Curve } from "../chart/lab.curve.js";
import { Panels, Shares, type Side, Spectrum } from "../chart/lab.figure.js";
import { fixedPointText, schemeText } from "../chart/words.js";
import type { LabReport } from "../lab/report.js";
import { digits } from "../math/digits.js";
import { Phase } from "./lab.phase.js";
import { networkText } from "./lab.text.js";
import { page } from "./page.js";

export function labPage(report: LabReport): string {
  const { network, recommendation, verdict, scheme } = report;
  const sides: Side[] = [{ label: schemeText(scheme), run: report }];
  if (recommendation?.run) sides.push({ label: schemeText(recommendation.scheme), run: recommendation.run });
  const good = verdict.kind === "stable" ? "ok" : "fail";
  return page({
    title: `Lab: ${schemeText(scheme)}`,
    children: (
      <>
        <h1>
          {schemeText(scheme)}: <span class={good}>{verdict.kind}</span>
        </h1>
        <p class={`verdict ${good}`}>{verdict.sentence}</p>
        <p>{networkText(network)}</p>
        {recommendation !== null && <Recommended recommendation={recommendation} />}
        <h2>Layer by layer</h2>
        <Plots report={report} sides={sides} />
        <h2>In numbers</h2>
        <Numbers sides={sides} />
      </>
    ),
  });
}

const Recommended = ({ recommendation }: { readonly recommendation: NonNullable<LabReport["recommendation"]> }) => (
  <p>
    Recommended: <strong>{schemeText(recommendation.scheme)}</strong>. {recommendation.reason}{" "}
    <span class="small">({recommendation.source})</span>{" "}
    {recommendation.run === null ? "This is the scheme above." : `With it: ${recommendation.run.verdict.sentence}`}
  </p>
);

const Plots = ({ report, sides }: { readonly report: LabReport; readonly sides: readonly Side[] }) => (
  <div class="plots">
    <Curve
      sides={sides}
      title="signal variance"
      of={(layer) => layer.forward}
      log
      caption="Mean square of each layer's signal. The band spans the seeds; dashes are the prediction of mean-field theory."
    />
    <Curve
      sides={sides}
      title="gradient variance"
      of={(layer) => layer.backward}
      log
      caption="Mean square of the gradient at each layer, relative to the last layer."
    />
    <Curve
      sides={sides}
      title="correlation of two inputs"
      of={(layer) => layer.correlation}
      log={false}
      caption="Cosine between two inputs that start at 0.5. At 1 the network cannot tell them apart; at 0 it has lost their similarity."
    />
    <Shares
      sides={sides}
      caption="Dead: units that pass no gradient for any sample. Saturated: pairs of unit and sample where a bounded activation is flat."
    />
    {sides.map((side, index) => (
      <Panels side={side} index={index} />
    ))}
    <Spectrum
      sides={sides}
      caption="Singular values of the Jacobian, largest first. If they are nearly equal, signals pass in every direction."
    />
    <Phase report={report} />
  </div>
);

const HEAD = [
  ...["verdict", "signal factor per layer", "gradient factor per layer", "Jacobian condition number"],
  ...["variance fixed point q*", "chi_1", "depth scale"],
];

const Numbers = ({ sides }: { readonly sides: readonly Side[] }) => (
  <div class="wide">
    <table>
      <thead>
        <tr>
          <th>scheme</th>
          {HEAD.map((name) => (
            <th class="number">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sides.map((side) => (
          <tr>
            <td class="name">{side.label}</td>
            {cellsOf(side).map((cell) => (
              <td class="number">{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

function cellsOf({ run: { verdict, jacobian, meanField } }: Side): string[] {
  return [
    verdict.kind,
    digits(verdict.factorPerLayer.forward),
    digits(verdict.factorPerLayer.backward),
    jacobian === null ? "" : digits(jacobian.conditionNumber),
    meanField === null ? "" : fixedPointText(meanField, digits),
    meanField === null ? "" : digits(meanField.chi1),
    meanField === null ? "" : digits(meanField.depthScale),
  ];
}

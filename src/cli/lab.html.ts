/** An experiment as a page: the verdict, plots layer by layer, and a table of numbers. */
import type { MeanField } from "../lab/meanfield.js";
import type { LabReport } from "../lab/report.js";
import { digits } from "../math/digits.js";
import { curve, figure, histograms, phase, type Side, shares, spectrum } from "./lab.figure.js";
import { networkText } from "./lab.text.js";
import { escaped, page } from "./page.js";
import { schemeText } from "./text.js";

export async function labPage(report: LabReport): Promise<string> {
  const { network, recommendation, verdict, scheme } = report;
  const sides: Side[] = [{ label: schemeText(scheme), run: report }];
  if (recommendation?.run) sides.push({ label: schemeText(recommendation.scheme), run: recommendation.run });
  const good = verdict.kind === "stable" ? "ok" : "fail";
  const recommended =
    recommendation === null
      ? ""
      : `<p>Recommended: <strong>${escaped(schemeText(recommendation.scheme))}</strong>. ${escaped(recommendation.reason)} <span class="small">(${escaped(recommendation.source)})</span>
${recommendation.run === null ? "This is the scheme above." : `With it: ${escaped(recommendation.run.verdict.sentence)}`}</p>`;
  const figures = [
    await figure(
      curve(sides, "signal variance", (l) => l.forward, true),
      "Mean square of each layer's signal. The band spans the seeds; dashes are the prediction of mean-field theory.",
    ),
    await figure(
      curve(sides, "gradient variance", (l) => l.backward, true),
      "Mean square of the gradient at each layer, relative to the last layer.",
    ),
    await figure(
      curve(sides, "correlation of two inputs", (l) => l.correlation, false),
      "Cosine between two inputs that start at 0.5. At 1 the network cannot tell them apart; at 0 it has lost their similarity.",
    ),
    await figure(
      shares(sides),
      "Dead: units that pass no gradient for any sample. Saturated: pairs of unit and sample where a bounded activation is flat.",
    ),
    ...(await histograms(sides)),
    await figure(
      spectrum(sides),
      "Singular values of the Jacobian, largest first. If they are nearly equal, signals pass in every direction.",
    ),
    ...(await phase(report)),
  ];
  return page(
    `Lab: ${schemeText(scheme)}`,
    `<h1>${escaped(schemeText(scheme))}: <span class="${good}">${verdict.kind}</span></h1>
<p class="verdict ${good}">${escaped(verdict.sentence)}</p>
<p>${escaped(networkText(network))}</p>
${recommended}
<h2>Layer by layer</h2>
<div class="plots">${figures.filter((text) => text !== "").join("\n")}</div>
${numbers(sides)}`,
  );
}

function fixedPointText({ fixedPoint, stable }: MeanField): string {
  if (fixedPoint === 0) return "0: vanishes";
  if (fixedPoint === Number.POSITIVE_INFINITY) return "explodes";
  return stable ? digits(fixedPoint) : `${digits(fixedPoint)}, which signals leave`;
}

function numbers(sides: readonly Side[]): string {
  const rows = sides.map(({ label, run: { verdict, jacobian, meanField } }) => {
    const cells = [
      verdict.kind,
      digits(verdict.factorPerLayer.forward),
      digits(verdict.factorPerLayer.backward),
      jacobian === null ? "" : digits(jacobian.conditionNumber),
      meanField === null ? "" : fixedPointText(meanField),
      meanField === null ? "" : digits(meanField.chi1),
      meanField === null ? "" : digits(meanField.depthScale),
    ];
    return `<tr><td class="name">${escaped(label)}</td>${cells.map((cell) => `<td class="number">${escaped(cell)}</td>`).join("")}</tr>`;
  });
  const head = [
    ...["verdict", "signal factor per layer", "gradient factor per layer", "Jacobian condition number"],
    ...["variance fixed point q*", "chi_1", "depth scale"],
  ];
  return `<h2>In numbers</h2>
<table><thead><tr><th>scheme</th>${head.map((name) => `<th class="number">${name}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

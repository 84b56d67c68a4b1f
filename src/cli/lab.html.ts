/** An experiment as a page: the verdict, what was measured layer by layer, and the numbers of it all. */

import type { LabReport } from "../lab/report.js";
import { digits } from "../math/digits.js";
import { curve, figure, histograms, phase, type Side, shares, spectrum } from "./lab.figure.js";
import { describe } from "./lab.text.js";
import { escaped, page } from "./page.js";
import { schemeText } from "./text.js";

export async function labPage(report: LabReport): Promise<string> {
  const { network, recommendation, verdict, scheme } = report;
  const sides: Side[] = [{ label: schemeText(scheme), run: report }];
  if (recommendation?.run) sides.push({ label: schemeText(recommendation.scheme), run: recommendation.run });
  const good = verdict.kind === "stable" ? "ok" : "fail";
  const advice =
    recommendation === null
      ? ""
      : `<p>Advised: <strong>${escaped(schemeText(recommendation.scheme))}</strong>. ${escaped(recommendation.reason)} <span class="small">(${escaped(recommendation.source)})</span>
${recommendation.run === null ? "It is the scheme above." : `With it: ${escaped(recommendation.run.verdict.sentence)}`}</p>`;
  const figures = [
    await figure(
      curve(sides, "variance of signals", (l) => l.forward, true),
      "Mean square of each layer's signals; bands over the seeds, dashes what mean field theory predicts.",
    ),
    await figure(
      curve(sides, "variance of gradients", (l) => l.backward, true),
      "Mean square of the gradients at each layer, that of the last one being 1.",
    ),
    await figure(
      curve(sides, "correlation of two inputs", (l) => l.correlation, false),
      "Two inputs that begin with a correlation of 0.5: at 1 the network cannot tell them apart, at 0 it has forgotten that they are alike.",
    ),
    await figure(
      shares(sides),
      "Units that pass no gradient for any sample; units and samples where a bounded activation is flat.",
    ),
    ...(await histograms(sides)),
    await figure(
      spectrum(sides),
      "Singular values of the Jacobian, largest first: where they are all alike, every direction passes.",
    ),
    ...(await phase(report)),
  ];
  return page(
    `Lab: ${schemeText(scheme)}`,
    `<h1>${escaped(schemeText(scheme))}: <span class="${good}">${verdict.kind}</span></h1>
<p class="verdict ${good}">${escaped(verdict.sentence)}</p>
<p>${escaped(describe(network))}</p>
${advice}
<h2>Layer by layer</h2>
<div class="plots">${figures.filter((text) => text !== "").join("\n")}</div>
${numbers(sides)}`,
  );
}

function numbers(sides: readonly Side[]): string {
  const rows = sides.map(({ label, run: { verdict, jacobian, meanField } }) => {
    const cells = [
      verdict.kind,
      digits(verdict.factorPerLayer.forward),
      digits(verdict.factorPerLayer.backward),
      jacobian === null ? "" : digits(jacobian.conditionNumber),
      meanField === null ? "" : digits(meanField.fixedPoint),
      meanField === null ? "" : digits(meanField.chi1),
      meanField === null ? "" : digits(meanField.depthScale),
    ];
    return `<tr><td class="name">${escaped(label)}</td>${cells.map((cell) => `<td class="number">${escaped(cell)}</td>`).join("")}</tr>`;
  });
  const head = ["verdict", "signals' factor", "gradients' factor", "Jacobian's spread", "q*", "chi_1", "depth scale"];
  return `<h2>In numbers</h2>
<table><thead><tr><th>scheme</th>${head.map((name) => `<th class="number">${name}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

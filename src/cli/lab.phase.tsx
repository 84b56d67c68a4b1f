/** The figure of order and chaos (Poole et al. 2016), with a mark at the scheme of an experiment. */

import { COLOURS } from "../chart/colour.js";
import { Figure } from "../chart/figure.js";
import { Frame } from "../chart/frame.js";
import { HeatMap } from "../chart/heatmap.js";
import { CHAOTIC, ORDERED, phaseCell } from "../chart/phase.js";
import { linearScale, numberText } from "../chart/scale.js";
import { Mark } from "../chart/series.js";
import { schemeText } from "../chart/words.js";
import { weightsOf, weightVariance } from "../lab/layer.js";
import { type PhasePoint, phasePlane } from "../lab/phase.js";
import type { LabReport } from "../lab/report.js";
import { digits } from "../math/digits.js";
import { ACTIVATIONS, type Activation } from "../scheme/gain.js";

const GRID = 36;

/** Nothing for networks that the theory does not describe. */
export function Phase({ report: { network, meanField, scheme } }: { readonly report: LabReport }) {
  const variance = meanField === null ? undefined : weightVariance(weightsOf(scheme, network), network);
  if (
    variance === undefined ||
    network.normalization !== "none" ||
    network.residual ||
    !ACTIVATIONS.some((name) => name === network.activation)
  )
    return null;
  const [weight, bias] = [Math.sqrt(variance), Math.sqrt(network.biasVariance)];
  const ends = { weight: Math.max(3, 1.3 * weight), bias: Math.max(1, 1.3 * bias) };
  const plane = phasePlane({ activation: network.activation as Activation, ...ends, points: GRID });
  const rows = Array.from({ length: GRID }, (_, row) => plane.slice(row * GRID, (row + 1) * GRID));
  const biases = bias === 0 ? "without biases" : `with biases of variance ${digits(network.biasVariance)}`;
  return (
    <Figure
      caption={`Order (chi_1 below 1) and chaos (above 1) of ${network.activation}; the stronger the colour, the faster. The diamond is ${schemeText(scheme)}, ${biases}.`}
      legend={[
        { name: "ordered: gradients vanish", style: ORDERED },
        { name: "chaotic: gradients explode", style: CHAOTIC },
      ]}
    >
      <Frame
        title={`Order and chaos of ${network.activation}`}
        description={`The scheme lies at ${digits(weight, 4)} for weights and ${digits(bias, 4)} for biases.`}
        x={{ scale: linearScale([0, ends.weight], { round: false }), title: "std of weights \u00d7 \u221a(fan in)" }}
        y={{ scale: linearScale([0, ends.bias], { round: false }), title: "std of biases" }}
        grid={false}
      >
        {(area) => {
          const spot = area.spot(weight, bias);
          return (
            <>
              <HeatMap area={area} rows={rows.map((row) => row.map(({ chi1 }) => phaseCell(chi1)))} tip={tipOf(rows)} />
              {spot && <Mark spot={spot} style={{ colour: COLOURS.ink, mark: "diamond" }} size={11} />}
            </>
          );
        }}
      </Frame>
    </Figure>
  );
}

const tipOf = (rows: readonly (readonly PhasePoint[])[]) => (row: number, begin: number, end: number) => {
  const [first, last] = [rows[row]?.[begin], rows[row]?.[end - 1]] as [PhasePoint, PhasePoint];
  const range = (from: number, to: number) =>
    from === to ? numberText(from, 3) : `${numberText(from, 3)} to ${numberText(to, 3)}`;
  return `weights ${range(first.weight, last.weight)}, biases ${numberText(first.bias, 3)}: chi_1 ${range(first.chi1, last.chi1)}`;
};

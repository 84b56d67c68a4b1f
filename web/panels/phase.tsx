/** Order and chaos: the plane of weights and biases, and the network at a point of it. */
import type { MeanField } from "nn-init/lab";
import { useEffect, useMemo, useState } from "preact/hooks";
import { numberText } from "../../src/chart/scale.js";
import { usePanelState } from "../address.js";
import { commandOf } from "../command.js";
import { ActivationInputs } from "../lab/controls.js";
import { Curves, sidesOf } from "../lab/plots.js";
import { useLab } from "../lab/run.js";
import { recommendedFor, weightVarianceOf } from "../lab/scale.js";
import { Head } from "../lab/verdict.js";
import { activationText, fanInOf, LAB, type LabState, sentOptions } from "../network.js";
import type { PanelProps } from "../panels.js";
import { Chart } from "../part/chart.js";
import { Fault } from "../part/fault.js";
import { Group, Slider } from "../part/input.js";
import { say } from "../part/say.js";
import { Complaints } from "../part/share.js";
import { PlaneMap, type PlanePoint } from "../phase/plane.js";
import { runner } from "../runner.js";
import { numberIn, shortNumber } from "../state.js";
import type { Plane } from "../task/plane.js";
import type { PointOutput } from "../task/point.js";

const FIELDS = { ...LAB, beside: { ...LAB.beside, initial: "none" as const } };
const POINTS = 60;
const [WEIGHTS, BIASES] = [3, 1]; // least ends of the axes

const worker = runner();

export default function Phase({ name }: PanelProps) {
  const { state: given, set, drag, dragged, complaints } = usePanelState(name, FIELDS);
  const state = useMemo((): LabState => ({ ...given, beside: "none" }), [given]);
  const runs = useLab(state, dragged);
  const point = pointOf(state);
  const { plane, took, fault } = usePlane(state, point, runs.fault === undefined);
  const exact = useExact(state, point, plane, dragged || runs.fault !== undefined);
  const shown = runs.shown;
  const go = (to: PlanePoint, how: (change: Partial<LabState>) => void) => how(changeTo(to));
  return (
    <>
      <h1>Order and chaos</h1>
      <p>
        In a wide network two numbers decide what becomes of a signal: how strong the weights are, and how strong the
        biases. On one side of the border all inputs become alike and gradients vanish; on the other side similar inputs
        fly apart and gradients explode; on it the std is critical. Drag the point, and watch the network.
      </p>
      <Complaints of={complaints} />
      <div class="bench wideleft">
        <div>
          <form onSubmit={(event) => event.preventDefault()} class="controls flat alone" aria-label="The plane">
            <ActivationInputs state={state} fault={runs.fault} {...{ set, drag }} />
          </form>
          {fault !== undefined && <Fault>{fault}</Fault>}
          {plane !== undefined && (
            <Chart level={2} title={`The plane of ${activationText(state)}`} table={() => planeTable(plane)}>
              <PlaneMap
                plane={plane}
                name={activationText(state)}
                point={point ?? { weight: 0, bias: Math.sqrt(state.biasVariance) }}
                onDrag={(to) => go(to, drag)}
                onChange={(to) => go(to, set)}
              />
            </Chart>
          )}
          <p class="small">
            {plane === undefined ? "Computing the plane." : `${POINTS} \u00d7 ${POINTS} points, ${took.toFixed(0)} ms.`}
          </p>
          <form onSubmit={(event) => event.preventDefault()} class="controls flat" aria-label="The point">
            <Group legend="The point">
              <Slider
                label="Weights: std × √fan in"
                value={point?.weight ?? 0}
                {...{ low: 0.01, high: plane?.weight ?? WEIGHTS, step: 0.01 }}
                format={shortNumber}
                parse={(text) => numberIn(text, 1e-6, 1000)}
                onDrag={(weight) => go({ weight, bias: Math.sqrt(state.biasVariance) }, drag)}
                onChange={(weight) => go({ weight, bias: Math.sqrt(state.biasVariance) }, set)}
              />
              <Slider
                label="Biases: std"
                value={Math.sqrt(state.biasVariance)}
                {...{ low: 0, high: plane?.bias ?? BIASES, step: 0.01 }}
                format={shortNumber}
                parse={(text) => numberIn(text, 0, 10)}
                onDrag={(bias) => go({ weight: point?.weight ?? 1, bias }, drag)}
                onChange={(bias) => go({ weight: point?.weight ?? 1, bias }, set)}
              />
            </Group>
          </form>
          {point === undefined && (
            <p class="note">
              This start has no single variance of weights, so it has no place in the plane. Move the point to choose
              one.
            </p>
          )}
          {exact !== undefined && point !== undefined && (
            <Exact
              exact={exact}
              state={state}
              move={(weight) => go({ weight, bias: Math.sqrt(state.biasVariance) }, set)}
            />
          )}
          {isOther(state) && (
            <p class="small">
              The plane is about plain layers; the network here has{" "}
              {state.normalization === "none" ? "residual branches" : "normalization"}, which it does not know.
            </p>
          )}
        </div>
        <div class="result">
          <h2>The network at the point</h2>
          <Head runs={runs} command={commandOf(state)} />
          {shown !== undefined && (
            <div class="plots">
              <Curves sides={sidesOf(shown)} />
            </div>
          )}
        </div>
      </div>
    </>
  );
}

const isOther = ({ network, residual, normalization }: LabState): boolean =>
  network === "attention" || residual || normalization !== "none";

/** Where the state lies in the plane. */
function pointOf(state: LabState): PlanePoint | undefined {
  const scheme = state.scheme === "recommended" ? recommendedFor(state) : state.scheme;
  const variance = scheme === undefined ? undefined : weightVarianceOf(scheme, fanInOf(state));
  if (variance === undefined || !(variance > 0)) return undefined;
  return { weight: Math.sqrt(variance), bias: Math.sqrt(state.biasVariance) };
}

const changeTo = ({ weight, bias }: PlanePoint): Partial<LabState> => ({
  scheme: {
    ...{ scheme: "varianceScaling", mode: "fan_in", distribution: "normal", layout: "io" },
    scale: Number((weight * weight).toPrecision(6)),
  },
  biasVariance: Number((bias * bias).toPrecision(6)),
});

const networkOf = (state: LabState) => {
  const { activation, formula, slope } = sentOptions(state);
  return { activation, formula, slope };
};

function usePlane(state: LabState, point: PlanePoint | undefined, wanted: boolean) {
  const [found, setFound] = useState<{ plane?: Plane; took: number; fault?: string }>({ took: 0 });
  const weight = endFor(point?.weight ?? 1, WEIGHTS);
  const bias = endFor(point?.bias ?? 0, BIASES);
  useEffect(() => {
    if (!wanted) return;
    worker
      .run("plane", { network: networkOf(state), weight, bias, points: POINTS })
      .then((done) => done && setFound({ plane: done.output, took: done.milliseconds }))
      .catch((error: Error) => setFound({ took: 0, fault: error.message }));
  }, [state.activation, state.activation === "own" ? state.formula : "", state.slope, weight, bias, wanted]);
  return found;
}

/** The least end, or as many doublings of it as the point needs. */
function endFor(value: number, least: number): number {
  let end = least;
  while (value > end && end < 1e6) end *= 2;
  return end;
}

const exactly = runner();

/** Theory at the point, when nothing is being dragged. */
function useExact(state: LabState, point: PlanePoint | undefined, plane: Plane | undefined, waits: boolean) {
  const [found, setFound] = useState<PointOutput | undefined>();
  useEffect(() => {
    if (waits || point === undefined || plane === undefined) return;
    exactly
      .run("point", { network: networkOf(state), ...point, bracket: bracketOf(plane, point.bias) }, { now: true })
      .then((done) => done && setFound(done.output))
      .catch(() => setFound(undefined));
  }, [state.activation, state.formula, state.slope, point?.weight, point?.bias, plane, waits]);
  useEffect(() => {
    if (found !== undefined) say(`Theory: ${found.field.phase}, chi 1 is ${numberText(found.field.chi1, 4)}.`);
  }, [found]);
  return found;
}

/** Between which weights of the nearest row chi_1 passes 1, with a cell on either side. */
function bracketOf({ points, weight, bias, chi1 }: Plane, at: number): readonly [number, number] | undefined {
  const row = Math.min(points - 1, Math.max(0, Math.round((at / bias) * points - 0.5)));
  const values = chi1.subarray(row * points, (row + 1) * points);
  const first = values.findIndex((x, i) => x >= 1 && i > 0 && (values[i - 1] as number) < 1);
  if (first < 0) return undefined;
  const place = (i: number) => ((Math.min(points - 1, Math.max(0, i)) + 0.5) / points) * weight;
  return [place(first - 3), place(first + 2)];
}

interface ExactProps {
  readonly exact: PointOutput;
  readonly state: LabState;
  move(weight: number): void;
}

function Exact({ exact: { field, keepsVariance, border }, state, move }: ExactProps) {
  return (
    <section aria-label="Theory at the point">
      <p>
        <strong>{phaseText(field)}</strong> chi_1 is {numberText(field.chi1, 6)}: theory's factor on gradients per
        layer. {keepsVariance ? "Every variance is kept." : varianceText(field)} {correlationText(field)}
      </p>
      {border !== undefined && (
        <p>
          At this bias the border is at <strong>{numberText(border, 6)}</strong>: for a width of {state.width} a std of{" "}
          <strong>{numberText(border / Math.sqrt(fanInOf(state)), 5)}</strong>.{" "}
          <button type="button" onClick={() => move(border)}>
            Move to the border
          </button>
        </p>
      )}
    </section>
  );
}

const phaseText = ({ phase }: MeanField): string =>
  phase === "critical" ? "On the border." : phase === "ordered" ? "Order." : "Chaos.";

function varianceText({ fixedPoint, stable }: MeanField): string {
  if (fixedPoint === 0) return "Signals vanish.";
  if (fixedPoint === Number.POSITIVE_INFINITY) return "Signals explode.";
  return `The variance ${stable ? "tends to" : "leaves"} ${numberText(fixedPoint, 4)}.`;
}

function correlationText({ correlation, depthScale }: MeanField): string {
  if (correlation === null) return "Every correlation is kept.";
  const how = Number.isFinite(depthScale)
    ? `what it differs from that shrinks to 1 / e in ${numberText(depthScale, 3)} layers`
    : "more slowly than by a factor per layer";
  return `The correlation of two inputs tends to ${numberText(correlation, 3)}: ${how}.`;
}

const SHOWN = 12; // rows and columns of the table

function planeTable({ points, weight, bias, chi1 }: Plane) {
  const picked = Array.from({ length: SHOWN }, (_, i) => Math.round(((i + 0.5) / SHOWN) * points - 0.5));
  const at = (i: number, end: number) => ((i + 0.5) / points) * end;
  return {
    head: ["chi_1: biases \\ weights", ...picked.map((i) => numberText(at(i, weight), 3))],
    rows: picked.map((row) => [
      numberText(at(row, bias), 3),
      ...picked.map((column) => chi1[row * points + column] as number),
    ]),
  };
}

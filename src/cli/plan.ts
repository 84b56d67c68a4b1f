/** `nn-init plan`: what would be drawn, tensor by tensor, without drawing. */

import { counted, distributionText, partsIn } from "../chart/words.js";
import { printable } from "../check.js";
import { isComputed, isDerived } from "../computed/computed.js";
import { partsOf } from "../distribution.js";
import type { DType } from "../dtype.js";
import { digits } from "../math/digits.js";
import type { ElementType } from "../model/element.js";
import { type Plan, type PlannedModel, type PlannedTensor, parametersOf } from "../model/model.js";
import { typesOf } from "../model/types.js";
import { rmsOf } from "../moments.js";
import { type Fans, fans } from "../scheme/fans.js";
import { splitShape } from "../scheme/split.js";
import { nameHash } from "../stream.js";
import { choosePlan, type PlanFlags, planOf, warnOfUnknownFields, warnOfUntested } from "./choose.js";
import type { Io } from "./io.js";
import type { PlannedOnnx } from "./onnx.js";
import { isOnnx } from "./onnx.path.js";
import { type Column, table } from "./table.js";

export interface PlanCommandFlags extends PlanFlags {
  readonly dtype?: DType;
  readonly print?: boolean;
  readonly json?: boolean;
  readonly wide?: boolean;
}

const AT_ONCE = 1000; // tensors that are printed in one piece, so that a long report is never whole in memory

export async function runPlan(path: string, flags: PlanCommandFlags, io: Io): Promise<void> {
  const onnx = isOnnx(path) ? await plannedOnnx(path, flags) : undefined;
  const { planned, plan } = onnx ?? choosePlan(path, flags);
  warnOfUnknownFields(planned, io);
  warnOfUntested(planned, flags, io);
  if (flags.print) return io.print(`${JSON.stringify(plan ?? planOf(planned), undefined, 2)}\n`);
  const types = typesOf(planned, flags.dtype);
  const wordsOf = sharedWords();
  const parameters = parametersOf(planned);
  if (flags.json) {
    const head = JSON.stringify({ model: planned.name, parameters, tied: planned.tied, plan: plan ?? null });
    await io.print(`${head.slice(0, -1)},"tensors":[`);
    for (let i = 0; i < planned.tensors.length; i += AT_ONCE) {
      const texts = planned.tensors
        .slice(i, i + AT_ONCE)
        .map((tensor, j) => JSON.stringify(describe(tensor, types[i + j] as ElementType, wordsOf(tensor))));
      await io.print(`${i === 0 ? "" : ","}${texts.join(",")}`);
    }
    return io.print(onnx === undefined ? "]}\n" : `],"left":${JSON.stringify(onnx.model.left)}}\n`);
  }
  const { tensors } = planned;
  const byScheme = flags.scheme !== undefined; // then the user wrote no rules
  const rows = tensors.map((tensor, i) => cells(tensor, types[i] as ElementType, wordsOf(tensor)));
  const width = flags.wide ? undefined : io.columns;
  const lines = [
    byScheme ? table(withoutRule(COLUMNS), rows.map(withoutRule), width) : table(COLUMNS, rows, width),
    ...tiesOf(planned).map(([name, other]) => `${printable(name)} is ${printable(other)}`),
    ...(byScheme ? roleLines(tensors) : ruleLines(plan)),
    `${planned.name}: ${counted(tensors.length, "tensor")}, ${counted(parameters, "parameter")}`,
  ];
  const left = onnx === undefined ? "" : (await import("./onnx.text.js")).leftText(onnx.model.left, []);
  return io.print(`${lines.join("\n")}\n${left}`);
}

async function plannedOnnx(path: string, flags: PlanCommandFlags): Promise<PlannedOnnx> {
  return (await import("./onnx.js")).openStored(path, flags);
}

/** The tied tensors that the table does not have. */
function tiesOf({ tied, tensors }: PlannedModel): [string, string][] {
  const ties = Object.entries(tied);
  return ties.filter(([name]) => !tensors.some((tensor) => tensor.name === name));
}

const COLUMNS: readonly Column[] = [
  { head: "tensor", weight: 6, least: 32, names: true },
  { head: "shape", weight: 5 },
  { head: "dtype", weight: 2 },
  { head: "rule", weight: 1 },
  { head: "distribution", weight: 4, least: 12 },
  { head: "fans", weight: 3 },
  { head: "std", weight: 6 },
  { head: "stream", weight: 0 }, // differs for each tensor, so that no layer would fold
];

/** The rules as `plan` prints them below its table. */
const ruleLines = (plan: Plan | undefined): string[] =>
  (plan?.rules ?? []).map((rule, index) => `rule ${index}: ${printable(JSON.stringify(rule))}`);

/** Without what is at the place of the column for rules. */
const withoutRule = <T>(list: readonly T[]): T[] =>
  list.toSpliced(
    COLUMNS.findIndex(({ head }) => head === "rule"),
    1,
  );

/** What each role starts from, for a plan of one scheme: `weight, head: {"scheme":"heNormal","layout":"oi"}`. */
function roleLines(tensors: readonly PlannedTensor[]): string[] {
  const roles = new Map<string, Set<string>>();
  for (const { role, scheme } of tensors) {
    const json = JSON.stringify(scheme);
    roles.set(json, (roles.get(json) ?? new Set()).add(role ?? "other"));
  }
  return [...roles].map(([json, names]) => `${[...names].sort().join(", ")}: ${printable(json)}`);
}

function cells(tensor: PlannedTensor, dtype: ElementType, { texts }: Words): string[] {
  const { name, rule, copyOf } = tensor;
  return [
    ...[printable(name), texts.shape, dtype, rule === undefined ? "own" : String(rule)],
    copyOf === undefined ? texts.distributions : `copy of ${printable(copyOf)}`,
    ...[texts.fans, texts.stds, streamOf(tensor)],
  ];
}

function describe(tensor: PlannedTensor, dtype: ElementType, { values }: Words) {
  const { name, shape, scheme, rule, role, copyOf } = tensor;
  return {
    ...{ name, shape, dtype },
    ...{ role: role ?? null, rule: rule ?? null, copyOf: copyOf ?? null },
    ...{ scheme, ...values },
    stream: streamOf(tensor),
  };
}

function streamOf({ name, distribution, copyOf }: PlannedTensor): string {
  const source = isComputed(distribution) && isDerived(distribution) ? distribution.source : copyOf;
  const { low, high } = nameHash(source ?? name);
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

/** What is said of a tensor besides its name: values for JSON, and the texts of a table. */
type Words = ReturnType<typeof wordsFor>;

function wordsFor(tensor: PlannedTensor) {
  const { distribution, shape } = tensor;
  const distributions = partsIn(distribution).map(distributionText);
  const fans = shownFans(tensor);
  const stds = isComputed(distribution) ? [] : partsOf(distribution).map(rmsOf);
  const pairs = fans.map((each) => (each === null ? "" : `${digits(each.in)}, ${digits(each.out)}`));
  return {
    values: { distributions, fans, stds },
    texts: {
      ...{ shape: shape.join(" x "), distributions: distributions.join("; ") },
      ...{ fans: [...new Set(pairs)].join("; "), stds: [...new Set(stds.map((std) => digits(std)))].join("; ") },
    },
  };
}

/** The words of each tensor, made once for tensors that share all that they depend on, as repeated layers do. */
function sharedWords(): (tensor: PlannedTensor) => Words {
  const known = new Map<PlannedTensor["distribution"], { readonly first: PlannedTensor; readonly words: Words }>();
  return (tensor) => {
    const found = known.get(tensor.distribution);
    if (found !== undefined && DEPENDS_ON.every((key) => found.first[key] === tensor[key])) return found.words;
    const words = wordsFor(tensor);
    known.set(tensor.distribution, { first: tensor, words });
    return words;
  };
}

const DEPENDS_ON = ["shape", "scheme", "layout", "placement", "packed", "fans"] as const;

/** The fans that the scheme depends on; where it depends on none, those of the layer, of each packed part. */
function shownFans(tensor: PlannedTensor): readonly (Fans | null)[] {
  const { shape, scheme, layout, placement, packed, fans: used } = tensor;
  const split = scheme.scheme === "split" ? scheme : used[0] === null ? packed : undefined;
  const parts = split === undefined ? [{ shape }] : splitShape(shape, split);
  const byLayout = layout && { layout };
  const place = placement === undefined ? byLayout : split === undefined ? placement : undefined; // of the whole, not of parts
  const byPlacement = (part: readonly number[]) => (place === undefined || shape.length < 2 ? null : fans(part, place));
  return parts.map((part, i) => used[i] ?? byPlacement(part.shape));
}

/** `nn-init plan`: what would be drawn, tensor by tensor, without drawing. */

import { distributionText, partsIn } from "../chart/words.js";
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
  const described = (tensor: PlannedTensor, i: number) => describe(tensor, types[i] as ElementType);
  const parameters = parametersOf(planned);
  if (flags.json) {
    const head = JSON.stringify({ model: planned.name, parameters, tied: planned.tied, plan: plan ?? null });
    await io.print(`${head.slice(0, -1)},"tensors":[`);
    for (let i = 0; i < planned.tensors.length; i += AT_ONCE) {
      const texts = planned.tensors.slice(i, i + AT_ONCE).map((tensor, j) => JSON.stringify(described(tensor, i + j)));
      await io.print(`${i === 0 ? "" : ","}${texts.join(",")}`);
    }
    return io.print(onnx === undefined ? "]}\n" : `],"left":${JSON.stringify(onnx.model.left)}}\n`);
  }
  const tensors = planned.tensors.map(described);
  const byScheme = flags.scheme !== undefined; // then the user wrote no rules
  const lines = [
    table(
      byScheme ? withoutRule(COLUMNS) : COLUMNS,
      tensors.map(byScheme ? (each) => withoutRule(cells(each)) : cells),
      flags.wide ? undefined : io.columns,
    ),
    ...tiesOf(planned).map(([name, other]) => `${printable(name)} is ${printable(other)}`),
    ...(byScheme ? roleLines(tensors) : ruleLines(plan)),
    `${planned.name}: ${tensors.length} tensors, ${parameters.toLocaleString("en")} parameters`,
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
function roleLines(tensors: readonly Described[]): string[] {
  const roles = new Map<string, Set<string>>();
  for (const { role, scheme } of tensors) {
    const json = JSON.stringify(scheme);
    roles.set(json, (roles.get(json) ?? new Set()).add(role ?? "other"));
  }
  return [...roles].map(([json, names]) => `${[...names].sort().join(", ")}: ${printable(json)}`);
}

type Described = ReturnType<typeof describe>;

function cells({ name, shape, dtype, rule, copyOf, distributions, fans, stds, stream }: Described): string[] {
  const pairs = fans.map((each) => (each === null ? "" : `${digits(each.in)}, ${digits(each.out)}`));
  const drawn = copyOf === null ? distributions.join("; ") : `copy of ${printable(copyOf)}`;
  return [
    ...[printable(name), shape.join(" x "), dtype, rule === null ? "own" : String(rule), drawn],
    ...[[...new Set(pairs)].join("; "), [...new Set(stds.map((std) => digits(std)))].join("; "), stream],
  ];
}

function describe(tensor: PlannedTensor, dtype: ElementType) {
  const { name, shape, scheme, distribution, rule, role, copyOf } = tensor;
  const source = isComputed(distribution) && isDerived(distribution) ? distribution.source : copyOf;
  const { low, high } = nameHash(source ?? name);
  return {
    name,
    shape,
    dtype,
    role: role ?? null,
    rule: rule ?? null,
    copyOf: copyOf ?? null,
    scheme,
    distributions: partsIn(distribution).map(distributionText),
    fans: shownFans(tensor),
    stds: isComputed(distribution) ? [] : partsOf(distribution).map(rmsOf),
    stream: [high, low].map((word) => word.toString(16).padStart(8, "0")).join(""),
  };
}

/** The fans that the scheme depends on; where it depends on none, those that the layout says, of each packed part. */
function shownFans({ shape, scheme, layout, packed, fans: used }: PlannedTensor): readonly (Fans | null)[] {
  const split = scheme.scheme === "split" ? scheme : used[0] === null ? packed : undefined;
  const parts = split === undefined ? [{ shape }] : splitShape(shape, split);
  const byLayout = (part: readonly number[]) =>
    layout === undefined || shape.length < 2 ? null : fans(part, { layout });
  return parts.map((part, i) => used[i] ?? byLayout(part.shape));
}

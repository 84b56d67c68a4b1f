/** `nn-init plan`: what would be drawn, tensor by tensor, without drawing. */
import Table from "cli-table3";
import { printable } from "../check.js";
import { partsOf } from "../distribution.js";
import type { DType } from "../dtype.js";
import { digits } from "../math/digits.js";
import type { ElementType } from "../model/element.js";
import { type PlannedTensor, parametersOf } from "../model/model.js";
import { typesOf } from "../model/types.js";
import { rmsOf } from "../moments.js";
import { type Fans, fans } from "../scheme/fans.js";
import { derive } from "../scheme/scheme.js";
import { splitShape } from "../scheme/split.js";
import { nameHash } from "../stream.js";
import { choosePlan, type PlanFlags, planOf } from "./choose.js";
import { distributionName } from "./text.js";

export interface PlanCommandFlags extends PlanFlags {
  readonly dtype?: DType;
  readonly print?: boolean;
  readonly json?: boolean;
}

export function runPlan(path: string, flags: PlanCommandFlags): void {
  const { planned, plan } = choosePlan(path, flags);
  if (flags.print) {
    process.stdout.write(`${JSON.stringify(plan ?? planOf(planned), undefined, 2)}\n`);
    return;
  }
  const types = typesOf(planned, flags.dtype);
  const rows = planned.tensors.map((tensor, i) => describe(tensor, types[i] as ElementType));
  const parameters = parametersOf(planned);
  if (flags.json) {
    const report = { model: planned.name, parameters, tied: planned.tied, plan: plan ?? null, tensors: rows };
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const tied = Object.entries(planned.tied).map(([name, other]) => `${printable(name)} is ${printable(other)}`);
  const total = `${planned.name}: ${rows.length} tensors, ${parameters.toLocaleString("en")} parameters`;
  process.stdout.write(`${[...tables(rows), ...tied, ...rulesOf(plan), total].join("\n")}\n`);
}

const MOST_ROWS = 500; // of one table: the library takes time in their square, and stack

type Row = ReturnType<typeof describe>;

function tables(rows: readonly Row[]): string[] {
  const count = Math.ceil(rows.length / MOST_ROWS);
  return Array.from({ length: count }, (_, i) => tableOf(rows.slice(i * MOST_ROWS, (i + 1) * MOST_ROWS)));
}

function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ["tensor", "shape", "dtype", "rule", "distribution", "fans", "std", "stream"],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, shape, dtype, rule, distributions, fans, stds, stream } of rows) {
    const both = fans.map((each) => (each === null ? "" : `${digits(each.in)}, ${digits(each.out)}`));
    table.push([
      ...[printable(name), shape.join(" x "), dtype, rule ?? "own", distributions.join("; ")],
      ...[[...new Set(both)].join("; "), [...new Set(stds.map((std) => digits(std)))].join("; "), stream],
    ]);
  }
  return table.toString();
}

function rulesOf(plan: ReturnType<typeof choosePlan>["plan"]): string[] {
  return (plan?.rules ?? []).map((rule, index) => `rule ${index}: ${printable(JSON.stringify(rule))}`);
}

function describe(tensor: PlannedTensor, dtype: ElementType) {
  const { name, shape, scheme, distribution, rule, role } = tensor;
  const distributions = partsOf(distribution);
  const { low, high } = nameHash(name);
  return {
    name,
    shape,
    dtype,
    role: role ?? null,
    rule: rule ?? null,
    scheme,
    distributions: distributions.map(distributionName),
    fans: fansOf(tensor),
    stds: distributions.map(rmsOf),
    stream: [high, low].map((word) => word.toString(16).padStart(8, "0")).join(""),
  };
}

/** Those that the scheme follows from; else those that the layout says, of each packed part. */
function fansOf({ shape, scheme, layout, packed }: PlannedTensor): readonly (Fans | null)[] {
  const { from, parts } = derive(shape, scheme);
  if (from !== undefined) return [from.fans];
  const shapes = parts ?? (packed === undefined ? [{ shape }] : splitShape(shape, packed));
  return shapes.map((part) => {
    const own = "scheme" in part ? derive(part.shape, part.scheme).from?.fans : undefined;
    return own ?? (layout === undefined || shape.length < 2 ? null : fans(part.shape, { layout }));
  });
}

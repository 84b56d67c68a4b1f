/**
 * benchmark.js on a few functions in place of lodash, of which it uses so little that all of lodash (540 KB) would be a third of
 * the package. They do what benchmark.js needs of them, and no more.
 */
import Loose from "benchmark";

type List = readonly unknown[];
type Call = (...args: readonly unknown[]) => unknown;
type Members = Readonly<Record<string, unknown>>;

/** Calls `visit` for each item of a list, or each value of an object, until it returns false. */
function each(list: object, visit: Call): void {
  for (const [key, value] of Object.entries(list)) {
    if (visit(value, Array.isArray(list) ? Number(key) : key) === false) return;
  }
}

const isPlainObject = (value: unknown): value is object =>
  Object.prototype.toString.call(value) === "[object Object]" &&
  [null, Object.prototype].includes(Object.getPrototypeOf(value));

/** Arrays and plain objects are cloned. All else, benchmark.js wants as it is. */
function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clone);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clone(item)]));
}

export const lodash = {
  assign: Object.assign,
  cloneDeepWith: clone,
  defaults: (to: object, ...others: readonly object[]) => Object.assign(to, ...[{ ...to }, ...others].reverse()),
  delay: (call: Call, ms: number) => setTimeout(call, ms),
  each,
  eq: Object.is,
  filter: (list: List, keep: Call) => list.filter(keep),
  forEach: each,
  forOwn: each,
  get: (from: Members | null | undefined, key: string) => from?.[key],
  has: (from: unknown, key: string) => from !== null && from !== undefined && Object.hasOwn(Object(from), key),
  indexOf: (list: List, item: unknown) => list.indexOf(item),
  isArray: Array.isArray,
  isError: (value: unknown) => value instanceof Error,
  isFinite: Number.isFinite,
  isFunction: (value: unknown) => typeof value === "function",
  isNaN: Number.isNaN,
  isObject: (value: unknown) => typeof value === "function" || (typeof value === "object" && value !== null),
  isObjectLike: (value: unknown) => typeof value === "object" && value !== null,
  isPlainObject,
  isString: (value: unknown) => typeof value === "string",
  map: (list: List, change: Call) => list.map((item, i) => change(item, i)),
  minBy: (list: readonly Readonly<Record<string, number>>[], key: string) =>
    [...list].sort((a, b) => (a[key] as number) - (b[key] as number))[0],
  noop() {},
  now: Date.now,
  /** Of a function whose first argument is given later. */
  partial:
    (call: Call, _later: unknown, ...rest: List) =>
    (first: unknown) =>
      call(first, ...rest),
  pick: (from: Members, names: readonly string[]) =>
    Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]])),
  reduce: (list: List, add: (sum: unknown, item: unknown) => unknown, start: unknown) =>
    list.reduce((sum, item) => add(sum, item), start),
  result: (from: Members | null | undefined, key: string) => from?.[key],
  /** Puts values in the place of their names. */
  template: (text: string) => (values: Members) =>
    text.replace(/\$\{(\w+)\}/g, (_, name) => String(values[name] ?? "")),
  toArray: (list: object) => Object.values(list),
};

/** benchmark.js's constructor of benchmarks. */
export const Benchmark = Loose.runInContext({ _: lodash, platform: {} }) as unknown as typeof Loose;
// It would compile the source text of a function anew, which knows no variables around it. A call is what is measured.
(Benchmark.support as { decompilation: boolean }).decompilation = false;

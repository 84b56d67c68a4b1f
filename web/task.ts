/** The calls of the library that run in a worker: their names, and the code of each, which is loaded when it is needed. */

/** Tells the page how far a task has come, with anything that can be cloned. */
export type Tell = (progress: unknown) => void;

/** A call of the library: plain data in, plain data out. */
export type Task<Input, Output> = (input: Input, tell: Tell) => Output | Promise<Output>;

/** Name -> the module that exports it as `run`. */
export const TASKS = {
  lab: () => import("./task/lab.js"),
  plane: () => import("./task/plane.js"),
  race: () => import("./task/race.js"),
  model: () => import("./task/model.js"),
  audit: () => import("./task/audit.js"),
  onnx: () => import("./task/onnx.js"),
  bench: () => import("./task/bench.js"),
  point: () => import("./task/point.js"),
} as const;

export type TaskName = keyof typeof TASKS;
type Module<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>;
export type InputOf<Name extends TaskName> = Parameters<Module<Name>["run"]>[0];
export type OutputOf<Name extends TaskName> = Awaited<ReturnType<Module<Name>["run"]>>;

/** What the page sends. */
export interface Request {
  readonly id: number;
  readonly task: TaskName;
  readonly input: unknown;
}

/** What the worker answers: any number of times progress, then a result or an error. */
export type Answer =
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly result: unknown; readonly milliseconds: number }
  | { readonly id: number; readonly error: string };

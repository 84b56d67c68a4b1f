/** Writes a comparison to a file, again at each seed. */
import type { Comparison } from "../train/comparison.js";
import { writeFile } from "./target.js";

/** A comparison without what only plots show: the losses of each step, the layers on the way, the histograms. */
export const withoutPlots = ({ strategies, ...rest }: Comparison) => ({
  ...rest,
  strategies: strategies.map(({ runs, ...strategy }) => ({
    ...strategy,
    runs: runs.map(({ losses, monitored: _, histograms: __, ...run }) => ({ ...run, steps: losses.length })),
  })),
});

export interface Saver {
  /** Writes the comparison soon, or a later one in its place. If writing fails, the next comparison is a new attempt. */
  save(comparison: Comparison): void;
  /** Writes the last comparison. */
  finish(comparison: Comparison): Promise<void>;
}

/** @param force whether a file that is there before the first one may be replaced. */
export function saverTo(path: string, force: boolean): Saver {
  let isOwn = force;
  let latest: Comparison | undefined;
  let saving: Promise<void> | undefined;
  const write = async (comparison: Comparison): Promise<void> => {
    await writeFile(path, `${JSON.stringify(withoutPlots(comparison))}\n`, isOwn);
    isOwn = true;
  };
  const work = async (): Promise<void> => {
    for (let next = latest; next !== undefined; next = latest) {
      latest = undefined;
      await write(next).catch(() => {});
    }
    saving = undefined;
  };
  return {
    save(comparison) {
      latest = comparison;
      saving ??= work();
    },
    async finish(comparison) {
      latest = undefined;
      await saving;
      await write(comparison);
    },
  };
}

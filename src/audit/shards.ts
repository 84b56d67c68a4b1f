/** The shards of one checkpoint compared by their records: they must come from one run. */

import { printable, show } from "../check.js";
import { RECORD } from "../checkpoint/safetensors.js";
import type { Shard } from "../checkpoint/stored.js";
import type { StrayShard } from "./found.js";

const ONE_FOR_ALL = [
  ["seed", RECORD.seed],
  ["version of the stream", RECORD.stream],
] as const;

/** The shards that record another seed, or another version of the stream, than most. Shards without a record are left out. */
export function strayShards(shards: readonly Pick<Shard, "path" | "metadata">[]): readonly StrayShard[] {
  return ONE_FOR_ALL.flatMap(([word, key]) => {
    const recorded = shards.filter(({ metadata }) => metadata[key] !== undefined);
    const byValue = new Map<string, Pick<Shard, "path">[]>();
    for (const shard of recorded) {
      const value = shard.metadata[key] as string;
      byValue.set(value, [...(byValue.get(value) ?? []), shard]);
    }
    const [most, ...others] = [...byValue].sort(([, a], [, b]) => b.length - a.length);
    return others.flatMap(([value, stray]) =>
      stray.map(({ path }): StrayShard => {
        const [usual, files] = most as [string, Pick<Shard, "path">[]];
        const example = printable(files[0]?.path as string);
        const where = `${files.length} of ${recorded.length} files have ${show(usual)}, such as ${example}`;
        return { path, sentence: `it records the ${word} ${show(value)}, but ${where}` };
      }),
    );
  });
}

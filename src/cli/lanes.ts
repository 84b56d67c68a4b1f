/** Working on several things at once. */

/**
 * Gives each item to the next lane that is free, and returns the results in the order of the items. A lane that fails takes no
 * more; the others work on, and then the first error is thrown.
 *
 * @param lanes what each item that is worked on needs for itself, such as buffers.
 */
export async function inLanes<Item, Lane, Result>(
  items: readonly Item[],
  lanes: readonly Lane[],
  work: (item: Item, lane: Lane) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const run = async (lane: Lane): Promise<void> => {
    for (const [i, item] of waiting) results[i] = await work(item, lane);
  };
  for (const ended of await Promise.allSettled(lanes.map(run))) if (ended.status === "rejected") throw ended.reason;
  return results;
}

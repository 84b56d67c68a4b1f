/** One expectation for many items: an `expect` for each takes 20 us. */
import { expect } from "vitest";

/** Each item holds. A failure names the first that does not. */
export function expectEach<T>(items: Iterable<T>, holds: (item: T, at: number) => boolean): void {
  let at = 0;
  for (const item of items) {
    if (!holds(item, at)) expect.fail(`item ${at} does not hold: ${String(item)}`);
    ++at;
  }
}

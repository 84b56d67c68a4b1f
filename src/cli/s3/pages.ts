/** Listings, which a store answers page by page. */
import { wrongValue } from "../../check.js";

const MOST_PAGES = 100_000; // of at most 1,000 names each

/**
 * The pages of a listing, one after the other.
 *
 * @param what is listed, for messages.
 * @param ask is given where the page begins, as the page before said; undefined for the first.
 * @param next where the page after this one begins; undefined after the last.
 * @throws Error where a store names a page again, since the listing would never end.
 */
export async function* pagesOf<Page, Mark>(
  what: string,
  ask: (from: Mark | undefined) => Promise<Page>,
  next: (page: Page) => Mark | undefined,
): AsyncGenerator<Page, void> {
  const seen = new Set<string>();
  let mark: Mark | undefined;
  do {
    const page = await ask(mark);
    yield page;
    mark = next(page);
    const key = JSON.stringify(mark);
    if (mark !== undefined && seen.has(key)) {
      throw new Error(`${what}: the store answered with a page of its listing that it had given before`);
    }
    seen.add(key);
    if (seen.size > MOST_PAGES) throw wrongValue(`${what}: listing`, `at most ${MOST_PAGES} pages`, seen.size);
  } while (mark !== undefined);
}

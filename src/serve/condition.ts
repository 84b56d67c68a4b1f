/** Conditional requests: RFC 9110, sections 13.1 and 13.2.2. Resources here have a strong entity tag and no date. */

/** The entity tags of a header, or "*", or undefined where it is malformed. */
type Tags = "*" | readonly { readonly weak: boolean; readonly opaque: string }[] | undefined;

const TAG = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(?:,|$)/y;

function tagsOf(header: string): Tags {
  if (header.trim() === "*") return "*";
  const tags: { weak: boolean; opaque: string }[] = [];
  for (let at = 0; at < header.length; at = TAG.lastIndex) {
    TAG.lastIndex = at;
    const match = TAG.exec(header);
    if (match === null) return undefined;
    const [, weak, opaque] = match;
    if (opaque !== undefined) tags.push({ weak: weak !== undefined, opaque });
    if (TAG.lastIndex === header.length) break;
  }
  return tags;
}

/** Strong comparison finds no weak tag equal to any. */
const has = (tags: Tags, etag: string, strong: boolean): boolean =>
  tags === "*" || (tags ?? []).some(({ weak, opaque }) => opaque === etag && !(strong && weak));

/**
 * What the conditions of a GET or HEAD request decide, in the order of section 13.2.2: the status of the answer, or undefined
 * to go on. If-Unmodified-Since and If-Modified-Since are ignored, since the resource has no date.
 *
 * @param etag without quotes.
 */
export function conditionOf(headers: Headers, etag: string): 412 | 304 | undefined {
  const match = headers.get("if-match");
  if (match !== null && !has(tagsOf(match), etag, true)) return 412;
  const noneMatch = headers.get("if-none-match");
  if (noneMatch !== null && has(tagsOf(noneMatch), etag, false)) return 304;
  return undefined;
}

/** Whether If-Range allows the Range header: a strong tag that is ours. A date is not, since there is none to compare. */
export function allowsRange(headers: Headers, etag: string): boolean {
  const condition = headers.get("if-range");
  return condition === null || condition.trim() === `"${etag}"`;
}

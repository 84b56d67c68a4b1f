// Pages of which a program writes a part: it stands between a comment that names it and the next one that begins with "end".

const beginOf = (mark) => `<!-- ${mark} -->\n`;

/** Whether a page has a part of this name. */
export const hasPart = (page, mark) => page.includes(beginOf(mark));

/** @returns the page with this text between the marks of a part. @throws Error where the page has no such marks. */
export function withPart(page, mark, text) {
  const begin = beginOf(mark);
  const at = page.indexOf(begin);
  const end = page.indexOf("<!-- end", at);
  if (at < 0 || end < 0) throw new Error(`expected the marks ${begin.trim()} and <!-- end --> in the page`);
  return `${page.slice(0, at)}${begin}\n${text}\n\n${page.slice(end)}`;
}

/** In the page's bundle in place of `src/model/regex.ts`: see scripts/page.mjs. */

export const MOST_PATTERN = 1000;

export function compileRegex(pattern: string) {
  const regex = new RegExp(pattern, "u");
  return {
    test: (name: string) => regex.test(name),
    groups: (name: string) => regex.exec(name)?.groups ?? {},
  };
}

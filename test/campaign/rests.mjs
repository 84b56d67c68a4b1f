// What the outcome of a unit rests on, as paths that git takes. A result holds until one of them changes.

/** The words of a tensor. */
export const WORDS = [
  ...["assembly/bits.ts", "assembly/philox.ts", "src/stream.ts"],
  ...["asconfig.json", "scripts/kernels.mjs", "package-lock.json"],
];

/** Its values: what is imported by the main entry, of whose folders some have more. */
export const VALUES = [
  ...["assembly", "src/*.ts", "src/kernel", "src/engine", "src/math", "src/scheme"],
  ...["asconfig.json", "scripts", "package-lock.json"],
];

/** What checks and tests have in common. */
export const COMMON = ["test/*.mjs", "test/*.ts", "vitest.statistics.config.ts", "vitest.slow.config.ts"];

/** The library, its command and its page. */
export const PRODUCT = [
  ...["assembly", "src", "web", "scripts", "asconfig.json"],
  ...["package.json", "package-lock.json"],
];

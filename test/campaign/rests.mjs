// What the outcome of a unit rests on, as paths that git takes. A result holds until one of them changes.

/** The words of a tensor. */
export const WORDS = ["assembly/bits.ts", "assembly/philox.ts", "src/stream.ts"];

/** Its values, from WebAssembly and from the twins. */
export const VALUES = [
  ...["assembly", "asconfig.json", "scripts/kernels.mjs", "src/stream.ts"],
  ...["src/kernel", "src/engine", "src/math", "src/scheme"],
];

/** The library, its command and its page. */
export const PRODUCT = [
  ...["assembly", "src", "web", "scripts", "asconfig.json"],
  ...["package.json", "package-lock.json"],
];

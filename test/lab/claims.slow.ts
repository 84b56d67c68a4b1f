/** The claims of claims.test.ts with more samples, wider networks and more seeds. */
process.env.FULL = "1";
await import("./claims.test.js");

/** The tests of shards.test.ts, with files that threads write. */
process.env.FULL = "1";
await import("./shards.test.js");

/** The tests of plan.test.ts with more families. */
process.env.FULL = "1";
await import("./plan.test.js");

/** The tests of meanfield.test.ts at more points. */
process.env.FULL = "1";
await import("./meanfield.test.js");

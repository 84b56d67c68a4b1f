/** fuzz.test.ts with 20,000 inputs. */
process.env.RUNS ??= "20000";
await import("./fuzz.test.js");

/** fuzz.test.ts with twenty times as many inputs. */
process.env.RUNS ??= "20000";
await import("./fuzz.test.js");

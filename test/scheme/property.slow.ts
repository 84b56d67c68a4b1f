/** The properties of property.test.ts in ten times as many cases. */
process.env.RUNS ??= "10";
await import("./property.test.js");

/** The properties of property.test.ts in twenty times as many cases. */
process.env.RUNS ??= "20";
await import("./property.test.js");

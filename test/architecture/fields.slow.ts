/** fields.test.ts for every family, those that extend another one too. */
process.env.FULL = "1";
await import("./fields.test.js");

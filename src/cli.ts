#!/usr/bin/env node
import { processIo } from "./cli/io.js";
import { main } from "./cli/program.js";

declare const VERSION: string; // of package.json; scripts/build.mjs puts it in

process.exitCode = await main(
  process.argv.slice(2),
  processIo({ version: VERSION, scripts: new URL(".", import.meta.url) }),
);

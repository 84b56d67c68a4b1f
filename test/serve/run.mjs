// npm run check:serve: real clients against `nn-init serve`, the table of requests in every runtime, fuzzed requests, raw
// sockets, slow readers, clients that leave, and load. Names of parts run these only: conformance, clients, fuzz, sockets,
// readers, load. FUZZ=100000, READERS=1000 and SECONDS=60 make it longer, PYTHON= names a Python that has requirements.txt.
// Exits with 1 on anything wrong. aria2 and wrk are installed from Debian; what cannot be is said, and counted.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askedParts, countsText, reporter } from "../report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
if (!existsSync(join(here, "node_modules"))) {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" }; // the kernels for graphics cards
  execFileSync("npm", ["ci", "--silent"], { cwd: here, env, stdio: "inherit" });
}
const { clients } = await import("./clients.mjs");
const { conformance } = await import("./conformance.mjs");
const { fuzz } = await import("./fuzz.mjs");
const { load } = await import("./load.mjs");
const { readers } = await import("./readers.mjs");
const { sockets } = await import("./sockets.mjs");
const { SERVERS, serversFolder, start } = await import("./servers.mjs");

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const { check, end } = reporter((error) => error.message.slice(0, 3000));

async function everyRuntime() {
  const folder = serversFolder();
  for (const name of Object.keys(SERVERS)) {
    await check(`requests, ${name}`, async () => {
      const server = await start(name, folder);
      try {
        const { asked, wrong, changed } = await conformance(name, server.origin);
        if (wrong.length > 0) throw new Error(wrong.join("\n  "));
        return [`${asked} requests`, ...changed].join("; ");
      } finally {
        await server.close();
      }
    });
  }
}

/** What a part counted; throws what was wrong. */
async function counted(run) {
  const result = await run();
  if (result === undefined) return undefined;
  const { counts, wrong } = result;
  if (wrong.length > 0) throw new Error(`${wrong.length} wrong\n  ${wrong.slice(0, 20).join("\n  ")}`);
  return countsText(counts);
}

const seed = number("SEED", 1);

const PARTS = {
  conformance: everyRuntime,
  clients: () => clients(check),
  fuzz: () => check("fuzzed requests, by status", () => counted(() => fuzz({ count: number("FUZZ", 10_000), seed }))),
  sockets: () => check("raw sockets", () => counted(() => sockets({ count: number("SOCKETS", 400), seed }))),
  readers: () =>
    check("slow readers, and such as leave", () => counted(() => readers({ count: number("READERS", 100) }))),
  load: () => check("64 connections", () => counted(() => load({ seconds: number("SECONDS", 10), seed }))),
};

const asked = askedParts(Object.keys(PARTS));
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length === 0 || asked.includes(name)) await part();
}
end();

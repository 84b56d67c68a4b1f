// The requests of requests.mjs over HTTP, asked of a server in its runtime.
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import { checkpoint } from "../../dist/checkpoint.js";
import { modelOf } from "../../dist/model.js";
import { faultsOf, faultsOfSeveral, requestsOf, SEVERAL } from "./requests.mjs";
import { CONFIG, NAME } from "./servers.mjs";

const made = checkpoint(modelOf(CONFIG), { seed: 42 });
const [{ name, byteLength: length, etag }] = made.files;
const whole = made.read(name, 0, length);
const FILE = `/${NAME}/resolve/seed-42/${name}`;

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Sends a request with exactly these headers; status, headers and bytes of the answer. */
export const ask = (origin, path, { method = "GET", headers = {}, agent, body } = {}) =>
  new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(origin);
    const full = `${pathname === "/" ? "" : pathname}${path}`;
    const asked = request({ hostname, port, path: full, method, headers, agent, timeout: 60_000 }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks) });
      });
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer to ${method} ${path}`)));
    asked.on("error", reject);
    asked.end(body);
  });

/**
 * What a runtime changes of an answer, because its HTTP server does so for all programs: by the name of the server, whether
 * it may give this answer instead.
 */
const ALLOWED = {};

/** @returns how many requests were asked, and what was wrong. */
export async function conformance(server, origin) {
  const agent = new Agent({ keepAlive: true });
  const file = { length, etag, whole };
  const wrong = [];
  const rows = requestsOf(file);
  for (const row of rows) {
    const [what, method, headers] = row;
    try {
      const answer = await ask(origin, FILE, { method, headers, agent });
      const faults = faultsOf(row, answer, file).filter((fault) => !ALLOWED[server]?.(row, answer, fault));
      wrong.push(...faults.map((fault) => `${what}: ${fault}`));
    } catch (error) {
      wrong.push(`${what}: ${error.message}`);
    }
  }
  const several = await ask(origin, FILE, { headers: SEVERAL, agent });
  wrong.push(...faultsOfSeveral(several, file).map((fault) => `several ranges: ${fault}`));
  const missing = await ask(origin, `/${NAME}/resolve/seed-42/none.bin`, { agent });
  if (missing.status !== 404 || missing.headers["x-error-code"] !== "EntryNotFound") wrong.push("a file that is not there");
  agent.destroy();
  return { asked: rows.length + 2, wrong };
}

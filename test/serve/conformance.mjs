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

/** Statuses and headers that a runtime's HTTP server makes differ for any program, by what they are. */
const CHANGES = {
  "streams are sent in chunks, without a Content-Length": ([, , , , range], { headers }, fault) =>
    range !== undefined &&
    /^Content-Length: .* got undefined$/.test(fault) &&
    headers["transfer-encoding"] === "chunked",
  "an empty header is dropped": ([, , asked], _, __) => Object.values(asked).includes(""),
  "no Content-Length reaches the client": (_, __, fault) => /^Content-Length(: .* got undefined)?$/.test(fault),
  "methods that the route does not export are answered by the framework": ([, method], { status }) =>
    ["PUT", "DELETE", "PATCH", "PROPFIND"].includes(method) && status === 405,
};
const [CHUNKED, EMPTY, LENGTHLESS, METHODS] = Object.keys(CHANGES);

/** By the name of a server, what it changes. Anything else that differs is wrong. */
const CHANGED_BY = {
  workerd: [EMPTY],
  "wrangler dev": [EMPTY],
  Bun: [CHUNKED],
  "edge function": [LENGTHLESS, METHODS],
};

/** @returns how many requests were asked, what was wrong, and which changes of the runtime were met. */
export async function conformance(server, origin) {
  const agent = new Agent({ keepAlive: true });
  const file = { length, etag, whole };
  const wrong = [];
  const changed = new Map();
  const judge = (row, answer, faults) => {
    for (const fault of faults) {
      const change = CHANGED_BY[server]?.find((change) => CHANGES[change](row, answer, fault));
      if (change === undefined) wrong.push(`${row[0]}: ${fault}`);
      else changed.set(change, (changed.get(change) ?? new Set()).add(row[0]));
    }
  };
  const rows = requestsOf(file);
  for (const row of rows) {
    const [what, method, headers] = row;
    try {
      const answer = await ask(origin, FILE, { method, headers, agent });
      judge(row, answer, faultsOf(row, answer, file));
    } catch (error) {
      wrong.push(`${what}: ${error.message}`);
    }
  }
  const several = await ask(origin, FILE, { headers: SEVERAL, agent });
  judge(["several ranges", "GET", SEVERAL, 206, []], several, faultsOfSeveral(several, file));
  const missing = await ask(origin, `/${NAME}/resolve/seed-42/none.bin`, { agent });
  if (missing.status !== 404 || missing.headers["x-error-code"] !== "EntryNotFound")
    wrong.push("a file that is not there");
  agent.destroy();
  const unmet = (CHANGED_BY[server] ?? []).filter((change) => !changed.has(change));
  wrong.push(...unmet.map((change) => `changes no more: ${change}`));
  return { asked: rows.length + 2, wrong, changed: [...changed].map(([change, { size }]) => `${change} (${size})`) };
}

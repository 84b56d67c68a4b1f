// Bytes that are no proper request, sent to the command over raw sockets: each is answered by a status, or the connection is
// closed; the server goes on, and says nothing of its inside.
import { connect } from "node:net";
import { random } from "../faults/command.mjs";
import { ask } from "./conformance.mjs";
import { listening, NAME, SERVERS, serversFolder } from "./servers.mjs";

const FILE = `/${NAME}/resolve/seed-42/model.safetensors`;
const get = (target, ...lines) =>
  `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
const method = (name, target = FILE, ...lines) => get(target, ...lines).replace("GET", name);

const PART = "content-range: bytes 0-9/438592\r\n";

/** What is sent, and the status of the answer; undefined where it may be any, or none. */
const CASES = {
  "a right one": [get(FILE, "Range: bytes=0-9"), 206],
  "two in one packet": [get(FILE, "Range: bytes=0-9").replace("Connection: close\r\n", "") + get("/"), 206],
  "a target in absolute form": [get(`http://other.example${FILE}`, "Range: bytes=0-9"), 206],
  "a target in absolute form, https": [get(`https://other.example${FILE}`, "Range: bytes=0-9"), 206],
  "an asterisk": [method("OPTIONS", "*"), 204],
  "leading slashes": [get(`//${FILE}`, "Range: bytes=0-9"), 206],
  "a target that is no URL": [get("http://[::"), 200],
  "a host that is none": [get(FILE, "Range: bytes=0-9").replace("Host: x", "Host: [::"), 206],
  "a host of signs": [get(FILE, "Range: bytes=0-9").replace("Host: x", "Host: a b@c/d?e#f"), 206],
  "HTTP/1.0 without a host": [`GET ${FILE} HTTP/1.0\r\nRange: bytes=0-9\r\n\r\n`, 206],
  "two hosts": [get(FILE, "Host: y"), undefined],
  "two ranges headers": [get(FILE, "Range: bytes=0-9", "Range: bytes=10-19"), undefined],
  TRACE: [method("TRACE"), 405],
  CONNECT: [method("CONNECT", "x:80"), undefined],
  "a method that is none": [method("GE T"), 400],
  PURGE: [method("PURGE"), 405],
  "an upgrade": [get(FILE, "Connection: Upgrade", "Upgrade: websocket", "Range: bytes=0-9"), undefined],
  "Expect: 100-continue": [method("POST", FILE, "Expect: 100-continue", "Content-Length: 0"), undefined],
  "a GET with a body": [`${get(FILE, "Range: bytes=0-9", "Content-Length: 5")}hello`, 206],
  "a POST of a wrong chunk": [`${method("POST", FILE, "Transfer-Encoding: chunked")}zz\r\n`, undefined],
  "a length and chunks": [method("POST", FILE, "Transfer-Encoding: chunked", "Content-Length: 5"), 400],
  "a length that is none": [method("POST", FILE, "Content-Length: x"), 400],
  "a header of 20,000 bytes": [get(FILE, `X: ${"x".repeat(20_000)}`), 431],
  "3,000 headers": [get(FILE, ...Array.from({ length: 3000 }, (_, i) => `X${i}: 1`)), undefined],
  "a target of 10,000 bytes": [get(`/${"x".repeat(10_000)}`), 414],
  "a header without a colon": [get(FILE, "nonsense"), 400],
  "a folded header": [get(FILE, "Range: bytes=0-9\r\n ,20-29"), undefined],
  "bytes over 127": [get(FILE, "If-Match: \u00ff\u00fe"), 412],
  "a zero byte": [get(FILE, "If-Match: \u0000"), 400],
  "an escape that is not UTF-8": [get("/%ff"), 400],
  "bare line feeds": [`GET ${FILE} HTTP/1.1\nHost: x\n\n`, undefined],
  "HTTP/0.9": ["GET /\r\n\r\n", undefined],
  "HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", undefined],
  "a TLS hello": ["\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", undefined],
  nothing: ["", undefined],
  "half a request": [`GET ${FILE} HTT`, undefined],
};

/** Sends bytes, then ends its side; all that comes back until the connection is closed, or for a few seconds. */
const talk = (port, bytes) =>
  new Promise((resolve) => {
    const chunks = [];
    let length = 0;
    const socket = connect(port, "127.0.0.1", () => socket.end(Buffer.from(bytes, "latin1")));
    const done = () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    socket.setTimeout(1000 * Number(process.env.PATIENCE ?? 3), done);
    socket.on("data", (chunk) => {
      length += chunk.length;
      if (length < 1e6) chunks.push(chunk);
    });
    socket.on("error", done).on("close", done);
  });

function faultOf(said, expected) {
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(said) ?? [];
  if (said !== "" && status === undefined) return `no status: ${said.slice(0, 100)}`;
  if (expected === 206 && !said.toLowerCase().includes(PART)) return `not the file: ${said.slice(0, 300)}`;
  if (expected !== undefined && Number(status) !== expected) return `expected ${expected}, got ${status ?? "nothing"}`;
  if (Number(status) >= 500 && status !== "501" && status !== "505") return `status ${status}`;
  if (/\n\s+at |node:internal|dist\/|Error:/.test(said.slice(0, 5000))) return `its inside: ${said.slice(0, 300)}`;
  return undefined;
}

const alive = async (origin) => {
  const { status } = await ask(origin, FILE, { headers: { Range: "bytes=0-9" } });
  return status === 206 ? [] : [`the server answers ${status}`];
};

/** @param count how many damaged requests follow those of the list. */
export async function sockets({ count, seed }) {
  const server = await listening(SERVERS["nn-init serve"].command, serversFolder());
  const wrong = [];
  const judge = (what, said, expected) => {
    const fault = faultOf(said, expected);
    if (fault !== undefined) wrong.push(`${what}: ${fault}`);
  };
  try {
    for (const [what, [bytes, expected]] of Object.entries(CASES))
      judge(what, await talk(server.port, bytes), expected);
    const next = random(seed);
    const right = CASES["a right one"][0];
    const damaged = Array.from({ length: count }, () => {
      const text = [...right];
      for (let i = 0; i < 1 + next() * 4; ++i) {
        text[Math.floor(next() * text.length)] = String.fromCharCode(Math.floor(next() * 256)).repeat(
          next() < 0.1 ? 500 : 1,
        );
      }
      return text.join("");
    });
    for (let i = 0; i < count; i += 20) {
      const batch = damaged.slice(i, i + 20);
      const said = await Promise.all(batch.map((bytes) => talk(server.port, bytes)));
      for (const [k, text] of said.entries()) judge(JSON.stringify(batch[k].slice(0, 200)), text);
    }
    wrong.push(...(await alive(server.origin)));
    if (/\n\s+at |Error/.test(server.said())) wrong.push(`the log: ${server.said().slice(-500)}`);
  } finally {
    await server.close();
  }
  return { counts: { requests: Object.keys(CASES).length, damaged: count }, wrong };
}

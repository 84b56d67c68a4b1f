// A checkpoint in a real object store, with its signatures and rights: what every store must do. KILLS= sets how many writers are
// killed, RANDOM= what random choices follow from.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { random, run, sha256, sleep, start } from "../faults/command.mjs";
import { openProxy } from "./s3.proxy.mjs";
import { READER, WRITER } from "./s3.store.mjs";

const PATIENCE = 300_000; // milliseconds for one command
const BUCKET = "checkpoints";
const PART = 2 ** 23;

const tensor = (name, rows, scheme, rest = {}) => ({ name, shape: [rows, 1000], dtype: "bf16", scheme, ...rest });
/** Three files of five parts, two of them with an end that is no whole part; one of a single request. */
const MODEL = [
  tensor("a.weight", 20_000, "heNormal"),
  tensor("b.weight", 20_971, "truncatedNormal", { std: 1 }),
  tensor("c.weight", 17_001, "glorotUniform"),
  tensor("d.bias", 5, "zeros"),
];

/** What all parts share: the store, the model, and what one process writes into a folder. */
async function prepare(place, store) {
  const model = join(place, "s3-model.json");
  writeFileSync(model, JSON.stringify(MODEL));
  const init = (out, ...flags) => ["init", model, "--seed", "42", "--out", out, "--max-shard-size", "1MB", ...flags];
  const local = join(place, "s3-local");
  const end = await run(init(local), { patience: PATIENCE });
  if (end.code !== 0) throw new Error(end.stderr);
  const files = new Map(readdirSync(local).map((name) => [name, sha256(join(local, name))]));
  const shards = [...files.keys()].filter((name) => name.endsWith(".safetensors")).sort();
  const bytes = shards.map((name) => statSync(join(local, name)).size);
  const client = new S3Client({ ...store.client, maxAttempts: 5 });
  const next = random(Number(process.env.RANDOM ?? 1));
  return { init, files, shards, bytes, client, store, random: next, wrong: [], counts: {} };
}

const environment = (endpoint, [key, secret], rest = {}) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"))),
  ...{ AWS_ENDPOINT_URL_S3: endpoint, AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret },
  ...{ AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_EC2_METADATA_DISABLED: "true" },
  ...rest,
});

const command = ({ store }, args, { endpoint = store.endpoint, identity = WRITER, rest } = {}) =>
  start(args, { patience: PATIENCE, node: ["--no-warnings"], env: environment(endpoint, identity, rest) });

const ended = (setting, args, options) => command(setting, args, options).ended;

const urlOf = (prefix) => `s3://${BUCKET}/${prefix}`;

async function hashOf(client, Key) {
  const hash = createHash("sha256");
  for await (const chunk of (await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body) hash.update(chunk);
  return hash.digest("hex");
}

const uploadsOf = async ({ client }, prefix) =>
  (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: `${prefix}/` }))).Uploads ?? [];

/** None if the upload has ended. */
async function partsOf({ client }, { Key, UploadId }) {
  try {
    return (await client.send(new ListPartsCommand({ Bucket: BUCKET, Key, UploadId }))).Parts ?? [];
  } catch (error) {
    if (error.name === "NoSuchUpload") return [];
    throw error;
  }
}

/** Compares what lies under a prefix with the local files. Of uploads, only those may be left that have no part. */
async function compare(setting, prefix, what) {
  const { client, files, wrong } = setting;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${prefix}/` }));
  const names = Contents.map(({ Key }) => Key.slice(prefix.length + 1));
  for (const name of new Set([...names, ...files.keys()])) {
    const expected = files.get(name);
    const hash = names.includes(name) ? await hashOf(client, `${prefix}/${name}`) : undefined;
    if (hash !== expected) wrong.push(`${what}: ${name}: ${hash ?? "absent"} instead of ${expected ?? "absent"}`);
  }
  for (const upload of await uploadsOf(setting, prefix)) {
    const parts = await partsOf(setting, upload);
    if (parts.length > 0) wrong.push(`${what}: an upload of ${upload.Key} is left, with ${parts.length} parts`);
  }
}

function expectEnd({ wrong }, what, end, code, text = "") {
  if (end.code === code && (end.stderr + end.stdout).includes(text)) return;
  wrong.push(`${what}: expected ${code} ${text}, got ${end.code ?? end.signal} ${end.stderr}${end.stdout}`);
}

async function plain(setting) {
  const { counts } = setting;
  const begun = performance.now();
  const end = await ended(setting, setting.init(urlOf("plain"), "--json"));
  expectEnd(setting, "plain", end, 0);
  counts["seconds to write"] = ((performance.now() - begun) / 1000).toFixed(1);
  await compare(setting, "plain", "plain");
  const verified = await ended(setting, ["verify", urlOf("plain"), "--json"]);
  expectEnd(setting, "verify", verified, 0, '"equal":true');
  const again = await ended(setting, setting.init(urlOf("plain"), "--json"));
  const skipped = JSON.parse(again.stdout).files.filter((file) => file.skipped).length;
  if (skipped !== MODEL.length) setting.wrong.push(`a second run wrote ${MODEL.length - skipped} files`);
  counts.files = MODEL.length;
}

/** Shares, an index that comes too early, damage that verify finds and --verify mends, another seed that is refused. */
async function shares(setting) {
  const url = urlOf("shares");
  expectEnd(setting, "share 0", await ended(setting, setting.init(url, "--shard", "0/2")), 0);
  expectEnd(setting, "an early index", await ended(setting, ["index", url, "--json"]), 1, '"complete":false');
  expectEnd(setting, "share 1", await ended(setting, setting.init(url, "--shard", "1/2", "--threads", "2")), 0);
  expectEnd(setting, "index", await ended(setting, ["index", url, "--json"]), 0, '"complete":true');
  await compare(setting, "shares", "shares");
  const [name] = setting.shards;
  await damage(setting, `shares/${name}`);
  expectEnd(setting, "verify of damage", await ended(setting, ["verify", url, "--json"]), 1, `"differing":["${name}"]`);
  const other = setting.init(url, "--force").map((word) => (word === "42" ? "43" : word));
  expectEnd(setting, "another seed", await ended(setting, other.slice(0, -1)), 1, "is another file");
  expectEnd(setting, "--verify", await ended(setting, setting.init(url, "--verify")), 0);
  await compare(setting, "shares", "mended");
}

async function damage({ client }, Key) {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  const bytes = await Body.transformToByteArray();
  bytes[bytes.length - 9] ^= 1;
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: bytes }));
}

/** A writer that is killed when the store has three of its five parts; the next one must keep them. */
async function continued(setting) {
  const { wrong, counts } = setting;
  const share = (i) => setting.init(urlOf("continued"), "--shard", `${i}/4`);
  const holding = await openProxy(setting.store.port, { isHeld: (head) => /partNumber=[45]/.test(head) });
  const { child, ended: end } = command(setting, share(1), { endpoint: holding.endpoint });
  let before = [];
  while (before.length < 3 && child.exitCode === null) {
    await sleep(20);
    const [upload] = await uploadsOf(setting, "continued");
    before = upload === undefined ? [] : await partsOf(setting, upload);
  }
  child.kill("SIGKILL");
  await end;
  await holding.close();
  if (before.length !== 3) wrong.push(`continued: ${before.length} parts were there instead of 3`);
  const proxy = await openProxy(setting.store.port);
  const options = { endpoint: proxy.endpoint };
  expectEnd(setting, "continued", await ended(setting, share(1), options), 0);
  await proxy.close();
  const total = Math.ceil(setting.bytes[1] / PART);
  const sent = proxy.seen.filter((head) => head.includes("partNumber=")).length;
  if (sent !== total - before.length)
    wrong.push(`continued: ${before.length} of ${total} parts were there, ${sent} were sent`);
  counts["parts kept"] = before.length;
  for (const i of [0, 2, 3]) expectEnd(setting, "continued", await ended(setting, share(i)), 0);
  expectEnd(setting, "index", await ended(setting, ["index", urlOf("continued")]), 0);
  await compare(setting, "continued", "continued");
}

/** Two writers of everything at once, each killed at random moments and started again, until one is left alone. */
async function kills(setting) {
  const { counts, wrong } = setting;
  counts.kills = 0;
  const begun = performance.now(); // once more: a new store takes longer for the first files
  expectEnd(setting, "before kills", await ended(setting, setting.init(urlOf("kills"))), 0);
  const duration = performance.now() - begun;
  const rounds = Math.ceil(Number(process.env.KILLS ?? 12) / 4);
  for (let round = 0; round < rounds; ++round) {
    const args = setting.init(urlOf(`kills-${round}`));
    const one = async () => {
      for (const patience of [setting.random(), setting.random(), undefined]) {
        const { child, ended: end } = command(setting, args);
        const kill = () => child.kill("SIGKILL");
        const limit = patience === undefined ? undefined : setTimeout(kill, patience * duration);
        const { code, signal, stderr } = await end;
        clearTimeout(limit);
        if (signal === "SIGKILL") counts.kills += 1;
        else if (code !== 0) wrong.push(`kills: ${code} ${stderr}`);
      }
    };
    await Promise.all([one(), one()]);
    await compare(setting, `kills-${round}`, "after kills");
  }
  if (counts.kills === 0) wrong.push("no writer was killed");
}

/** Connections that are cut after a random number of bytes. */
async function flaky(setting) {
  const proxy = await openProxy(setting.store.port, { limit: () => 1e6 + setting.random() * 1.5e7 });
  const end = await ended(setting, setting.init(urlOf("flaky")), { endpoint: proxy.endpoint });
  await proxy.close();
  expectEnd(setting, "flaky", end, 0);
  setting.counts["connections cut"] = proxy.cut;
  if (proxy.cut === 0) setting.wrong.push("flaky: no connection was cut");
  await compare(setting, "flaky", "flaky");
}

/** A byte of a part is changed on the way, once: the store refuses the part, and it is sent again. */
async function changed(setting) {
  let left = 2;
  const isChanged = (head) => /^PUT .*partNumber=[24]/.test(head) && left-- > 0;
  const proxy = await openProxy(setting.store.port, { isChanged });
  const end = await ended(setting, setting.init(urlOf("changed")), { endpoint: proxy.endpoint });
  await proxy.close();
  expectEnd(setting, "changed", end, 0);
  setting.counts["parts changed on the way"] = proxy.changed;
  if (proxy.changed === 0) setting.wrong.push("changed: no byte was changed");
  await compare(setting, "changed", "changed");
}

async function writers(setting) {
  for (const round of [0, 1, 2]) {
    const prefix = `writers-${round}`;
    const first = command(setting, setting.init(urlOf(prefix)));
    await sleep(setting.random() * 500 * round);
    const second = command(setting, setting.init(urlOf(prefix)));
    for (const { ended: end } of [first, second]) expectEnd(setting, "two writers", await end, 0);
    await compare(setting, prefix, "two writers");
  }
  setting.counts["rounds of two writers"] = 3;
}

/** Uploads that are not ours stay, whatever is written and swept beside them. */
async function foreign(setting) {
  const { client, wrong } = setting;
  const [name] = setting.shards;
  const where = { Bucket: BUCKET, Key: `foreign/${name}` };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(where));
  await client.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: Buffer.alloc(PART) }));
  expectEnd(setting, "beside a foreign upload", await ended(setting, setting.init(urlOf("foreign"))), 0);
  const left = await uploadsOf(setting, "foreign");
  if (!left.some((upload) => upload.UploadId === UploadId)) wrong.push("a foreign upload was aborted");
  else await client.send(new AbortMultipartUploadCommand({ ...where, UploadId }));
  await compare(setting, "foreign", "beside a foreign upload");
}

/** The store is killed while files are written, and started again. */
async function gone(setting) {
  const { store, counts } = setting;
  const writer = command(setting, setting.init(urlOf("gone")));
  while (writer.child.exitCode === null && (await uploadsOf(setting, "gone")).length === 0) await sleep(5);
  await store.stop("SIGKILL"); // the first of four files is on its way
  const begun = performance.now();
  const end = await writer.ended;
  expectEnd(setting, "the store is gone", end, 1, "check AWS_ENDPOINT_URL_S3");
  counts["seconds until a writer gives up"] = ((performance.now() - begun) / 1000).toFixed(1);
  await store.start();
  expectEnd(setting, "the store is back", await ended(setting, setting.init(urlOf("gone"))), 0);
  await compare(setting, "gone", "the store is back");
}

async function refusals(setting) {
  const { init } = setting;
  const elsewhere = init("s3://no-such-bucket/x");
  expectEnd(setting, "no bucket", await ended(setting, elsewhere), 1, "the bucket does not exist there");
  const unknown = { identity: ["UNKNOWN", "x"] };
  expectEnd(setting, "unknown key", await ended(setting, init(urlOf("x")), unknown), 1, "check AWS_ACCESS_KEY_ID");
  const secret = { identity: [WRITER[0], "wrong"] };
  expectEnd(setting, "wrong secret", await ended(setting, init(urlOf("x")), secret), 1, "check AWS_SECRET_ACCESS_KEY");
  const reader = { identity: READER };
  expectEnd(setting, "denied", await ended(setting, init(urlOf("x")), reader), 1, "these credentials may not do that");
  const none = { rest: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" } };
  expectEnd(setting, "no credentials", await ended(setting, init(urlOf("x")), none), 1, "no credentials were found");
  setting.counts.refusals = 5;
  const late = "data:text/javascript,const now=Date.now;Date.now=()=>now()+7200e3";
  const end = await start(["index", urlOf("plain")], {
    ...{ patience: PATIENCE, node: ["--no-warnings", "--import", late] },
    env: environment(setting.store.endpoint, WRITER),
  }).ended;
  expectEnd(setting, "a clock that is two hours fast", end, 0);
}

const PARTS = [plain, shares, continued, kills, flaky, changed, writers, foreign, gone, refusals];

/**
 * @param openStore starts a store in a folder, with an empty bucket of this name.
 * @returns counts, and what was wrong.
 */
export async function tryStore(openStore, place) {
  mkdirSync(place, { recursive: true });
  const store = await openStore(join(place, "store"), BUCKET);
  try {
    const setting = await prepare(place, store);
    for (const part of PARTS) await part(setting);
    return { counts: setting.counts, wrong: setting.wrong, absent: [] };
  } finally {
    await store.end();
    rmSync(place, { recursive: true, force: true });
  }
}

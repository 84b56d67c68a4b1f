// SeaweedFS: built once from the Go module proxy, started and stopped here.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { sleep } from "../faults/command.mjs";

const CACHE = process.env.NN_INIT_CLUSTERS ?? join(homedir(), ".cache/nn-init-clusters");
const MODULE = "github.com/seaweedfs/seaweedfs";
const VERSION = "v0.0.0-20261109003541-7506e5f91cd6";

/** Access key and secret of who may write, and of who may only read. */
export const WRITER = ["WRITER", "writers-secret"];
export const READER = ["READER", "readers-secret"];

const RIGHTS = {
  identities: [
    { name: "writer", credentials: [credential(WRITER)], actions: ["Admin", "Read", "Write", "List", "Tagging"] },
    { name: "reader", credentials: [credential(READER)], actions: ["Read", "List"] },
  ],
};

function credential([accessKey, secretKey]) {
  return { accessKey, secretKey };
}

/** @returns the store with an empty bucket, or what was absent. */
export async function openStore(place, bucket) {
  const { program, absent } = build();
  if (program === undefined) return { absent: [absent] };
  const store = await started(program, place, bucket);
  return store === undefined ? { absent: [`SeaweedFS did not start: ${lastLines(join(place, "log"))}`] } : { store };
}

/** The program. `go install` refuses it, since its module has replacements: a module of its own has the same. */
function build() {
  const program = join(CACHE, `weed-${VERSION}`);
  if (existsSync(program)) return { program };
  const go = installedGo();
  if (go === undefined) return { absent: "SeaweedFS needs go, which cannot be installed from Debian" };
  const place = join(CACHE, "weed-build");
  mkdirSync(place, { recursive: true });
  const call = (...args) => {
    const env = { ...process.env, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "auto", CGO_ENABLED: "0" };
    const { status, stdout, stderr } = spawnSync(go, args, { cwd: place, env, encoding: "utf8", maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(`go ${args[0]}: ${stderr.trim().split("\n").slice(-3).join("\n")}`);
    return stdout;
  };
  console.log("s3: building SeaweedFS, once; this takes up to half an hour");
  try {
    writeFileSync(join(place, "go.mod"), "module weedbuild\n");
    const { Dir } = JSON.parse(call("mod", "download", "-json", `${MODULE}@${VERSION}`));
    const own = readFileSync(join(Dir, "go.mod"), "utf8").replace(/^module .*$/m, "module weedbuild");
    writeFileSync(join(place, "go.mod"), `${own}\nrequire ${MODULE} ${VERSION}\n`);
    writeFileSync(join(place, "go.sum"), readFileSync(join(Dir, "go.sum")));
    const made = join(place, "weed");
    call("build", "-trimpath", "-ldflags=-s -w", "-o", made, `${MODULE}/weed`);
    renameSync(made, program);
    rmSync(place, { recursive: true });
    return { program };
  } catch (error) {
    return { absent: `SeaweedFS cannot be built: ${error.message}` };
  }
}

function installedGo() {
  if (spawnSync("go", ["version"]).status === 0) return "go";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["update", "-qq"], { env });
  const { status } = spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "golang-go"], { env });
  return status === 0 ? "go" : undefined;
}

const START_SECONDS = 60;
const TRIES = 3; // a port may be taken

async function started(program, place, bucket) {
  for (let tries = 0; tries < TRIES; ++tries) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "rights.json"), JSON.stringify(RIGHTS));
    const store = new Store(program, place, 20_000 + 8 * Math.floor(Math.random() * 250));
    if ((await store.start()) && (await store.makeBucket(bucket))) return store;
    await store.stop("SIGKILL");
  }
  return undefined;
}

class Store {
  #child;

  constructor(program, place, port) {
    Object.assign(this, { program, place, port, endpoint: `http://127.0.0.1:${port}` });
    const [accessKeyId, secretAccessKey] = WRITER;
    this.client = { endpoint: this.endpoint, region: "us-east-1", forcePathStyle: true };
    this.client.credentials = { accessKeyId, secretAccessKey };
  }

  /** @returns whether it answers. */
  async start() {
    const { place, port } = this;
    const log = openSync(join(place, "log"), "a");
    const ports = { s3: port, "s3.port.grpc": port + 1, filer: port + 2, "filer.port.grpc": port + 3 };
    Object.assign(ports, {
      master: port + 4,
      "master.port.grpc": port + 5,
      volume: port + 6,
      "volume.port.grpc": port + 7,
    });
    const flags = Object.entries(ports).map(
      ([name, value]) => `-${name.includes(".") ? name : `${name}.port`}=${value}`,
    );
    const fixed = [
      ...["server", `-dir=${place}`, "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"],
      ...[`-s3.config=${join(place, "rights.json")}`, "-master.volumeSizeLimitMB=512", "-volume.max=100"],
    ];
    this.#child = spawn(this.program, [...fixed, ...flags], { cwd: place, stdio: ["ignore", log, log] });
    for (const limit = Date.now() + START_SECONDS * 1000; Date.now() < limit; await sleep(100)) {
      if (this.#child.exitCode !== null) return false;
      try {
        await fetch(this.endpoint);
        return true;
      } catch {
        // not yet
      }
    }
    return false;
  }

  async makeBucket(Bucket) {
    const client = new S3Client({ ...this.client, maxAttempts: 1 });
    for (const limit = Date.now() + START_SECONDS * 1000; Date.now() < limit; await sleep(500)) {
      try {
        await client.send(new CreateBucketCommand({ Bucket }));
        return true;
      } catch (error) {
        this.error = error;
      }
    }
    return false;
  }

  async stop(signal) {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    if ((await Promise.race([ended, sleep(10_000).then(() => "late")])) === "late") child.kill("SIGKILL");
    await ended;
  }
}

const lastLines = (file) =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-3).join("; ") : "";

// SeaweedFS: built once from the Go module proxy, kept in the cache, started and stopped here.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { debian } from "../debian.mjs";
import { Absent } from "../report.mjs";
import { tryStore } from "./s3.cases.mjs";
import { lastLines, READER, Store, WRITER } from "./s3.store.mjs";
import { CACHE } from "./setting.mjs";

const MODULE = "github.com/seaweedfs/seaweedfs";
const VERSION = "v0.0.0-20261109003541-7506e5f91cd6";

const RIGHTS = {
  identities: [
    { name: "writer", credentials: [credential(WRITER)], actions: ["Admin", "Read", "Write", "List", "Tagging"] },
    { name: "reader", credentials: [credential(READER)], actions: ["Read", "List"] },
  ],
};

function credential([accessKey, secretKey]) {
  return { accessKey, secretKey };
}

/** The program. `go install` refuses it, since its module has replacements: a module of its own has the same. */
function build() {
  const program = join(CACHE, `weed-${VERSION}`);
  if (existsSync(program)) return program;
  debian(["golang-go"], "go");
  const place = join(CACHE, "weed-build");
  mkdirSync(place, { recursive: true });
  const call = (...args) => {
    const env = { ...process.env, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "auto", CGO_ENABLED: "0" };
    const { status, stdout, stderr } = spawnSync("go", args, { cwd: place, env, encoding: "utf8", maxBuffer: 2 ** 26 });
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
    return program;
  } catch (error) {
    throw new Absent(`SeaweedFS cannot be built: ${error.message}`);
  }
}

const TRIES = 3; // a port may be taken

async function openSeaweed(place, bucket) {
  const program = build();
  for (let tries = 0; tries < TRIES; ++tries) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "rights.json"), JSON.stringify(RIGHTS));
    const port = 20_000 + 8 * Math.floor(Math.random() * 250);
    const store = new Store({ program, args: argsOf(place, port), place, port });
    if ((await store.start()) && (await store.makeBucket(bucket))) return store;
    await store.stop("SIGKILL");
  }
  throw new Absent(`SeaweedFS did not start: ${lastLines(join(place, "log"))}`);
}

function argsOf(place, port) {
  const services = ["s3", "filer", "master", "volume"];
  const ports = services.flatMap((name, i) => [
    `-${name}.port=${port + 2 * i}`,
    `-${name}.port.grpc=${port + 2 * i + 1}`,
  ]);
  return [
    ...["server", `-dir=${place}`, "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", ...ports],
    ...[`-s3.config=${join(place, "rights.json")}`, "-master.volumeSizeLimitMB=512", "-volume.max=100"],
  ];
}

export const s3 = ({ place }) => tryStore(openSeaweed, place);

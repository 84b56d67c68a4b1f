// Ceph's radosgw, from Debian: one monitor, one daemon that keeps objects in memory, and the gateway that speaks S3.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { debian } from "../debian.mjs";
import { sleep } from "../faults/command.mjs";
import { Absent } from "../report.mjs";
import { tryStore } from "./s3.cases.mjs";
import { lastLines, READER, Store, WRITER } from "./s3.store.mjs";
import { background } from "./setting.mjs";

const PACKAGES = ["ceph-mon", "ceph-osd", "radosgw", "ceph-common"];

/** Nothing is kept twice, and nobody but programs of this machine can reach it. */
const configuration = ({ place, id, monitor, port }) => `[global]
fsid = ${id}
mon host = [v1:127.0.0.1:${monitor}]
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 2
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = ${place}
admin socket = ${place}/$name.asok
log file = ${place}/$name.log
pid file = ${place}/$name.pid
[mon.a]
mon data = ${place}/mon
[osd.0]
osd data = ${place}/osd
osd objectstore = memstore
memstore device bytes = ${2 ** 31}
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw data = ${place}/rgw
`;

class Ceph extends Store {
  /** What the gateway needs. */
  daemons = [];

  async end() {
    await super.end();
    for (const daemon of this.daemons.toReversed()) await daemon.stop();
  }
}

async function openCeph(place, bucket) {
  debian(PACKAGES, "radosgw");
  for (const name of ["mon", "osd", "rgw"]) mkdirSync(join(place, name), { recursive: true });
  const monitor = 23_000 + 2 * Math.floor(Math.random() * 1000);
  const [id, port] = [randomUUID(), monitor + 1];
  const config = join(place, "ceph.conf");
  writeFileSync(config, configuration({ place, id, monitor, port }));
  const store = new Ceph({ program: "radosgw", args: ["-c", config, "-n", "client.rgw", "-f"], place, port });
  try {
    await startDaemons(store, config, { id, monitor });
    if (!(await store.start())) throw new Absent(`radosgw did not start: ${lastLines(join(place, "client.rgw.log"))}`);
    for (const user of [WRITER, READER]) addUser(config, user);
    if (!(await store.makeBucket(bucket))) throw new Error(`ceph: no bucket: ${store.error}`);
    await letRead(store, bucket);
    return store;
  } catch (error) {
    for (const daemon of store.daemons.toReversed()) await daemon.stop();
    throw error;
  }
}

async function startDaemons(store, config, { id, monitor }) {
  const { place, daemons } = store;
  const log = openSync(join(place, "daemons"), "a");
  const map = join(place, "monmap");
  call("monmaptool", ["--create", "--fsid", id, "--addv", "a", `[v1:127.0.0.1:${monitor}]`, map]);
  call("ceph-mon", ["-c", config, "--mkfs", "-i", "a", "--monmap", map]);
  daemons.push(background("ceph-mon", ["-c", config, "-i", "a", "-f"], { log }));
  const own = randomUUID(); // without --osd-uuid, memstore sometimes takes one of zeros
  call("ceph-osd", ["-c", config, "-i", "0", "--mkfs", "--osd-uuid", own]);
  call("timeout", ["60", "ceph", "-c", config, "osd", "new", own]);
  daemons.push(await startedOsd(place, config, log));
}

const TRIES = 8;
const FAILS_WITHIN = 2000; // milliseconds; a daemon that runs longer has joined

/**
 * Ceph 16 asks the monitor for its place before it knows which cluster that is, and ends ("wrong fsid") where the answer comes
 * first: one start of six. The next one knows.
 */
async function startedOsd(place, config, log) {
  for (let tries = 0; tries < TRIES; ++tries) {
    const daemon = background("ceph-osd", ["-c", config, "-i", "0", "-f"], { log });
    const first = await Promise.race([daemon.ended, sleep(FAILS_WITHIN).then(() => "runs")]);
    if (first === "runs") return daemon;
  }
  throw new Absent(`ceph-osd did not start ${TRIES} times: ${lastLines(join(place, "osd.0.log"))}`);
}

function call(program, args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0)
    throw new Absent(`${program} ${args.slice(2).join(" ")}: ${error ?? stderr.trim().split("\n").at(-1)}`);
}

const addUser = (config, [key, secret]) =>
  call("radosgw-admin", [
    ...["-c", config, "user", "create", `--uid=${key.toLowerCase()}`, `--display-name=${key}`],
    ...[`--access-key=${key}`, `--secret-key=${secret}`],
  ]);

async function letRead(store, bucket) {
  const policy = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: [`arn:aws:iam:::user/${READER[0].toLowerCase()}`] },
        Action: ["s3:GetObject", "s3:ListBucket"],
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      },
    ],
  };
  const client = new S3Client(store.client);
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(policy) }));
}

export const ceph = ({ place }) => tryStore(openCeph, place);

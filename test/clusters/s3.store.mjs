// An object store that is started and stopped here, and who may do what in it.
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { sleep } from "../faults/command.mjs";
import { background } from "./setting.mjs";

/** Access key and secret of who may write, and of who may only read. */
export const WRITER = ["WRITER", "writers-secret"];
export const READER = ["READER", "readers-secret"];

const START_SECONDS = 60;

/** The program that answers S3 requests. */
export class Store {
  #program;

  /** @param place where it writes its log. */
  constructor({ program, args, place, port }) {
    Object.assign(this, { program, args, place, port, endpoint: `http://127.0.0.1:${port}` });
    const [accessKeyId, secretAccessKey] = WRITER;
    this.client = { endpoint: this.endpoint, region: "us-east-1", forcePathStyle: true };
    this.client.credentials = { accessKeyId, secretAccessKey };
  }

  /** @returns whether it answers. */
  async start() {
    const { program, args, place } = this;
    this.#program = background(program, args, { cwd: place, log: openSync(join(place, "log"), "a") });
    let hasEnded = false;
    this.#program.ended.then(() => {
      hasEnded = true;
    });
    for (const limit = Date.now() + START_SECONDS * 1000; Date.now() < limit && !hasEnded; await sleep(100)) {
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

  /** Ends it. What it keeps stays for the next start. */
  stop(signal) {
    return this.#program.stop(signal);
  }

  /** Ends it and what it needs. */
  end() {
    return this.stop("SIGTERM");
  }
}

export const lastLines = (file) =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-3).join("; ") : "";

/**
 * Checkpoints in a bucket: what is kept of a killed upload, what happens when others interfere, and what errors say. The store
 * is one of this process that fails when asked to; test/clusters/s3.cases.mjs runs real ones.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseAddress } from "../../src/cli/s3/address.js";
import { again, isPassing } from "../../src/cli/s3/again.js";
import { hasBytes, partBytes, sendableOf } from "../../src/cli/s3/part.js";
import { loadSdk } from "../../src/cli/s3/sdk.js";
import { inWords } from "../../src/cli/s3/words.js";
import { type Asked, FakeStore } from "./bucket.js";
import { folder, nnInit } from "./command.js";

/** @param all whether to run the tests too that draw 17 MB again for one more way to fail. */
export function testBucket(all: boolean): void {
  const slow = (name: string, run: () => Promise<void>): void => {
    if (all) test(name, run);
  };

  const work = folder();
  const shapes = join(work, "shapes.json");
  const MIB = 2 ** 20;
  // A file of three parts, and one of a single request.
  writeFileSync(
    shapes,
    JSON.stringify([
      { name: "large", shape: [17, MIB / 2], scheme: "uniform", low: -1, high: 1, dtype: "bf16" },
      { name: "small", shape: [1000], scheme: "zeros" },
    ]),
  );
  const [LARGE, SMALL] = [1, 2].map((i) => `model-0000${i}-of-00002.safetensors`) as [string, string];
  const INDEX = "model.safetensors.index.json";
  const URL_ = "s3://bucket/some/prefix";
  const keyOf = (name: string) => `some/prefix/${name}`;

  const init = (out: string, ...flags: string[]) =>
    nnInit(["init", shapes, "--seed", "1", "--out", out, "--max-shard-size", "10KB", ...flags]);

  const sha256 = (bytes: Uint8Array | undefined) =>
    createHash("sha256")
      .update(bytes ?? "")
      .digest("hex");

  let local: string;
  let hashes: Readonly<Record<string, string>>;
  beforeAll(async () => {
    local = join(work, "local");
    expect(await init(local)).toMatchObject({ status: 0 });
    hashes = Object.fromEntries([LARGE, SMALL].map((name) => [name, sha256(readFileSync(join(local, name)))]));
  }, 60_000);

  describe("a store", () => {
    let store: FakeStore;
    beforeEach(async () => {
      store = new FakeStore();
      await store.start();
    });
    afterEach(() => store.stop());

    const stored = (name: string) => store.objects.get(keyOf(name));
    const expectWhole = () => {
      expect(Object.fromEntries([LARGE, SMALL].map((name) => [name, sha256(stored(name))]))).toEqual(hashes);
    };
    const isPart = ({ call, query }: Asked, number: string) =>
      call.startsWith("PUT") && query.get("partNumber") === number;
    const UPLOAD = "PUT partNumber".split(" ") as [string, string];

    /** Leaves an upload of the large file, with all parts but the last. */
    async function killed(): Promise<void> {
      store.interfere = (asked) => (isPart(asked, "3") ? { status: 403, code: "AccessDenied" } : undefined);
      expect((await init(URL_)).status).toBe(1);
      store.interfere = () => undefined;
      const [upload] = store.uploads.values();
      expect([...(upload?.parts.keys() ?? [])].sort()).toEqual([1, 2]);
      store.asked.length = 0;
    }

    test("has the same files, hashes and index as a folder, and nothing else", async () => {
      const run = await init(URL_, "--json");
      expect(run).toMatchObject({ status: 0, stderr: "" });
      expectWhole();
      expect([...store.objects.keys()].sort()).toEqual(["SHA256SUMS", LARGE, SMALL, INDEX].map(keyOf).sort());
      for (const name of ["SHA256SUMS", INDEX]) expect(stored(name)).toEqual(readFileSync(join(local, name)));
      expect(JSON.parse(run.stdout).files[0]).toMatchObject({ path: `${URL_}/${LARGE}`, sha256: hashes[LARGE] });
      expect(store.count(...UPLOAD)).toBe(3);
      expect(store.uploads.size).toBe(0);
    });

    test("has shares written; index says what is missing; verify compares; a second run writes nothing", async () => {
      expect(await init(URL_, "--shard", "0/2")).toMatchObject({ status: 0 });
      expect(stored(`${LARGE}.sha256`)).toBeDefined();
      const early = await nnInit(["index", URL_, "--json"]);
      expect({ status: early.status, ...JSON.parse(early.stdout) }).toMatchObject({ status: 1, missing: [SMALL] });
      expect(await init(URL_, "--shard", "1/2")).toMatchObject({ status: 0 });
      expect(await nnInit(["index", URL_])).toMatchObject({ status: 0, stderr: "" });
      expect(stored(`${LARGE}.sha256`)).toBeUndefined();
      const verified = await nnInit(["verify", URL_, "--json"]);
      expect(JSON.parse(verified.stdout)).toMatchObject({ equal: true, differing: [] });
      store.asked.length = 0;
      expect(JSON.parse((await init(URL_, "--json")).stdout).files).toMatchObject([
        { skipped: true },
        { skipped: true },
      ]);
      expect(store.count(...UPLOAD)).toBe(0);
      const bytes = stored(LARGE) as Buffer;
      bytes[12 * MIB] = 1 ^ (bytes[12 * MIB] as number);
      expect(JSON.parse((await nnInit(["verify", URL_, "--json"])).stdout)).toMatchObject({ differing: [LARGE] });
      expect(await init(URL_, "--verify")).toMatchObject({ status: 0 });
      expectWhole();
    });

    slow("a task that is killed between a file and its hash leaves no hash of the file before", async () => {
      expect(await init(URL_, "--seed", "2")).toMatchObject({ status: 0 });
      const isHash = ({ call, body }: Asked) => call.startsWith("PUT") && call.endsWith(".sha256") && body.length > 0;
      store.interfere = (asked) => (isHash(asked) ? { status: 403, code: "AccessDenied" } : undefined);
      for (let run = 0; run < 2; ++run) expect((await init(URL_, "--force", "--shard", "0/1")).status).toBe(1);
      store.interfere = () => undefined;
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expectWhole();
      expect(stored("SHA256SUMS")).toEqual(readFileSync(join(local, "SHA256SUMS")));
    });

    test.each(all ? [true, false] : [true])(
      "a killed upload is continued; the store keeps SHA-256: %s",
      async (keepsSums) => {
        store.keepsSums = keepsSums;
        await killed();
        expect(await init(URL_)).toMatchObject({ status: 0 });
        expect(store.count(...UPLOAD)).toBe(1);
        expect(store.count("POST", "uploads")).toBe(0);
        expectWhole();
      },
    );

    slow("of an upload that is continued, a part with other bytes is sent again", async () => {
      await killed();
      const [upload] = store.uploads.values();
      upload?.parts.set(2, Buffer.alloc(8 * MIB));
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expect(store.count(...UPLOAD)).toBe(2);
      expectWhole();
    });

    slow("uploads of others under the same name are left alone, and those of ours are swept", async () => {
      await killed();
      store.uploads.set("other", { key: keyOf(LARGE), parts: new Map([[1, Buffer.alloc(8 * MIB)]]) });
      store.uploads.set("empty", { key: keyOf(LARGE), parts: new Map() });
      const [own] = store.uploads.values();
      store.uploads.set("twin", { key: keyOf(LARGE), parts: new Map(own?.parts) });
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expectWhole();
      expect([...store.uploads.keys()].sort()).toEqual(["empty", "other"]);
    });

    slow("another writer completes the upload, or aborts it, while it is going on", async () => {
      const whole = readFileSync(join(local, LARGE));
      store.interfere = (asked) => {
        if (!isPart(asked, "2")) return undefined;
        store.objects.set(keyOf(LARGE), whole);
        store.uploads.clear();
        return undefined;
      };
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expect(store.count("POST", "uploadId")).toBe(0); // nothing was left to complete
      store.objects.clear();
      let aborted = 0;
      store.interfere = (asked) => {
        if (isPart(asked, "3") && aborted++ === 0) store.uploads.clear();
        return undefined;
      };
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expect(aborted).toBe(2);
      expectWhole();
    });

    test("another writer completes the upload, and the store cuts connections where it says so of a part", async () => {
      const whole = readFileSync(join(local, LARGE));
      store.interfere = (asked) => {
        if (!isPart(asked, "2")) return undefined;
        store.objects.set(keyOf(LARGE), whole);
        store.uploads.clear();
        return "cut";
      };
      expect(await init(URL_)).toMatchObject({ status: 0, stderr: "" });
      expect(store.count("PUT", "partNumber")).toBeLessThanOrEqual(3);
      expectWhole();
    });

    slow("an upload that was left ends while its parts are asked for, which Ceph calls NoSuchKey", async () => {
      store.ended = "NoSuchKey";
      store.uploads.set("left", { key: keyOf(LARGE), parts: new Map() });
      store.interfere = ({ call, query }) => {
        if (call.startsWith("GET") && query.get("uploadId") === "left") store.uploads.delete("left");
        return undefined;
      };
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expect(store.uploads.size).toBe(0);
      expectWhole();
    });

    slow("matrices, of which a piece costs as much as the whole, in parts that are drawn once", async () => {
      const matrix = join(work, "matrix.json");
      writeFileSync(matrix, JSON.stringify([{ name: "w", shape: [1500, 1500], scheme: "orthogonal" }])); // 9 MB
      const into = (out: string) => nnInit(["init", matrix, "--seed", "1", "--out", out, "--max-shard-size", "1GB"]);
      expect(await into(join(work, "matrix"))).toMatchObject({ status: 0 });
      let failed = false;
      store.interfere = (asked) => {
        if (failed || !isPart(asked, "2")) return undefined;
        failed = true;
        return { status: 503, code: "SlowDown" };
      };
      expect(await into(URL_)).toMatchObject({ status: 0, stderr: "" });
      expect(failed).toBe(true);
      const name = "model.safetensors";
      expect(sha256(stored(name))).toBe(sha256(readFileSync(join(work, "matrix", name))));
    });

    slow("an empty object under a file's name is written again", async () => {
      store.objects.set(keyOf(LARGE), Buffer.alloc(0));
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expectWhole();
    });

    slow("what stood there before does not pass for what another writer has completed", async () => {
      expect(await init(URL_)).toMatchObject({ status: 0 });
      (stored(LARGE) as Buffer)[12 * MIB] = 77;
      store.interfere = (asked) => {
        if (isPart(asked, "2")) store.uploads.clear();
        return undefined;
      };
      const run = await init(URL_, "--verify");
      expect(run.status).toBe(1);
      expect(run.stderr).toContain("another program replaces it or aborts its upload");
    });

    test("parts that are cut, refused for their bytes or for the store's sake are drawn and sent again", async () => {
      const faults = ["cut", { status: 400, code: "BadDigest" }, { status: 503, code: "SlowDown" }] as const;
      let failed = 0;
      store.interfere = ({ query }) => (query.has("partNumber") ? faults[failed++] : undefined);
      expect(await init(URL_)).toMatchObject({ status: 0, stderr: "" });
      expect(failed).toBe(6);
      expectWhole();
    });

    test("a bucket in another region: the first answer names it, and bodies go there at once", async () => {
      store.region = "eu-west-1";
      expect(await init(URL_)).toMatchObject({ status: 0, stderr: "" });
      expect(store.asked.filter(({ body }) => body.length > MIB / 2).length).toBe(3);
      expectWhole();
    });

    test("objects that cannot be read are not called missing", async () => {
      expect(await init(URL_)).toMatchObject({ status: 0 });
      store.interfere = ({ call, query }) =>
        call.startsWith("GET") && !query.has("list-type") ? { status: 403, code: "AccessDenied" } : undefined;
      for (const command of ["index", "verify"]) {
        const { status, stdout, stderr } = await nnInit([command, URL_, "--json"]);
        expect([status, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(/^nn-init: cannot read s3:.*: these credentials may not do that/);
      }
    });

    test("an endpoint without http:// is refused by name", async () => {
      const endpoint = process.env.AWS_ENDPOINT_URL_S3;
      try {
        process.env.AWS_ENDPOINT_URL_S3 = "localhost:9000";
        expect((await init(URL_)).stderr).toMatch(/AWS_ENDPOINT_URL_S3: expected an address .*, got localhost:9000\n$/);
      } finally {
        process.env.AWS_ENDPOINT_URL_S3 = endpoint;
      }
    });

    slow("uploads cannot be listed: they are begun anew", async () => {
      store.interfere = ({ call, query }) =>
        call.startsWith("GET") && query.has("uploads") ? { status: 403, code: "AccessDenied" } : undefined;
      expect(await init(URL_)).toMatchObject({ status: 0 });
      expectWhole();
    });

    test.each([
      ["NoSuchBucket", "s3://other/prefix", "the bucket does not exist there: create it"],
      ["AccessDenied", URL_, "these credentials may not do that; they need s3:ListBucket"],
      ["InvalidAccessKeyId", URL_, "check AWS_ACCESS_KEY_ID"],
      ["SignatureDoesNotMatch", URL_, "check AWS_SECRET_ACCESS_KEY"],
      ["ExpiredToken", URL_, "get new ones"],
      ["Odd", URL_, "Odd: said the store"],
    ])("says what to do about %s", async (code, url, expected) => {
      store.interfere = () => (code === "NoSuchBucket" ? undefined : { status: 403, code });
      const run = await init(url);
      expect(run.status).toBe(1);
      expect(run.stderr).toContain(expected);
      expect(run.stderr).toContain(`nn-init: cannot list ${url}/ at http://127.0.0.1:`);
      expect(store.asked.length).toBe(1);
    });

    test("says what to do where nothing answers", async () => {
      await store.stop();
      process.env.AWS_ENDPOINT_URL_S3 = "http://127.0.0.1:1";
      process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = "x";
      try {
        expect((await init(URL_)).stderr).toContain("nothing answers there: check AWS_ENDPOINT_URL_S3");
      } finally {
        for (const name of ["ENDPOINT_URL_S3", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"]) delete process.env[`AWS_${name}`];
        await store.start();
      }
    });
  });

  test.each([
    ["s3://", "with a bucket"],
    ["s3:bucket/prefix", "with a bucket"],
    ["s3:///prefix", "with a bucket"],
    ["s3://b/prefix", "at least 3"],
    ["s3://key:secret@bucket/prefix", "letters, digits"],
    ["s3://bucket", "with a prefix"],
    ["s3://bucket//", "with a prefix"],
    ["s3://bucket/a?X-Amz-Signature=1", "without a query"],
    ["s3://bucket/a#b", "without a query"],
    ["s3://bucket/a\nb", "without control characters"],
    ["s3://bucket/a\u202eb", "without control characters"],
    ["s3://bucket/a/../b", ". and .."],
    ["s3://bucket/a//b", "without empty parts"],
    [`s3://bucket/${"ä".repeat(500)}`, "at most 900 bytes"],
    ["gs://bucket/prefix", "expected a folder or s3://bucket/prefix"],
  ])("%j is no address", async (text, expected) => {
    const run = await init(text);
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain(expected);
    expect((await nnInit(["index", text])).status).toBe(2);
  });

  test("an address", () => {
    expect(parseAddress("S3://my.bucket-1/a b/ä%20/")).toEqual({ bucket: "my.bucket-1", prefix: "a b/ä%20" });
  });

  test("parts: at least 8 MiB, at most 9,000, in whole MiB", () => {
    for (const bytes of [1, 8 * MIB, 5e9, 75e9, 76e9, 141e9, 5 * 2 ** 40]) {
      const size = partBytes(bytes);
      expect(size % MIB).toBe(0);
      expect(size).toBeGreaterThanOrEqual(8 * MIB);
      expect(Math.ceil(bytes / size)).toBeLessThanOrEqual(9000);
    }
    expect([5e9, 75e9, 76e9, 5 * 2 ** 40].map(partBytes)).toEqual([8, 8, 9, 583].map((size) => size * MIB));
  });

  test("a stored part is ours by SHA-256, else by MD5, else not", () => {
    const bytes = Buffer.from("bytes");
    const hash = createHash("sha256").update(bytes).digest("hex");
    const inBase64 = Buffer.from(hash, "hex").toString("base64");
    const md5 = createHash("md5").update(bytes).digest("hex");
    const has = (part: object) =>
      hasBytes({ number: 1, bytes: 5, etag: "", sha256: undefined, ...part }, sendableOf(new Uint8Array(bytes)));
    expect(has({ sha256: inBase64 })).toBe(true);
    expect(has({ sha256: sha256(Buffer.from("x")), etag: md5 })).toBe(false);
    expect(has({ etag: `"${md5}"` }) && has({ etag: md5.toUpperCase() })).toBe(true);
    for (const etag of ["", `"${md5}-1"`, `"${md5.replace(/./g, "0")}"`]) expect(has({ etag })).toBe(false);
    expect(has({ sha256: inBase64, bytes: 6 })).toBe(false);
  });

  describe("trying again", () => {
    const pauses: number[] = [];
    const pause = async (ms: number) => void pauses.push(ms);
    beforeEach(() => void pauses.splice(0));

    test("waits longer each time, and gives up", async () => {
      const fails = async () => Promise.reject(Object.assign(new Error(), { code: "ECONNRESET" }));
      await expect(again(fails, { pause })).rejects.toThrow();
      expect(pauses.length).toBe(7);
      for (const [i, ms] of pauses.entries()) expect(ms / (200 * 2 ** i)).toBeGreaterThanOrEqual(0.5);
      for (const [i, ms] of pauses.entries()) expect(ms / (200 * 2 ** i)).toBeLessThanOrEqual(1);
    });

    test("what stays is not tried again; a wrong clock is, since the SDK has set its own", async () => {
      const denied = Object.assign(new Error(), { name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
      await expect(again(async () => Promise.reject(denied), { pause })).rejects.toBe(denied);
      expect(pauses).toEqual([]);
      expect(isPassing(Object.assign(new Error(), { name: "RequestTimeTooSkewed" }))).toBe(true);
      expect(
        isPassing(Object.assign(new Error(), { name: "NotImplemented", $metadata: { httpStatusCode: 501 } })),
      ).toBe(false);
    });
  });

  test.each([
    [{ name: "CredentialsProviderError" }, "no credentials were found: set AWS_ACCESS_KEY_ID"],
    [{ name: "RequestTimeTooSkewed" }, "the clock of this machine"],
    [{ name: "XAmzContentSHA256Mismatch" }, "other bytes than were sent"],
    [{ name: "PermanentRedirect" }, "set AWS_REGION"],
    [{ code: "ECONNRESET" }, "the connection was cut"],
    [{ name: "TimeoutError", code: "EPIPE" }, "the connection was cut"],
    [{ name: "TimeoutError" }, "it does not answer"],
    [{ code: "ENOTFOUND" }, "its host is not known"],
    [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }, "NODE_EXTRA_CA_CERTS"],
    [{ name: "Odd\u001b", message: "\u001b[31m" }, "Odd\\u001b: \\u001b[31m"],
  ])("%j in words", (error, expected) => {
    const { message } = inWords(Object.assign(new Error(), error), "cannot write s3://b/k", "http://host");
    expect(message).toContain(`cannot write s3://b/k at http://host: `);
    expect(message).toContain(expected);
  });

  test("a package that is not installed is asked for by name", async () => {
    await expect(loadSdk([new URL("file:///nowhere/x.js")])).rejects.toThrow("run npm install @aws-sdk/client-s3\n");
  });
}

/** `nn-init/audit`: the same findings from any source of bytes as from disk, in bounded memory. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { audit, type NamedSource } from "../../src/audit.js";
import { checkpoint, readSafetensors } from "../../src/checkpoint.js";
import { modelOf } from "../../src/model.js";
import { folder } from "../cli/command.js";
import { auditOf, drawn, failures, file, type Tensor, TINY } from "./files.js";

const work = folder();

/** A source that counts what is in flight, and gives its bytes at once or later. */
function counting(bytes: Uint8Array, name?: string, later = true) {
  const seen = { reads: 0, inFlight: 0, most: 0 };
  const source: NamedSource = {
    name,
    byteLength: bytes.length,
    read(begin, end) {
      seen.reads += 1;
      seen.inFlight += end - begin;
      seen.most = Math.max(seen.most, seen.inFlight);
      const give = () => {
        seen.inFlight -= end - begin;
        return bytes.slice(begin, end);
      };
      return later ? new Promise<void>((resolve) => setImmediate(resolve)).then(give) : give();
    },
  };
  return { source, seen };
}

/** A GPT-2 in which one matrix has another std, and one is equal to another. */
function faulty(): Buffer {
  const tensors = drawn(TINY, 1);
  const scaled = tensors.get("transformer.h.0.attn.c_attn.weight")?.values as Float32Array;
  for (let i = 0; i < scaled.length; ++i) scaled[i] = 2 * (scaled[i] as number);
  const [one, other] = ["transformer.h.0.mlp.c_fc.weight", "transformer.h.1.mlp.c_fc.weight"] as const;
  (tensors.get(other) as Tensor).values = (tensors.get(one) as Tensor).values;
  return file(tensors);
}

/** The bytes where no number is aligned. */
const shifted = (bytes: Uint8Array): Uint8Array => {
  const memory = new Uint8Array(bytes.length + 1);
  memory.set(bytes, 1);
  return memory.subarray(1);
};

test("finds in memory, in a Blob, in pieces that come at once or later, and by any name what it finds on disk", async () => {
  const bytes = faulty();
  const options = { spectral: true, histogram: true };
  const onDisk = await auditOf(join(work, "model.safetensors"), bytes, modelOf(TINY), options);
  expect(Object.keys(failures(onDisk))).toHaveLength(2);
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  for (const source of [
    ...[shifted(bytes), Uint8Array.from(bytes).buffer],
    new Blob([Uint8Array.from(bytes)]),
    counting(bytes).source,
    counting(bytes, "a", false).source,
  ]) {
    const report = await audit(source, { config: TINY, ...options });
    expect(report).toMatchObject({ verdict: "fail", expectedFrom: "the config", missing: [], strayShards: [] });
    expect(report.tensors[0]?.verdict).toBe("fail");
    expect([...report.tensors].sort(byName)).toEqual([...onDisk].sort(byName));
  }
});

test("a checkpoint of several files, by its own record and bit for bit; a file of another seed is told", async () => {
  const filesOf = (seed: number) => {
    const made = checkpoint(modelOf(TINY), { seed, maxShardBytes: 200_000 });
    return made.files.map(({ name, byteLength }) => ({ name, bytes: made.read(name, 0, byteLength) as Uint8Array }));
  };
  const files = filesOf(1);
  expect(files.length).toBeGreaterThan(1);
  const sources = files.map(({ name, bytes }) => counting(bytes, name).source);
  const right = await audit(sources, { reproduce: true });
  expect(right).toMatchObject({ verdict: "ok", expectedFrom: "the file's own record" });

  const [first] = files as [(typeof files)[0]];
  const changed = first.bytes.slice();
  const { tensors } = readSafetensors(changed);
  const at = changed.length - (tensors.at(-1)?.bytes.length ?? 0) + 4 * 7;
  changed[at] = (changed[at] as number) ^ 1;
  const wrong = await audit([counting(changed, first.name).source, ...sources.slice(1)], { reproduce: true });
  expect(wrong.tensors[0]?.failures).toMatchObject([
    { check: "reproduce", sentence: "differs from what its record draws, first at element 7" },
  ]);

  const [stray] = filesOf(2) as [(typeof files)[0]];
  const mixed = await audit([counting(stray.bytes, stray.name).source, ...sources.slice(1)]);
  expect(mixed).toMatchObject({ verdict: "fail", strayShards: [{ path: first.name }] });
  await expect(audit([sources[0] as NamedSource, { ...(sources[0] as NamedSource), name: "b" }])).rejects.toThrow(
    /^b: ".*": it is also in ".*"$/,
  );
});

test("reads a large tensor in pieces of at most 3 MB at once, tells how far it is, and ends when it is aborted", async () => {
  const values = new Float32Array(6_000_000).fill(1);
  const bytes = file([["large", { dtype: "F32", shape: [2000, 3000], values }]]);
  const { source, seen } = counting(bytes);
  const told: number[] = [];
  const report = await audit(source, { onProgress: (done, total) => told.push(done / total) });
  expect(report.tensors[0]?.notes).toMatchObject([{ sentence: "every value of this matrix is 1" }]);
  expect(seen.most).toBeLessThanOrEqual(2 * 3 * 2 ** 19);
  expect(told.length).toBeGreaterThan(10);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(1);

  const controller = new AbortController();
  const { source: again, seen: after } = counting(bytes, "again", false);
  const reason = new Error("enough");
  const ended = audit(again, {
    signal: controller.signal,
    onProgress: (done) => done > 5e6 && controller.abort(reason),
  });
  await expect(ended).rejects.toBe(reason);
  expect(after.reads).toBeLessThan(10);
});

const OK = file(drawn(TINY, 1));
const length = (count: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(count));
  return bytes;
};

test.each([
  ["nothing", Buffer.alloc(0), /^f: file: expected at least 8 bytes, got 0$/],
  ["a file that is cut off", OK.subarray(0, OK.length - 1), /^f: the file is cut off: expected \d+ bytes of tensors/],
  ["a header that is longer than the file", length(1e6), /^f: header: expected at most the 0 bytes that follow/],
  ["a header of 2^62 bytes", length(2 ** 62), /^f: header: expected at most 100000000 bytes/],
  ["no JSON", Buffer.concat([length(4), Buffer.from("{abc")]), /^f: the header is not valid JSON: line 1, column 2/],
  ["a list", Buffer.concat([length(2), Buffer.from("[]")]), /^f: header: expected a JSON object/],
  [
    "a PyTorch file",
    Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(40, 9)]),
    /^f: expected a safetensors file, got/,
  ],
  [
    "another config",
    OK,
    /"transformer.wte.weight": the config has shape \[7, 64\], got \[100, 64\]$/,
    { ...TINY, vocab_size: 7 },
  ],
] as const)("refuses %s", async (_, bytes, message, config?: object) => {
  const { source, seen } = counting(bytes, "f");
  await expect(audit(source, { config })).rejects.toThrow(message);
  expect(seen.most).toBeLessThan(1e5); // it reads no more than there is
});

test.each([
  [{}, "source: expected a Uint8Array, a Blob, or an object with byteLength and read(begin, end), got"],
  [
    new Float32Array(2),
    "source: expected a Uint8Array, a Blob, or an object with byteLength and read(begin, end), got",
  ],
  [[], "source: expected one file or more, got []"],
  [{ byteLength: -1, read: () => OK }, "source.byteLength: expected a whole number"],
  [{ byteLength: OK.length, read: () => "text" }, "checkpoint: expected read to give a Uint8Array"],
  [{ byteLength: OK.length, read: () => OK }, `checkpoint: expected 8 bytes from read, got ${OK.length}`],
  [{ byteLength: OK.length, read: () => new Uint8Array(3) }, "checkpoint: the file became shorter while it was read"],
  [{ name: "x", byteLength: 9, read: () => Promise.reject(new Error("gone")) }, "x: cannot read bytes 0 to 8: gone"],
])("refuses the source %o", async (source, message) => {
  await expect(audit(source as never)).rejects.toThrow(message);
});

test("refuses options that it does not have, or of another kind", async () => {
  const blob = new Blob([Uint8Array.from(OK)]);
  await expect(audit(blob, { spektral: true } as never)).rejects.toThrow("expected options among");
  await expect(audit(blob, { spectral: 1 } as never)).rejects.toThrow("spectral: expected a boolean, got 1");
  await expect(audit(blob, { signal: 5 } as never)).rejects.toThrow("signal: expected an AbortSignal, got 5");
  await expect(audit(blob, { onProgress: 1 } as never)).rejects.toThrow("onProgress: expected a function, got 1");
  await expect(audit(blob, { config: { model_type: "mine", size: 1 } })).rejects.toThrow('since "mine" is not known');
});

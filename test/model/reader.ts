/** A safetensors reader nobody here wrote: the header parser of @huggingface/hub, over a local file. */
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { parseSafetensorsMetadata } from "@huggingface/hub";

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export interface Read {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  entry(name: string): Entry;
  values(name: string): Float32Array;
  bytes(name: string): Uint8Array;
}

export async function readSafetensors(path: string): Promise<Read> {
  const size = statSync(path).size;
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const range = /bytes=(\d+)-(\d+)/.exec(new Headers(init?.headers).get("Range") ?? "");
    const [begin, end] = range === null ? [0, size] : [Number(range[1]), Math.min(Number(range[2]) + 1, size)];
    const headers = { ETag: '"local"', "Content-Range": `bytes ${begin}-${end - 1}/${size}` };
    return new Response(slice(path, begin, end), { status: range === null ? 200 : 206, headers });
  };
  const parsed = await parseSafetensorsMetadata({
    repo: "local/model",
    path: "model.safetensors",
    fetch: fetch as typeof globalThis.fetch,
  });
  if (parsed.sharded) throw new Error("one file expected");
  const { __metadata__: metadata, ...header } = parsed.header;
  const length = Number(new DataView(slice(path, 0, 8).buffer).getBigUint64(0, true));
  const entry = (name: string) => header[name] as unknown as Entry;
  const bytes = (name: string) => {
    const [begin, end] = entry(name).data_offsets;
    return slice(path, 8 + length + begin, 8 + length + end);
  };
  return {
    names: Object.keys(header),
    metadata: metadata as Record<string, string>,
    entry,
    values: (name) => new Float32Array(bytes(name).buffer),
    bytes,
  };
}

function slice(path: string, begin: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - begin);
  if (begin === 0 && end === statSync(path).size) return new Uint8Array(readFileSync(path));
  const file = openSync(path, "r");
  try {
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, bytes.length - at, begin + at);
      if (read === 0) throw new Error(`${path} ends before byte ${end}`);
      at += read;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

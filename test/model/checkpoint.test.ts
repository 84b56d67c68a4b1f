/** Reading checkpoints, whole and sharded, and refusing files whose header does not hold. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { readSource, readStored } from "../../src/file/read.js";
import { modelOf, planModel } from "../../src/model.js";
import { drawn, file, type Tensor, type Tensors, TINY } from "../audit/files.js";
import { folder } from "../cli/build.js";

const work = folder();
const path = join(work, "x.safetensors");

/** Writes a file with this header, followed by zeros. */
function withHeader(header: unknown, bytes: number): string {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(bytes)]));
  return path;
}

function withBytes(bytes: string): string {
  writeFileSync(path, bytes);
  return path;
}

function withLength(length: bigint, rest: string): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  writeFileSync(path, Buffer.concat([bytes, Buffer.from(rest)]));
  return path;
}

const entry = (shape: unknown, data_offsets: unknown, dtype: unknown = "F32") => ({ dtype, shape, data_offsets });

describe("a file is refused", () => {
  test.each<[string, () => string, RegExp]>([
    ["an empty file", () => withBytes(""), /file: expected at least 8 bytes, got/],
    ["seven bytes", () => withBytes("1234567"), /file: expected at least 8 bytes, got/],
    ["a length beyond the file", () => withLength(100n, "{}"), /header: expected at most the 2 bytes/],
    ["a length of 2^60", () => withLength(1n << 60n, "{}"), /at most 100000000 bytes, got 1152921504606847000/],
    ["the largest length", () => withLength((1n << 64n) - 1n, "{}"), /at most 100000000 bytes/],
    [
      "no JSON",
      () => withHeader("{", 0),
      /the header is not valid JSON: line 1, column 2: expected a key or }, but the text ends here/,
    ],
    ["bytes that are no text", () => withLength(2n, "\xff\xfe"), /./],
    ["a byte order mark", () => withHeader("\ufeff{}", 0), /header: expected a JSON object, with "\{" as.*0xef/],
    ["a space before", () => withHeader(" {}", 0), /header: expected a JSON object, with "\{" as.*0x20/],
    ["an empty header", () => withHeader("", 0), /header: expected a JSON object.*got nothing/],
    ["a lone surrogate", () => withHeader('{"\\ud800":{}}', 0), /name: expected text without lone surrogates/],
    [
      "a nesting of 100,000",
      () => withHeader(`{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`, 0),
      /expected at most 200 objects and lists within each other/,
    ],
    // https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    [
      "a Git LFS pointer",
      () => withBytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
      /expected a safetensors file, got a Git LFS pointer/,
    ],
    ["a web page", () => withBytes("<!DOCTYPE html><html></html>"), /expected a safetensors file, got a web page/],
    ["JSON", () => withBytes('{"weight_map": {}}'), /expected a safetensors file, got JSON/],
    ["a zip archive", () => withBytes("PK\u0003\u0004\0\0\b\b\0\0"), /expected a safetensors file, got a zip archive/],
    ["a GGUF file", () => withBytes("GGUF\u0003\0\0\0\0"), /got a GGUF file/],
    [
      "a length that is also a character",
      () => withLength(60n, "{}"),
      /header: expected at most the 2 bytes that follow in the file, got 60/,
    ],
    ["a list", () => withHeader([], 0), /header: expected a JSON object/],
    ["null", () => withHeader("null", 0), /header: expected a JSON object/],
    ["an entry of text", () => withHeader({ w: "F32" }, 0), /"w": entry/],
    [
      "an unknown dtype",
      () => withHeader({ w: entry([1], [0, 4], "F33") }, 4),
      /"w": dtype: expected one of F4.*"F33"/,
    ],
    ["a dtype that every object has", () => withHeader({ w: entry([1], [0, 4], "constructor") }, 4), /"w": dtype/],
    ["an entry without a dtype", () => withHeader({ w: { shape: [1], data_offsets: [0, 4] } }, 4), /"w": dtype/],
    ["an entry with an unknown key", () => withHeader({ w: { ...entry([1], [0, 4]), x: 1 } }, 4), /"w": entry.*"x"/],
    ["a negative length", () => withHeader({ w: entry([-1], [0, 4]) }, 4), /"w": shape/],
    ["a fractional length", () => withHeader({ w: entry([0.5], [0, 2]) }, 2), /"w": shape/],
    ["a shape that is a string", () => withHeader({ w: entry("1", [0, 4]) }, 4), /"w": shape/],
    [
      "a shape that overflows",
      () => withHeader({ w: entry([2 ** 40, 2 ** 40], [0, 4]) }, 4),
      /"w": shape: expected at most 2\^53/,
    ],
    ["a shape that overflows to 0", () => withHeader({ w: entry([2 ** 32, 2 ** 32], [0, 0]) }, 0), /"w": shape/],
    ["a thousand axes", () => withHeader({ w: entry(Array(1000).fill(1), [0, 4]) }, 4), /"w": shape/],
    ["offsets of one number", () => withHeader({ w: entry([1], [0]) }, 4), /"w": data_offsets/],
    ["offsets backwards", () => withHeader({ w: entry([1], [4, 0]) }, 4), /"w": data_offsets/],
    ["offsets beyond 2^53", () => withHeader({ w: entry([1], [2 ** 60, 2 ** 60 + 4]) }, 4), /"w": data_offsets/],
    ["offsets of another size", () => withHeader({ w: entry([2], [0, 4]) }, 4), /"w": data_offsets: expected 8 bytes/],
    [
      "a tensor of half a byte",
      () => withHeader({ w: entry([1], [0, 1], "F4") }, 1),
      /"w": shape: expected a whole number of bytes/,
    ],
    [
      "tensors that overlap",
      () => withHeader({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, 8),
      /"b": data_offsets: expected to begin at 8/,
    ],
    [
      "a gap between tensors",
      () => withHeader({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12),
      /"b": data_offsets: expected to begin at 4, since every byte belongs to a tensor/,
    ],
    ["bytes before the first tensor", () => withHeader({ a: entry([1], [4, 8]) }, 8), /"a": data_offsets/],
    [
      "bytes after the last tensor",
      () => withHeader({ a: entry([1], [0, 4]) }, 5),
      /expected 4 bytes of tensors, got 5/,
    ],
    [
      "an end that is missing",
      () => withHeader({ a: entry([1], [0, 4]), b: entry([1], [4, 8]) }, 7),
      /cut off: expected 8 bytes.*got 7.*"b"/,
    ],
    [
      "two tensors of one name",
      () =>
        withHeader(
          '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
          4,
        ),
      /expected each key once, got "w" again/,
    ],
    [
      "two tensors of one name, escaped in one place",
      () =>
        withHeader(
          '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0077":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
          4,
        ),
      /expected each key once, got "w" again/,
    ],
    ["metadata that are numbers", () => withHeader({ __metadata__: { format: 1 } }, 0), /__metadata__/],
    ["metadata that are a list", () => withHeader({ __metadata__: [] }, 0), /__metadata__/],
  ])("with %s", (_, make, message) => {
    const path = make();
    expect(() => readCheckpoint(path)).toThrow(message);
    expect(() => readCheckpoint(path)).toThrow(path);
  });

  test("that is not there, or is a folder", () => {
    expect(() => readCheckpoint(join(work, "none.safetensors"))).toThrow(/cannot read .*: no such file/);
    mkdirSync(join(work, "d.safetensors"));
    expect(() => readSource(join(work, "d.safetensors"))).toThrow(/cannot read .*: it is a folder without/);
  });
});

test("a folder of diffusers is read under its names, and a pipeline names the folders of its models", () => {
  const pipeline = join(work, "pipeline");
  const unet = join(pipeline, "unet");
  mkdirSync(join(pipeline, "vae"), { recursive: true });
  mkdirSync(unet);
  writeFileSync(join(pipeline, "model_index.json"), "{}");
  expect(() => readSource(pipeline)).toThrow(/without config\.json, .*it is a pipeline: give the folder of one of its/);
  writeFileSync(join(unet, "config.json"), JSON.stringify({ _class_name: "DiTTransformer2DModel" }));
  writeFileSync(join(pipeline, "vae", "config.json"), JSON.stringify({ model_type: "odd" }));
  expect(() => readSource(pipeline)).toThrow(/it is a pipeline: give one of its models, "unet", "vae"$/);
  expect(() => readSource(unet)).toThrow(/unet\/config\.json: not a config that nn-init can use\nnum_attention_heads:/);
  withHeader({ w: entry([1], [0, 4]) }, 4);
  for (const name of ["diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"]) {
    copyFileSync(path, join(pipeline, "vae", name));
  }
  expect(readStored(join(pipeline, "vae")).path).toBe(join(pipeline, "vae", "diffusion_pytorch_model.safetensors"));
});

test("names of tensors are never paths, keys of objects or commands to the terminal", () => {
  const names = ["a/b", "../../x", "..", "__proto__", "constructor", "\u001b[31m", "1", "0"];
  const header = names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(entry([1], [4 * i, 4 * i + 4]))}`);
  withHeader(`{${header.join(",")}}`, 4 * names.length);
  const { tensors } = readCheckpoint(path);
  expect(tensors.map(({ name }) => name)).toEqual(names); // in the order of the file, not in JavaScript's order of keys
});

test("every type, scalars and empty tensors are read", () => {
  const types = {
    F64: 8,
    I64: 8,
    U64: 8,
    C64: 8,
    F32: 4,
    I32: 4,
    U32: 4,
    F16: 2,
    BF16: 2,
    I16: 2,
    U16: 2,
    F8_E4M3: 1,
    F8_E5M2: 1,
    F8_E8M0: 1,
    U8: 1,
    I8: 1,
    BOOL: 1,
  };
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [dtype, bytes] of Object.entries(types)) {
    header[dtype] = entry([3, 2], [at, at + 6 * bytes], dtype);
    at += 6 * bytes;
  }
  header.scalar = entry([], [at, at + 4]);
  header.empty = entry([0, 5], [at + 4, at + 4]);
  header.fours = entry([2, 3], [at + 4, at + 7], "F4");
  header.sixes = entry([4], [at + 7, at + 10], "F6_E2M3");
  const { tensors } = readCheckpoint(withHeader(header, at + 10));
  expect(tensors).toHaveLength(Object.keys(types).length + 4);
});

describe("a sharded checkpoint", () => {
  const here = join(work, "sharded");
  mkdirSync(here);
  const tensors = [...drawn(TINY, 1)];
  const index = join(here, "model.safetensors.index.json");
  const shard = (i: number) => `model-0000${i + 1}-of-00002.safetensors`;
  const halves = [tensors.slice(0, 14), tensors.slice(14)] as [[string, Tensor][], [string, Tensor][]];
  const map = Object.fromEntries(halves.flatMap((half, i) => half.map(([name]) => [name, shard(i)])));
  const write = (weight_map: object, parts = halves) => {
    parts.forEach((half, i) => void writeFileSync(join(here, shard(i)), file(half)));
    writeFileSync(index, JSON.stringify({ metadata: { total_size: 1 }, weight_map }));
  };

  test("is one model", () => {
    write(map);
    expect(readSource(index).model.tensors.map(({ name }) => name)).toEqual(tensors.map(([name]) => name));
    expect(readStored(here).checkpoint.tensors).toHaveLength(28);
  });

  test.each<[string, () => void, RegExp]>([
    [
      "a path to a parent folder",
      () => write({ ...map, x: "../x.safetensors" }),
      /"x": expected the name of a .safetensors file in the same folder, got "\.\.\/x/,
    ],
    ["an absolute path", () => write({ ...map, x: "/etc/passwd" }), /"x": expected the name/],
    ["a path of another system", () => write({ ...map, x: "a\\b.safetensors" }), /"x": expected the name/],
    ["a shard of another format", () => write({ ...map, x: "pytorch_model.bin" }), /"x": expected the name/],
    [
      "a missing shard",
      () => write({ ...map, x: "none.safetensors" }),
      /the shapes of its tensors are in .*none\.safetensors, which is missing or a Git LFS pointer, and no config is beside it/,
    ],
    ["a tensor that is not there", () => write({ ...map, x: shard(0) }), /"x": expected it in .*, as the index says/],
    [
      "a tensor that is missing in its shard",
      () => write({ ...map, x: shard(0) }),
      /"x": expected it in .*, as the index says/,
    ],
    [
      "a tensor in another shard than the index says",
      () => write({ ...map, [tensors[0]?.[0] as string]: shard(1) }),
      /: expected it in .*, as the index says/,
    ],
    [
      "a tensor that the index does not name",
      () => write(Object.fromEntries(Object.entries(map).slice(1))),
      /it is in .*, but not in the index/,
    ],
    [
      "a shard that the index does not name, though its files count it",
      () => write(Object.fromEntries(Object.entries(map).filter(([, file]) => file === shard(0)))),
      /it is in .*, but not in the index/,
    ],
    [
      "a tensor in two shards",
      () => write(map, [halves[0], [...halves[1], tensors[0] as [string, Tensor]]]),
      /expected it in one file, got .* and /,
    ],
    ["a number for a file", () => write({ ...map, x: 3 as never }), /"x": expected the name of .*got 3/],
    ["an empty map", () => write({}), /weight_map: expected at least one tensor/],
    ["a list for a map", () => write([]), /weight_map: expected an object/],
    [
      "a tensor that every object has",
      () => write(JSON.parse('{"__proto__":"none.safetensors"}')),
      /the shapes of its tensors are in .*none\.safetensors, which is missing/,
    ],
    [
      "a config under its name",
      () => writeFileSync(index, JSON.stringify(TINY)),
      /expected the index.*as its name says/,
    ],
    ["shapes under its name", () => writeFileSync(index, "[]"), /expected the index.*as its name says/],
    [
      "a checkpoint under its name",
      () => writeFileSync(index, file(drawn(TINY, 1))),
      /got a safetensors file; give it/,
    ],
  ])("is refused with %s", (_, make, message) => {
    make();
    expect(() => readSource(index)).toThrow(message);
  });
});

test.each([
  ["a checkpoint", file(drawn(TINY, 1)), /got a safetensors file; give it a name that ends in \.safetensors$/],
  [
    "a checkpoint whose header's length is text",
    Buffer.from(` ${"\0".repeat(7)}{}${" ".repeat(30)}`),
    /JSON, got a safetensors file; give/,
  ],
  ["what torch.save writes", Buffer.from("PK\u0003\u0004\0\0\b\b\0\0"), /expected JSON, got a zip archive/],
  [
    "a Git LFS pointer",
    Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
    /expected JSON, got a Git LFS pointer/,
  ],
  ["other bytes", Buffer.from([0xff, 0xfe, 0x00]), /it is not UTF-8 text$/],
])("a file of another name is said to be %s", (_, bytes, message) => {
  const path = join(work, "model.bin");
  writeFileSync(path, bytes);
  expect(() => readSource(path)).toThrow(message);
});

describe("the model of a file", () => {
  const here = join(work, "like");
  mkdirSync(here);
  const stored = join(here, "model.safetensors");
  const put = (tensors: Tensors) => writeFileSync(stored, file(tensors));

  test("has the types of the file, and with a config beside it also roles, layouts and a plan", () => {
    put(drawn(TINY, 1, "bf16"));
    expect(readSource(stored).model).toMatchObject({ name: "model", variables: {} });
    expect(readSource(stored).model.tensors[1]).toEqual({
      ...{ name: "transformer.h.0.attn.c_attn.weight", shape: [64, 192], dtype: "bf16" },
      role: "weight", // by its name
    });
    writeFileSync(join(here, "config.json"), JSON.stringify(TINY));
    const { model } = readSource(stored);
    expect(planModel(model).tensors).toEqual(
      planModel(modelOf(TINY)).tensors.map((tensor) => ({ ...tensor, dtype: "bf16" })),
    );
  });

  test("is refused where its shapes are not those of the config beside it", () => {
    writeFileSync(join(here, "config.json"), JSON.stringify({ ...TINY, n_inner: 7 }));
    expect(() => readSource(stored)).toThrow(/c_fc\.bias": expected shape \[7\], as in its config, got \[256\]/);
  });
});

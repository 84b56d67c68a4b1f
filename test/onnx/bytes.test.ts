/** The bytes of an ONNX model that was initialized again: the values of its weights, and nothing else. */
import { describe, expect, test } from "vitest";
import { init, type Scheme } from "../../src/index.js";
import { type ByteSource, planOnnx, readOnnx, reinitialize } from "../../src/onnx.js";
import { type Bytes, bytes, graph, int, ints, model, node, noise, TYPES, tensor, text, varint } from "./proto.js";

const shared = new Uint8Array(new Float32Array(1).buffer); // an alias of no tensor

/** A model of one layer, whose weight is given. */
const layerOf = (weight: Bytes, more: readonly Bytes[] = []) =>
  model({ nodes: [node("MatMul", ["x", "w"], ["y"])], tensors: [weight, ...more] });

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);

test("every weight has the values that the library draws, and every other byte stays", async () => {
  const before = model({
    nodes: [
      node("Conv", ["x", "conv", "bias"], ["a"]),
      node("LSTM", ["a", "w", "r"], ["b"]),
      node("Constant", [], ["k"], { value: { tensor: tensor("", [8, 4]) } }),
      node("MatMul", ["b", "k"], ["y"]),
    ],
    tensors: [
      tensor("conv", [16, 4, 3]),
      tensor("bias", [16]),
      tensor("w", [2, 32, 6]),
      tensor("r", [2, 32, 8]),
      tensor("idle", [4, 4]),
    ],
  });
  const read = await readOnnx(before);
  const made = await reinitialize(read, { seed: 42 });
  const after = await made.bytes();
  expect(made.rewritten).toEqual([]);
  expect(after.length).toBe(before.length);
  const rest = before.slice();
  for (const { name, shape, scheme } of planOnnx(read).tensors) {
    const { begin, end } = read.places.get(name) as { begin: number; end: number };
    const expected = bytesOf(init(shape, scheme as Scheme, { seed: 42, name }));
    expect(Buffer.compare(after.subarray(begin, end), expected), name).toBe(0);
    rest.set(expected, begin);
  }
  expect(Buffer.compare(after, rest)).toBe(0);
  expect(Buffer.compare(after, before)).not.toBe(0);
  expect(Buffer.compare(before, Uint8Array.from(before))).toBe(0); // what was given is not written to
});

test.each(["f64", "f16", "bf16"] as const)("values of %s", async (type) => {
  const before = layerOf(tensor("w", [32, 16], { type }));
  const read = await readOnnx(before);
  const made = await reinitialize(read, { seed: 7 });
  const { begin, end } = read.places.get("w") as { begin: number; end: number };
  const expected = bytesOf(
    init([32, 16], planOnnx(read).tensors[0]?.scheme as Scheme, { seed: 7, name: "w", dtype: type }),
  );
  expect(Buffer.compare((await made.bytes()).subarray(begin, end), expected)).toBe(0);
});

test("packed float_data and double_data are written where they are", async () => {
  for (const [type, field] of [
    ["f32", 4],
    ["f64", 10],
  ] as const) {
    const before = layerOf(tensor("w", [8, 4], { type, fields: bytes(field, noise(type, 32)) }));
    const made = await reinitialize(await readOnnx(before), { seed: 1 });
    expect(made.rewritten).toEqual([]);
    expect((await made.bytes()).length).toBe(before.length);
  }
});

describe("values of another encoding are written anew", () => {
  test("beside a long text about them", async () => {
    const unpacked = Array.from({ length: 32 }, (_, i) => [...varint(10 * 8 + 1), ...noise("f64", 1, i)]).flat();
    const about = "a".repeat(300_000);
    const fields = [...unpacked, ...text(12, about)];
    const made = await reinitialize(await readOnnx(layerOf(tensor("w", [8, 4], { type: "f64", fields }))), { seed: 1 });
    expect(made.rewritten).toEqual(["w"]);
    const written = await made.bytes();
    expect(new TextDecoder("latin1").decode(written)).toContain(about);
    expect((await readOnnx(written)).tensors).toMatchObject([{ name: "w", dtype: "f64", dims: [8, 4] }]);
  });

  const half: Bytes = bytes(5, Array.from({ length: 600 }, (_, i) => varint(0x2c00 + i)).flat());
  const unpacked: Bytes = Array.from({ length: 600 }, (_, i) => [...varint(4 * 8 + 5), ...noise("f32", 1, i)]).flat();
  const filled = { nodes: [node("ConstantOfShape", ["dims"], ["w"]), node("MatMul", ["x", "w"], ["y"])] };

  test.each([
    ["f16 in int32_data", layerOf(tensor("w", [30, 20], { type: "f16", fields: half }), [tensor("v", [4, 4])]), "f16"],
    ["float_data that is not packed", layerOf(tensor("w", [30, 20], { fields: unpacked })), "f32"],
    ["a node that fills a tensor", model({ ...filled, tensors: [ints("dims", [30, 20]), tensor("v", [4, 4])] }), "f32"],
    [
      "in a graph within a node",
      model({
        nodes: [
          node("If", ["flag"], ["y"], {
            then_branch: {
              graph: graph({
                nodes: [node("MatMul", ["x", "w"], ["z"])],
                tensors: [tensor("w", [30, 20], { type: "f16", fields: half })],
                inputs: [],
                outputs: ["z"],
              }),
            },
          }),
        ],
      }),
      "f16",
    ],
  ] as const)("%s", async (_, before, dtype) => {
    const read = await readOnnx(before);
    const made = await reinitialize(read, { seed: 3 });
    expect(made.rewritten).toEqual(["w"]);
    const after = await made.bytes();
    const again = await readOnnx(after); // which checks all lengths
    const { begin, end } = again.places.get("w") as { begin: number; end: number };
    const scheme = planOnnx(read).tensors[0]?.scheme as Scheme;
    expect(
      Buffer.compare(after.subarray(begin, end), bytesOf(init([30, 20], scheme, { seed: 3, name: "w", dtype }))),
    ).toBe(0);
    expect(planOnnx(again).tensors.map(({ name, scheme }) => [name, scheme])).toEqual(
      planOnnx(read).tensors.map(({ name, scheme }) => [name, scheme]),
    );
    // What stands before and after the message that grew is as it was.
    expect(Buffer.compare(after.subarray(-12), before.subarray(-12))).toBe(0);
    expect(Buffer.compare(after.subarray(0, 8), before.subarray(0, 8))).toBe(0);
    // Again in place: the file keeps its length from now on.
    const twice = await reinitialize(again, { seed: 3 });
    expect(Buffer.compare(await twice.bytes(), after)).toBe(0);
  });
});

describe("files with data beside the model", () => {
  const outside = (name: string, dims: readonly number[], offset: number) =>
    tensor(name, dims, {
      external: { location: "weights.bin", offset: String(offset), length: String(dims.reduce((a, b) => a * b) * 4) },
    });

  test("are written in place, too", async () => {
    const before = model({
      nodes: [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "v"], ["y"])],
      tensors: [outside("w", [16, 8], 64), outside("v", [8, 8], 1024), tensor("m", [4])],
    });
    const data = new Uint8Array(2000);
    data.set(noise("f32", 500));
    const read = await readOnnx(before, { external: (location) => (location === "weights.bin" ? data : shared) });
    const made = await reinitialize(read, { seed: 42 });
    expect(made.files.map(({ location, byteLength }) => [location, byteLength])).toEqual([
      ["", before.length],
      ["weights.bin", 2000],
    ]);
    expect(Buffer.compare(await made.bytes(), before)).toBe(0);
    const after = await made.bytes("weights.bin");
    const rest = data.slice();
    for (const { name, shape, scheme } of planOnnx(read).tensors) {
      rest.set(bytesOf(init(shape, scheme as Scheme, { seed: 42, name })), read.places.get(name)?.begin);
    }
    expect(Buffer.compare(after, rest)).toBe(0);
  });

  test("two tensors with the same bytes are one; ranges that overlap are refused", async () => {
    const two = (offset: number) =>
      readOnnx(
        model({
          nodes: [node("Gather", ["w", "x"], ["a"]), node("MatMul", ["a", "v"], ["y"])],
          tensors: [outside("v", [16, 16], offset), outside("w", [16, 16], 0)],
        }),
        { external: () => noise("f32", 1000) },
      );
    const read = await two(0);
    expect(read.tensors.map(({ name }) => name)).toEqual(["w"]); // the embedding
    expect(read.left).toMatchObject([{ name: "v", why: 'the bytes of "w"' }]);
    await expect(two(512)).rejects.toThrow('tensors "w" and "v": expected bytes of their own, got ranges that overlap');
  });

  test.each([
    ["/etc/passwd"],
    ["../weights.bin"],
    ["a/../../weights.bin"],
    ["a\\..\\..\\w"],
    ["C:\\w"],
    [""],
    ["a\0b"],
  ])("a path outside of the folder: %j", async (location) => {
    const bad = layerOf(tensor("w", [4, 4], { external: { location } }));
    await expect(readOnnx(bad, { external: () => shared })).rejects.toThrow(
      /^tensor "w": external_data location: expected a path in the folder of the model/,
    );
  });

  test.each([
    [{ offset: "8" }, /^tensor "w": expected 72 bytes in "d", got 64/],
    [{ offset: "-1" }, /external_data offset: expected a whole number of bytes, got "-1"/],
    [{ offset: "1e3" }, /external_data offset/],
    [{ length: "60" }, /^tensor "w": expected 64 bytes for its dims and type, got a length of 60/],
    [{ offset: "99999999999999999999" }, /external_data offset/],
  ])("a place that does not fit: %j", async (entries, message) => {
    const bad = layerOf(tensor("w", [4, 4], { external: { location: "d", ...entries } }));
    await expect(readOnnx(bad, { external: () => new Uint8Array(64) })).rejects.toThrow(message);
  });

  test("nothing opens them, or what opens them fails", async () => {
    const one = layerOf(tensor("w", [4, 4], { external: { location: "d" } }));
    await expect(readOnnx(one)).rejects.toThrow(/^tensor "w": external: expected what opens "d"/);
    const external = () => Promise.reject(new Error("no such file"));
    await expect(readOnnx(one, { external })).rejects.toThrow('tensor "w": no such file');
  });
});

describe("reading", () => {
  const large = layerOf(tensor("w", [512, 512]), [tensor("v", [300, 300])]);

  test("ranges, chunks and the whole are the same bytes, from memory, a Blob and ranges", async () => {
    const asked: number[] = [];
    const source: ByteSource = {
      byteLength: large.length,
      read: async (begin, end) => {
        asked.push(end - begin);
        return large.slice(begin, end);
      },
    };
    const all = await Promise.all([large, large.buffer, new Blob([large]), source].map((one) => readOnnx(one)));
    const wholes = await Promise.all(all.map(async (one) => (await reinitialize(one, { seed: 5 })).bytes()));
    const [first] = wholes as [Uint8Array];
    for (const whole of wholes) expect(Buffer.compare(whole, first)).toBe(0);
    const made = await reinitialize(all[3] as (typeof all)[0], { seed: 5, engine: "scalar" });
    for (const [begin, end] of [
      [0, 1],
      [33, 70_001],
      [large.length - 5, large.length],
      [9, 9],
    ] as const) {
      expect(Buffer.compare(await made.read("", begin, end), first.subarray(begin, end))).toBe(0);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of made.stream() as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    expect(Buffer.compare(Buffer.concat(chunks), first)).toBe(0);
    expect(chunks.length).toBeGreaterThan(1);
  });

  test("the weights themselves are not read", async () => {
    let bytesRead = 0;
    const source: ByteSource = {
      byteLength: large.length,
      read: (begin, end) => {
        bytesRead += end - begin;
        return large.subarray(begin, end);
      },
    };
    await (await reinitialize(await readOnnx(source), { seed: 1 })).bytes();
    expect(large.length).toBeGreaterThan(1.4e6);
    expect(bytesRead).toBeLessThan(0.7e6); // `v`, which is no weight, is copied; and windows of 64 KiB
  });

  test("wrong arguments", async () => {
    const read = await readOnnx(layerOf(tensor("w", [4, 4])));
    await expect(readOnnx("model.onnx" as never)).rejects.toThrow(
      /^source: expected a Uint8Array, a Blob, or an object/,
    );
    await expect(reinitialize(read, {} as never)).rejects.toThrow(/^seed: expected a whole number/);
    await expect(reinitialize({ ...read }, { seed: 1 })).rejects.toThrow(/^model: expected a model from readOnnx/);
    await expect(reinitialize(read, { seed: 1, dtype: "f16" } as never)).rejects.toThrow(
      /^options: expected options among/,
    );
    const made = await reinitialize(read, { seed: 1 });
    await expect(made.read("w.bin", 0, 1)).rejects.toThrow(/^file: expected a file of this model/);
    await expect(made.read("", 0, 1e6)).rejects.toThrow(/^end: expected at most/);
    await expect(made.read("", 5, 2)).rejects.toThrow(/^begin: expected at most 2/);
  });

  test("a source that becomes shorter", async () => {
    const read = await readOnnx({
      byteLength: large.length,
      read: (begin, end) => large.slice(begin, begin === 0 ? end : end - 1),
    }).catch((e) => e);
    expect(String(read)).toMatch(/became shorter/);
  });
});

test("TYPES are those of onnx.proto", () => {
  expect(int(2, TYPES.bf16)).toEqual([16, 16]);
});

/** Files that are no ONNX models, or broken ones: clear errors, in bounded time. */
import { expect, test } from "vitest";
import type { OnnxAttribute } from "../../src/adapter/onnx/proto.js";
import { GraphScope } from "../../src/adapter/onnx/scope.js";
import { readOnnx } from "../../src/onnx.js";
import { changedFiles, cutFiles } from "./fuzz.js";
import { type Bytes, bytes, functionOf, graph, int, ints, model, node, tensor, text, varint } from "./proto.js";

const layer = (weight: Bytes, nodes: readonly Bytes[] = [node("MatMul", ["x", "w"], ["y"])]) =>
  model({ nodes, tensors: [weight] });
const nested = (depth: number): Bytes =>
  graph({
    nodes:
      depth === 0
        ? [node("Relu", ["x"], ["r"])]
        : [node("If", ["x"], ["r"], { then_branch: { graph: nested(depth - 1) } })],
    inputs: [],
    outputs: ["r"],
  });

test.each<[string, Uint8Array | Bytes, RegExp]>([
  ["nothing", [], /expected an ONNX model, got an empty file/],
  ["text", text(4, "no model").slice(2), /expected an ONNX model|cut off/],
  ["JSON", [...new TextEncoder().encode('{"rules": []}')], /expected an ONNX model|cut off/],
  ["a safetensors file", [8, 0, 0, 0, 0, 0, 0, 0, 123, 125], /expected an ONNX model, got other bytes/],
  ["PNG", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], /expected an ONNX model|cut off/],
  ["another protocol buffer", text(3, "hello"), /got other bytes: it has no graph/],
  ["no version", bytes(7, []), /it has no version of its format/],
  ["two graphs", [...int(1, 8), ...bytes(7, []), ...bytes(7, [])], /one graph, got several/],
  ["no weights", model({ nodes: [node("Relu", ["x"], ["y"])] }), /^RangeError: model: expected weights, found none$/],
  ["only integers", layer(ints("w", [1, 2])), /expected weights, found none \("w": values of the type i64\)/],
  [
    "too few values",
    layer(tensor("w", [4, 4], { raw: new Uint8Array(60) })),
    /^RangeError: tensor "w": data: expected 64 bytes for its dims and type, got 60/,
  ],
  [
    "values twice",
    layer([...tensor("w", [2, 2]), ...bytes(4, new Uint8Array(16))]),
    /tensor "w": expected its values once, got them several times/,
  ],
  [
    "a negative length",
    layer(tensor("w", [-4, 4], { raw: new Uint8Array(64) })),
    /tensor "w": shape\[0\]: expected a whole number from 0/,
  ],
  [
    "lengths whose product overflows",
    layer(tensor("w", [2 ** 40, 2 ** 40], { raw: new Uint8Array(4) })),
    /tensor "w": shape: expected at most 2\^53 - 1 elements/,
  ],
  [
    "a large length with few values",
    layer(tensor("w", [2 ** 40, 4], { raw: new Uint8Array(4) })),
    /tensor "w": data: expected 17592186044416 bytes/,
  ],
  [
    "very many axes",
    layer(tensor("w", Array(65).fill(1), { raw: new Uint8Array(4) })),
    /tensor "w": dims: expected at most 64 axes/,
  ],
  [
    "900,000 axes in one list",
    layer([...bytes(1, new Uint8Array(900_000).fill(1)), ...int(2, 1), ...text(8, "w")]),
    /tensor "w": dims: expected at most 64 axes/,
  ],
  [
    "a sparse tensor of 900,000 axes",
    model({
      nodes: [node("MatMul", ["x", "w"], ["y"])],
      sparse: [[...bytes(1, tensor("w", [1])), ...bytes(3, new Uint8Array(900_000).fill(1))]],
    }),
    /tensor "w": dims: expected at most 64 axes/,
  ],
  [
    "graphs that are too deep",
    model({ nodes: [node("If", ["x"], ["y"], { then_branch: { graph: nested(40) } })] }),
    /expected graphs at most 32 deep in each other/,
  ],
  [
    "a cycle",
    layer(tensor("w", [4, 4]), [node("MatMul", ["y", "w"], ["a"]), node("Relu", ["a"], ["y"])]),
    /MatMul node "MatMul_a": expected its input "y" to be made before it.*cycle/,
  ],
  [
    "a value that two nodes make",
    layer(tensor("w", [4, 4]), [node("MatMul", ["x", "w"], ["y"]), node("Relu", ["x"], ["y"])]),
    /expected one node to make "y", got two/,
  ],
  [
    "two tensors of one name",
    model({ nodes: [node("MatMul", ["x", "w"], ["y"])], tensors: [tensor("w", [4, 4]), tensor("w", [4, 4])] }),
    /two tensors of one graph are named "w"/,
  ],
  [
    "groups that do not divide",
    layer(tensor("w", [9, 2, 3]), [node("Conv", ["x", "w"], ["y"], { group: 2 })]),
    /^RangeError: tensor "w": groups: expected a divisor of the out axis, got 2/,
  ],
  [
    "groups of 0",
    layer(tensor("w", [9, 2, 3]), [node("Conv", ["x", "w"], ["y"], { group: 0 })]),
    /tensor "w": groups: expected a whole number from 1/,
  ],
  [
    "a name that is no UTF-8",
    layer([...int(1, 1), ...int(2, 1), ...bytes(8, [0xff, 0xfe]), ...bytes(9, [0, 0, 0, 0])]),
    /the name at byte \d+ is not UTF-8/,
  ],
  [
    "a name that is too long",
    layer([...int(1, 1), ...int(2, 1), ...bytes(8, new Uint8Array(70_000)), ...bytes(9, [0, 0, 0, 0])]),
    /a name of 70000 bytes/,
  ],
  ["a field with the number 0", [...int(1, 8), ...varint(0), 0], /there is no field 0/],
  ["an endless varint", [...int(1, 8), 8, ...Array(12).fill(0x80)], /a varint of more than 10 bytes|cut off/],
])("%s", async (_, file, message) => {
  await expect(readOnnx(Uint8Array.from(file)).catch((error) => Promise.reject(String(error)))).rejects.toMatch(
    message,
  );
});

const MANY = 130_000; // more than a call can have arguments

test("a long list in an attribute is read as any other", async () => {
  const mystery = [...node("Mystery", ["x"], ["a"]), ...bytes(5, [...text(1, "k"), ...bytes(8, new Uint8Array(MANY))])];
  const { tensors } = await readOnnx(layer(tensor("w", [4, 4]), [mystery, node("MatMul", ["x", "w"], ["y"])]));
  expect(tensors.map(({ name }) => name)).toEqual(["w"]);
});

test("a graph within a node takes very many values", () => {
  const plain = { name: "", domain: "", outputs: [], message: { start: 0, lengthAt: 0, begin: 0, end: 0 } };
  const concat = { ...plain, op: "Concat", inputs: Array<string>(MANY).fill("v"), attributes: new Map() };
  const graphs = [{ nodes: [concat], initializers: [], sparse: [], inputs: [], outputs: [] }];
  const branch = { graphs } as unknown as OnnxAttribute;
  const outer = { ...plain, op: "If", inputs: ["x"], attributes: new Map([["then_branch", branch]]) };
  expect([...new GraphScope("", [outer], undefined).takers.keys()]).toEqual(["x", "v"]);
});

test("functions that call themselves, and many calls of calls", async () => {
  const call = (of: string, name: string, times: number) =>
    functionOf(
      "own",
      of,
      ["a"],
      ["b"],
      Array.from({ length: times }, (_, i) =>
        node(`own:${name}`, [i === 0 ? "a" : `t${i}`], [i === times - 1 ? "b" : `t${i + 1}`]),
      ),
    );
  const main = { nodes: [node("own:A", ["x"], ["y"])], tensors: [tensor("w", [4, 4])] };
  await expect(readOnnx(model(main, [call("A", "B", 1), call("B", "A", 1)]))).rejects.toThrow(
    'function "own.A": expected no function to call itself, got "own.A", "own.B", "own.A"',
  );
  const chain = ["A", "B", "C", "D", "E", "F", "G", "H"];
  const many = chain.slice(0, -1).map((name, i) => call(name, chain[i + 1] as string, 16));
  await expect(readOnnx(model(main, [...many, call("H", "Relu", 1)]))).rejects.toThrow(
    /expected at most 100000 nodes in functions, counted at each call/,
  );
});

test("every truncation is refused or read, and a read one can be drawn", () => cutFiles(23));

test("files of random changes are refused, or drawn to the length that they should have", () => changedFiles(60, 1));

test("a model is refused from 2^31 bytes on, the limit of protocol buffers that a new file also keeps", async () => {
  const read = (byteLength: number) => readOnnx({ byteLength, read: async () => new Uint8Array(0) });
  await expect(read(2 ** 31)).rejects.toThrow(/^the model: expected at most 2147483647 bytes; .*, got 2147483648$/);
  await expect(read(2 ** 31 - 1)).rejects.not.toThrow(/expected at most/);
});

/** Which tensors of an ONNX graph are weights, with their fans and activations, and which are not. */
import { describe, expect, test } from "vitest";
import { planOnnx, readOnnx } from "../../src/onnx.js";
import { gain } from "../../src/scheme/gain.js";
import {
  type Bytes,
  bytes,
  functionOf,
  type GraphOptions,
  graph,
  int,
  ints,
  model,
  node,
  noise,
  scalar,
  tensor,
} from "./proto.js";

const f32 = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** The tensors of a model by name: what is drawn with its scheme, and why the others are left. */
async function found(options: GraphOptions, functions: readonly Bytes[] = []) {
  const read = await readOnnx(model(options, functions));
  const planned = planOnnx(read);
  return {
    drawn: Object.fromEntries(planned.tensors.map((one) => [one.name, one.scheme])),
    fans: Object.fromEntries(planned.tensors.map((one) => [one.name, one.fans])),
    roles: Object.fromEntries(planned.tensors.map((one) => [one.name, one.role])),
    left: Object.fromEntries(read.left.map((one) => [one.name, one.why])),
  };
}

const layer = (op: string, dims: readonly number[], attributes: Parameters<typeof node>[3] = {}, after = "Relu") =>
  found({
    nodes: [node(op, ["x", "w"], ["a"], attributes), node(after, ["a"], ["b"]), node("MatMul", ["b", "v"], ["y"])],
    tensors: [tensor("w", dims), tensor("v", [8, 8])],
  });

describe("layers", () => {
  test.each([
    ["MatMul", [24, 40], {}, { in: 24, out: 40 }, { layout: "io" }],
    ["MatMul", [3, 24, 40], {}, { in: 24, out: 40 }, { fans: { in: 24, out: 40 } }],
    ["Gemm", [24, 40], {}, { in: 24, out: 40 }, { layout: "io" }],
    ["Gemm", [40, 24], { transB: 1 }, { in: 24, out: 40 }, { layout: "oi" }],
    ["com.microsoft:FusedMatMul", [40, 24], { transB: 1 }, { in: 24, out: 40 }, { layout: "oi" }],
    ["Conv", [40, 24, 3, 3], {}, { in: 216, out: 360 }, { layout: "oi" }],
    ["Conv", [40, 6, 3, 3], { group: 4 }, { in: 54, out: 90 }, { layout: "oi", groups: 4 }],
    ["Conv", [24, 1, 3, 3], { group: 24 }, { in: 9, out: 9 }, { layout: "oi", groups: 24 }],
    ["Conv", [40, 24, 4], { strides: [2] }, { in: 96, out: 80 }, { layout: "oi", stride: [2] }],
    [
      "ConvTranspose",
      [24, 40, 4],
      { strides: [2] },
      { in: 48, out: 160 },
      { layout: "oi", transposed: true, stride: [2] },
    ],
    ["ConvTranspose", [24, 10, 4], { group: 4 }, { in: 24, out: 40 }, { layout: "oi", transposed: true, groups: 4 }],
    ["Gemm", [24, 40], { alpha: { float: 1 } }, { in: 24, out: 40 }, { layout: "io" }],
  ] as const)("%s %j %j", async (op, dims, attributes, fans, placement) => {
    const { drawn, fans: all, roles } = await layer(op, dims, attributes);
    expect(all.w).toEqual([fans]);
    expect(drawn.w).toEqual({ scheme: "kaimingNormal", ...placement });
    expect(roles.w).toBe("weight");
  });

  test.each(["Gemm", "com.microsoft:FusedMatMul"])(
    "%s with an alpha is left: its fans are not all of its scale",
    async (op) => {
      const { left } = await layer(op, [24, 40], { alpha: { float: 0.5 } });
      expect(left.w).toBe(`${op.replace(":", ".")} multiplies it by an alpha other than 1`);
    },
  );

  test("a matrix on the left", async () => {
    const { drawn } = await found({ nodes: [node("MatMul", ["w", "x"], ["y"])], tensors: [tensor("w", [40, 24])] });
    expect(drawn.w).toEqual({ scheme: "lecunNormal", layout: "oi" });
    const gemm = await found({
      nodes: [node("Gemm", ["w", "x"], ["y"], { transA: 1 })],
      tensors: [tensor("w", [24, 40])],
    });
    expect(gemm.drawn.w).toEqual({ scheme: "lecunNormal", layout: "io" });
  });

  test("a vector, which has one output", async () => {
    const { fans } = await found({ nodes: [node("MatMul", ["x", "w"], ["y"])], tensors: [tensor("w", [24])] });
    expect(fans.w).toEqual([{ in: 24, out: 1 }]);
  });

  test("an Einsum, whose axes are anywhere", async () => {
    const { fans } = await found({
      nodes: [node("Einsum", ["x", "w"], ["y"], { equation: "btd,hdk->bthk" })],
      tensors: [tensor("w", [4, 32, 8])],
    });
    expect(fans.w).toEqual([{ in: 32, out: 32 }]);
  });

  test.each([
    ["Tanh", { scheme: "xavierUniform" }],
    ["Selu", { scheme: "lecunNormal" }],
    ["Gelu", { scheme: "kaimingNormal", activation: "gelu" }],
    ["com.microsoft:QuickGelu", { scheme: "kaimingNormal", activation: "quickGelu" }],
    ["Softmax", { scheme: "lecunNormal" }], // a layer comes after it
    ["Softplus", { scheme: "kaimingNormal", activation: "softplus" }],
  ])("the activation %s", async (after, scheme) => {
    const { drawn } = await layer("MatMul", [24, 40], {}, after);
    if (after === "Softplus") return expect(drawn.w).toMatchObject({ layout: "io" });
    expect(drawn.w).toEqual({ ...scheme, layout: "io" });
  });

  test("the activation after a bias, a normalization and a residual addition", async () => {
    const { drawn, roles } = await found({
      nodes: [
        node("MatMul", ["x", "w"], ["a"]),
        node("Add", ["bias", "a"], ["b"]),
        node("LayerNormalization", ["b", "scale", "shift"], ["c"]),
        node("Add", ["c", "x"], ["d"]),
        node("LeakyRelu", ["d"], ["e"], { alpha: { float: 0.25 } }),
        node("MatMul", ["e", "v"], ["f"]),
        node("Softmax", ["f"], ["y"]),
      ],
      tensors: [
        tensor("w", [24, 24]),
        tensor("bias", [24]),
        tensor("scale", [24]),
        tensor("shift", [24]),
        tensor("v", [24, 10]),
      ],
    });
    expect(drawn.w).toEqual({ scheme: "kaimingNormal", activation: "leakyRelu", slope: 0.25, layout: "io" });
    expect(drawn).toMatchObject({ bias: { scheme: "zeros" }, scale: { scheme: "ones" }, shift: { scheme: "zeros" } });
    expect(drawn.v).toEqual({ scheme: "normal", std: 0.01 });
    expect(roles).toEqual({ w: "weight", bias: "bias", scale: "normalization", shift: "bias", v: "head" });
  });

  test("activations that are written out: silu, gelu, and a gate, which is no activation of its layer", async () => {
    const { drawn } = await found({
      nodes: [
        ...[node("MatMul", ["x", "w1"], ["a"]), node("Sigmoid", ["a"], ["s"]), node("Mul", ["a", "s"], ["b"])],
        ...[node("MatMul", ["b", "w2"], ["c"]), node("Div", ["c", "root"], ["d"]), node("Erf", ["d"], ["e"])],
        ...[node("Add", ["e", "one"], ["f"]), node("Mul", ["c", "f"], ["g"]), node("MatMul", ["g", "w3"], ["h"])],
        ...[node("Sigmoid", ["h"], ["i"]), node("Mul", ["i", "x"], ["j"]), node("MatMul", ["j", "w4"], ["y"])],
      ],
      tensors: [
        ...["w1", "w2", "w3", "w4"].map((name) => tensor(name, [16, 16])),
        scalar("root", Math.SQRT2),
        scalar("one", 1),
      ],
    });
    expect(drawn).toEqual({
      w1: { scheme: "kaimingNormal", activation: "silu", layout: "io" },
      w2: { scheme: "kaimingNormal", activation: "gelu", layout: "io" },
      w3: { scheme: "lecunNormal", layout: "io" },
      w4: { scheme: "lecunNormal", layout: "io" },
    });
  });

  const kaiming = (activation: string, more = {}) => ({ scheme: "kaimingNormal", activation, ...more, layout: "io" });
  const relu = { scheme: "kaimingNormal", layout: "io" };
  const glorot = { scheme: "xavierUniform", layout: "io" };
  const lecun = { scheme: "lecunNormal", layout: "io" };
  /** The scheme with the gain of a function. */
  const gained = (f: (x: number) => number) => ({
    ...{ scheme: "varianceScaling", scale: expect.closeTo(gain(f) ** 2, 6), mode: "fan_in", distribution: "normal" },
    layout: "io",
  });
  const after = async (nodes: readonly Bytes[], tensors: readonly Bytes[] = [], op = "MatMul", attributes = {}) => {
    const { drawn } = await found({
      nodes: [node(op, ["x", "w"], ["a"], attributes), ...nodes, node("MatMul", ["b", "v"], ["y"])],
      tensors: [tensor("w", [24, 40]), tensor("v", [40, 8]), ...tensors],
      inputs: ["x", "computed"],
    });
    return drawn.w;
  };

  test.each<[number | string | undefined, number | undefined, object]>([
    [0, 6, kaiming("relu6")],
    [0, 20, relu],
    [0, undefined, relu],
    [-1, 1, glorot], // hardTanh
    [0, 1, lecun],
    [-0.5, 0.5, lecun],
    [-1e9, 1e9, lecun],
    [undefined, undefined, lecun],
    ["computed", 6, lecun],
  ])("a Clip from %s to %s, with its bounds as stored numbers, constants, attributes", async (min, max, scheme) => {
    const bounds = Object.entries({ min, max });
    const names = bounds.map(([name, bound]) => (typeof bound === "number" ? name : (bound ?? "")));
    const known = bounds.flatMap(([name, bound]) => (typeof bound === "number" ? [{ name, float: bound }] : []));
    const clip = node("Clip", ["a", ...names], ["b"]);
    const stored = known.map(({ name, float }) => scalar(name, float));
    const constants = known.map(({ name, float }) => node("Constant", [], [name], { value_float: { float } }));
    expect(await after([clip], stored)).toEqual(scheme);
    expect(await after([...constants, clip])).toEqual(scheme);
    if (names.includes("computed")) return;
    const attributes = Object.fromEntries(known.map(({ name, float }) => [name, { float }]));
    expect(await after([node("Clip", ["a"], ["b"], attributes)])).toEqual(scheme);
  });

  test("a wide Clip keeps the activation after it", async () => {
    const wide = node("Clip", ["a", "low", "high"], ["c"]);
    const tensors = [scalar("low", -65504), scalar("high", 65504, "f64")];
    expect(await after([wide, node("Tanh", ["c"], ["b"])], tensors)).toEqual(glorot);
  });

  test.each([
    ["Elu", { alpha: 1 }, kaiming("elu")],
    ["Elu", { alpha: 5 }, gained((x) => (x < 0 ? 5 * Math.expm1(x) : x))],
    ["Celu", { alpha: 1 }, kaiming("elu")],
    ["Celu", { alpha: 0.5 }, gained((x) => (x < 0 ? 0.5 * Math.expm1(x / 0.5) : x))],
    ["Celu", { alpha: 0 }, lecun],
    ["Selu", {}, lecun],
    ["Selu", { alpha: 1.6732632, gamma: 1.050701 }, lecun],
    ["Selu", { alpha: 2, gamma: 3 }, gained((x) => 3 * (x < 0 ? 2 * Math.expm1(x) : x))],
    ["Swish", {}, kaiming("silu")],
    ["Swish", { alpha: 3 }, gained((x) => x / (1 + Math.exp(-3 * x)))],
    ["com.microsoft:QuickGelu", { alpha: 1 }, kaiming("silu")],
    ["HardSigmoid", { alpha: 1 / 6 }, { scheme: "xavierUniform", gain: 6, layout: "io" }],
    ["HardSigmoid", {}, { scheme: "xavierUniform", gain: 5, layout: "io" }],
    ["HardSigmoid", { beta: 0.1 }, lecun],
    ["LeakyRelu", { alpha: 0.2 }, kaiming("leakyRelu", { slope: Math.fround(0.2) })],
    ["constructor", {}, lecun],
  ])("%s with the numbers %j", async (op, numbers, scheme) => {
    const attributes = Object.fromEntries(Object.entries(numbers).map(([name, float]) => [name, { float }]));
    expect(await after([node(op, ["a"], ["b"], attributes)])).toEqual(scheme);
  });

  test("activations within com.microsoft's layers, by their numbers", async () => {
    const conv = async (activation: string, floats?: readonly number[]) => {
      const attributes = { activation, ...(floats && { activation_params: { floats } }) };
      const { drawn } = await found({
        nodes: [node("com.microsoft:FusedConv", ["x", "w"], ["y"], attributes)],
        tensors: [tensor("w", [40, 24, 3, 3])],
      });
      return drawn.w;
    };
    const oi = { layout: "oi" };
    expect(await conv("LeakyRelu", [0.25])).toEqual({ ...kaiming("leakyRelu"), slope: 0.25, ...oi });
    expect(await conv("LeakyRelu")).toEqual({ ...kaiming("leakyRelu"), slope: 0.01, ...oi });
    expect(await conv("Clip", [0, 6])).toEqual({ ...kaiming("relu6"), ...oi });
    expect(await conv("Clip", [-1, 1])).toEqual({ ...glorot, ...oi });
    expect(await conv("Clip", [0, 0.5])).toEqual({ ...lecun, ...oi });
    expect(await conv("HardSigmoid", [0.25, 0.5])).toEqual({ ...glorot, gain: 4, ...oi });
    const gemm = (activation: string, numbers: object) =>
      after([node("Identity", ["a"], ["b"])], [], "com.microsoft:FusedGemm", { activation, ...numbers });
    expect(await gemm("LeakyRelu", { activation_alpha: { float: 0.5 } })).toEqual(kaiming("leakyRelu", { slope: 0.5 }));
    expect(await gemm("Elu", { activation_alpha: { float: 5 } })).toMatchObject({ scheme: "varianceScaling" });
  });

  test("activations that are written out, by their numbers", async () => {
    const scaled = (op: string, number: number, inner: string) =>
      after(
        [node(op, ["a", "k"], ["c"]), node(inner, ["c"], ["d"]), node("Mul", ["a", "d"], ["b"])],
        [scalar("k", number)],
      );
    expect(await scaled("Mul", 1.702, "Sigmoid")).toEqual(kaiming("quickGelu"));
    expect(await scaled("Mul", 1, "Sigmoid")).toEqual(kaiming("silu"));
    expect(await scaled("Mul", 5, "Sigmoid")).toEqual(lecun);
    expect(await scaled("Mul", Math.SQRT1_2, "Erf")).toEqual(kaiming("gelu"));
    expect(await scaled("Div", 3, "Erf")).toEqual(lecun);
    const hard = (add: number, max: number) =>
      after(
        [
          ...[node("Add", ["a", "three"], ["c"]), node("Clip", ["c", "zero", "max"], ["d"])],
          ...[node("Mul", ["a", "d"], ["e"]), node("Div", ["e", "six"], ["b"])],
        ],
        [scalar("three", add), scalar("zero", 0), scalar("max", max), scalar("six", 6)],
      );
    expect([await hard(3, 6), await hard(1, 6), await hard(3, 9)]).toEqual([kaiming("hardSwish"), lecun, lecun]);
    const gate = (alpha: number) =>
      after([node("HardSigmoid", ["a"], ["c"], { alpha: { float: alpha } }), node("Mul", ["a", "c"], ["b"])]);
    expect([await gate(1 / 6), await gate(0.2)]).toEqual([kaiming("hardSwish"), lecun]);
  });

  test.each([
    ["MatMul", -1, [], 3],
    ["MatMul", 1, [], 0], // of [batch, time, channels], the axis of time
    ["MatMul", 2, [], 0],
    ["MatMul", 0, [], 0],
    ["MatMul", 2, [], [64, 16, 16], [64, 16, 16]], // as nanoGPT's: the lengths are those of the outputs
    ["MatMul", 1, [], 0, [4, 4, 4]],
    ["Gemm", 1, [], 3],
    ["Gemm", -1, [], 3],
    ["Gemm", 0, [], 0],
    ["Gemm", 1, [node("Add", ["a", "bias"], ["b"])], 3],
    ["Gemm", 1, [node("Add", ["a", "computed"], ["b"])], 0], // which may have more axes
  ] as const)("%s and a Split along axis %i", async (op, axis, between, parts, sizes?: readonly number[]) => {
    const { drawn } = await found({
      nodes: [
        ...[node(op, ["x", "w"], ["a"]), ...between],
        node("Split", [between.length === 0 ? "a" : "b"], ["q", "k", "y"], { axis, ...(sizes && { split: sizes }) }),
      ],
      tensors: [tensor("w", [32, 96]), tensor("bias", [96])],
      inputs: ["x", "computed"],
    });
    if (parts === 0) return expect(drawn.w).toEqual(lecun);
    expect(drawn.w).toMatchObject({ scheme: "split", parts });
  });

  test("one number that is added is a bias of one output, else it belongs to what follows", async () => {
    const one = (outputs: number, op = "MatMul") =>
      found({
        nodes: [
          ...[node(op, ["x", "w"], ["a"]), node("Add", ["a", "three"], ["b"])],
          ...[node("Clip", ["b"], ["c"], { min: { float: 0 }, max: { float: 6 } }), node("Mul", ["a", "c"], ["y"])],
        ],
        tensors: [
          tensor("w", op === "Conv" ? [outputs, 1, 1, 1] : [8, outputs]),
          tensor("three", [1], { raw: f32([3]) }),
        ],
      });
    expect((await one(16)).left.three).toBe("a scalar that is added to a value");
    expect((await one(16, "Conv")).left.three).toBe("a scalar that is added to a value");
    expect((await one(1)).drawn.three).toEqual({ scheme: "zeros" });
  });

  test("a Split after a matrix on the left is along its rows", async () => {
    const left = async (axis: number) => {
      const { drawn } = await found({
        nodes: [node("MatMul", ["w", "x"], ["a"]), node("Split", ["a"], ["q", "y"], { axis })],
        tensors: [tensor("w", [96, 32])],
      });
      return drawn.w;
    };
    expect(await left(-2)).toMatchObject({ scheme: "split", axis: 0, parts: 2 });
    expect(await left(-1)).toEqual({ ...lecun, layout: "oi" });
  });

  test("query, key and value in one weight: by com.microsoft's Attention, and by a Split", async () => {
    const { drawn, fans } = await found({
      nodes: [
        node("com.microsoft:Attention", ["x", "w", "b"], ["a"], { num_heads: 4 }),
        node("MatMul", ["a", "v"], ["c"]),
        node("Split", ["c"], ["q", "k", "y"], { axis: -1 }),
      ],
      tensors: [tensor("w", [32, 96]), tensor("b", [96]), tensor("v", [32, 96])],
    });
    expect(drawn.w).toEqual({
      scheme: "split",
      axis: 1,
      parts: 3,
      of: { scheme: "xavierUniform", fans: { in: 32, out: 32 } },
    });
    expect(fans.w).toEqual(Array(3).fill({ in: 32, out: 32 }));
    expect(drawn.v).toMatchObject({ scheme: "split", axis: 1, parts: 3, of: { scheme: "lecunNormal" } });
    expect(drawn.b).toEqual({ scheme: "zeros" });
  });

  test("an embedding, and an output layer that is tied to it", async () => {
    const { drawn, roles } = await found({
      nodes: [
        node("Gather", ["w", "x"], ["a"]),
        node("Transpose", ["w"], ["t"], { perm: [1, 0] }),
        node("MatMul", ["a", "t"], ["y"]),
      ],
      tensors: [tensor("w", [100, 16])],
    });
    expect([drawn, roles]).toEqual([{ w: { scheme: "normal", std: 0.02 } }, { w: "embedding" }]);
  });

  test("a normalization that is written out", async () => {
    const { drawn } = await found({
      nodes: [
        ...[node("MatMul", ["x", "w"], ["a"]), node("ReduceMean", ["a"], ["m"]), node("Sub", ["a", "m"], ["c"])],
        ...[node("Pow", ["c", "two"], ["p"]), node("ReduceMean", ["p"], ["v"]), node("Add", ["v", "eps"], ["e"])],
        ...[node("Sqrt", ["e"], ["r"]), node("Div", ["c", "r"], ["n"]), node("Mul", ["n", "scale"], ["s"])],
        node("Add", ["s", "shift"], ["y"]),
      ],
      tensors: [
        tensor("w", [16, 16]),
        tensor("two", []),
        tensor("eps", []),
        tensor("scale", [16]),
        tensor("shift", [16]),
      ],
    });
    expect(drawn).toMatchObject({ scale: { scheme: "ones" }, shift: { scheme: "zeros" } });
  });
});

describe("recurrent layers", () => {
  const zeros = { scheme: "zeros" };
  const one = { scheme: "constant", value: 1 };
  const recurrent = (op: string, tensors: readonly Bytes[], more: readonly Bytes[] = []) =>
    found({ nodes: [...more, node(op, ["x", "w", "r", "b"], ["y"], { hidden_size: 8 })], tensors });

  test("an LSTM of two directions: gates in the order input, output, forget, cell", async () => {
    const { drawn } = await recurrent("LSTM", [tensor("w", [2, 32, 6]), tensor("r", [2, 32, 8]), tensor("b", [2, 64])]);
    expect(drawn.w).toEqual({
      scheme: "split",
      axis: 0,
      parts: 8,
      of: { scheme: "xavierUniform", fans: { in: 6, out: 8 } },
    });
    expect(drawn.r).toEqual({ scheme: "split", axis: 0, parts: 8, of: { scheme: "orthogonal", layout: "oi" } });
    const direction = [zeros, zeros, one, zeros, zeros, zeros, zeros, zeros];
    expect(drawn.b).toEqual({ scheme: "split", axis: 0, parts: 16, of: [...direction, ...direction] });
  });

  test("GRU and RNN", async () => {
    const gru = await recurrent("GRU", [tensor("w", [1, 24, 6]), tensor("r", [1, 24, 8]), tensor("b", [1, 48])]);
    expect(gru.drawn).toMatchObject({ w: { parts: 3 }, r: { parts: 3 }, b: zeros });
    const rnn = await recurrent("RNN", [tensor("w", [1, 8, 6]), tensor("r", [1, 8, 8]), tensor("b", [1, 16])]);
    expect(rnn.drawn).toEqual({
      w: { scheme: "xavierUniform", fans: { in: 6, out: 8 } },
      r: { scheme: "orthogonal", layout: "oi" },
      b: zeros,
    });
  });

  test("PyTorch's order of gates, which Slice and Concat bring into ONNX's", async () => {
    const parts = (name: string, made: string) => [
      ...[node("Slice", [name, "0", "8"], [`${name}i`]), node("Slice", [name, "24", "32"], [`${name}o`])],
      ...[
        node("Slice", [name, "8", "24"], [`${name}fc`]),
        node("Concat", [`${name}i`, `${name}o`, `${name}fc`], [made], { axis: 0 }),
      ],
    ];
    const { drawn, left } = await recurrent(
      "LSTM",
      [
        ...[tensor("tw", [32, 6]), tensor("tr", [32, 8]), tensor("tbi", [32]), tensor("tbh", [32]), ints("zero", [0])],
        ...["0", "8", "24", "32"].map((at) => ints(at, [Number(at)])),
      ],
      [
        ...[...parts("tw", "w1"), ...parts("tr", "r1"), ...parts("tbi", "bi"), ...parts("tbh", "bh")],
        ...[node("Unsqueeze", ["w1", "zero"], ["w"]), node("Unsqueeze", ["r1", "zero"], ["r"])],
        ...[node("Concat", ["bi", "bh"], ["b1"], { axis: 0 }), node("Unsqueeze", ["b1", "zero"], ["b"])],
      ],
    );
    expect(Object.values(left)).toEqual(Array(5).fill("values of the type i64"));
    expect(drawn.tw).toEqual({
      scheme: "split",
      axis: 0,
      parts: 4,
      of: { scheme: "xavierUniform", fans: { in: 6, out: 8 } },
    });
    expect(drawn.tbi).toEqual({ scheme: "split", axis: 0, parts: 4, of: [zeros, one, zeros, zeros] });
    expect(drawn.tbh).toEqual(zeros);
  });

  test("a part of a tensor that nothing uses keeps it whole", async () => {
    const { left } = await found({
      nodes: [
        node("Slice", ["w", "begin", "end"], ["part"]),
        node("MatMul", ["x", "part"], ["a"]),
        node("MatMul", ["a", "v"], ["y"]),
      ],
      tensors: [tensor("w", [32, 8]), ints("begin", [0]), ints("end", [16]), tensor("v", [8, 8])],
    });
    expect(left.w).toBe("only parts of it are used, by MatMul");
  });
});

describe("on the way to a layer", () => {
  test.each([
    ["Identity", [node("Identity", ["w"], ["t"])], [24, 40], { layout: "io" }],
    ["Cast", [node("Cast", ["w"], ["t"], { to: 1 })], [24, 40], { layout: "io" }],
    ["Transpose", [node("Transpose", ["w"], ["t"])], [40, 24], { layout: "oi" }],
    ["two Transposes", [node("Transpose", ["w"], ["u"]), node("Transpose", ["u"], ["t"])], [24, 40], { layout: "io" }],
    ["Squeeze", [node("Squeeze", ["w"], ["t"])], [1, 24, 40], { layout: "io" }],
    ["Reshape", [node("Reshape", ["w", "shape"], ["t"])], [24, 5, 8], { fans: { in: 24, out: 40 } }],
    [
      "Split and Concat",
      [node("Split", ["w"], ["p", "q"], { axis: 1 }), node("Concat", ["p", "q"], ["t"], { axis: 1 })],
      [24, 40],
      { fans: { in: 24, out: 40 } },
    ],
  ] as const)("%s", async (_, nodes, dims, placement) => {
    const { drawn, fans } = await found({
      nodes: [...nodes, node("MatMul", ["x", "t"], ["a"]), node("Relu", ["a"], ["y"])],
      tensors: [tensor("w", dims), ints("shape", [0, -1])],
    });
    expect(fans.w?.[0]).toEqual({ in: 24, out: 40 });
    if (_ !== "Split and Concat") expect(drawn.w).toEqual({ scheme: "kaimingNormal", ...placement });
  });

  test("two tensors that are joined have the fans of the whole layer", async () => {
    const { fans } = await found({
      nodes: [node("Concat", ["u", "w"], ["t"], { axis: 0 }), node("MatMul", ["x", "t"], ["y"])],
      tensors: [tensor("u", [16, 40]), tensor("w", [8, 40])],
    });
    expect(fans).toEqual({ u: [{ in: 24, out: 40 }], w: [{ in: 24, out: 40 }] });
  });

  test("Constant nodes, and graphs of If whose tensors have one name", async () => {
    const branch = (rows: number): Bytes =>
      graph({
        nodes: [
          node("Constant", [], ["w"], { value: { tensor: tensor("", [rows, 8]) } }),
          node("MatMul", ["x", "w"], ["z"]),
        ],
        inputs: [],
        outputs: ["z"],
      });
    const { fans } = await found({
      nodes: [
        node("If", ["flag"], ["a"], { then_branch: { graph: branch(24) }, else_branch: { graph: branch(16) } }),
        node("MatMul", ["a", "v"], ["y"]),
      ],
      tensors: [tensor("v", [8, 8])],
      inputs: ["x", "flag"],
    });
    expect(fans).toEqual({
      "If_a.then_branch/w": [{ in: 24, out: 8 }],
      "If_a.else_branch/w": [{ in: 16, out: 8 }],
      v: [{ in: 8, out: 8 }],
    });
  });

  test("a Loop that passes a weight on from round to round, and one that changes it", async () => {
    const loop = (last: Bytes, made: string): GraphOptions => ({
      nodes: [
        node("Loop", ["count", "go", "state", "w"], ["s", "t"], {
          body: {
            graph: graph({
              nodes: [
                node("Identity", ["go_in"], ["go_out"]),
                node("MatMul", ["state_in", "w_in"], ["state_out"]),
                last,
              ],
              inputs: ["i", "go_in", "state_in", "w_in"],
              outputs: ["go_out", "state_out", made],
            }),
          },
        }),
        node("MatMul", ["s", "v"], ["y"]),
      ],
      tensors: [tensor("w", [8, 8]), tensor("v", [8, 8])],
      inputs: ["count", "go", "state"],
    });
    const kept = await found(loop(node("Identity", ["w_in"], ["w_out"]), "w_out"));
    expect(Object.keys(kept.drawn)).toEqual(["w", "v"]);
    const changed = await found(loop(node("Neg", ["w_in"], ["w_out"]), "w_out"));
    expect(changed.left).toEqual({ w: "input 3 of Loop" });
  });

  test("a graph's own input hides a tensor of the same name around it", async () => {
    const body = graph({ nodes: [node("MatMul", ["x", "w"], ["z"])], inputs: ["w"], outputs: ["z"] });
    const { left } = await found({
      nodes: [
        node("Scan", ["x"], ["a"], { body: { graph: body }, num_scan_inputs: 1 }),
        node("MatMul", ["a", "v"], ["y"]),
      ],
      tensors: [tensor("w", [8, 8]), tensor("v", [8, 8])],
    });
    expect(left).toEqual({ w: "taken by no operator" });
  });

  test("initializers that are inputs, too, as before format 4", async () => {
    const { drawn } = await found({
      nodes: [node("MatMul", ["x", "w"], ["y"])],
      tensors: [tensor("w", [8, 8])],
      inputs: ["x", "w"],
    });
    expect(Object.keys(drawn)).toEqual(["w"]);
  });

  test("functions: weights that they are called with, attributes of their caller, weights of their own", async () => {
    const layer = functionOf(
      "own",
      "Layer",
      ["a", "k"],
      ["c"],
      [node("Gemm", ["a", "k"], ["b"], { transB: { ref: "flip" } }), node("Relu", ["b"], ["c"])],
    );
    const owner = functionOf(
      "own",
      "Owner",
      ["a"],
      ["b"],
      [node("Constant", [], ["k"], { value: { tensor: tensor("", [8, 4]) } }), node("MatMul", ["a", "k"], ["b"])],
    );
    const { fans, drawn } = await found(
      {
        nodes: [
          node("own:Layer", ["x", "w"], ["a"], { flip: 1 }),
          node("own:Owner", ["a"], ["b"]),
          node("own:Owner", ["b"], ["y"]),
        ],
        tensors: [tensor("w", [8, 24])],
      },
      [layer, owner],
    );
    expect(fans).toEqual({ w: [{ in: 24, out: 8 }], k: [{ in: 8, out: 4 }] });
    expect(drawn.w).toEqual({ scheme: "kaimingNormal", layout: "oi" });
  });

  test("a tensor that two layers share: of one kind, of two", async () => {
    const two = (second: Bytes, dims: readonly number[]) =>
      found({
        nodes: [node("MatMul", ["x", "w"], ["a"]), node("Relu", ["a"], ["b"]), second],
        tensors: [tensor("w", dims), tensor("v", [8, 8])],
      });
    expect((await two(node("MatMul", ["b", "w"], ["y"]), [8, 8])).drawn.w).toEqual({
      scheme: "kaimingNormal",
      layout: "io",
    });
    const { left } = await found({
      nodes: [
        node("MatMul", ["x", "w"], ["a"]),
        node("Gemm", ["a", "w"], ["b"], { transB: 1 }),
        node("MatMul", ["b", "v"], ["y"]),
      ],
      tensors: [tensor("w", [8, 16]), tensor("v", [8, 8])],
    });
    expect(left.w).toBe("used in several ways, by MatMul and Gemm");
  });
});

describe("what is no weight", () => {
  /** Left beside a layer, so that the model has a weight. */
  const beside = async (nodes: readonly Bytes[], tensors: readonly Bytes[]) => {
    const { left, drawn } = await found({
      nodes: [node("MatMul", ["x", "v"], ["z"]), ...nodes],
      tensors: [tensor("v", [8, 8]), ...tensors],
    });
    expect(Object.keys(drawn)).toEqual(["v"]);
    return left;
  };
  const basis = (count: number, length: number) =>
    Array.from({ length: count * length }, (_, i) => {
      const [k, n] = [Math.floor(i / length), i % length];
      const angle = (2 * Math.PI * Math.floor(k / 2) * n) / length;
      return (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length));
    });

  test("a Fourier basis that a convolution applies, a smoothing filter, a bank of filters, positions", async () => {
    const bank = Array.from({ length: 320 }, (_, i) =>
      Math.max(0, 1 - Math.abs((i % 40) - 5 * Math.floor(i / 40)) / 3),
    );
    const places = Array.from({ length: 512 }, (_, i) => {
      const angle = Math.floor(i / 16) / 10000 ** (Math.floor((i % 16) / 2) / 8);
      return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    });
    const left = await beside(
      [
        ...[
          node("Conv", ["x", "stft"], ["a"]),
          node("Conv", ["x", "blur"], ["b"]),
          node("MatMul", ["x", "mel"], ["c"]),
        ],
        node("Gather", ["places", "x"], ["y"]),
      ],
      [
        tensor("stft", [34, 1, 32], { raw: f32(basis(34, 32)) }),
        tensor("blur", [1, 1, 7], { raw: f32([1, 6, 15, 20, 15, 6, 1]) }),
        tensor("mel", [8, 40], { raw: f32(bank) }),
        tensor("places", [32, 16], { raw: f32(places) }),
      ],
    );
    expect(left).toEqual({
      stft: expect.stringMatching(/^fixed: its rows mirror themselves/),
      blur: expect.stringMatching(/^fixed: its rows mirror themselves/),
      mel: expect.stringMatching(/^fixed: most of its values are 0/),
      places: expect.stringMatching(/^fixed: its rows are sines/),
    });
  });

  test("statistics, masks, scalars, shapes, quantized and sparse tensors", async () => {
    const { left, drawn } = await found({
      nodes: [
        node("Conv", ["x", "w"], ["a"]),
        node("BatchNormalization", ["a", "scale", "shift", "mean", "variance"], ["b"]),
        node("Add", ["b", "mask"], ["c"]),
        node("Mul", ["c", "half"], ["d"]),
        node("Reshape", ["d", "shape"], ["e"]),
        node("DequantizeLinear", ["q", "half"], ["f"]),
        node("MatMul", ["e", "f"], ["g"]),
        node("MatMul", ["g", "pruned"], ["y"]),
      ],
      tensors: [
        ...[tensor("w", [8, 8, 1, 1]), ...["scale", "shift", "mean", "variance"].map((name) => tensor(name, [8]))],
        ...[tensor("mask", [8, 8]), tensor("half", []), ints("shape", [1, -1]), tensor("q", [8, 8], { type: "i8" })],
      ],
      sparse: [[...bytes(1, tensor("pruned", [3])), ...int(3, 8), ...int(3, 8)]],
    });
    expect(Object.keys(drawn)).toEqual(["w", "scale", "shift"]);
    expect(left).toEqual({
      mean: "a statistic of a normalization",
      variance: "a statistic of a normalization",
      mask: "added to a value",
      half: "quantized",
      shape: "values of the type i64",
      q: "quantized",
      pruned: "only its values other than 0 are stored",
    });
  });

  test("inputs of operators and domains that are not known are named", async () => {
    const left = await beside(
      [node("Where", ["x", "m", "z"], ["a"]), node("acme:Mixer", ["x", "n"], ["y"]), node("Neg", ["o"], ["p"])],
      [tensor("m", [8, 8]), tensor("n", [8, 8]), tensor("o", [8, 8]), tensor("unused", [8, 8])],
    );
    expect(left).toEqual({
      m: "input 1 of Where",
      n: "input 1 of acme.Mixer, whose domain is not known",
      o: "input 0 of Neg",
      unused: "taken by no operator",
    });
  });

  test("a product of two stored tensors", async () => {
    const left = await beside([node("MatMul", ["m", "n"], ["y"])], [tensor("m", [8, 8]), tensor("n", [8, 8])]);
    expect(left.m).toBe("multiplied by another stored tensor");
  });
});

describe("plans", () => {
  const read = () =>
    readOnnx(
      model({
        nodes: [
          node("Conv", ["x", "conv.w", "conv.b"], ["a"], { group: 2, strides: [2, 1] }),
          node("BatchNormalization", ["a", "s", "t", "bn.mean", "bn.var"], ["b"]),
          node("LSTM", ["b", "l.w", "l.r"], ["c"]),
          node("MatMul", ["c", "fc"], ["y"]),
        ],
        tensors: [
          tensor("conv.w", [16, 4, 4, 3]),
          ...[
            tensor("conv.b", [16]),
            tensor("s", [16]),
            tensor("t", [16]),
            tensor("bn.mean", [16]),
            tensor("bn.var", [16]),
          ],
          ...[tensor("l.w", [1, 32, 6]), tensor("l.r", [1, 32, 8]), tensor("fc", [8, 4], { raw: noise("f32", 32, 9) })],
        ],
      }),
    );
  const schemes = async (...rules: readonly object[]) => {
    const { tensors } = planOnnx(await read(), { rules } as Parameters<typeof planOnnx>[1]);
    return Object.fromEntries(tensors.map(({ name, scheme, rule }) => [name, { ...scheme, rule }]));
  };

  test("a rule goes before the graph, with the fans of the layer; others start as the graph suggests", async () => {
    const made = await schemes({ match: "conv.w", scheme: "glorotUniform" });
    expect(made["conv.w"]).toEqual({ scheme: "glorotUniform", layout: "oi", groups: 2, stride: [2, 1], rule: 0 });
    expect(made.fc).toEqual({ scheme: "lecunNormal", layout: "io", rule: undefined });
    const std = await schemes({ match: "conv.w", scheme: "normal", std: "sqrt(1 / fan_in)" });
    expect(std["conv.w"]).toMatchObject({ scheme: "normal", std: Math.sqrt(1 / 48) });
  });

  test("gates are packed, for any scheme that depends on the shape", async () => {
    const made = await schemes({ match: "l.*", scheme: "lecunNormal" });
    expect(made["l.w"]).toEqual({
      scheme: "split",
      axis: 0,
      parts: 4,
      of: { scheme: "lecunNormal", fans: { in: 6, out: 8 } },
      rule: 0,
    });
  });

  test("what is no weight needs its name or its role; a glob alone does not reach it", async () => {
    const all = await schemes({ match: "*", scheme: "constant", value: 2 });
    expect(Object.keys(all)).not.toContain("bn.mean");
    expect(await schemes({ match: "bn.mean", scheme: "zeros" })).toMatchObject({
      "bn.mean": { scheme: "zeros", rule: 0 },
    });
    const role = await schemes({ match: "*.var", role: "buffer", scheme: "ones" }, { role: "buffer", scheme: "zeros" });
    expect(role).toMatchObject({ "bn.mean": { scheme: "zeros" }, "bn.var": { scheme: "ones" } });
  });

  test("skip leaves a weight as it is, and a rule that decides nothing is an error", async () => {
    expect(Object.keys(await schemes({ match: "fc", scheme: "skip" }))).not.toContain("fc");
    await expect(schemes({ match: "fd", scheme: "zeros" })).rejects.toThrow(
      /rules\[0\] \(match "fd"\) decides no tensor/,
    );
  });
});

describe("weights that are made by arithmetic", () => {
  const normalized = (layer: Bytes) => ({
    nodes: [
      node("Constant", [], ["axes"], { value_ints: [1] }),
      node("ReduceL2", ["v", "axes"], ["length"]),
      node("Div", ["v", "length"], ["direction"]),
      node("Mul", ["g", "direction"], ["w"]),
      layer,
    ],
    tensors: [tensor("v", [40, 24]), tensor("g", [40, 1])],
  });

  test("are named with the layer that takes them, also within a function, and a plan draws them", async () => {
    const gemm = node("Gemm", ["x", "w"], ["y"], { transB: 1 });
    const read = await readOnnx(model(normalized(gemm)));
    expect(read.tensors).toEqual([]);
    expect(read.left.map(({ name, why, drawable }) => [name, why, drawable])).toEqual([
      ["v", "arithmetic (ReduceL2) makes the weight of Gemm from it", true],
      ["g", "arithmetic (Mul) makes the weight of Gemm from it", true],
    ]);
    expect(() => planOnnx(read)).toThrow(
      /^model: expected weights, found none \("v": arithmetic .*; a plan with { "match": "v", "scheme": ... } draws one$/,
    );
    const rules = [{ match: "v", scheme: "kaimingNormal", layout: "oi" }] as const;
    expect(planOnnx(read, { rules }).tensors.map(({ name, fans }) => [name, fans])).toEqual([
      ["v", [{ in: 24, out: 40 }]],
    ]);
    expect(() => planOnnx(read, { rules: [{ match: "*", scheme: "zeros", optional: true }] })).toThrow(/found none/);
    const inner = functionOf("own", "Layer", ["a", "b"], ["c"], [node("MatMul", ["a", "b"], ["c"])]);
    const { left } = await found(
      {
        nodes: [
          node("Mul", ["w", "s"], ["k"]),
          node("own:Layer", ["x", "k"], ["h"]),
          node("MatMul", ["h", "z"], ["y"]),
        ],
        tensors: [tensor("w", [8, 8]), tensor("s", [8]), tensor("z", [8, 8])],
      },
      [inner],
    );
    expect(left.w).toBe("arithmetic (Mul) makes the weight of MatMul from it");
  });

  test("and what only scales them is none: spectral normalization", async () => {
    const { drawn, left } = await found({
      nodes: [
        node("MatMul", ["w", "right"], ["wr"]),
        node("MatMul", ["left", "wr"], ["sigma"]),
        node("Div", ["w", "sigma"], ["k"]),
        node("Gemm", ["x", "k", "b"], ["y"], { transB: 1 }),
      ],
      tensors: [tensor("w", [40, 24]), tensor("right", [24]), tensor("left", [40]), tensor("b", [40])],
    });
    expect(Object.keys(drawn)).toEqual(["b"]);
    expect(Object.keys(left)).toEqual(["w", "right", "left"]);
    expect(left.left).toBe("arithmetic (MatMul) makes the weight of Gemm from it");
  });

  test("a table that is looked up at fixed places stays an embedding; what is quantized stays that", async () => {
    const { drawn, left } = await found({
      nodes: [
        node("Gather", ["table", "ids"], ["p"]),
        node("Add", ["x", "p"], ["h"]),
        node("DequantizeLinear", ["q", "scale"], ["k"]),
        node("MatMul", ["h", "k"], ["y"]),
      ],
      tensors: [
        tensor("table", [8, 24]),
        ints("ids", [0, 1, 2]),
        tensor("q", [24, 8], { type: "i8" }),
        tensor("scale", []),
      ],
    });
    expect(drawn.table).toEqual({ scheme: "normal", std: 0.02 });
    expect([left.q, left.scale]).toEqual(["quantized", "quantized"]);
  });

  test("a scale of a branch is left, and a plan gives it a constant", async () => {
    const read = await readOnnx(
      model({
        nodes: [node("MatMul", ["x", "w"], ["a"]), node("Mul", ["gamma", "a"], ["b"]), node("Add", ["x", "b"], ["y"])],
        tensors: [tensor("w", [24, 24]), tensor("gamma", [24])],
      }),
    );
    expect(read.left).toMatchObject([{ name: "gamma", why: "multiplied with a value", drawable: true }]);
    const rules = [{ match: "gamma", scheme: "constant", value: 1e-5 }] as const;
    expect(planOnnx(read, { rules }).tensors.map(({ name }) => name)).toEqual(["w", "gamma"]);
  });
});

test("operators that keep their numbers in attributes are named", async () => {
  const classifier = model({ nodes: [node("ai.onnx.ml:LinearClassifier", ["x"], ["y"])] });
  await expect(readOnnx(classifier)).rejects.toThrow(
    'model: expected weights, found none (operators that are not known: "ai.onnx.ml.LinearClassifier")',
  );
});

test("what no rule can draw says so", async () => {
  const { left } = await readOnnx(
    model({
      nodes: [
        node("MatMul", ["x", "w"], ["a"]),
        ...[node("Add", ["a", "s"], ["y"]), node("Gather", ["i", "x"], ["z"])],
        node("DequantizeLinear", ["q", "scale"], ["k"]),
      ],
      tensors: [tensor("w", [8, 8]), ints("i", [1, 2]), tensor("q", [8], { type: "i8" }), tensor("scale", [8])],
      sparse: [[...bytes(1, tensor("s", [2])), ...bytes(2, ints("at", [0, 5])), ...int(3, 8)]],
    }),
  );
  expect(left.map(({ name, drawable }) => [name, drawable])).toEqual([
    ["i", false],
    ["q", false],
    ["scale", false],
    ["s", false],
  ]);
});

/** A model as a GGUF file, version 3, which llama.cpp reads: its names, its order of rows, its numbers. */
import type { Scope } from "../../architecture/scope.js";
import { show } from "../../check.js";
import type { DrawPiece } from "../../checkpoint/draw.js";
import { type CheckpointFile, recordFor, type SectionMaker } from "../../checkpoint/file.js";
import type { ElementType } from "../../model/element.js";
import { rangeError } from "../../model/fault.js";
import type { PlannedModel, PlannedTensor } from "../../model/model.js";
import { sizeOf } from "../../shape.js";
import type { Seed } from "../../stream.js";
import { arranged } from "../arrange.js";
import { asFloats } from "../convert.js";
import { FileBuilder, type FileTensor, type Make } from "../file.js";
import { joined } from "../join.js";
import { type ExtraSpec, type GgufMapping, type MetadataSpec, mappingOf, type TensorSpec } from "./mapping.js";
import { placeholderTokenizer } from "./tokenizer.js";
import { ALIGNMENT, GGML_TYPES, type GgufDType, ggufHeader, type TypedValue } from "./writer.js";

/** What a file is laid out from. */
export interface FormatSource {
  readonly model: PlannedModel;
  /** The element type of each tensor. */
  readonly types: readonly ElementType[];
  readonly seed: Seed;
  /** The config that the model was made of, as parsed JSON. */
  readonly config?: object | undefined;
}

/**
 * Lays a causal language model out as one GGUF file.
 *
 * @throws TypeError, RangeError for a family, a class, a field or an element type that llama.cpp does not have.
 */
export function ggufFile(name: string, { model, types, seed, config }: FormatSource): CheckpointFile {
  if (config === undefined) {
    throw new RangeError("format gguf: expected a model from a config.json, whose numbers the file has, got a list");
  }
  const { mapping, scope } = mappingOf(config);
  const stored = storedTensors(model, types.map(checkType), mapping, scope);
  const extras = extrasOf(mapping, scope);
  const metadata = new Map<string, TypedValue>([
    ...generalMetadata(mapping, model, types),
    ...archMetadata(mapping, scope),
    ...placeholderTokenizer(scope.number("vocab_size"), specialTokens(config)),
    ...Object.entries(recordFor(model.tensors, seed)).map(([key, value]) => [key, text(value)] as const),
  ]);
  const table = [...stored.map((tensor) => ({ ...tensor, dtype: tensor.dtype as GgufDType })), ...extras];
  const builder = new FileBuilder(name, ggufHeader(metadata, table));
  for (const tensor of stored) {
    builder.tensor(tensor);
    builder.pad(ALIGNMENT);
  }
  for (const { bytes } of extras) {
    // biome-ignore lint/correctness/useYield: nothing is drawn
    builder.fixed(bytes.length, function* () {
      return bytes;
    });
    builder.pad(ALIGNMENT);
  }
  return builder.file("");
}

const text = (value: string): TypedValue => ({ type: "string", value });

const checkType = (type: ElementType): GgufDType => {
  if (Object.hasOwn(GGML_TYPES, type)) return type as GgufDType;
  const message = `dtype: expected one of ${Object.keys(GGML_TYPES).map(show).join(", ")} for the format gguf, got ${show(type)}`;
  throw new RangeError(`${message}; --dtype f32 stores all tensors in f32`);
};

/** What llama.cpp calls the types of whole files. */
const FILE_TYPES: Readonly<Record<GgufDType, number>> = { f32: 0, f16: 1, bf16: 32 };

function generalMetadata(
  { architecture }: GgufMapping,
  { name }: PlannedModel,
  types: readonly ElementType[],
): readonly (readonly [string, TypedValue])[] {
  const narrow = types.find((type) => type !== "f32") ?? "f32";
  return [
    ["general.architecture", text(architecture)],
    ["general.type", text("model")],
    ["general.name", text("nn-init")], // llama.cpp looks for names of models in it, and then for their tokens
    ["general.basename", text(name)],
    ["general.description", text("Initial weights, drawn by nn-init, with a placeholder for a tokenizer.")],
    ["general.alignment", { type: "u32", value: ALIGNMENT }],
    ["general.file_type", { type: "u32", value: FILE_TYPES[narrow as GgufDType] }],
    ["general.quantization_version", { type: "u32", value: 2 }],
  ];
}

function* archMetadata(
  { architecture, metadata }: GgufMapping,
  scope: Scope,
): Generator<readonly [string, TypedValue]> {
  for (const [key, spec] of Object.entries(metadata)) {
    if (scope.holds(spec.if)) yield [`${architecture}.${key}`, metadataValue(spec, scope)];
  }
}

function metadataValue({ if: _, string, ...spec }: MetadataSpec, scope: Scope): TypedValue {
  if (string !== undefined) return text(scope.text(string));
  const [[type, expression]] = Object.entries(spec) as [[keyof typeof spec, number | string]];
  const value = scope.number(expression);
  return { type, value: type === "bool" ? value !== 0 : value };
}

/** Ids of the tokens that configs name; the first of several. */
function specialTokens(config: object) {
  const { bos_token_id, eos_token_id, pad_token_id } = config as Readonly<Record<string, unknown>>;
  const idOf = (value: unknown) => {
    const id = Array.isArray(value) ? value[0] : value;
    return Number.isSafeInteger(id) ? (id as number) : undefined;
  };
  return { bos: idOf(bos_token_id), eos: idOf(eos_token_id), pad: idOf(pad_token_id) };
}

/** A tensor of the model, on its way to a name in the file. */
interface Moved {
  readonly tensor: PlannedTensor;
  readonly dtype: GgufDType;
  readonly spec: TensorSpec;
  /** Its place in a stack; undefined if it is stored alone. */
  readonly place: number | undefined;
  /** The slice of the tensor that it is, if it is not the whole. */
  readonly slice?: { readonly begin: number; readonly shape: readonly number[] };
}

/** The tensors of the file, those of one name together. */
function storedTensors(
  { tensors, tied }: PlannedModel,
  types: readonly GgufDType[],
  mapping: GgufMapping,
  scope: Scope,
): readonly FileTensor[] {
  const rules = rulesOf(mapping);
  const groups = new Map<string, Moved[]>();
  const put = (name: string, moved: Moved) => groups.set(name, [...(groups.get(name) ?? []), moved]);
  for (const [i, tensor] of tensors.entries()) {
    for (const { name, spec, place } of movesOf(tensor.name, rules, mapping)) {
      const moved = { tensor, dtype: types[i] as GgufDType, spec, place };
      for (const each of spec.half === undefined ? [moved] : halves(moved, spec.half)) put(name, each);
      if (spec.head !== undefined && Object.values(tied).includes(tensor.name)) put(spec.head, moved);
    }
  }
  return [...groups].map(([name, moved]) => stack(name, moved, scope));
}

/** Halves of the rows of each matrix of a stack. */
function halves(moved: Moved, half: 0 | 1): readonly Moved[] {
  const [count = 0, rows = 0, ...rest] = moved.tensor.shape;
  const shape = [rows / 2, ...rest];
  const size = sizeOf(shape);
  return Array.from({ length: count }, (_, place) => ({
    ...moved,
    place,
    slice: { begin: (2 * place + half) * size, shape },
  }));
}

interface MovingRule {
  readonly regex: RegExp;
  readonly specs: readonly TensorSpec[];
}

/** `{part}` is weight or bias; other names in braces are whole numbers. */
function rulesOf({ tensors }: GgufMapping): readonly MovingRule[] {
  return Object.entries(tensors).map(([template, given]) => {
    const escaped = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    const pattern = escaped.replace(/\{(\w+)\}/g, (_, name) =>
      name === "part" ? "(?<part>weight|bias)" : `(?<${name}>\\d+)`,
    );
    return {
      regex: new RegExp(`^${pattern}$`),
      specs: [given].flat().map((spec) => (typeof spec === "string" ? { to: spec } : spec)),
    };
  });
}

/** Where a tensor goes: to one name, or to several that each take a part of it. */
function movesOf(name: string, rules: readonly MovingRule[], { architecture }: GgufMapping) {
  for (const { regex, specs } of rules) {
    const groups = regex.exec(name)?.groups;
    if (groups === undefined && !regex.test(name)) continue;
    return specs.map((spec) => {
      const stacked = Object.entries(groups ?? {}).find(([key]) => !spec.to.includes(`{${key}}`));
      return {
        name: spec.to.replace(/\{(\w+)\}/g, (_, key) => groups?.[key] ?? ""),
        spec,
        place: stacked === undefined ? undefined : Number(stacked[1]),
      };
    });
  }
  throw rangeError(
    `tensor ${show(name)}: expected one that the architecture "${architecture}" of llama.cpp has, got one that it has not; ` +
      "--format safetensors holds any model",
  );
}

function stack(name: string, moved: readonly Moved[], scope: Scope): FileTensor {
  const sorted = [...moved].sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
  const [{ tensor, dtype, spec, place, slice }] = sorted as [Moved];
  const one = shapeIn(spec, slice?.shape ?? tensor.shape, scope);
  const shape = place === undefined ? one : [sorted.length, ...one];
  const isNarrow = shape.length > 1 && name.endsWith(".weight") && !name.endsWith("_norm.weight");
  const stored = isNarrow && !spec.f32 && spec.apply === undefined ? dtype : "f32";
  const makes = sorted.map((each) => makeOf(each, stored, scope));
  const size = sizeOf(one);
  const make = (by: SectionMaker) =>
    joined(
      makes.map((make) => ({ size, draw: make(by) })),
      stored === "f32" ? 4 : 2,
    );
  return { name, dtype: stored, shape, planned: tensor, make: makes.length === 1 ? (makes[0] as Make) : make };
}

function makeOf({ tensor, dtype, spec, slice }: Moved, stored: GgufDType, scope: Scope): Make {
  const { name, shape } = tensor;
  const arrangement = arrangementOf(spec, shape, scope);
  return ({ drawer, kept }) => {
    const whole = drawer(tensor, dtype);
    const own: DrawPiece = slice === undefined ? whole : (bytes, start) => whole(bytes, slice.begin + start);
    const draw = arrangement === undefined ? own : arranged({ draw: own, dtype, name, kept, ...arrangement });
    return stored === dtype && spec.apply === undefined ? draw : asFloats(draw, dtype, spec.apply);
  };
}

function arrangementOf({ split, order, transpose }: TensorSpec, shape: readonly number[], scope: Scope) {
  if (transpose) return { split: shape, order: [1, 0] };
  return split === undefined || order === undefined ? undefined : { split: lengths(split, shape, scope), order };
}

function shapeIn({ transpose, shape: given }: TensorSpec, shape: readonly number[], scope: Scope): readonly number[] {
  if (transpose) return [...shape].reverse();
  return given === undefined ? shape : lengths(given, shape, scope);
}

/** Lengths of axes for so many elements; -1 is what is left. */
function lengths(given: readonly (number | string)[], shape: readonly number[], scope: Scope): readonly number[] {
  const found = given.map((length) => scope.number(length));
  const known = sizeOf(found.filter((length) => length !== -1));
  const rest = sizeOf(shape) / known;
  const whole = found.map((length) => (length === -1 ? rest : length));
  if (whole.every((length) => Number.isSafeInteger(length) && length > 0) && sizeOf(whole) === sizeOf(shape))
    return whole;
  throw rangeError(`format gguf: expected the axes ${show(shape)} to split into ${show(given)}, got ${show(whole)}`);
}

function extrasOf({ extras }: GgufMapping, scope: Scope) {
  return Object.entries(extras)
    .filter(([, { if: condition }]) => scope.holds(condition))
    .map(([name, extra]) => {
      const values = extraValues(extra, scope);
      return { name, shape: [values.length], dtype: "f32", bytes: new Uint8Array(values.buffer) } as const;
    });
}

const extraValues = ({ length, let: names, value }: ExtraSpec, scope: Scope): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: scope.number(length) }, (_, i) => scope.inside([["i", i]], names).number(value));

/**
 * A model by the names that the reference implementation holds in memory, where it saves other ones: some tensors are
 * renamed, some are stacked into one, some are chunks of one. In memory a tensor is slices of saved ones, one after the other.
 * Its values are those of the file, since each slice is drawn from the stream of the saved tensor's name.
 */
import { show } from "../check.js";
import type { ModelDistribution } from "../computed/computed.js";
import type { Distribution, Unsplit } from "../distribution.js";
import type { Scheme } from "../scheme/options.js";
import { sizeOf } from "../shape.js";
import { rangeError } from "./fault.js";
import type {
  MemoryNames,
  Model,
  ModelTensor,
  PlannedModel,
  PlannedSlice,
  PlannedTensor,
  SavedSlice,
} from "./model.js";

/**
 * The model with its names in memory. A model whose names are the same stays as it is.
 *
 * @throws RangeError for tensors that cannot be stacked or cut.
 */
export function inMemory(saved: Model): Model {
  const names = saved.memory ?? {};
  if (Object.keys(names).length === 0) return saved;
  const { renamed, made } = new Conversion(names).convert(saved.tensors);
  const nameOf = (name: string) => renamed.get(name) ?? name;
  const tied = Object.entries(saved.tied).map(([name, target]) => [nameOf(name), nameOf(target)]);
  const tensors = [...made].sort((a, b) => wide(b) - wide(a) || (a.name < b.name ? -1 : 1));
  return { ...saved, tensors, tied: Object.fromEntries(tied), saved };
}

/** The model of a config, by the names that a file has: saved ones, or those in memory, as of a `state_dict`. */
export function namedAs(config: Model, names: ReadonlySet<string>): Model {
  const held = inMemory(config);
  const known = ({ tensors }: Model) => tensors.filter(({ name }) => names.has(name)).length;
  return held !== config && known(held) > known(config) ? held : config;
}

const wide = ({ dtype }: ModelTensor): number => Number(dtype === "i64"); // as in a file: wider elements come first

/** A place in names: what comes before and after it. */
interface PlaceInName {
  readonly before: string;
  readonly after: string;
  /** Of a stack: which tensor of it. */
  readonly index: number;
}

/** Part of a name, between dots; `*` stands for a number. */
class NamePart {
  readonly #regex: RegExp;

  constructor(text: string) {
    const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace("\\*", "(\\d+)");
    this.#regex = new RegExp(`^(.*?(?:^|\\.))${escaped}((?:\\.|$).*)$`);
  }

  find(name: string): PlaceInName | undefined {
    const [, before, ...rest] = this.#regex.exec(name) ?? [];
    if (before === undefined) return undefined;
    return { before, after: rest.at(-1) ?? "", index: rest.length > 1 ? Number(rest[0]) : 0 };
  }
}

interface Stacked {
  readonly tensor: ModelTensor;
  readonly index: number;
  /** Which of the names that are joined in one turn. */
  readonly turn: number;
}

/** The names of a family, compiled. */
class Conversion {
  readonly #renames: { readonly from: NamePart; readonly to: string }[] = [];
  readonly #stacks: { readonly from: readonly NamePart[]; readonly to: string }[] = [];
  readonly #chunks: { readonly of: NamePart; readonly to: string; readonly part: number; readonly parts: number }[] =
    [];

  constructor(names: MemoryNames) {
    for (const [to, from] of Object.entries(names)) {
      if (typeof from === "string") this.#renames.push({ from: new NamePart(from), to });
      else if ("of" in from) this.#chunks.push({ ...from, of: new NamePart(from.of), to });
      else this.#stacks.push({ from: from.map((each) => new NamePart(each)), to });
    }
  }

  /** @returns the tensors in memory, and for each saved tensor that only has another name, that name. */
  convert(tensors: readonly ModelTensor[]): { readonly renamed: Map<string, string>; readonly made: ModelTensor[] } {
    const renamed = new Map<string, string>();
    const stacks = new Map<string, Stacked[]>();
    const made: ModelTensor[] = [];
    for (const tensor of tensors) {
      const stack = this.#stackOf(tensor);
      const chunks = this.#chunksOf(tensor);
      if (stack !== undefined) {
        const list = stacks.get(stack.name) ?? [];
        list.push(stack);
        stacks.set(stack.name, list);
      } else if (chunks.length > 0) made.push(...chunks);
      else {
        const name = this.#rename(tensor.name);
        renamed.set(tensor.name, name);
        made.push(name === tensor.name ? tensor : { ...tensor, name, slices: [sliceOf(tensor)] });
      }
    }
    return { renamed, made: [...made, ...[...stacks].map(([name, list]) => stackOf(name, list))] };
  }

  /** A name that no rule stacks, renamed by each rule in turn. */
  #rename(name: string): string {
    return this.#renames.reduce((name, { from, to }) => {
      const found = from.find(name);
      return found === undefined ? name : found.before + to + found.after;
    }, name);
  }

  #stackOf(tensor: ModelTensor): (Stacked & { readonly name: string }) | undefined {
    for (const { from, to } of this.#stacks) {
      for (const [turn, part] of from.entries()) {
        const found = part.find(tensor.name);
        if (found === undefined) continue;
        return { tensor, name: this.#rename(found.before + to + found.after), index: found.index, turn };
      }
    }
    return undefined;
  }

  #chunksOf(tensor: ModelTensor): ModelTensor[] {
    return this.#chunks.flatMap(({ of, to, part, parts }) => {
      const found = of.find(tensor.name);
      if (found === undefined) return [];
      const [first = 0, ...rest] = tensor.shape;
      if (first % parts !== 0) throw rangeError(`memory: ${show(tensor.name)} cannot be cut into ${parts} equal parts`);
      const shape = [first / parts, ...rest];
      const size = sizeOf(shape);
      const { packed: _, ...own } = tensor;
      const slice = { name: tensor.name, begin: part * size, end: (part + 1) * size };
      return [{ ...own, name: this.#rename(found.before + to + found.after), shape, slices: [slice] }];
    });
  }
}

const sliceOf = ({ name, shape }: ModelTensor): SavedSlice => ({ name, begin: 0, end: sizeOf(shape) });

/** One tensor of many: those of one turn are joined along their first axis, and the turns are stacked. */
function stackOf(name: string, list: readonly Stacked[]): ModelTensor {
  const sorted = [...list].sort((a, b) => a.index - b.index || a.turn - b.turn);
  const turns = 1 + (sorted.at(-1) as Stacked).turn;
  const count = sorted.length / turns;
  const isWhole = sorted.every(({ index, turn }, i) => index === Math.floor(i / turns) && turn === i % turns);
  const tensors = sorted.map(({ tensor }) => tensor);
  const [first] = tensors as [ModelTensor];
  const isAlike = tensors.every(({ shape }, i) => String(shape) === String(tensors[i % turns]?.shape));
  const isJoined = tensors.every(({ shape }) => String(shape.slice(1)) === String(first.shape.slice(1)));
  if (!isWhole || !isAlike || !isJoined) throw rangeError(`memory: the tensors of ${show(name)} cannot be stacked`);
  const lengths = tensors.slice(0, turns).map(({ shape }) => shape[0] ?? 1);
  const shape = [count, lengths.reduce((a, b) => a + b, 0), ...first.shape.slice(1)];
  return {
    ...{ name, shape, role: first.role, slices: tensors.map(sliceOf) },
    ...(turns > 1 && { packed: { axis: 1, parts: lengths } }),
  };
}

/**
 * The plan of a model in memory: that of the saved one.
 *
 * @param planned the saved model, planned; without the tensors that a rule skips.
 * @throws RangeError for a tensor of which a part is skipped, or whose slices have distributions that cannot be joined.
 */
export function planInMemory(model: Model, planned: PlannedModel): PlannedModel {
  const byName = new Map(planned.tensors.map((tensor) => [tensor.name, tensor]));
  const wholes = model.tensors.map(
    ({ name, slices }) => [slices?.length === 1 ? slices[0]?.name : name, name] as const,
  );
  const inMemoryOf = new Map(wholes);
  const tensors = model.tensors.flatMap((tensor): PlannedTensor[] => {
    const own = byName.get(tensor.name);
    if (tensor.slices === undefined) return own === undefined ? [] : [own];
    const slices = tensor.slices.flatMap(({ name, ...range }): PlannedSlice[] => {
      const saved = byName.get(name);
      return saved === undefined ? [] : [{ tensor: saved, name, ...range }];
    });
    if (slices.length === 0) return [];
    if (slices.length < tensor.slices.length) {
      throw rangeError(`tensor ${show(tensor.name)}: the plan skips a part of it: expected all of its tensors or none`);
    }
    return [joined(tensor, slices, (name) => inMemoryOf.get(name))];
  });
  return { ...model, tensors };
}

function joined(
  tensor: ModelTensor,
  slices: readonly PlannedSlice[],
  nameOf: (name: string) => string | undefined,
): PlannedTensor {
  const [{ tensor: first }] = slices as [PlannedSlice];
  const { scheme, fans, rule, copyOf } = first;
  const source = slices.length === 1 && copyOf !== undefined ? nameOf(copyOf) : undefined;
  const own = {
    ...tensor,
    plannedSlices: slices,
    fans,
    ...(rule !== undefined && { rule }),
    ...(source && { copyOf: source }),
  };
  const isWhole = slices.length === 1 && String(tensor.shape) === String(first.shape);
  if (isWhole || slices.every((slice) => isEqual(slice.tensor, first) && isPlain(slice.tensor.distribution))) {
    return { ...own, scheme, distribution: first.distribution };
  }
  return { ...own, ...splitOf(tensor, slices) };
}

const isEqual = (one: PlannedTensor, other: PlannedTensor): boolean =>
  one === other || JSON.stringify(one.distribution) === JSON.stringify(other.distribution);

const isPlain = ({ kind }: ModelDistribution): boolean => ["constant", "uniform", "normal", "truncated"].includes(kind);

/** Of slices with several distributions, which must be those of the first turn, again and again. */
function splitOf(
  { name, packed }: ModelTensor,
  slices: readonly PlannedSlice[],
): { readonly scheme: Scheme; readonly distribution: Distribution } {
  const turns = Array.isArray(packed?.parts) ? packed.parts.length : 1;
  const first = slices.slice(0, turns);
  const repeats = slices.every(({ tensor }, i) => isEqual(tensor, first[i % turns]?.tensor as PlannedTensor));
  if (packed === undefined || !repeats || !slices.every(({ tensor }) => isPlain(tensor.distribution))) {
    throw rangeError(`tensor ${show(name)}: its parts start from distributions that cannot be joined in one tensor`);
  }
  const parts = first.map(({ tensor, begin, end }) => ({
    ...{ length: end - begin, distribution: tensor.distribution as Unsplit },
  }));
  const scheme = { scheme: "split", ...packed, of: first.map(({ tensor }) => tensor.scheme) } as Scheme;
  return { scheme, distribution: { kind: "split", parts } };
}

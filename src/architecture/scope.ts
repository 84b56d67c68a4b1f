/** NamedValues that expressions of an architecture can use: fields of the config, names that the file defines, counters. */
import { show } from "../check.js";
import { evaluate, evaluateAny, type NamedValues, type Parse, type Value } from "../model/expression.js";
import { rangeError } from "../model/fault.js";
import type { Expression, Template } from "./file.js";

type Definitions = Readonly<Record<string, Expression>>;

const IN_WORK = Symbol("in work");

const MOST_TURNS = 300_000; // of all loops of a model, since a file may ask for more than there is time

/** The counters of a loop: whether anything has asked for the value of one. */
interface Counters {
  areRead: boolean;
}

interface ScopeOptions {
  readonly outer?: Scope;
  readonly nested?: ReadonlyMap<string, Scope>;
  /** Set for the scope of a counter. */
  readonly counters?: Counters | undefined;
}

/** Values, and expressions that are computed when they are needed. What it does not have, the scope around it may have. */
export class Scope implements NamedValues {
  readonly #values: Map<string, Value | typeof IN_WORK>;
  readonly #definitions: Definitions;
  readonly #outer: Scope | undefined;
  readonly #nested: ReadonlyMap<string, Scope>;
  readonly #turned: { count: number };
  readonly #counters: Counters | undefined;

  constructor(
    values: Iterable<readonly [string, Value]>,
    readonly parse: Parse,
    definitions: Definitions = {},
    { outer, nested = new Map(), counters }: ScopeOptions = {},
  ) {
    this.#values = new Map(values);
    this.#definitions = definitions;
    this.#outer = outer;
    this.#nested = nested;
    this.#counters = counters;
    this.#turned = outer === undefined ? { count: 0 } : outer.#turned;
  }

  find(name: string): Value | undefined {
    const known = this.#values.get(name);
    if (known !== undefined && this.#counters !== undefined) this.#counters.areRead = true;
    if (known === IN_WORK) throw rangeError(`let ${show(name)}: it is defined by itself`);
    if (known !== undefined) return known;
    if (Object.hasOwn(this.#definitions, name)) {
      this.#values.set(name, IN_WORK);
      const definition = this.#definitions[name] as Expression;
      const value = typeof definition === "number" ? definition : evaluateAny(definition, this, this.parse);
      this.#values.set(name, value);
      return value;
    }
    const dot = name.indexOf(".");
    return this.#nested.get(name.slice(0, Math.max(dot, 0)))?.find(name.slice(dot + 1)) ?? this.#outer?.find(name);
  }

  list(): readonly string[] {
    const nested = [...this.#nested].flatMap(([field, scope]) => scope.list().map((name) => `${field}.${name}`));
    return [...this.#values.keys(), ...Object.keys(this.#definitions), ...nested, ...(this.#outer?.list() ?? [])];
  }

  /** Gives a name a value. */
  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  /** A scope with more names, for what stands inside. */
  inside(values: Iterable<readonly [string, Value]>, definitions: Definitions = {}): Scope {
    return new Scope(values, this.parse, definitions, { outer: this });
  }

  /** This scope, or one with more definitions if there are any. */
  with(definitions: Definitions = {}): Scope {
    return Object.keys(definitions).length > 0 ? this.inside([], definitions) : this;
  }

  /** The scope of a nested config. */
  nested(field: string): Scope | undefined {
    return this.#nested.get(field) ?? this.#outer?.nested(field);
  }

  number(expression: Expression): number {
    return typeof expression === "number" ? expression : evaluate(expression, this, this.parse);
  }

  holds(condition: Expression | undefined): boolean {
    return condition === undefined || this.number(condition) !== 0;
  }

  /** Text with the values of the expressions in its braces. */
  text(template: Template): string {
    if (!template.includes("{")) return template;
    return template.replace(/\{([^{}]*)\}/g, (_, expression: string) =>
      String(evaluateAny(expression, this, this.parse)),
    );
  }

  /** All numbers by name, those of nested configs with dots. */
  numbers(): Record<string, number> {
    const names = new Set(this.list());
    const pairs = [...names].map((name) => [name, this.find(name)] as const);
    return Object.fromEntries(pairs.filter((pair): pair is [string, number] => typeof pair[1] === "number"));
  }

  /**
   * A scope for each turn of nested loops. The last loop turns fastest.
   *
   * @param counters is told when a turn asks for the value of a counter.
   */
  *turns(loops: Definitions = {}, definitions: Definitions = {}, counters?: Counters): Generator<Scope> {
    yield* this.#turns(Object.entries(loops), definitions, counters);
  }

  /** @throws RangeError if there were too many turns, of loops and of shared groups. */
  countTurn(): void {
    this.#turned.count += 1;
    if (this.#turned.count > MOST_TURNS) {
      throw new RangeError(`config: expected loops of at most ${MOST_TURNS} turns in all, got more`);
    }
  }

  *#turns(
    [first, ...others]: readonly [string, Expression][],
    definitions: Definitions,
    counters: Counters | undefined,
  ): Generator<Scope> {
    if (first === undefined) {
      yield this.with(definitions);
      return;
    }
    const [name, count] = first;
    const most = wholeNumber(`for ${show(name)}`, this.number(count), 0);
    for (let i = 0; i < most; ++i) {
      this.countTurn();
      yield* new Scope([[name, i]], this.parse, {}, { outer: this, counters }).#turns(others, definitions, counters);
    }
  }
}

/** @throws RangeError unless it is a whole number from `least` to 2^53 - 1. */
export function wholeNumber(place: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw rangeError(`${place}: expected a whole number from ${least} to 2^53 - 1, got ${value}`);
}

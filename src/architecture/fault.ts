/** What is wrong with a config or an architecture file: one line for each fault. */
import { clipped, printable, show } from "../check.js";
import { perhaps } from "../spelling.js";

const MOST_LINES = 12;
const MOST_LINE = 300; // characters

/** Collects faults, so that all of them are told at once. */
export class Faults {
  readonly #lines: string[] = [];

  get count(): number {
    return this.#lines.length;
  }

  /**
   * @param place of the fault, such as `hidden_sizes[2]`.
   * @param expected what stands there in a right config.
   * @param words those that could have been meant.
   */
  add(place: string, expected: string, value: unknown, words: readonly string[] = []): void {
    const got = value === undefined ? "nothing" : show(value);
    this.#push(`${place}: expected ${expected}${perhaps(value, words)}, got ${got}`);
  }

  /** @param others names that could be a misspelling of the missing one. */
  addMissing(place: string, name: string, expected: string, others: readonly string[]): void {
    const hint = perhaps(name, others);
    const misspelled = hint === "" ? "" : `${hint.slice(0, -1)} is a misspelling of it)`;
    this.#push(`${place}${name}: expected ${expected}, got nothing${misspelled}`);
  }

  #push(line: string): void {
    this.#lines.push(printable(clipped(line, MOST_LINE)));
  }

  /** @throws TypeError if there is any. */
  throwAny(title: string): void {
    if (this.count === 0) return;
    const more = this.count > MOST_LINES ? [`... ${this.count} faults in all`] : [];
    throw new TypeError(clipped([title, ...this.#lines.slice(0, MOST_LINES), ...more].join("\n")));
  }
}

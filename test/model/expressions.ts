/** Random expressions, judged by the oracle. */
import { evaluateInfix as evaluate } from "../../src/model/infix.js";
import { judge } from "./oracle.js";

/** Numbers from 0 to 1 by Lehmer's generator, which a seed repeats. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function literal(next: () => number): string {
  const kind = Math.floor(next() * 5);
  if (kind === 0) return String(Math.floor(next() * 20));
  if (kind === 1) return (next() * 10).toPrecision(3);
  if (kind === 2) return String(2 ** Math.floor(next() * 14));
  if (kind === 3) return `${(1 + 9 * next()).toFixed(2)}e${Math.floor(next() * 600 - 300)}`;
  return String(next());
}

/** An expression of at most `depth` levels. */
export function expression(next: () => number, depth: number): string {
  const kind = depth === 0 ? 0 : Math.floor(next() * 12);
  const inner = () => expression(next, depth - 1);
  if (kind < 2) return literal(next);
  if (kind === 2) return `(-${inner()})`;
  if (kind < 7) return `(${inner()} ${["+", "-", "*", "/"][kind - 3]} ${inner()})`;
  if (kind === 7) return `(0 + ${inner()}) ** ${next() < 0.5 ? Math.floor(next() * 4000 - 2000) : inner()}`;
  if (kind === 8) return `pow(${inner()}, ${inner()})`;
  const name = ["sqrt", "exp", "log", "abs", "floor", "ceil", "min", "max"][Math.floor(next() * 8)] as string;
  return name === "min" || name === "max" ? `${name}(${inner()}, ${inner()})` : `${name}(${inner()})`;
}

/** Counts what comes out, and lists what is wrong. */
export function judged(
  count: number,
  seed: number,
): { right: number; refused: number; undecided: number; wrong: string[] } {
  const next = random(seed);
  const result = { right: 0, refused: 0, undecided: 0, wrong: [] as string[] };
  for (let i = 0; i < count; ++i) {
    const text = expression(next, 1 + Math.floor(next() * 4));
    let got: number | undefined;
    try {
      got = evaluate(text, {});
    } catch {}
    const verdict = judge(text, got);
    if (verdict === "wrong") result.wrong.push(`${text} = ${got}`);
    else if (got === undefined) result.refused += 1;
    else result[verdict] += 1;
  }
  return result;
}

/** Comparing arrays by their bytes. `toEqual` walks them element by element, which takes a hundred times as long. */
import { expect } from "vitest";

type Values = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | BigInt64Array;

/** Equal type, length and bits; -0 and 0 differ. A failure names the first element that is not equal. */
export function expectSameBits(actual: Values | undefined, expected: Values | undefined, what = "array"): void {
  if (actual === undefined || expected === undefined) throw new Error(`${what}: expected two arrays`);
  const isLike = actual.constructor === expected.constructor && actual.length === expected.length;
  if (isLike && bytesOf(actual).equals(bytesOf(expected))) return;
  expect(actual.constructor.name, `type of ${what}`).toBe(expected.constructor.name);
  expect(actual.length, `length of ${what}`).toBe(expected.length);
  const first = actual.findIndex((_: unknown, i: number) => {
    return !bytesOf(actual.subarray(i, i + 1)).equals(bytesOf(expected.subarray(i, i + 1)));
  });
  expect.fail(`${what}: element ${first} of ${actual.length} is ${actual[first]}, expected ${expected[first]}`);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Values): Uint8Array & { equals(other: Uint8Array): boolean } =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

/** Lets `write` fill a view of memory at element `at`: the view then holds `expected`, and nothing beside it is touched. */
export function expectWrites<T extends Values>(memory: T, at: number, expected: T, write: (view: T) => unknown): void {
  memory.fill(7 as never);
  write(memory.subarray(at, at + expected.length) as T);
  const whole = memory.slice().fill(7 as never) as T;
  whole.set(expected as never, at);
  expectSameBits(memory, whole);
}

/**
 * What bundled tests import in place of Vitest: all of it, but `describe` makes an error of its callback a test that fails. Many
 * tests compute there what they compare. Without a test that fails, Stryker takes the mutant for one that survives.
 */
import { describe as describeTests, test } from "vitest";

export * from "vitest";

type Callback = (...values: unknown[]) => void;

/** What is in the name of each test that Stryker asks for: those that reach the mutant. Empty: all. */
function wanted(): string {
  const worker = Reflect.get(globalThis, "__vitest_worker__") as { config: { testNamePattern?: RegExp } };
  return (worker.config.testNamePattern?.source ?? "").replaceAll(/\\(.)/g, "$1");
}

/** A test that is run whichever tests are asked for, and fails. */
export function failWith(error: unknown): void {
  test(`describes the tests: ${wanted()}`, () => {
    throw error;
  });
}

const caught =
  (run: Callback): Callback =>
  (...values) => {
    try {
      run(...values);
    } catch (error) {
      failWith(error);
    }
  };

export const describe = Object.assign((name: string, run: Callback) => describeTests(name, caught(run)), {
  each: (cases: readonly unknown[]) => (name: string, run: Callback) => describeTests.each(cases)(name, caught(run)),
});

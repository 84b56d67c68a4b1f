// What the larger checks share: which parts are asked for, what is printed and counted of each, and the file with all of it.
import { writeFileSync } from "node:fs";

/** Thrown where something cannot be checked here. Its message says what is missing. */
export class Absent extends Error {}

/** The arguments of this process: names of parts, and `--json FILE`, which gets what `end` counts. */
function given(args = process.argv.slice(2)) {
  const at = args.indexOf("--json");
  if (at < 0) return { names: args, file: undefined };
  const file = args[at + 1];
  if (file === undefined) throw new Error("--json: expected the name of a file, got nothing");
  return { names: args.toSpliced(at, 2), file };
}

/**
 * The names of parts that the command line gives, in any order; none stands for all.
 *
 * @param known the names that there are; any name, where it is not given.
 * @throws Error with the names that are not known.
 */
export function askedParts(known) {
  const { names } = given();
  const unknown = known === undefined ? [] : names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`expected names of parts (${known.join(", ")}), got ${unknown.join(", ")}`);
  return names;
}

/** What a check returns that has counts: `counts` by what was counted, what was wrong, and what was absent. */
export const countsText = (counts) =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(", ");

/**
 * Prints a line for each check and counts it. A check returns what it did; it returns undefined or throws `Absent` where
 * something is not installed, and throws what is wrong.
 *
 * @param {(error: Error) => string} textOf what is printed of an error.
 */
export function reporter(textOf = (error) => String(error.stack ?? error).slice(0, 2000)) {
  const counts = { passed: 0, failed: 0, absent: 0 };
  const rows = [];
  const began = performance.now();

  /** @param outcome passed, failed or absent. @param seconds how long it took, and what was counted, where that is known. */
  function say(outcome, name, text, seconds, done) {
    counts[outcome] += 1;
    rows.push({ name, outcome, text, seconds, counts: done });
    const time = seconds !== undefined && outcome === "passed" ? ` (${seconds.toFixed(1)} s)` : "";
    console.log(`${(outcome === "failed" ? "FAILED" : outcome).padEnd(7)} ${name}: ${text}${time}`);
  }

  async function check(name, run) {
    const begun = performance.now();
    const seconds = () => (performance.now() - begun) / 1000;
    try {
      const did = await run();
      if (did === undefined) say("absent", name, "it is not installed", seconds());
      else say("passed", name, did.text ?? did, seconds(), did.counts);
    } catch (error) {
      if (error instanceof Absent) say("absent", name, error.message, seconds());
      else say("failed", name, textOf(error), seconds());
    }
  }

  return {
    counts,
    say,
    check,
    /**
     * A check of many things of one kind: all that is wrong makes it fail, and each that is absent has a line.
     *
     * @param run returns `counts`, and lists `wrong` and `absent`.
     */
    async tally(name, run) {
      const missing = [];
      await check(name, async () => {
        const { counts: done, wrong, absent = [] } = await run();
        if (wrong.length > 0)
          throw new Error(
            [`${countsText(done)}; ${wrong.length} wrong`, ...wrong.slice(0, 20)].join("\n  ").slice(0, 4000),
          );
        if (Object.keys(done).length === 0) throw new Absent(absent.join("; "));
        missing.push(...absent);
        return { text: `${countsText(done)}; 0 wrong`, counts: done };
      });
      for (const what of missing) say("absent", name, what);
    },
    /**
     * The last line, the file of `--json`, and the exit code: 1 where anything failed, or nothing passed.
     *
     * @param {{ isEnough?: boolean, more?: string }} given whether as much passed as must, and what the last line adds.
     */
    end({ isEnough = true, more = "" } = {}) {
      const { passed, failed, absent } = counts;
      console.log(`${passed} passed, ${failed} failed, ${absent} absent${more}`);
      const seconds = (performance.now() - began) / 1000;
      const { file } = given();
      if (file !== undefined) writeFileSync(file, `${JSON.stringify({ ...counts, seconds, rows })}\n`);
      if (failed > 0 || passed === 0 || !isEnough) process.exitCode = 1;
    },
  };
}

// What the larger checks print of each part, and what they count.

/**
 * `check` runs a part, which returns what it did, undefined where something is not installed, and throws what is wrong.
 *
 * @param {(error: Error) => string} textOf what is printed of an error.
 */
export function reporter(textOf) {
  const counts = { passed: 0, failed: 0, absent: 0 };
  return {
    counts,
    async check(name, run) {
      const begun = performance.now();
      const say = (what, text) => console.log(`${what.padEnd(7)} ${name}: ${text}`);
      try {
        const did = await run();
        counts[did === undefined ? "absent" : "passed"] += 1;
        if (did === undefined) say("absent", "it is not installed");
        else say("passed", `${did} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
      } catch (error) {
        counts.failed += 1;
        say("FAILED", textOf(error));
      }
    },
    end() {
      const { passed, failed, absent } = counts;
      console.log(`${passed} passed, ${failed} failed, ${absent} absent`);
    },
  };
}

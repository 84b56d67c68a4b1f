// Parts that are test files: the statistics, and all that npm run test:slow runs.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { COMMON, PRODUCT, VALUES } from "./rests.mjs";
import { root, runTests } from "./script.mjs";

const STATISTICS = "vitest.statistics.config.ts";
const BILLION = 1_000_000_000;

/**
 * A unit that is a test file, or the tests of one that have `name` in their names.
 *
 * @param times what each test that passes counts as.
 * @param env of the seed: variables of the environment.
 */
const tests = (title, of, file, { name, times = 1, env = () => ({}), rests = PRODUCT } = {}) => ({
  name: title,
  of,
  rests: [...rests, ...COMMON, "test/quality", "test/audit", "test/cli"],
  async run(seed) {
    const result = await runTests(file, { config: STATISTICS, name, env: env(seed), seconds: 3600 });
    return { ...result, count: result.count * times };
  },
});

const distribution = (title) =>
  tests(title, "values", "test/quality/distribution", {
    name: `${BILLION} values of '?${title.replaceAll(/[()]/g, "\\$&")}'? have`, // Vitest may quote a title
    times: BILLION,
    rests: VALUES,
    env: (seed) => ({ COUNT: String(BILLION), SEED: String(seed) }),
  });

const TITLES = [
  ...["normal(0, 1)", "truncated at 2 std", "truncated at 100 std", "uniform(-1, 1)"],
  ...["normal(0, 1), f64", "truncated at 2 std, f64", "uniform(-1, 1), f64"],
];

const correct = (dtype) =>
  tests(`correct files in ${dtype}`, "files", "test/quality/audit", {
    name: `at most one of 1,000 correct files in ${dtype} fails`,
    times: 1000,
  });

/** Slow tests take what lies beside other tests, and run the examples of documents. */
const SLOW = [...PRODUCT, "test", ":!test/campaign", "docs", ":!docs/quality.md", "examples"];
const slow = readdirSync(join(root, "test"), { recursive: true })
  .filter((name) => name.endsWith(".slow.ts"))
  .map((name) => join("test", name))
  .sort();

export const testParts = [
  {
    name: "distributions",
    promise: "10^9 values have the bins, moments, tails and equal values of exact draws; no test is below p = 10^-6",
    units: TITLES.map(distribution),
  },
  {
    name: "exactness",
    promise:
      "no normal value of f32 is further than 5.7 ulp from the exact transform of its words, of which every one is tried",
    units: [
      tests("every radius and angle", "tests", "test/quality/error", { env: () => ({ STRIDE: "1" }), rests: VALUES }),
    ],
  },
  {
    name: "model",
    promise: "GPT-2 small by the command, read by others, has the distribution of each tensor",
    units: [tests("gpt2", "tests", "test/quality/model")],
  },
  {
    name: "audits",
    promise: "at most one of 1,000 correct files of a dtype fails an audit",
    units: ["f32", "bf16", "f16", "f64"].map(correct),
  },
  {
    name: "faults-found",
    promise: "an audit finds each kind of fault with each of 100 seeds",
    units: [tests("100 seeds", "tests", "test/quality/audit", { name: "with 100 of 100 seeds" })],
  },
  {
    name: "slow",
    promise: "all that npm run test:slow holds",
    units: slow.map((file) => ({ name: file.slice(5), of: "tests", rests: SLOW, run: () => runTests(file) })),
  },
];

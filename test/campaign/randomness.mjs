// Words of the library in PractRand and in TestU01's batteries, in plain and in adversarial orders.
import { practRand, testU01, testWords } from "./batteries.mjs";
import { VALUES, WORDS } from "./rests.mjs";
import { CONTROL, ORDER_NAMES } from "./words.mjs";

const MIB = 256; // of a unit of PractRand
const TESTS = { crush: 96, big: 106 }; // numbers of tests in TestU01 1.2.3
const TOGETHER = 4; // tests of Crush in a unit
/** A p-value further out is a failure. All batteries have fewer than 10^4, so good words fail one of 500 whole runs. */
const LEAST = 1e-7;

const restsOf = (order) => [
  ...WORDS,
  ...["words.mjs", "crush.c", "batteries.mjs", "randomness.mjs"].map((name) => `test/campaign/${name}`),
  ...(order.endsWith("values") ? VALUES : []),
];

/** What is a failure of the library's words is what must be seen of a poor generator. */
const judged = (order, found) => {
  if (order !== CONTROL) return found;
  return found.length > 0 ? [] : ["nothing is wrong with xorshift32, so the battery finds nothing"];
};

const practRandUnit = (order) => ({
  name: order,
  of: "bytes",
  rests: restsOf(order),
  async run(seed) {
    const size = `${MIB}MB`;
    const said = await testWords(order, seed, practRand(), ["stdin32", "-tlmin", size, "-tlmax", size, "-e", "0.1"]);
    if (!/length= /.test(said)) throw new Error(`PractRand said no result: ${said.slice(-1000)}`);
    const found = said.split("\n").filter((line) => /FAIL|VERY SUSPICIOUS/.test(line));
    return { count: MIB * 2 ** 20, failures: judged(order, found), absent: [] };
  },
});

function crushUnit(battery, order, tests) {
  const numbers = tests.length === 0 ? "" : `, tests ${tests[0]} to ${tests.at(-1)}`;
  return {
    name: `${order}${numbers}`,
    of: "p-values",
    rests: restsOf(order),
    async run(seed) {
      const said = await testWords(order, seed, testU01(), [battery, ...tests.map(String)]);
      const values = [...said.matchAll(/^p (\S+) (.*)$/gm)].map(([, p, name]) => ({ p: Number(p), name }));
      const isWrong = ({ p }) => !(p > LEAST && p < 1 - LEAST);
      const found = values.filter(isWrong).map(({ p, name }) => `${name}: p = ${p}`);
      const failures = judged(order, found);
      if (values.length === 0) failures.push(`TestU01 gave no p-value: ${said.slice(-1000)}`);
      return { count: values.length, failures, absent: [] };
    },
  };
}

const groups = (count, size) =>
  Array.from({ length: Math.ceil(count / size) }, (_, i) =>
    Array.from({ length: Math.min(size, count - i * size) }, (_, k) => 1 + i * size + k),
  );

const SOURCE = "TestU01 1.2.3, the sources in the crate TestU01Drv 0.1.1";

/** @param big whether BigCrush, which takes hours, is among them. */
export const randomness = ({ big }) => [
  {
    name: "practrand",
    promise: "no order of words fails PractRand pre0.95",
    units: [...ORDER_NAMES, CONTROL].map(practRandUnit),
  },
  {
    name: "smallcrush",
    promise: `no order of words fails SmallCrush (${SOURCE})`,
    units: [...ORDER_NAMES, CONTROL].map((order) => crushUnit("small", order, [])),
  },
  ...ORDER_NAMES.map((order) => ({
    name: `crush-${order.replaceAll(/\W+/g, "-")}`,
    promise: `words in the order "${order}" pass Crush (${SOURCE})`,
    units: groups(TESTS.crush, TOGETHER).map((tests) => crushUnit("crush", order, tests)),
  })),
  ...(big
    ? [
        {
          name: "bigcrush",
          promise: `the words of a tensor pass BigCrush (${SOURCE})`,
          units: groups(TESTS.big, 1).map((tests) => crushUnit("big", "plain", tests)),
        },
      ]
    : []),
];

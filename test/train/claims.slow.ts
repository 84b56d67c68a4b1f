/** What the field says of starts, by training, with these seeds. */
import { expect, test } from "vitest";
import { loadDigits } from "../../src/digits.js";
import { type NetworkOptions, type TrainingRun, type TrainOptions, train } from "../../src/train.js";

const digits = loadDigits();
const SEEDS = [0, 1, 2];
const runs = (network: NetworkOptions, options: TrainOptions): readonly TrainingRun[] =>
  SEEDS.map((seed) => train({ depth: 12, width: 64, ...network }, digits, { steps: 400, seed, ...options }));
const accuracies = (all: readonly TrainingRun[]) => all.map(({ test }) => test.accuracy);
const least = (all: readonly TrainingRun[]) => Math.min(...accuracies(all));
const most = (all: readonly TrainingRun[]) => Math.max(...accuracies(all));
const mean = (all: readonly TrainingRun[]) => accuracies(all).reduce((sum, x) => sum + x / all.length, 0);

/** The first step from which the mean loss of 20 steps is below a bound; the number of steps if there is none. */
const stepsTo = ({ losses }: TrainingRun, bound: number): number => {
  for (let i = 20; i <= losses.length; ++i) {
    if (losses.slice(i - 20, i).reduce((sum, x) => sum + x / 20, 0) < bound) return i;
  }
  return losses.length + 1;
};

test.each(["sgd", "momentum", "adam"] as const)(
  "zero never breaks symmetry and stays at chance, by %s",
  (optimizer) => {
    for (const { test, monitored } of runs({}, { strategy: "zero", optimizer, early: false })) {
      expect(test.accuracy).toBeLessThan(0.11);
      for (const { layers } of monitored) for (const { equal } of layers) expect(equal).toBe(1);
    }
  },
);

test("Xavier trains tanh and stalls deep ReLU; He trains deep ReLU", () => {
  expect(least(runs({ activation: "tanh" }, { strategy: "xavier" }))).toBeGreaterThan(0.85);
  expect(most(runs({ depth: 20 }, { strategy: "xavier" }))).toBeLessThan(0.25);
  expect(least(runs({}, { strategy: "he" }))).toBeGreaterThan(0.8);
});

test("too small a start vanishes, too large a one diverges", () => {
  for (const { verdict, findings, test } of runs({}, { strategy: "small" })) {
    expect(verdict.kind).toBe("vanishing");
    expect(findings.map(({ kind }) => kind)).toContain("vanishing");
    expect(test.accuracy).toBeLessThan(0.15);
  }
  for (const { verdict, losses, test } of runs({}, { strategy: "large" })) {
    expect(verdict.kind).toBe("exploding");
    expect(losses.some((loss) => !(loss < 1e6))).toBe(true);
    expect(test.accuracy).toBeLessThan(0.15);
  }
});

test("dying ReLU shows in the monitor before the loss does", () => {
  // At a rate that is too high for this start, units die one after the other; then the loss stays at that of chance.
  let seen = 0;
  for (const seed of [0, 1, 2, 3, 4, 5]) {
    const { findings, losses } = train({ depth: 6, width: 32 }, digits, {
      ...{
        strategy: "he",
        optimizer: "momentum",
        learningRate: 0.16,
        steps: 300,
        measurements: 300,
        seed,
        early: false,
      },
    });
    const dying = findings.find(({ kind }) => kind === "dying");
    // What can be told from a curve: the mean of 20 batches, since one batch's loss is mostly noise.
    const smooth = losses.slice(19).map((_, i) => losses.slice(i, i + 20).reduce((sum, x) => sum + x / 20, 0));
    const last = smooth.findLastIndex((loss) => !(loss > 2.2));
    if (dying === undefined || last === smooth.length - 1 || last < 0) continue; // it still learns, or never did
    seen += 1;
    expect(dying.step).toBeLessThanOrEqual(last + 20);
  }
  expect(seen).toBeGreaterThanOrEqual(4);
});

test("better starts converge in fewer steps", () => {
  const [xavier, he, lsuv] = (["xavier", "he", "lsuv"] as const).map((strategy) => runs({ depth: 8 }, { strategy }));
  const total = (all: readonly TrainingRun[] | undefined) => (all ?? []).reduce((sum, run) => sum + stepsTo(run, 1), 0);
  expect(total(he)).toBeLessThan(total(xavier));
  expect(total(lsuv)).toBeLessThan(total(xavier));
});

test("residual scaling lets deeper networks train", () => {
  const network = { depth: 48, residual: true } as const;
  const scaled = runs({ ...network, branchScale: 1 / Math.sqrt(48) }, { strategy: "he" });
  const unscaled = runs(network, { strategy: "he" });
  expect(least(scaled)).toBeGreaterThan(0.85);
  expect(mean(unscaled)).toBeLessThan(mean(scaled) - 0.2);
});

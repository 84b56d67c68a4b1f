/** A training step by step is the training itself. */
import { expect, test } from "vitest";
import { iterateTraining, spiral, type TrainingStep, train } from "../../src/train.js";

const NETWORK = { depth: 3, width: 16 };
const data = spiral({ samples: 120 });

test("gives each step, what was measured in it and what was found, and returns the run, also beside others", () => {
  const options = { optimizer: "adam", steps: 30, measurements: 4, seed: 3 } as const;
  const trainings = (["small", "he"] as const).map((strategy) => ({ strategy, ...options, early: false }));
  const race = trainings.map((one) => iterateTraining(NETWORK, data, one));
  const steps: TrainingStep[][] = [[], []];
  const runs = race.map(() => undefined as unknown);
  for (let made = 0; made <= options.steps; ++made) {
    for (const [i, one] of race.entries()) {
      const { done, value } = one.next();
      if (done) runs[i] = value;
      else steps[i]?.push(value);
    }
  }
  for (const [i, one] of trainings.entries()) {
    const run = train(NETWORK, data, one);
    expect(runs[i]).toEqual(run);
    const made = steps[i] as TrainingStep[];
    expect(made.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, step) => step));
    expect(made.map(({ loss }) => loss)).toEqual(run.losses);
    expect(made.flatMap(({ monitored }) => monitored ?? [])).toEqual(run.monitored);
    expect(made.flatMap(({ findings }) => findings)).toEqual(run.findings);
    expect(made[0]?.verdict).toEqual(run.verdict);
  }
  expect(runs[0]).toMatchObject({ findings: [{}] });
});

test("refuses what it cannot train before the first step", () => {
  expect(() => iterateTraining(NETWORK, data, { steps: 0 })).toThrow("steps: expected");
});

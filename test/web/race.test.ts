/** The race of the page asks for one piece after the other, and hears only what it still waits for. */
import { expect, test } from "vitest";
import { RaceLoop } from "../../web/race/loop.js";
import { RACE, setupOf } from "../../web/race/setup.js";
import { type Fields, parseAddress, readState } from "../../web/state.js";
import type { RacePiece } from "../../web/task/race.js";

const setup = setupOf(readState(RACE as Fields, parseAddress("#race&data=spiral&st=small,he&t=4")).state as never);

interface Asked {
  readonly steps: number;
  readonly known: readonly number[];
}

/** A worker that answers when the test says so. */
function fake() {
  const asked: Asked[] = [];
  const open: ((answer: { output: RacePiece[]; milliseconds: number } | undefined) => void)[] = [];
  const worker = {
    run: (_: string, { steps, known }: Asked) => {
      asked.push({ steps, known });
      return new Promise((resolve) => open.push(resolve));
    },
    cancel: () => {
      for (const resolve of open.splice(0)) resolve(undefined);
    },
  };
  const piece = (losses: readonly number[], isDone: boolean): RacePiece => ({
    ...{ verdict: null, losses, monitored: [], findings: [] },
    finish: isDone ? { test: { loss: 1, accuracy: 0.5 } as never, ended: null } : null,
  });
  /** Answers with steps of both starts. */
  const answer = async (count: number, isDone = false) => {
    const losses = Array<number>(count).fill(1);
    open.shift()?.({ output: [piece(losses, isDone), piece(losses, isDone)], milliseconds: 5 });
    await new Promise((resolve) => setTimeout(resolve));
  };
  let changes = 0;
  const loop = new RaceLoop(setup, worker as never, () => ++changes);
  return { loop, asked, answer, changes: () => changes };
}

const made = ({ contestants }: RaceLoop) => contestants.map(({ losses }) => losses.length);

test("goes on until all are done, and tells each piece", async () => {
  const { loop, asked, answer, changes } = fake();
  loop.go();
  await answer(3);
  expect([made(loop), loop.running, changes()]).toEqual([[3, 3], true, 2]);
  await answer(1, true);
  expect([made(loop), loop.running, loop.milliseconds]).toEqual([[4, 4], false, 10]);
  expect(asked.map(({ known }) => known)).toEqual([
    [0, 0],
    [3, 3],
  ]);
});

test("a pause takes the piece that is being made; a step is one more", async () => {
  const { loop, asked, answer } = fake();
  loop.go();
  loop.pause();
  await answer(2);
  expect([made(loop), asked.length]).toEqual([[2, 2], 1]);
  loop.step();
  await answer(1);
  expect([made(loop), asked.map(({ steps }) => steps), loop.running]).toEqual([
    [3, 3],
    [setup.training.steps, 1],
    false,
  ]);
});

test("what was asked for before the race ended, or began again, is not heard", async () => {
  const { loop, asked, answer } = fake();
  loop.go();
  loop.restart();
  await new Promise((resolve) => setTimeout(resolve));
  expect([made(loop), asked.length, loop.running]).toEqual([[0, 0], 2, true]);
  await answer(2);
  expect(made(loop)).toEqual([2, 2]);
  loop.end();
  await new Promise((resolve) => setTimeout(resolve));
  expect([made(loop), asked.length, loop.running]).toEqual([[2, 2], 3, false]);
  loop.go(); // it can begin again
  await answer(1);
  expect(made(loop)).toEqual([3, 3]);
});

test("what the library refuses is told once, and ends the race", async () => {
  const worker = { run: () => Promise.reject(new Error("depth: expected less")), cancel: () => {} };
  const loop = new RaceLoop(setup, worker as never, () => {});
  loop.go();
  await new Promise((resolve) => setTimeout(resolve));
  expect([loop.fault, loop.running]).toEqual(["depth: expected less", false]);
});

/** Tasks in a worker: the newest request wins, cancelling ends the worker, and what fails is told. With a worker of the test's own. */
import { expect, test } from "vitest";
import { coarseSizes } from "../../web/lab/size.js";
import { LAB, type NetworkState } from "../../web/network.js";
import { runner } from "../../web/runner.js";
import type { Request } from "../../web/task.js";

/** A worker that answers when the test says so. */
function fakes() {
  const made: { readonly sent: Request[]; ended: boolean; worker: Worker }[] = [];
  const start = () => {
    const entry = { sent: [] as Request[], ended: false, worker: {} as Worker };
    entry.worker = {
      postMessage: (request: Request) => entry.sent.push(request),
      terminate: () => {
        entry.ended = true;
      },
    } as unknown as Worker;
    made.push(entry);
    return entry.worker;
  };
  const answer = (place: number, message: object) => made[place]?.worker.onmessage?.({ data: message } as MessageEvent);
  return { made, start, answer };
}

const ask = (id: number) => ({ options: { seed: id } });

test("the newest request wins: those between are dropped, and what runs is waited for", async () => {
  const { made, start, answer } = fakes();
  const work = runner(start);
  const all = [1, 2, 3].map((id) => work.run("lab", ask(id)));
  expect(made).toHaveLength(1);
  expect(made[0]?.sent.map(({ id }) => id)).toEqual([1]);
  expect(await all[1]).toBeUndefined();
  answer(0, { id: 1, result: "one", milliseconds: 5 });
  expect(await all[0]).toEqual({ output: "one", milliseconds: 5 });
  expect(made[0]?.sent.map(({ id }) => id)).toEqual([1, 3]);
  answer(0, { id: 3, result: "three", milliseconds: 6 });
  expect(await all[2]).toEqual({ output: "three", milliseconds: 6 });
});

test("now ends what runs, and late answers of an ended worker are not heard", async () => {
  const { made, start, answer } = fakes();
  const work = runner(start);
  const first = work.run("lab", ask(1));
  const second = work.run("lab", ask(2), { now: true });
  expect(await first).toBeUndefined();
  expect(made.map(({ ended }) => ended)).toEqual([true, false]);
  answer(0, { id: 1, result: "late", milliseconds: 1 });
  answer(1, { id: 2, result: "two", milliseconds: 1 });
  expect(await second).toMatchObject({ output: "two" });
});

test("progress is told, errors are thrown, and the next request still runs", async () => {
  const { made, start, answer } = fakes();
  const work = runner(start);
  const told: unknown[] = [];
  const first = work.run("lab", ask(1), { onProgress: (part) => told.push(part) });
  answer(0, { id: 1, progress: 0.5 });
  answer(0, { id: 1, error: "depth: expected less" });
  await expect(first).rejects.toThrow("depth: expected less");
  expect(told).toEqual([0.5]);
  const second = work.run("lab", ask(2));
  made[0]?.worker.onerror?.({ preventDefault() {}, message: "no script" } as unknown as ErrorEvent);
  await expect(second).rejects.toThrow("no script");
  const third = work.run("lab", ask(3));
  expect(made).toHaveLength(2);
  answer(1, { id: 3, result: 3, milliseconds: 0 });
  expect(await third).toMatchObject({ output: 3 });
});

test("cancel drops what runs and what waits", async () => {
  const { made, start } = fakes();
  const work = runner(start);
  const all = [work.run("lab", ask(1)), work.run("lab", ask(2))];
  work.cancel();
  expect(await Promise.all(all)).toEqual([undefined, undefined]);
  expect(made[0]?.ended).toBe(true);
});

const STATE = Object.fromEntries(
  Object.entries(LAB).map(([name, { initial }]) => [name, initial]),
) as unknown as NetworkState;

test("the coarse size shrinks after slow answers and grows after quick ones, for each activation function alone", () => {
  const sizes = coarseSizes();
  const area = (state: NetworkState) => {
    const { width, samples } = sizes.sizeFor(state);
    return width * samples;
  };
  const first = area(STATE);
  sizes.took(STATE, 200);
  expect(area(STATE)).toBeLessThan(first);
  expect(area({ ...STATE, activation: "tanh" })).toBe(first);
  for (let i = 0; i < 20; ++i) sizes.took(STATE, 1);
  expect(sizes.sizeFor(STATE)).toEqual({ width: 256, samples: 64 });
  for (let i = 0; i < 20; ++i) sizes.took(STATE, 1000);
  expect(sizes.sizeFor(STATE)).toEqual({ width: 16, samples: 4 });
  sizes.took(STATE, 25);
  expect(sizes.sizeFor(STATE)).toEqual({ width: 16, samples: 4 });
  expect(sizes.sizeFor({ ...STATE, width: 8 }).width).toBe(8);
  expect(area({ ...STATE, network: "convolution" })).toBeLessThan(first);
});

/** The worker of the page: runs one task after the other. */
import { type Answer, type Request, TASKS, type Task } from "./task.js";

const port = globalThis as unknown as {
  postMessage(message: Answer): void;
  onmessage: (event: { readonly data: Request }) => void;
};

/** The task that the page will ask for first, if its address names one. */
const first = location.hash.slice(1);
if (Object.hasOwn(TASKS, first)) void TASKS[first as keyof typeof TASKS]().catch(() => {}); // the request fails by itself

port.onmessage = async ({ data: { id, task, input } }) => {
  try {
    const { run } = (await TASKS[task]()) as { run: Task<unknown, unknown> };
    const begin = performance.now();
    const result = await run(input, (progress) => port.postMessage({ id, progress }));
    port.postMessage({ id, result, milliseconds: performance.now() - begin });
  } catch (error) {
    port.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

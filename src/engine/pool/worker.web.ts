/** The script of a worker in a browser. */
import { type Setup, serve } from "./worker.js";

self.addEventListener("message", (event: MessageEvent<Setup>) => serve(event.data), { once: true });

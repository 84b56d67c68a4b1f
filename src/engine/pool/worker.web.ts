/** The script of a worker in a browser. The pool sends the setup as a message. */
import { type Setup, serve } from "./worker.js";

self.addEventListener("message", (event: MessageEvent<Setup>) => serve(event.data), { once: true });

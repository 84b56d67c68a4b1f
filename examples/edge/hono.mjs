// Hono, as a part of an application: HF_ENDPOINT is then https://HOST/weights. This file runs on Workers, Deno and Bun as
// it is; on Node, @hono/node-server serves it.
import { Hono } from "hono";
import { respond } from "nn-init/serve";
import { models } from "./models.mjs";

const app = new Hono();
app.get("/", (context) => context.text("weights are under /weights"));
app.mount("/weights", (request) => respond(request, models));

export default app;

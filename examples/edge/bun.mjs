// Bun: bun bun.mjs
import { respond } from "nn-init/serve";
import { models } from "./models.mjs";

// A client that reads slowly may pause for a minute.
Bun.serve({ port: Number(Bun.env.PORT ?? 8000), idleTimeout: 60, fetch: (request) => respond(request, models) });

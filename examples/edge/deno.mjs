// Deno: deno run --allow-net --allow-env deno.mjs
import { respond } from "nn-init/serve";
import { models } from "./models.mjs";

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 8000) }, (request) => respond(request, models));

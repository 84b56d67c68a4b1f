// A Cloudflare Worker: npx wrangler dev --port 8000
import { respond } from "nn-init/serve";
import { models } from "./models.mjs";

export default { fetch: (request) => respond(request, models) };

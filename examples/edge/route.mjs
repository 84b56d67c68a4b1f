// An edge function, as Vercel runs it: app/[[...path]]/route.mjs of a Next.js application.
import { respond } from "nn-init/serve";
import { models } from "./models.mjs";

export const runtime = "edge";
export const GET = (request) => respond(request, models);
export { GET as HEAD, GET as OPTIONS, GET as POST };

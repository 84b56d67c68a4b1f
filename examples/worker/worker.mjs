// A Cloudflare Worker that answers with weights. It stores nothing: it draws what it is asked for. Equal URLs get equal bytes,
// so every cache may keep them for ever.
//
//   npm install nn-init
//   npx wrangler dev
//   curl 'http://localhost:8787/fc1.weight?shape=512,784&scheme=kaimingNormal&seed=42' --output fc1.weight.f32
//
// The answer holds the tensor as 32-bit floats, row-major and little-endian. `scheme` is the name of a scheme, or JSON with
// its options: {"scheme":"normal","std":0.02}.
import { init } from "nn-init";

const MOST_ELEMENTS = 2 ** 22; // 16 MiB
const HEADERS = { "Content-Type": "application/octet-stream", "Cache-Control": "public, max-age=31536000, immutable" };

export default {
  async fetch(request) {
    try {
      return new Response(weights(new URL(request.url)), { headers: HEADERS });
    } catch (error) {
      return new Response(`${error.message}\n`, { status: 400 }); // nn-init's errors say what was expected
    }
  },
};

function weights({ pathname, searchParams }) {
  const { shape: lengths, scheme: text, seed = 0 } = Object.fromEntries(searchParams);
  const shape = lengths?.split(",").map(Number);
  const elements = shape?.reduce((product, length) => product * length, 1);
  if (elements > MOST_ELEMENTS)
    throw new RangeError(`shape: expected at most ${MOST_ELEMENTS} elements, got ${elements}`);
  const scheme = text?.startsWith("{") ? JSON.parse(text) : text;
  const number = /^\d+$/.test(seed) ? BigInt(seed) : seed; // what is no number, init refuses
  return init(shape, scheme, { seed: number, name: decodeURIComponent(pathname.slice(1)) });
}

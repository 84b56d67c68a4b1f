// npm run bench:threads: what a draw takes by one thread and by all of a pool, around the sizes from which a pool wakes its
// threads (src/engine/pool/pool.ts). Below them both are the same code. In turns; best and median.
import { Arena, init, normal, orthogonal, zeros } from "../dist/index.js";
import { measure, openReadyPool } from "./cells.mjs";

const SHAPES = {
  zeros: [[131_072], [262_144], [1_048_576]],
  "normal, f32": [[65_536], [131_072], [196_608], [262_144], [524_288], [1_048_576]],
  "normal, bf16": [[131_072], [262_144], [1_048_576]],
  orthogonal: [
    ...[
      [128, 128],
      [192, 192],
      [256, 256],
      [320, 320],
      [384, 384],
      [512, 512],
      [768, 768],
    ],
    ...[
      [16, 8192],
      [64, 2048],
      [1024, 64],
      [4096, 32],
      [4096, 64],
      [1024, 128],
      [65_536, 16],
    ],
  ],
};
const SCHEMES = { zeros: zeros(), orthogonal: orthogonal() };

const pool = await openReadyPool();
console.log(
  `${pool.threads} threads\n\n| | | one thread | all threads | times as fast: best | median |\n|---|---|---|---|---|---|`,
);
for (const [what, shapes] of Object.entries(SHAPES)) {
  for (const shape of shapes) {
    const bytes = 8 * shape.reduce((product, extent) => product * extent) + 65_536;
    const [own, shared] = [new Arena(bytes), pool.arena(bytes)];
    const options = { seed: 1, name: "w", dtype: what.endsWith("bf16") ? "bf16" : "f32" };
    const scheme = SCHEMES[what] ?? normal({ std: 0.02 });
    const by = (draw, arena) => () => {
      arena.reset();
      draw(shape, scheme, { ...options, arena });
    };
    const { one, all } = await measure(
      { one: by(init, own), all: by((...call) => pool.init(...call), shared) },
      { rounds: 15 },
    );
    const ms = ({ best }) => `${(1e3 * best).toFixed(3)} ms`;
    const times = (of) => (one[of] / all[of]).toFixed(2);
    console.log(`| ${what} | ${shape.join(" x ")} | ${ms(one)} | ${ms(all)} | ${times("best")} | ${times("median")} |`);
  }
}
pool.close();

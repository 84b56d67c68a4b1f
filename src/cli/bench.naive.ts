/** The loops that people write, to compare with. Math.random cannot be seeded. */
export const naive: Readonly<Record<string, (out: Float32Array) => void>> = {
  uniform(out) {
    for (let i = 0; i < out.length; ++i) out[i] = Math.random() * 0.2 - 0.1;
  },
  normal(out) {
    for (let i = 0; i < out.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - Math.random())) * 0.02;
      const angle = 2 * Math.PI * Math.random();
      out[i] = radius * Math.cos(angle);
      out[i + 1] = radius * Math.sin(angle);
    }
  },
  truncated(out) {
    for (let i = 0; i < out.length; ++i) {
      let z: number;
      do {
        z = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
      } while (Math.abs(z) > 2);
      out[i] = z * 0.02;
    }
  },
};

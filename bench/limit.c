/*
 * The same algorithms in C with intrinsics of 128 bits: words, uniforms and normals of docs/stream.md, two blocks at a time.
 * Prints the best nanoseconds per element, to be compared with those of the kernels.
 *
 *     gcc -O3 -mavx -mno-fma -ffp-contract=off bench/limit.c -o build/limit && build/limit
 */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BLOCK 4096
static _Alignas(64) uint32_t words[2 * BLOCK], start[2 * BLOCK];
static float *const values = (float *)words;

static inline __m128 c(uint32_t bits) { return _mm_castsi128_ps(_mm_set1_epi32((int)bits)); }
static inline __m128 horner(__m128 a, __m128 w, __m128 b) { return _mm_add_ps(a, _mm_mul_ps(w, b)); }
#define I(x) _mm_castps_si128(x)
#define F(x) _mm_castsi128_ps(x)
#define S(x) _mm_set1_epi32((int)(x))
#define ROTL(x, k) _mm_or_si128(_mm_slli_epi32(x, k), _mm_srli_epi32(x, 32 - (k)))
#define STEP(s, to) do { \
  _mm_store_si128((__m128i *)(to), _mm_add_epi32(ROTL(_mm_add_epi32(s[0], s[3]), 7), s[0])); \
  const __m128i t = _mm_slli_epi32(s[1], 9); \
  s[2] = _mm_xor_si128(s[2], s[0]); s[3] = _mm_xor_si128(s[3], s[1]); \
  s[1] = _mm_xor_si128(s[1], s[2]); s[0] = _mm_xor_si128(s[0], s[3]); \
  s[2] = _mm_xor_si128(s[2], t); s[3] = ROTL(s[3], 11); } while (0)

static void bits(void) {
  __m128i s[4], r[4];
  memcpy(s, start, sizeof s);
  memcpy(r, start + BLOCK, sizeof r);
  for (uint32_t *to = words; to < words + BLOCK; to += 4) {
    STEP(s, to);
    STEP(r, to + BLOCK);
  }
}

static void uniform(float step) {
  const __m128 by = _mm_set1_ps(step);
  for (float *v = values; v < values + 2 * BLOCK; v += 4)
    _mm_store_ps(v, _mm_mul_ps(_mm_cvtepi32_ps(_mm_or_si128(_mm_load_si128((__m128i *)v), S(1))), by));
}

static void normal(float std) {
  const __m128 two = c(0x40000000), by = _mm_set1_ps(std);
  for (float *v = values; v < values + 2 * BLOCK; v += 8) {
    const __m128i x = _mm_load_si128((__m128i *)v), y = _mm_load_si128((__m128i *)(v + 4));
    const __m128i n = _mm_srai_epi32(x, 31);
    const __m128 a = _mm_mul_ps(_mm_cvtepi32_ps(_mm_or_si128(x, S(1))), c(0x30000000));
    const __m128 t = _mm_add_ps(a, _mm_and_ps(F(n), two));
    const __m128i e = _mm_and_si128(_mm_sub_epi32(I(t), S(0x3fb504f3)), S(0xff800000));
    const __m128 base = _mm_sub_ps(F(_mm_and_si128(n, _mm_sub_epi32(I(two), e))), two);
    const __m128 f = _mm_add_ps(F(_mm_sub_epi32(I(a), e)), base);
    const __m128 q = _mm_div_ps(f, _mm_add_ps(f, c(0x40800000))), z = _mm_mul_ps(q, q);
    const __m128 p = _mm_mul_ps(z, horner(c(0x3faaaabd), z, horner(c(0x3f4caf6b), z, c(0x3f18f04b))));
    const __m128 k = _mm_mul_ps(_mm_cvtepi32_ps(e), c(0xb4317218));
    const __m128 d = _mm_add_ps(_mm_sub_ps(k, f), _mm_mul_ps(q, _mm_sub_ps(f, p)));
    const __m128 r = _mm_xor_ps(_mm_mul_ps(_mm_sqrt_ps(d), by), F(_mm_slli_epi32(x, 31)));
    const __m128i odd = _mm_or_si128(_mm_slli_epi32(y, 1), S(1));
    const __m128 g = _mm_mul_ps(_mm_cvtepi32_ps(odd), c(0x30000000)), w = _mm_mul_ps(g, g);
    const __m128 s5 = horner(c(0xbda55df6), w, horner(c(0x3b23359d), w, c(0xb817b220)));
    const __m128 sin = _mm_mul_ps(g, horner(c(0x3f490fdb), w, s5));
    const __m128 c4 = horner(c(0xbe9de9d0), w, horner(c(0x3c81d892), w, c(0xb9a74f76)));
    const __m128 cos = horner(c(0x3f800000), w, c4);
    const __m128 exchange = _mm_and_ps(_mm_xor_ps(sin, cos), F(_mm_srai_epi32(y, 31)));
    _mm_store_ps(v, _mm_mul_ps(r, _mm_xor_ps(cos, exchange)));
    _mm_store_ps(v + 4, _mm_mul_ps(r, _mm_xor_ps(sin, exchange)));
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int main(void) {
  double best[3] = {1e9, 1e9, 1e9};
  for (int i = 0; i < 2 * BLOCK; ++i) start[i] = 2654435761u * (uint32_t)(i + 1);
  for (int round = 0; round < 6000; ++round) {
    const int cell = round % 3;
    const double begun = now();
    bits();
    if (cell == 1) uniform(1e-10f);
    if (cell == 2) normal(1);
    const double took = (now() - begun) / (2 * BLOCK);
    if (took < best[cell]) best[cell] = took;
  }
  printf("words %.3f, uniform %.3f, normal %.3f ns\n", best[0], best[1], best[2]);
  return 0;
}

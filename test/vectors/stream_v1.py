#!/usr/bin/env python3
"""The stream, version 1, written from docs/stream.md alone, in plain Python: no NumPy, no nn-init.

    python3 test/vectors/stream_v1.py > test/vectors/stream_v1.json     golden vectors
    python3 test/vectors/stream_v1.py --document                        the known answers of docs/stream.md

Binary32 arithmetic is binary64 arithmetic rounded once more, which gives the same bits for + - * / and sqrt.
"""
import hashlib
import json
import math
import struct
import sys

MASK = 0xFFFFFFFF


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def bits(x):
    return struct.unpack("<I", struct.pack("<f", x))[0]


def from_bits(word):
    return struct.unpack("<f", struct.pack("<I", word))[0]


def integer(word):
    return word - (1 << 32) if word >> 31 else word


# Dtypes: a value to its bits and back. Bits of positive numbers are in the order of the numbers.


def to_bf16(x):
    word = bits(x)
    return word + 0x7FFF + (word >> 16 & 1) >> 16


TO_BITS = {
    "f32": bits,
    "f64": lambda x: struct.unpack("<Q", struct.pack("<d", x))[0],
    "f16": lambda x: struct.unpack("<H", struct.pack("<e", f32(x)))[0],
    "bf16": lambda x: to_bf16(f32(x)),
}
FROM_BITS = {
    "f32": from_bits,
    "f64": lambda b: struct.unpack("<d", struct.pack("<Q", b))[0],
    "f16": lambda b: struct.unpack("<e", struct.pack("<H", b))[0],
    "bf16": lambda b: from_bits(b << 16),
}
DIGITS = {"f32": 8, "f64": 16, "f16": 4, "bf16": 4}  # hexadecimal


def rounded(x, dtype):
    """A second rounding, to 16 bits, makes +0 of -0."""
    value = FROM_BITS[dtype](TO_BITS[dtype](x))
    return value if dtype in ("f32", "f64") else value + 0.0


def above(x, dtype):
    if x < 0:
        return -below(-x, dtype) + 0.0
    near = rounded(x, dtype)
    return near if near > x else FROM_BITS[dtype](TO_BITS[dtype](near + 0.0) + 1)


def below(x, dtype):
    if x <= 0:
        return -above(-x, dtype)
    near = rounded(x, dtype)
    return near if near < x else FROM_BITS[dtype](TO_BITS[dtype](near) - 1) + 0.0


# Keys


def stream(name):
    h = 0xCBF29CE484222325
    for b in name.encode("utf-8"):
        h = (h ^ b) * 0x100000001B3 % 2**64
    return h


# Blocks


def lane_state(seed, stream_number, block, lane):
    x0, x1 = block & MASK, (block >> 32 << 2 | lane) & MASK
    x2, x3 = stream_number & MASK, stream_number >> 32
    k0, k1 = seed & MASK, seed >> 32
    for _ in range(10):
        p, q = x0 * 0xD2511F53, x2 * 0xCD9E8D57
        x0, x1, x2, x3 = q >> 32 ^ x1 ^ k0, q & MASK, p >> 32 ^ x3 ^ k1, p & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    state = [x0, x1, x2, x3]
    return state if any(state) else [0x9E3779B9, 0x243F6A88, 0xB7E15162, 0x6A09E667]


def rotl(x, k):
    return (x << k | x >> (32 - k)) & MASK


def block_words(seed, stream_number, block, count=4096):
    words = [0] * (count + 3 & ~3)
    for lane in range(4):
        s0, s1, s2, s3 = lane_state(seed, stream_number, block, lane)
        for j in range(lane, len(words), 4):
            words[j] = (rotl((s0 + s3) & MASK, 7) + s0) & MASK
            t = s1 << 9 & MASK
            s2 ^= s0
            s3 ^= s1
            s1 ^= s2
            s0 ^= s3
            s2 ^= t
            s3 = rotl(s3, 11)
    return words


# Distributions: each gives the values of a list of words, from the start of a block; for f64, of pairs of words as 64 bits


def inside(low, high, dtype):
    first, last = above(low, dtype), below(high, dtype)
    return (first, last) if first <= last else (rounded(low, dtype), rounded(low, dtype))


def fraction(x):
    return (2 * (x & 2**52 - 1) + 1) * 2.0**-53


def signed_fraction(x):
    return -fraction(x) if x >> 63 else fraction(x)


def clamp(x, first, last):
    return first if x < first else last if x > last else x


def uniform(words, dtype, low, high):
    first, last = inside(low, high, dtype)
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    if dtype == "f64":
        return [clamp(middle + signed_fraction(x) * half, first, last) for x in words]
    middle, half = f32(middle), below(half, "f32")
    out = []
    for x in words:
        v = f32(f32(integer(x | 1)) * 2.0**-31)
        out.append(clamp(f32(middle + f32(v * half)), first, last))
    return out


P1, P2, P3, L = map(from_bits, (0x3FAAAABD, 0x3F4CAF6B, 0x3F18F04B, 0xB4317218))
S1, S3, S5, S7 = map(from_bits, (0x3F490FDB, 0xBDA55DF6, 0x3B23359D, 0xB817B220))
C2, C4, C6 = map(from_bits, (0xBE9DE9D0, 0x3C81D892, 0xB9A74F76))


def radius(x, std):
    a = f32(f32(integer(x | 1)) * 2.0**-31)
    n = 1 if integer(x) < 0 else 0
    t = f32(a + 2 * n)
    e = (bits(t) - 0x3FB504F3) & 0xFF800000
    scaled = from_bits((bits(a) - e) & MASK)
    c = -2 if n == 0 else 0 if e == 0 else 2
    f = f32(scaled + c)
    q = f32(f / f32(f + 4))
    z = f32(q * q)
    p = f32(z * f32(P1 + f32(z * f32(P2 + f32(z * P3)))))
    d = f32(f32(f32(f32(integer(e)) * L) - f) + f32(q * f32(f - p)))
    r = f32(f32(math.sqrt(d)) * std)
    return -r if x & 1 else r


def circle(y):
    v = f32(f32(integer((y << 1 | 1) & MASK)) * 2.0**-31)
    w = f32(v * v)
    s = f32(v * f32(S1 + f32(w * f32(S3 + f32(w * f32(S5 + f32(w * S7)))))))
    c = f32(1 + f32(w * f32(C2 + f32(w * f32(C4 + f32(w * C6))))))
    return (s, c) if integer(y) < 0 else (c, s)


def normal(words, dtype, mean, std):
    if dtype == "f64":
        return normal64(words, mean, std)
    mean, std = f32(mean), f32(std)
    out = [0.0] * len(words)
    for j in range(0, len(words), 8):
        for k in range(j, j + 4):
            r = radius(words[k], std)
            c, s = circle(words[k + 4])
            out[k], out[k + 4] = f32(r * c), f32(r * s)
    return out if mean == 0 else [f32(mean + x) for x in out]


def normal64(words, mean, std):
    out = [0.0] * len(words)
    for j in range(0, len(words), 4):
        for k in (j, j + 1):
            r = radius64(words[k], std)
            c, s = circle64(words[k + 2])
            out[k], out[k + 2] = r * c, r * s
    return out if mean == 0 else [mean + x for x in out]


P64 = [0] + [FROM_BITS["f64"](int(h, 16)) for h in (
    "3ff5555555555593 3fe999999997fa04 3fe2492494229359 3fdc71c51d8e78af 3fd7466496cb03de 3fd39a09d078c69f "
    "3fd2f112df3e5244").split()]
S64 = [FROM_BITS["f64"](int(h, 16)) for h in (
    "3fe921fb54442d18 bfb4abbce625be47 3f6466bc67758db1 bf032d2cce335e6f 3e95078301dcf6b6 be1e300a85fc9574 "
    "3d9e404742f3e351").split()]
C64 = [FROM_BITS["f64"](int(h, 16)) for h in (
    "bfd3bd3cc9be45de 3f903c1f081b5abd bf355d3c7e3ca6fb 3ece1f5068528e5e be5a6d1edbbb9b9c 3ddf9cd20b415c65 "
    "bd5b2a21ec94163b").split()]
L64 = FROM_BITS["f64"](0xBFF62E42FEFA39EF)


def estrin(a, x):
    t = x * x
    return (a[0] + x * a[1] + t * (a[2] + x * a[3])) + t * t * (a[4] + x * a[5] + t * a[6])


def radius64(x, std):
    m, k = math.frexp(fraction(x))
    if m < ROOT:
        m, k = 2 * m, k - 1
    f = 2 * (m - 1)
    q = f / (f + 4)
    z = q * q
    p = z * estrin(P64[1:], z)
    r = math.sqrt((k * L64 - f) + q * (f - p)) * std
    return -r if x >> 63 else r


def circle64(y):
    v = fraction(y)
    w = v * v
    s = v * estrin(S64, w)
    s = -s if y >> 63 else s
    c = 1 + w * estrin(C64, w)
    return (s, c) if y >> 62 & 1 else (c, s)


B = from_bits(0x3FF45A18)
P_ = [from_bits(w) for w in (0x40061A06, 0x41E5A000, 0x42CA34A6, 0x42ABFA08, 0x4103D6CD)]
Q_ = [1.0] + [from_bits(w) for w in (0x4179346C, 0x428686F9, 0x42A41A0E, 0x41951006)]


def truncated(words, dtype, mean, std, low, high):
    first, last = inside(mean + std * low, mean + std * high, dtype)
    if dtype == "f64":
        quantile = wide_quantile(low, high)
        return [clamp(mean + std * quantile(signed_fraction(x)), first, last) for x in words]
    if low == -high and high <= 2:
        value = near_value(mean, std, high)
    else:
        quantile = wide_quantile(low, high)
        value = lambda s: f32(mean + std * quantile(s * 2.0**-31))
    return [clamp(value(integer(x | 1)), first, last) for x in words]


def near_value(mean, std, high):
    mean, std = f32(mean), f32(std)
    m = 2 * mass(high)
    g, rest = f32(m * 2.0**-31), f32(0.9544997361036416 - m)

    def value(s):
        t = f32(f32(s) * g)
        d = f32(f32(f32(2**31 - abs(s)) * g) + rest)
        r = f32(d * f32(B - d))
        p, q = P_[4], Q_[4]
        for i in (3, 2, 1, 0):
            p, q = f32(f32(p * r) + P_[i]), f32(f32(q * r) + Q_[i])
        return f32(mean + f32(std * f32(f32(t * p) / q)))

    return value


def wide_quantile(low, high):
    begin, end = signed(low), signed(high)
    middle, half = (begin + end) / 2, (end - begin) / 2
    if low >= 0:
        under, over = 0.0, ratio(low, high)
        span, surplus = (1 - over) / 2, surprise(low)
    elif high <= 0:
        under, over = ratio(-high, -low), 0.0
        span, surplus = (1 - under) / 2, surprise(-high)
    else:
        under, over = upper(-low), upper(high)
        span, surplus = (end - begin) / 2, 0.0

    def quantile(v):
        c = middle + v * half
        if abs(c) <= 0.425:
            return central(c)
        if c > 0:
            return tail(surplus - log(over + (1 - v) * span))
        return -tail(surplus - log(under + (1 + v) * span))

    return quantile


def signed(z):
    return upper(-z) - 0.5 if z < -2 else 0.5 - upper(z) if z > 2 else mass(z)


def ratio(n, f):
    return (exp(-0.5 * (f - n) * (f + n)) * mills(f)) / mills(n)


def upper(z):
    return (mills(z) * exp(-0.5 * z * z)) / 2.5066282746310007


def surprise(z):
    return 0.5 * z * z + 0.9189385332046728 - log(mills(z))


def mass(z):
    term = total = z
    k = 3
    while True:
        term = (term * z * z) / k
        if total + term == total:
            return (total * exp(-0.5 * z * z)) / 2.5066282746310007
        total = total + term
        k += 2


def mills(z):
    if z < 2:
        return (0.5 - mass(z)) * 2.5066282746310007 * exp(0.5 * z * z)
    y = z
    for k in range(64, 0, -1):
        y = z + k / y
    return 1 / y


E1, E2, E3 = 1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5
E4, E5 = -1.65339022054652515390e-6, 4.13813679705723846039e-8
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-1, 1.90821492927058770002e-10


def exp(x):
    if x < -708:
        return 0.0
    k = math.floor(x * 1.4426950408889634 + 0.5)
    h, l = x - k * LN2_HIGH, k * LN2_LOW
    r = h - l
    t = r * r
    c = r - t * (E1 + t * (E2 + t * (E3 + t * (E4 + t * E5))))
    return math.ldexp(1 - (l - (r * c) / (2 - c) - h), k)


L1, L2, L3 = 6.666666666666735130e-1, 3.999999999940941908e-1, 2.857142874366239149e-1
L4, L5, L6 = 2.222219843214978396e-1, 1.818357216161805012e-1, 1.531383769920937332e-1
L7 = 1.479819860511658591e-1
ROOT = struct.unpack("<d", struct.pack("<Q", 0x3FE6A09E667F3BCD))[0]


def log(x):
    m, k = math.frexp(x)
    if m < ROOT:
        m, k = 2 * m, k - 1
    f = m - 1
    s = f / (2 + f)
    z = s * s
    w = z * z
    o = z * (L1 + w * (L3 + w * (L5 + w * L7)))
    e = w * (L2 + w * (L4 + w * L6))
    h = 0.5 * f * f
    return k * LN2_HIGH + (s * (h + (o + e)) + k * LN2_LOW - h + f)


POLY = {
    "A": "3.387132872796366608 133.14166789178437745 1971.5909503065514427 13731.693765509461125 "
    "45921.953931549871457 67265.770927008700853 33430.575583588128105 2509.0809287301226727",
    "B": "1 42.313330701600911252 687.18700749205790830 5394.1960214247511077 "
    "21213.794301586595867 39307.895800092710610 28729.085735721942674 5226.4952788528545610",
    "C": "1.42343711074968357734 4.63033784615654529590 5.76949722146069140550 3.64784832476320460504 "
    "1.27045825245236838258 0.241780725177450611770 0.0227238449892691845833 7.74545014278341407640e-4",
    "D": "1 2.05319162663775882187 1.67638483018380384940 0.689767334985100004550 "
    "0.148103976427480074590 0.0151986665636164571966 0.000547593808499534494600 1.05075007164441684324e-9",
    "E": "6.65790464350110377720 5.46378491116411436990 1.78482653991729133580 0.296560571828504891230 "
    "0.0265321895265761230930 0.00124266094738807843860 2.71155556874348757815e-5 2.01033439929228813265e-7",
    "F": "1 0.599832206555887937690 0.136929880922735805310 0.0148753612908506148525 "
    "7.86869131145613259100e-4 1.84631831751005468180e-5 1.42151175831644588870e-7 2.04426310338993978564e-15",
}
POLY = {name: [float(c) for c in text.split()] for name, text in POLY.items()}


def poly(name, r):
    y = POLY[name][7]
    for c in POLY[name][6::-1]:
        y = y * r + c
    return y


def central(c):
    r = 0.180625 - c * c
    return (c * poly("A", r)) / poly("B", r)


def tail(y):
    v = math.sqrt(y)
    if v <= 5:
        return poly("C", v - 1.6) / poly("D", v - 1.6)
    if v <= 27:
        return poly("E", v - 5) / poly("F", v - 5)
    u = 2 * y
    for _ in range(6):
        t = 1 / u
        g = 1 - t * (1 - t * (3 - t * (15 - t * 105)))
        u = 2 * y + log((g * g) / (6.283185307179586 * u))
    return math.sqrt(u)


# Matrices


def orthogonal(seed, stream_number, dtype, rows, columns, gain, first=0):
    """The values of the matrix, row-major, before a rounding to 16 bits. @param first the element where its own draws begin"""
    base = "f64" if dtype == "f64" else "f32"
    rnd = (lambda x: x) if base == "f64" else f32
    m, n = max(rows, columns), min(rows, columns)
    blocks = -(-n // 32)
    total = sum((m - 32 * b) * 32 for b in range(blocks))
    drawn = [FROM_BITS[base](int(h, 16)) for h in element_run(seed, stream_number, base, "normal", (0.0, 1.0), first, total)]
    panels, triangles, signs = [], [], []
    for b in range(blocks):
        count = m - 32 * b
        panel = [drawn[32 * i:32 * i + 32] for i in range(count)]
        drawn = drawn[32 * count:]
        triangle, sign = reflect(panel, min(32, n - 32 * b), rnd)
        panels.append(panel)
        triangles.append(triangle)
        signs += sign
    result = [[0.0] * columns for _ in range(rows)]
    for c in range(n):
        column = [signs[c] if i == c else 0.0 for i in range(m)]
        for b in range(c // 32, -1, -1):
            u, t, top = panels[b], triangles[b], 32 * b
            w = in_pieces(u, [[column[top + i]] for i in range(m - top)], rnd)
            v = [dot([(t[i][k], w[k][0]) for k in range(32)], rnd) for i in range(32)]
            for i in range(m - top):
                column[top + i] = rnd(column[top + i] - dot(zip(u[i], v), rnd))
        for i in range(m):
            value = rnd(column[i] * rnd(gain))
            if rows >= columns:
                result[i][c] = value
            else:
                result[c][i] = value
    return [value for row in result for value in row]


def dot(pairs, rnd):
    s = 0.0
    for a, b in pairs:
        s = rnd(s + rnd(a * b))
    return s


def in_pieces(u, c, rnd):
    """U^T C."""
    result = [[0.0] * len(c[0]) for _ in range(32)]
    begin = 0
    while begin < len(u):
        end = min(len(u), 32 if begin < 32 else begin + 256)
        for q in range(32):
            for j in range(len(c[0])):
                result[q][j] = rnd(result[q][j] + dot([(u[i][q], c[i][j]) for i in range(begin, end)], rnd))
        begin = end
    return result


def reflect(u, r, rnd):
    taus, signs = [0.0] * 32, [0.0] * 32
    for q in range(32):
        for i in range(min(q, len(u))):
            u[i][q] = 0.0
        if q >= r:
            for row in u:
                row[q] = 0.0
            continue
        x, s = u[q][q], 0.0
        for row in u:
            s += row[q] * row[q]
        norm = math.sqrt(s)
        e = rnd(1 / (x - norm if x < 0 else x + norm))
        taus[q] = rnd(2 / (1 + (s - x * x) * e * e))
        signs[q] = 1.0 if x < 0 else -1.0
        for row in u:
            row[q] = rnd(row[q] * e)
        u[q][q] = 1.0
    g = in_pieces(u, u, rnd)
    t = [[0.0] * 32 for _ in range(32)]
    for k in range(r):
        for i in range(32):
            t[i][k] = rnd(dot([(t[i][j], g[j][k]) for j in range(k)], rnd) * -taus[k])
        t[k][k] = taus[k]
    return t, signs


def sparse(seed, stream_number, dtype, rows, columns, std, zeros, across, first=0):
    base = "f64" if dtype == "f64" else "f32"
    size = rows * columns
    drawn = [FROM_BITS[base](int(h, 16)) for h in element_run(seed, stream_number, base, "normal", (0.0, std), first, 2 * size)]
    values, ranks = drawn[:size], drawn[size:]
    lines, length = (rows, columns) if across else (columns, rows)
    for line in range(lines):
        for i in sorted(range(length), key=lambda i: (ranks[line * length + i], i))[:zeros]:
            values[line * columns + i if across else i * columns + line] = 0.0
    return values


# Tensors

FIGURES = {"f32": 9, "f64": 17, "f16": 5, "bf16": 4}


FUNCTIONS = {"uniform": uniform, "normal": normal, "truncated": truncated}


def draw(words, dtype, distribution, parameters):
    """The values that words give, as bits."""
    if dtype == "f64":
        words = [low | high << 32 for low, high in zip(words[::2], words[1::2])]
    return [f"{TO_BITS[dtype](v):0{DIGITS[dtype]}x}" for v in FUNCTIONS[distribution](words, dtype, *parameters)]


def element_run(seed, stream_number, dtype, distribution, parameters, start, count):
    """Elements start to start + count, as bits."""
    out = []
    per_element = 2 if dtype == "f64" else 1
    size = 4096 // per_element
    for block in range(start // size, (start + count - 1) // size + 1):
        begin = max(start - block * size, 0)
        end = min(start + count - block * size, size)
        words = block_words(seed, stream_number, block, end * per_element + 7 & ~7)
        out += draw(words, dtype, distribution, parameters)[begin:end]
    return out


DISTRIBUTIONS = [
    ("uniform", (-0.1, 0.1)),
    ("uniform", (0.0, 1.0)),
    ("uniform", (100.0, 101.0)),
    ("uniform", (-1e-40, 1e-40)),
    ("uniform", (1.0, 1.0000001)),
    ("normal", (0.0, 0.02)),
    ("normal", (0.0, 1.0)),
    ("normal", (-3.5, 1e-3)),
    ("truncated", (0.0, 0.02, -2.0, 2.0)),
    ("truncated", (0.1, 1.0, -1.0, 1.0)),
    ("truncated", (0.0, 0.02, -3.0, 3.0)),
    ("truncated", (0.0, 0.02, -100.0, 100.0)),
    ("truncated", (0.0, 1.0, 0.0, 2.0)),
    ("truncated", (0.0, 1.0, -1.0, 6.0)),
    ("truncated", (0.0, 1.0, 5.0, 6.0)),
    ("truncated", (0.0, 1.0, -12.0, -10.0)),
    ("truncated", (0.0, 1.0, 50.0, 51.0)),
]
# A whole block and its neighbours; a far block; the largest seed; a name outside ASCII.
PLACES = [
    (42, "fc1.kernel", 0, 64),
    (42, "fc1.kernel", 4090, 20),
    (2**64 - 1, "größe", 2**52 - 5, 16),
]
WORDS = [0, 1, 2, 3, MASK, MASK - 1, 1 << 31, (1 << 31) - 1, (1 << 31) + 1, 1 << 30, 3 << 30, 0x55555555, 0xAAAAAAAA,
         0x4AFB0CCC, 0xB504F333, 0xB504F334]


def run(case, seed, name, start, count):
    values = element_run(seed, stream(name), case["dtype"], case["distribution"], case["parameters"], start, count)
    return {**case, "seed": str(seed), "name": name, "start": start, "bits": " ".join(values)}


# A block, two blocks, a piece of 256 rows and one more; square, tall, wide.
MATRICES = [(1, 1), (3, 3), (5, 2), (2, 5), (34, 34), (40, 35), (35, 40), (300, 3)]


def matrix(distribution, dtype, shape, values):
    patterns = [f"{TO_BITS[dtype](v):0{DIGITS[dtype]}x}" for v in values]
    sha256 = hashlib.sha256(b"".join(bytes.fromhex(b)[::-1] for b in patterns)).hexdigest()
    return {"distribution": distribution, "dtype": dtype, "shape": shape, "first": " ".join(patterns[:8]), "sha256": sha256}


def tie(dtype, across):
    """A sparse line of 700 whose 217 zeros end at a tie: elements 579 and 673 have equal ranks, and only 579 becomes zero."""
    seed, length, zeros, first, second = 179, 700, 217, 579, 673
    ranks = element_run(seed, stream("q"), "f32", "normal", (0.0, 0.01), length, length)
    assert ranks[first] == ranks[second]
    shape = (1, length) if across else (length, 1)
    values = sparse(seed, stream("q"), dtype, *shape, 0.01, zeros, across)
    assert values[first] == 0.0 and values[second] != 0.0
    return {"seed": str(seed), "tie": [first, second], **matrix("sparse", dtype, (*shape, zeros, int(across)), values)}


def fits(dtype, distribution, parameters):
    return dtype != "f16" or distribution == "truncated" or max(map(abs, parameters)) < 65504


def golden():
    vectors = {
        "origin": "test/vectors/stream_v1.py, an implementation of docs/stream.md in Python; values are bits",
        "streams": {name: f"{stream(name):016x}" for name in ("", "a", "foobar", "fc1.kernel", "größe", "h.0.attn")},
        "elements": [],
        "words": [],
        "hashes": [],
        "matrices": [],
        "ties": [tie(dtype, across) for dtype in ("f32", "f16", "bf16") for across in (False, True)],
    }
    # Every extreme word as radius with every extreme word as angle.
    pairs = [w for x in WORDS for y in WORDS for w in (x, x, x, x, y, y, y, y)]
    for distribution, parameters in DISTRIBUTIONS:
        for dtype in TO_BITS:
            case = {"distribution": distribution, "parameters": parameters, "dtype": dtype}
            if fits(dtype, distribution, parameters):
                vectors["elements"] += [run(case, *place) for place in PLACES]
                count = 10000 if dtype == "f32" else 5000
                data = element_run(7, stream("layer.weight"), dtype, distribution, parameters, 1000, count)
                sha256 = hashlib.sha256(b"".join(bytes.fromhex(b)[::-1] for b in data)).hexdigest()
                vectors["hashes"].append(
                    {**case, "seed": "7", "name": "layer.weight", "start": 1000, "count": count, "sha256": sha256})
            if dtype in ("f32", "f64"):
                step = 4 if dtype == "f32" else 2
                vectors["words"].append({**case, "bits": " ".join(draw(pairs, dtype, distribution, parameters)[::step])})
    for dtype in TO_BITS:
        for shape in MATRICES:
            values = orthogonal(42, stream("q"), dtype, *shape, 1.0 if shape[0] == shape[1] else 0.7)
            vectors["matrices"].append(matrix("orthogonal", dtype, shape, values))
        for across in (False, True):
            values = sparse(42, stream("q"), dtype, 11, 7, 0.01, 3, across)
            vectors["matrices"].append(matrix("sparse", dtype, (11, 7, 3, int(across)), values))
    vectors["extremes"] = " ".join(f"{w:08x}" for w in WORDS)
    return vectors


def document():
    for name in ("", "a", "foobar", "fc1.kernel", "größe"):
        print(f"{name!r}: {stream(name):016x}")
    for lane in range(4):
        print(f"| {lane} | " + " ".join(f"`{w:08x}`" for w in lane_state(42, 7, 0, lane)) + " |")
    words = block_words(42, 7, 0)
    print("0-7:", " ".join(f"{w:08x}" for w in words[:8]), "last:", " ".join(f"{w:08x}" for w in words[-4:]))
    h = 0xCBF29CE484222325
    for b in b"".join(struct.pack("<I", w) for w in words):
        h = (h ^ b) * 0x100000001B3 % 2**64
    print(f"hash: {h:016x}")
    far = block_words(0x0123456789ABCDEF, 0xFEDCBA9876543210, 2**33 + 5, 4)
    print("far:", " ".join(f"{w:08x}" for w in far))
    distributions = (("uniform", (-1.0, 1.0)), ("uniform", (0.0, 1.0)), ("normal", (0.0, 1.0)), ("normal", (1.0, 0.02)),
            ("truncated", (0.0, 1.0, -2.0, 2.0)), ("truncated", (0.0, 1.0, -3.0, 3.0)),
            ("truncated", (0.0, 1.0, 5.0, 6.0)))
    for dtype, (distribution, p) in [(d, case) for d in TO_BITS for case in (distributions if d == "f32" else distributions[:5:2])]:
        values = []
        for start, count in ((0, 4), (100000, 1)):
            values += element_run(42, stream("fc1.kernel"), dtype, distribution, p, start, count)
        shown = [f"`{v}` {FROM_BITS[dtype](int(v, 16)):.{FIGURES[dtype]}g}" for v in values]
        print(f"| {distribution}({', '.join(f'{x:g}' for x in p)}) {dtype} | " + " | ".join(shown) + " |")


if __name__ == "__main__":
    if "--document" in sys.argv:
        document()
    else:
        print(json.dumps(golden(), indent=1, ensure_ascii=False))

#!/usr/bin/env python3
"""The exact Box-Muller transform of 64-bit words, with which normals in f64 are compared. Needs mpmath.

    python3 test/vectors/normal64.py > test/vectors/normal64.txt

Each line has the radius bits X, the angle bits Y, and the two values, each as the nearest binary64 and the remainder.
docs/stream.md, "normal", says which bits mean what.
"""
import random

from mpmath import cos, log, mp, mpf, pi, sin, sqrt

mp.dps = 50
EXTREME = [0, 1, 2**52 - 1, 2**52 - 2, 2**51, 2**51 + 1, 1 << 63, 1 << 62, 3 << 62, 2**64 - 1, 0x6A09E667F3BCC, 0x6A09E667F3BCD,
           0x5555555555555555, 0xAAAAAAAAAAAAAAAA, 1 << 50, 3 << 50, 2**20]


def pair(x, y):
    u = mpf(2 * (x % 2**52) + 1) / 2**53
    r = sqrt(-2 * log(u)) * (-1 if x >> 63 else 1)
    angle = pi / 4 * mpf(2 * (y % 2**52) + 1) / 2**53
    s, c = sin(angle) * (-1 if y >> 63 else 1), cos(angle)
    return (r * s, r * c) if y >> 62 & 1 else (r * c, r * s)


def split(value):
    near = float(value)
    return f"{near!r} {float(value - mpf(near))!r}"


random.seed(64)
cases = [(x, y) for x in EXTREME for y in EXTREME]
cases += [(random.getrandbits(64), random.getrandbits(64)) for _ in range(400)]
print("# Made by test/vectors/normal64.py (mpmath): X Y first rest second rest")
for x, y in cases:
    first, second = pair(x, y)
    print(f"{x:016x} {y:016x} {split(first)} {split(second)}")

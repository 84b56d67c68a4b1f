"""Prints functions.txt: values of elementary functions, by mpmath with 40 digits, rounded to doubles.

    python3 test/vectors/functions.py > test/vectors/functions.txt        (Debian: python3-mpmath)

Each line: function, argument, value; both numbers exactly as a double prints.
"""
import random
from mpmath import cos, erf, erfc, exp, expm1, log, log1p, mp, mpf, sin, sqrt, tanh

mp.dps = 400  # 1 - tiny must not round
random.seed(1)

FUNCTIONS = {
    "exp": (exp, [(-745.13, 709.78), (-1, 1), (-745.13, -700)]),
    "log": (log, []),
    "expm1": (expm1, [(-40, 40), (-1, 1), (-1e-3, 1e-3)]),
    "softplus": (lambda x: log1p(exp(x)), [(-700, 700), (-40, 40)]),
    "sigmoid": (lambda x: 1 / (1 + exp(-x)), [(-700, 700), (-40, 40)]),
    "tanh": (tanh, [(-25, 25), (-1, 1), (-0.06, 0.06)]),
    "erf": (erf, [(-7, 7), (-1, 1), (-0.06, 0.06)]),
    "normalCdf": (lambda x: erfc(-x / sqrt(mpf(2))) / 2, [(-37, 9), (-8, 8)]),
    "sin": (sin, [(-4, 4), (-1000, 1000), (-1e6, 1e6)]),
    "cos": (cos, [(-4, 4), (-1000, 1000), (-1e6, 1e6)]),
}

print("# Made by functions.py with mpmath.")
for name, (function, ranges) in FUNCTIONS.items():
    points = [random.uniform(*ends) for ends in ranges for _ in range(40)]
    if name == "log":
        points = [2.0 ** random.uniform(-1074, 1023.9) for _ in range(60)] + [random.uniform(0.5, 2) for _ in range(40)]
    elif name not in ("exp", "sigmoid", "softplus", "normalCdf", "cos"):
        points += [1e-9, -1e-20, 1e-300]
    for x in points:
        print(name, repr(x), repr(float(function(mpf(x)))))

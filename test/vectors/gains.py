"""Prints gains.txt: the moments of activations under a standard normal input, by mpmath's quadrature with 40 digits.

    python3 test/vectors/gains.py > test/vectors/gains.txt        (Debian: python3-mpmath)

forward = E[f(z)^2]^(-1/2); variance = Var[f(z)]^(-1/2); backward = E[f'(z)^2]^(-1/2).
"""
import sys
from mpmath import cos, diff, erf, exp, log, mp, mpf, pi, quad, sech, sin, sqrt, tanh

mp.dps = 40
ALPHA = mpf("1.6732632423543772848170429916717")  # selu: Klambauer et al. 2017, eq. 14
SCALE = mpf("1.0507009873554804934193349852946")


def density(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def cdf(z):
    return (1 + erf(z / sqrt(2))) / 2


def logistic(z):
    return 1 / (1 + exp(-z))


def softplus(z):
    return log(1 + exp(z))


def gelu_tanh(z):
    return z / 2 * (1 + tanh(sqrt(2 / pi) * (z + mpf("0.044715") * z**3)))


def sign_part(positive, negative):
    return lambda z: positive(z) if z > 0 else negative(z)


ZERO, ONE = (lambda z: mpf(0)), (lambda z: mpf(1))

# name: the function, its derivative, where either has a kink or a jump
ACTIVATIONS = {
    "linear": (lambda z: z, ONE, []),
    "relu": (sign_part(lambda z: z, ZERO), sign_part(ONE, ZERO), [0]),
    "relu6": (lambda z: min(max(z, 0), 6), lambda z: mpf(1) if 0 < z < 6 else mpf(0), [0, 6]),
    "reluSquared": (sign_part(lambda z: z * z, ZERO), sign_part(lambda z: 2 * z, ZERO), [0]),
    "elu": (sign_part(lambda z: z, lambda z: exp(z) - 1), sign_part(ONE, exp), [0]),
    "selu": (
        sign_part(lambda z: SCALE * z, lambda z: SCALE * ALPHA * (exp(z) - 1)),
        sign_part(lambda z: SCALE, lambda z: SCALE * ALPHA * exp(z)),
        [0],
    ),
    "gelu": (lambda z: z * cdf(z), lambda z: cdf(z) + z * density(z), []),
    "geluTanh": (gelu_tanh, lambda z: diff(gelu_tanh, z), []),
    "quickGelu": (
        lambda z: z * logistic(mpf("1.702") * z),
        lambda z: diff(lambda t: t * logistic(mpf("1.702") * t), z),
        [],
    ),
    "silu": (
        lambda z: z * logistic(z),
        lambda z: logistic(z) * (1 + z * (1 - logistic(z))),
        [],
    ),
    "mish": (lambda z: z * tanh(softplus(z)), lambda z: diff(lambda t: t * tanh(softplus(t)), z), []),
    "hardSwish": (
        lambda z: z * min(max(z + 3, 0), 6) / 6,
        lambda z: mpf(0) if z < -3 else mpf(1) if z > 3 else (2 * z + 3) / 6,
        [-3, 3],
    ),
    "tanh": (tanh, lambda z: sech(z) ** 2, []),
    "hardTanh": (lambda z: min(max(z, -1), 1), lambda z: mpf(1) if -1 < z < 1 else mpf(0), [-1, 1]),
    "sigmoid": (logistic, lambda z: logistic(z) * (1 - logistic(z)), []),
    "hardSigmoid": (
        lambda z: min(max(z + 3, 0), 6) / 6,
        lambda z: mpf(1) / 6 if -3 < z < 3 else mpf(0),
        [-3, 3],
    ),
    "softplus": (softplus, logistic, []),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2, [0]),
    "erf": (erf, lambda z: 2 / sqrt(pi) * exp(-z * z), []),
    "sin": (sin, cos, []),
}


def mean(g, kinks):
    ends = sorted({mpf(end) for end in [-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16, *kinks]})  # beyond 16: 1e-57
    return quad(lambda z: g(z) * density(z), ends)


print("# activation forward variance backward, 20 digits. Made by gains.py (mpmath).")
for name, (f, derivative, kinks) in ACTIVATIONS.items():
    first, second = mean(f, kinks), mean(lambda z: f(z) ** 2, kinks)
    slope = mean(lambda z: derivative(z) ** 2, kinks)
    row = [1 / sqrt(second), 1 / sqrt(second - first**2), 1 / sqrt(slope)]
    print(name, *(mp.nstr(value, 20) for value in row), flush=True)
    print(name, file=sys.stderr)

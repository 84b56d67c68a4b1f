"""Draws from the initializers of JAX or Keras: peers.py jax|keras FOLDER < cases.json

A case is {"name": ..., "given": {...}, "shape": [...], "count": n}: the initializer, its arguments, a shape, and how many tensors
of it are drawn. The values of case i are float32 in FOLDER/i; standard output has the version.
"""
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
library, folder = sys.argv[1:]
cases = json.load(sys.stdin)

if library == "jax":
    import jax
    from jax.nn import initializers

    def draw(name, given, shape, count):
        made = getattr(initializers, name)(**given)
        one = jax.jit(lambda key: made(key, tuple(shape), "float32"))
        return [one(jax.random.key(seed)) for seed in range(count)]

    version = jax.__version__
else:
    import keras

    def draw(name, given, shape, count):
        return [getattr(keras.initializers, name)(seed=seed, **given)(tuple(shape)) for seed in range(count)]

    version = keras.__version__

import numpy

for i, case in enumerate(cases):
    values = [numpy.asarray(one, dtype="<f4").ravel() for one in draw(**case)]
    numpy.concatenate(values).tofile(os.path.join(folder, str(i)))
print(version)

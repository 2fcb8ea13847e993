"""
Gains: what an activation takes away
====================================

The gain of an activation is the factor of the std that makes up for it. torch knows
twelve; ``activation_gain`` knows 34, and computes that of any function.
"""

import matplotlib.pyplot as plt
import numpy as np

import fastinit

ACTIVATIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "gelu_tanh": lambda z: (
        0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))
    ),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softsign": lambda z: z / (1 + np.abs(z)),
}

# %%
# The gain of a name is that of the function, to the last digits.

for name, function in ACTIVATIONS.items():
    of_name = fastinit.activation_gain(name)
    of_function = fastinit.activation_gain(function)
    print(f"{name:10} {of_name:.12f} {of_function - of_name:+.0e}")

# %%
# With its gain, an activation keeps the mean square of the signal from layer to layer;
# with that of the ReLU, another one lets it shrink. Thirty layers of 512 units:

DEPTH, WIDTH = 30, 512


def mean_squares(function, gain):
    """Mean square of the signal before each layer's activation."""
    signal = fastinit.normal(WIDTH, seed=0, name="input")
    squares = []
    for layer in range(DEPTH):
        weight = fastinit.normal(
            (WIDTH, WIDTH), std=gain / WIDTH**0.5, seed=0, name=f"layer.{layer}"
        )
        signal = weight @ function(signal)
        squares.append(float(np.mean(signal**2)))
    return squares


figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
for name, function in ACTIVATIONS.items():
    axes[0].semilogy(mean_squares(function, fastinit.activation_gain(name)), label=name)
    axes[1].semilogy(mean_squares(function, 2**0.5), label=name)
axes[0].set_title("each with its own gain")
axes[1].set_title("all with the gain of the ReLU")
axes[0].set_ylabel("mean square of the signal")
for panel in axes:
    panel.set_xlabel("layer")
axes[1].legend()

# %%
# The gain assumes inputs of variance 1, which it then keeps: a fixed point. A
# saturating activation, such as tanh, comes back to it from either side. That of silu
# does not hold: a signal that chance has made a little larger comes out larger still,
# which the left panel shows.

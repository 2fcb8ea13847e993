"""
A signal through fifty layers
=============================

Xavier keeps the size of a signal where there is no activation, Kaiming where there is a
ReLU. The other way round a factor of two is lost or won in each layer, and fifty layers
make :math:`2^{50}` of it. The theory is in :doc:`/schemes`, with a larger network.
"""

import matplotlib.pyplot as plt
import numpy as np

import fastinit

DEPTH, WIDTH = 50, 256


def mean_squares(spec, has_relu, seed):
    """Mean square of the signal behind each layer."""
    signal = fastinit.normal((WIDTH, 4), seed=seed, name="input")
    squares = [float(np.mean(signal**2))]
    for layer in range(1, DEPTH + 1):
        weight = fastinit.create(
            spec, (WIDTH, WIDTH), seed=seed, name=f"layer.{layer}.weight"
        )
        signal = weight @ signal
        if has_relu:
            signal = np.maximum(signal, 0)
        squares.append(float(np.mean(signal.astype(np.float64) ** 2)))
    return squares


# %%
# Four networks for each of the four pairs. A signal behind a ReLU has half of the mean
# square, once; what counts is the slope.

figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
for spec, has_relu, colour in (
    ("kaiming_normal", False, "#a97bdc"),
    ("kaiming_normal", True, "#1f9e8f"),
    ("xavier_normal", False, "#3f8fdf"),
    ("xavier_normal", True, "#e06c2f"),
):
    label = f"{spec.split('_')[0].title()}, {'ReLU' if has_relu else 'no activation'}"
    for seed in range(4):
        squares = mean_squares(spec, has_relu, seed)
        axes.semilogy(
            squares, color=colour, lw=1, base=2, label=label if seed == 0 else None
        )
    print(f"{label:24} mean square after {DEPTH} layers: 2^{np.log2(squares[-1]):.1f}")
axes.set_xlabel("layer")
axes.set_ylabel("mean square of the signal")
axes.legend()

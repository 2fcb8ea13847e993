"""
Two truncated normals under one name
====================================

torch's ``trunc_normal_`` takes bounds as *values*; Keras and JAX count them in standard
deviations. With a std of 0.02 torch's default bounds of -2 and 2 lie a hundred standard
deviations out, and never act.
"""

import matplotlib.pyplot as plt
import numpy as np

import fastinit

SIZE = 500_000
how = {"seed": 0, "name": "embedding"}
of_torch = fastinit.trunc_normal(SIZE, std=0.02, **how)
of_keras = fastinit.trunc_normal(SIZE, std=0.02, a=-0.04, b=0.04, **how)

# %%
# The law comes from the specification, so that the histogram can be held against it.

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
edges = np.linspace(-0.07, 0.07, 141)
x = (edges[1:] + edges[:-1]) / 2
for values, spec, label, colour in (
    (of_torch, "trunc_normal(std=0.02)", "torch: a=-2, b=2", "#3f8fdf"),
    (of_keras, "trunc_normal(std=0.02, a=-0.04, b=0.04)", "Keras: 2 std", "#e06c2f"),
):
    law = fastinit.make_plan(spec, (SIZE,)).law()
    axes.hist(values, edges, density=True, color=colour, alpha=0.35, label=label)
    density = np.diff([law.cdf(edge) for edge in edges]) / np.diff(edges)
    axes.plot(x, density, color=colour)
axes.set_xlabel("value")
axes.set_ylabel("density")
axes.legend()

# %%
# Truncation makes the law narrower: 0.8796 of the std is left at two standard
# deviations.

for name, values in (("torch", of_torch), ("Keras", of_keras)):
    print(f"{name}: std {values.std():.6f}, largest {np.abs(values).max():.6f}")

# %%
# A check knows which one it has. Where it does not fit, it says what it looks like.

result = fastinit.check(of_keras, "trunc_normal(std=0.02)")
print(result.verdict)
print(result.hint)

"""
Query, key and value in one array
=================================

Serving engines store query, key and value as one matrix. A scheme with fans that sees
only that matrix gets all three wrong. ``Sections`` says what the array holds.
"""

import matplotlib.pyplot as plt
import numpy as np

import fastinit

HIDDEN = 1024
SIZES = {"q": 1024, "k": 256, "v": 256}

qkv = fastinit.Sections(0, tuple(SIZES.values()), tuple(f"{n}.weight" for n in SIZES))
shape = (sum(SIZES.values()), HIDDEN)
fused = fastinit.xavier_normal(shape, seed=0, view=qkv)
naive = fastinit.xavier_normal(shape, seed=0, name="qkv.weight")

# %%
# Each section has the bits that its tensor has alone.

start = 0
for name, size in SIZES.items():
    alone = fastinit.xavier_normal((size, HIDDEN), seed=0, name=f"{name}.weight")
    print(name, (fused[start : start + size] == alone).all())
    start += size

# %%
# And its own std, which is the one that the scheme promises for it.

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
rows = np.arange(shape[0])
axes.plot(rows, naive.std(axis=1), ".", ms=2, color="#9a9a9a", label="without sections")
axes.plot(rows, fused.std(axis=1), ".", ms=2, color="#3f8fdf", label="with sections")
start = 0
for name, size in SIZES.items():
    std = np.sqrt(2 / (HIDDEN + size))
    axes.hlines(std, start, start + size, color="#e06c2f", lw=2)
    axes.text(start + size / 2, std + 0.004, name, ha="center", color="#e06c2f")
    start += size
axes.set_xlabel("row of the array")
axes.set_ylabel("std of the row")
axes.legend()

# %%
# A check takes the same sections, and judges each by itself.

print(fastinit.check(fused, "xavier_normal", view=qkv).verdict)
print(fastinit.check(naive, "xavier_normal", view=qkv).verdict)

"""
The same weights for any sharding
=================================

Four workers make one tensor of 16 x 16, each its own part, without a word to the
others. With fastinit the parts are those of the whole, however it is cut. With a
stateful generator each worker has to seed for itself, and the tensor depends on the
cut.
"""

import hashlib

import matplotlib.pyplot as plt
import numpy as np

import fastinit

SHAPE = (16, 16)
LAYOUTS = {
    "one worker": [np.s_[:, :]],
    "four row shards": [np.s_[4 * i : 4 * i + 4, :] for i in range(4)],
    "four column shards": [np.s_[:, 4 * i : 4 * i + 4] for i in range(4)],
    "a mesh of 2 x 2": [
        np.s_[8 * i : 8 * i + 8, 8 * j : 8 * j + 8] for i in range(2) for j in range(2)
    ],
}


def by_fastinit(index):
    """One worker's part: a view of the whole tensor."""
    part = np.empty(np.empty(SHAPE)[index].shape, np.float32)
    view = fastinit.View(SHAPE, index)
    return fastinit.normal_(part, seed=0, name="w", view=view)


def by_numpy(index):
    """One worker's part from a generator of the same seed."""
    shape = np.empty(SHAPE)[index].shape
    return np.random.default_rng(0).standard_normal(shape, np.float32)


# %%
# Each panel is put together from the parts of its workers; below it are the first
# digits of the SHA-256 of the whole.

figure, panels = plt.subplots(2, 4, figsize=(9, 5), layout="constrained")
for row, (library, make) in zip(
    panels, {"fastinit": by_fastinit, "NumPy": by_numpy}.items(), strict=True
):
    for panel, (layout, indices) in zip(row, LAYOUTS.items(), strict=True):
        whole = np.empty(SHAPE, np.float32)
        for index in indices:
            whole[index] = make(index)
        panel.imshow(whole, cmap="RdBu", vmin=-3, vmax=3)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_title(f"{library}\n{layout}", fontsize=9)
        panel.set_xlabel(hashlib.sha256(whole.tobytes()).hexdigest()[:12], fontsize=9)

# %%
# NumPy's shards repeat each other, as all workers start from the same state. Different
# seeds would cure the repetition, and still make another tensor for each number of
# workers.

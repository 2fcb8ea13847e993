"""
A verdict, with its picture
===========================

Somebody wrote a Kaiming initializer for ReLU networks and took the fan of the outputs.
The histogram looks like a fine bell. ``fastinit.check`` says that it is the wrong one.
"""

import matplotlib.pyplot as plt
import numpy as np

import fastinit

rows, columns = 1024, 256
generator = np.random.default_rng(0)
weights = generator.normal(0, np.sqrt(2 / rows), (rows, columns)).astype(np.float32)

result = fastinit.check(
    weights, "kaiming_normal(nonlinearity=relu)", subject="fc.weight"
)
print(result)

# %%
# The hint names the likeliest cause; ``result.causes`` has all that fit.

for cause in result.causes[:3]:
    print(f"{cause.score:.2f}  {cause.name}: {cause.evidence}")

# %%
# The result also holds what a report draws: bins with what the law expects in them, and
# quantiles of both.

histogram, quantiles = result.picture.histogram, result.picture.quantiles
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
left.stairs(
    histogram.observed,
    histogram.edges,
    fill=True,
    color="#3f8fdf",
    alpha=0.5,
    label="observed",
)
left.stairs(histogram.expected, histogram.edges, color="#e06c2f", label="specified")
left.set_xlabel("value")
left.set_ylabel("elements")
left.legend()

right.plot(quantiles.expected, quantiles.observed, ".", color="#3f8fdf")
right.axline((0, 0), slope=1, color="#e06c2f", lw=1)
right.set_xlabel("quantile of the law")
right.set_ylabel("quantile of the array")

# %%
# With the fan that was meant, the same array conforms.

print(
    fastinit.check(weights, "kaiming_normal(mode=fan_out, nonlinearity=relu)").verdict
)

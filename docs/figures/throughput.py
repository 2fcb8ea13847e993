"""Draw the time per element of fastinit and its peers from a run of `fastinit bench`.

Run ``python docs/figures/throughput.py results.json``, where the file is what
``fastinit bench --output results.json`` wrote; it draws throughput.svg beside this
file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

from fastinit.compare.reading import read_results
from fastinit.compare.results import Results

#: Bars, by scheme and dtype, and contenders with their colours.
ROWS = (
    ("constant", "float32"),
    ("uniform", "float32"),
    ("normal", "float32"),
    ("normal", "bfloat16"),
    ("normal", "float64"),
)
CONTENDERS = {
    "fastinit": ("fastinit", "#e4572e"),
    "torch": ("torch", "#6c8ebf"),
    "numpy-pcg64": ("NumPy", "#8fae8b"),
    "fill-torch": ("plain fill", "#9a9a9a"),
}
ELEMENTS = 1 << 26
#: Readable on white and on dark pages.
INK = "#808080"


def nanoseconds(results: Results, scheme: str, dtype: str) -> dict[str, float]:
    """Median nanoseconds per element of each contender whose time counts."""
    return {
        one.contender: one.nanoseconds
        for one in results.measurements
        if (one.case.initializer, one.case.dtype) == (scheme, dtype)
        and one.case.size.elements == ELEMENTS
        and one.case.threads == results.settings["threads"]
        and (one.case.layout, one.case.touch) == ("contiguous", "warm")
        and one.counts
    }


def draw(results: Results, path: Path) -> None:
    """Write the figure."""
    mpl.rcParams.update({"svg.hashsalt": "fastinit", "svg.fonttype": "none"})
    mpl.rcParams.update({"text.color": INK, "axes.labelcolor": INK})
    mpl.rcParams.update({"xtick.color": INK, "ytick.color": INK})
    figure, axes = plt.subplots(figsize=(8.6, 4.6), layout="constrained")
    height = 0.8 / len(CONTENDERS)
    for row, (scheme, dtype) in enumerate(ROWS):
        times = nanoseconds(results, scheme, dtype)
        for place, (name, (label, colour)) in enumerate(CONTENDERS.items()):
            if name not in times:
                continue
            at = row + (place - (len(CONTENDERS) - 1) / 2) * height
            bar = axes.barh(
                at,
                times[name],
                height * 0.9,
                color=colour,
                label=label if not row else None,
            )
            axes.bar_label(
                bar, [f"{times[name]:.2f}"], padding=3, fontsize=8, color=INK
            )
    axes.set_yticks(range(len(ROWS)), [f"{scheme}\n{dtype}" for scheme, dtype in ROWS])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel(
        "nanoseconds per element, 2^26 elements, logarithmic; shorter is faster"
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.legend(
        frameon=False,
        ncols=len(CONTENDERS),
        loc="lower center",
        bbox_to_anchor=(0.42, 1.0),
    )
    figure.savefig(path, transparent=True, metadata={"Date": None})


def main() -> None:
    """Draw from the JSON that the command line names."""
    results = read_results(Path(sys.argv[1]))
    draw(results, Path(__file__).with_name("throughput.svg"))


if __name__ == "__main__":
    main()

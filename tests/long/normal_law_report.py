"""Tables and figures of normal_law.py in Markdown, from a folder of its results."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from normal_law import cell_edges, load
from normal_law_tables import ALL, BASE
from scipy.special import ndtr

__all__ = ["report"]

#: Thresholds of the table of tails.
TAILS = (1, 2, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.2, 6.4, 6.5, 6.6, 6.8, 7, 7.2, 7.4, 7.5)


def boundary(t: Any) -> Any:
    """Upper rounding boundary of float32 numbers: a real up to it rounds to <= t."""
    above = np.nextafter(t, np.float32(np.inf)).astype(np.float64)
    return 0.5 * (t.astype(np.float64) + above)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def listed(rows: Any) -> None:
    """Distance at the listed thresholds and the tails."""
    t = rows[:, 0].astype(np.float32)
    true = 2.0 * ndtr(-boundary(t))
    gap = 0.5 * np.abs(rows[:, 1] - true)
    at = int(gap.argmax())
    say(f"{len(t)} thresholds: sup |F_out - Phi| {gap[at]:.2e} at {t[at]:.2f};")
    say(f"  bracket of a value of F_out at most {0.5 * rows[:, 3].max():.1e}")
    plain = 0.5 * np.abs(rows[:, 1] - 2.0 * ndtr(-t.astype(np.float64)))
    say(f"  against Phi(t) itself, half a unit off: {plain.max():.2e}")
    for x in (
        1,
        2,
        3,
        3.5,
        4,
        4.5,
        5,
        5.5,
        6,
        6.2,
        6.4,
        6.5,
        6.6,
        6.8,
        7,
        7.2,
        7.4,
        7.5,
    ):
        k = int(np.abs(t - x).argmin())
        off, width = rows[k, 1] / true[k] - 1.0, rows[k, 3] / true[k]
        say(f"| {x} | {rows[k, 1]:.6e} | {off:+.1e} | {width:.1e} |")


def jointly(rows: Any) -> None:
    """Exact thresholds."""
    t = rows[:, 0].astype(np.float32)
    true = 2.0 * ndtr(-boundary(t))
    for k in range(len(t)):
        off = rows[k, 1] / true[k] - 1.0
        say(f"| {t[k]:.9g} | {rows[k, 1]:.12e} | {off:+.3e} | {rows[k, 3]:+.1e} |")


def _between(low: Any, high: Any) -> Any:
    """P(low < |Z| <= high), from the end where it keeps its relative accuracy."""
    inner = 2.0 * (ndtr(high) - ndtr(low))
    return np.where(low < 1.0, inner, 2.0 * (ndtr(-low) - ndtr(-high)))


def cells(folder: Path, name: str) -> None:
    """Relative errors of the cells of a 16-bit dtype."""
    parts = [np.load(p) for p in sorted(folder.glob(f"cells-{name}-*.npy"))]
    if not parts:
        return
    rows = np.concatenate(parts)
    values, edges = cell_edges(name)
    # A middle of two 16-bit values has few bits; the edge is it or the one below.
    is_middle = edges.view(np.uint32) & 0xFF == 0
    middles = np.where(is_middle, edges, np.nextafter(edges, np.float32(np.inf)))
    middles = middles.astype(np.float64)
    place = np.searchsorted(rows[:, 0], edges)
    place = np.minimum(place, len(rows) - 1)
    is_known = rows[place, 0] == edges
    held = np.flatnonzero(is_known[1:] & is_known[:-1])
    lower, upper = rows[place[held]], rows[place[held + 1]]
    values = values[held]
    seen = np.where(values < 1.0, upper[:, 2] - lower[:, 2], lower[:, 1] - upper[:, 1])
    bounds = boundary(edges)
    laws = {
        "rounded float32": _between(bounds[held], bounds[held + 1]),
        "rounded real": _between(middles[held], middles[held + 1]),
    }
    width = upper[:, 3] + lower[:, 3]
    # A cell of either sign has half of the two-sided probability.
    kept = 0.5 * seen >= 1e-9
    say(f"{name}: {kept.sum()} cells, {values[kept][0]:.3g} to {values[kept][-1]:.4g}")
    for label, law in laws.items():
        off = np.abs(seen / law - 1.0)
        for low, high in ((2**-20, 2**-7), (2**-7, 3.3), (3.3, 5.0), (5.0, 7.0)):
            part = np.flatnonzero(kept & (values >= low) & (values < high))
            if not len(part):
                continue
            k = part[int(off[part].argmax())]
            say(
                f"| {name} | {label} | {low:.2g} to {high:.2g} | {off[k]:.2e} at"
                f" {values[k]:.6g} | {(width[part] / seen[part]).max():.1e} |"
            )


def moments(folder: Path) -> None:
    """Moments of the radius times the cosine before the last rounding."""
    tables = load(folder)
    size, square, fourth = 0, np.longdouble(0), np.longdouble(0)
    step = 1 << 22
    radii = tables.radii
    for start in range(0, len(radii) - 1, step):
        counts = np.diff(radii[start : start + step + 1]).astype(np.longdouble)
        patterns = np.arange(BASE + start, BASE + start + len(counts), dtype=np.uint32)
        r2 = patterns.view(np.float32).astype(np.longdouble) ** 2
        size += int(counts.sum())
        square += (counts * r2).sum()
        fourth += (counts * r2 * r2).sum()
    assert size == ALL
    cosine2, cosine4 = np.longdouble(0), np.longdouble(0)
    for start in range(0, len(tables.trig), step):
        counts = tables.trig_counts[start : start + step].astype(np.longdouble)
        c2 = tables.trig[start : start + step].astype(np.longdouble) ** 2
        cosine2 += (counts * c2).sum()
        cosine4 += (counts * c2 * c2).sum()
    scale = np.longdouble(2) ** -40, np.longdouble(2) ** -30
    second = square * scale[0] * cosine2 * scale[1]
    kurtosis = fourth * scale[0] * cosine4 * scale[1] / second**2
    say(
        f"E r^2 = 2 {float(square * scale[0] / 2 - 1):+.2e},"
        f" E c^2 = 1/2 {float(2 * cosine2 * scale[1] - 1):+.2e} (relative)"
    )
    say(f"variance 1 {float(second - 1):+.2e}, kurtosis 3 {float(kurtosis - 3):+.2e}")
    held = np.flatnonzero(np.diff(radii[: 1 << 20]))[0]
    smallest = np.uint32(BASE + held).view(np.float32)
    last = int(np.searchsorted(radii, ALL)) - 1
    largest = np.uint32(BASE + last).view(np.float32)
    trig = tables.trig
    say(f"radius {smallest:.9g} to {largest:.9g}, c {trig[0]:.9g} to {trig[-1]:.9g}")


def report(folder: Path) -> None:
    """Everything that the folder holds."""
    listed(np.load(folder / "law.npy"))
    if (folder / "exact.npy").exists():
        jointly(np.load(folder / "exact.npy"))
    for name in ("bfloat16", "float16"):
        cells(folder, name)
    moments(folder)

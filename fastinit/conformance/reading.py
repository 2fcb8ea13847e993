"""All that the tests look at: one scan of an array, beside its law."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastinit.conformance.cell_law import CellLaw, cell_law
from fastinit.conformance.distances import (
    Distances,
    distances_of_cells,
    distances_of_scores,
)
from fastinit.conformance.facts import facts_of
from fastinit.conformance.kept import kept_property
from fastinit.conformance.moments import Target, rounded_target, smooth_target
from fastinit.conformance.quantised import Cells
from fastinit.conformance.scores import Scores, scores_of, split_steps
from fastinit.conformance.streaming import (
    ScanPlan,
    Source,
    StreamState,
    in_units,
    measure,
    plan_scan,
)
from fastinit.conformance.verdict import Facts
from fastinit.distributions.law import Law

__all__ = ["SCORED", "Reading", "read_elements"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Elements up to which all are scored one by one, so that every statistic is exact.
SCORED = 1 << 18
#: Bytes of elements that may be copied and sorted where exact statistics are asked.
EXACT_BYTES = 96 << 20
#: Elements among which equal ones are looked for.
TIED = 1 << 20


@dataclass(frozen=True, eq=False)
class Reading:
    """An array as the tests see it.

    Attributes
    ----------
    source : Source
        The elements.
    law : Law
        The specified law, before rounding.
    plan : ScanPlan
        What was scanned for.
    state : StreamState
        What was found.
    cells : CellLaw
        The law of the rounded values.
    target : Target
        The moments of the rounded values.
    counts : float64 array, shape (k,)
        Finite elements of each cell.
    is_exact : bool
        Whether distances are to be exact at any size.
    alpha : float
        Family-wise false-alarm rate.
    held : dict
        What several tests look at, by name, once one of them has made it.
    """

    source: Source
    law: Law
    plan: ScanPlan
    state: StreamState
    cells: CellLaw
    target: Target
    counts: Float64Array
    is_exact: bool
    alpha: float
    held: dict[str, Any] = field(default_factory=dict)

    @kept_property
    def n(self) -> int:
        """Number of finite elements."""
        return int(self.counts.sum())

    @kept_property
    def moments(self) -> tuple[float, float, float, float]:
        """Means of the first four powers of (x - mean) / std, both of the target."""
        if not self.n:
            return 0.0, 0.0, 0.0, 0.0
        if self.plan.cells.form.low_bits == 0:
            return self._counted_moments()
        raw = [total.value / self.n for total in self.state.powers]
        # The scan may have used another unit: x = c + s d there.
        a = (self.plan.mean - self.target.mean) / (self.target.std or 1.0)
        b = self.plan.std / (self.target.std or 1.0)
        if a == 0.0 and b == 1.0:
            return raw[0], raw[1], raw[2], raw[3]
        powers = [1.0, *raw]
        m1, m2, m3, m4 = (
            sum(
                math.comb(order, k) * a ** (order - k) * b**k * powers[k]
                for k in range(order + 1)
            )
            for order in (1, 2, 3, 4)
        )
        return m1, m2, m3, m4

    def _counted_moments(self) -> tuple[float, float, float, float]:
        """The same, from the counts of a narrow dtype."""
        present = self.counts > 0.0
        weights = self.counts[present] / self.n
        values = self.plan.cells.first[present]
        deviations = (values - self.target.mean) / (self.target.std or 1.0)
        m1, m2, m3, m4 = (float(np.sum(weights * deviations**k)) for k in (1, 2, 3, 4))
        return m1, m2, m3, m4

    @kept_property
    def facts(self) -> Facts:
        """What the array holds."""
        low, high = self.state.smallest, self.state.largest
        ends = (low.value, high.value) if low and high else (math.nan, math.nan)
        n_other = self.source.n - self.n
        infinite = self.state.n_infinite
        unit = (self.target.mean, self.target.std or 1.0)
        moments = (self.moments[0], self.moments[1])
        return facts_of(ends, (n_other - infinite, infinite), unit, moments)

    @kept_property
    def elements(self) -> Float64Array:
        """All elements in order, as float64; only of small arrays."""
        flat = self.source.read(0, self.source.n)
        with np.errstate(invalid="ignore"):
            return np.asarray(flat).astype(np.float64)

    @property
    def is_scored(self) -> bool:
        """Whether elements are scored one by one."""
        return 0 < self.source.n <= SCORED

    @kept_property
    def scores(self) -> Scores:
        """Scores of all elements in order, 1/2 where one is not finite."""
        is_finite = np.isfinite(self.elements)
        kept = np.where(is_finite, self.elements, self.law.mean)
        scores = scores_of(kept, self.law, self.cells)
        if is_finite.all():
            return scores
        return Scores(
            np.where(is_finite, scores.below, 0.5),
            np.where(is_finite, scores.above, 0.5),
        )

    @kept_property
    def normal_scores(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Scores as standard normal float32, cut at 32; only of small arrays."""
        return np.clip(self.scores.normal, -32.0, 32.0).astype(np.float32)

    @kept_property
    def distances(self) -> Distances:
        """Distances from the law, exact where scores are or where asked for."""
        if self.is_scored:
            is_finite = np.isfinite(self.elements)
            return distances_of_scores(
                Scores(self.scores.below[is_finite], self.scores.above[is_finite])
            )
        if self.is_exact:
            from fastinit.conformance.refinement import exact_distances

            return exact_distances(self)
        return distances_of_cells(*self.split)

    @kept_property
    def split(self) -> tuple[Float64Array, Float64Array]:
        """Counts and probabilities of cells, steps split as scores would fill them."""
        if not self.cells.is_coarse(self.n):
            return self.counts, self.cells.probabilities
        return split_steps(self.counts, self.cells.probabilities)

    @kept_property
    def tied(self) -> tuple[Any, Float64Array]:
        """Bit patterns among the first 2^20 elements, and how often each occurs."""
        flat = np.asarray(self.source.read(0, min(self.source.n, TIED)))
        patterns = np.sort(flat.view(self.plan.cells.form.storage))
        starts = np.flatnonzero(patterns[1:] != patterns[:-1]) + 1
        starts = np.concatenate(([0], starts))
        sizes = np.diff(starts, append=patterns.size).astype(np.float64)
        return patterns[starts], sizes


def read_elements(
    source: Source,
    law: Law,
    *,
    alpha: float,
    is_exact: bool = False,
    threads: int | None = None,
) -> Reading:
    """Scan an array against a law.

    Parameters
    ----------
    source : Source
        The elements.
    law : Law
        The specified law, with std > 0.
    alpha : float
        Family-wise false-alarm rate.
    is_exact : bool, optional
        Whether distances are to be exact at any size.
    threads : int, optional
        Threads to use.

    Returns
    -------
    reading : Reading
        With a target of std 0 where all but 1e-18 of the law rounds to one value.

    Examples
    --------
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> read_elements(open_source(np.zeros(4)), law, alpha=1e-6).facts.std
    0.0
    """
    dtype = source.dtype
    plan = plan_scan(law, source)
    rough = cell_law(law, plan.cells, dtype)
    if rough.is_lossless:
        target = _target(law, rough)
        unit = target.mean, target.std or law.std
        plan = in_units(plan, rough.probabilities, unit)
    state = measure(source, plan, threads=threads)
    low, high = state.smallest, state.largest
    ends = (low.value, high.value) if low and high else (math.nan, math.nan)
    cells = cell_law(law, plan.cells, dtype, ends)
    counts = state.counts[plan.cells.order].astype(np.float64)
    return Reading(
        source=source,
        law=law,
        plan=plan,
        state=state,
        cells=cells,
        target=_target(law, cells),
        counts=counts,
        is_exact=is_exact,
        alpha=alpha,
    )


def _target(law: Law, cells: CellLaw) -> Target:
    """Moments of the elements."""
    if not cells.is_lossless:
        return smooth_target(law)
    quantised = Cells(cells.cells.first, cells.probabilities, cells.below[1:])
    return rounded_target(quantised, law.mean)

"""What changed between two runs, beyond what the machine does by itself.

Two runs on one machine differ although nothing was changed: memory is placed
otherwise, a neighbour is busy, a clock is slower. Contenders whose library is the same
in both runs show by how much; they are the controls.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fastinit.compare.intervals import Interval, median_interval
from fastinit.compare.results import Results

__all__ = ["Change", "Changes", "compare"]

#: Fewer controls than this say too little, and `_ASSUMED` is taken.
_ENOUGH_CONTROLS = 8
#: What the speed of an idle machine was seen to move between hours.
_ASSUMED = 0.15
_LEAST_NOISE = 0.03
#: Intervals that cover less, of fewer than four repetitions, cannot show a change.
_LEAST_COVERAGE = 0.85
_QUANTILE = 0.9

Verdict = Literal["faster", "slower", "within noise"]


@dataclass(frozen=True)
class Change:
    """One time in both runs.

    Attributes
    ----------
    what : str
        Id of a case, or 'import' and 'first fill' of a process.
    contender : str
        Who.
    before, after : float
        Medians, in seconds.
    ratio : float
        After over before: below 1 is faster.
    low, high : float
        Where the ratio lies by the intervals of both medians.
    verdict : {'faster', 'slower', 'within noise'}
        Whether the whole interval lies beyond drift and noise.
    """

    what: str
    contender: str
    before: float
    after: float
    ratio: float
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True)
class Changes:
    """Two runs against each other.

    Attributes
    ----------
    drift : float
        Median ratio of the controls: above 1 the machine was slower.
    noise : float
        Relative deviation from the drift that nine of ten controls keep within.
    controls : int
        Number of controls.
    differences : tuple of str
        What else differs: machine, versions, settings.
    changes : tuple of Change
        Every time that both runs have.
    turned : tuple of str
        Verdicts and bits that are no longer what they were.
    missing : tuple of str
        Times that only the earlier run has, as 'case: contenders'.
    """

    drift: float
    noise: float
    controls: int
    differences: tuple[str, ...]
    changes: tuple[Change, ...]
    turned: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def beyond_noise(self) -> tuple[Change, ...]:
        """Changes that the machine does not explain, the largest first."""
        found = [one for one in self.changes if one.verdict != "within noise"]
        found.sort(key=lambda one: -abs(math.log(one.ratio / self.drift)))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Pair:
    what: str
    contender: str
    before: Interval
    after: Interval
    is_control: bool

    @property
    def ratio(self) -> float:
        return self.after.median / self.before.median


def compare(old: Results, new: Results) -> Changes:
    """Compare two runs.

    Parameters
    ----------
    old, new : Results
        The earlier one and the later one.

    Returns
    -------
    changes : Changes
        What changed. A time is 'faster' or 'slower' where the ratio of the medians,
        with both intervals, lies beyond the controls' drift by more than their noise.
    """
    pairs = list(_pairs(old, new))
    controls = [math.log(one.ratio) for one in pairs if one.is_control]
    drift, noise = _drift(controls), _noise(controls)
    return Changes(
        drift=drift,
        noise=noise,
        controls=len(controls),
        differences=tuple(_differences(old, new)),
        changes=tuple(_change(one, drift, noise) for one in pairs),
        turned=tuple(_turned(old, new)),
        missing=tuple(_missing(old, new)),
    )


def _is_control(old: Results, new: Results, name: str) -> bool:
    """Whether nothing about a contender was changed."""
    was, now = old.entrant.get(name), new.entrant.get(name)
    if was is None or now is None or now.library == "fastinit":
        return False
    return was.version == now.version and old.versions["numpy"] == new.versions["numpy"]


def _pairs(old: Results, new: Results) -> Iterator[_Pair]:
    for one in new.measurements:
        was = old.table.get((one.case.id, one.contender))
        if was is not None and was.counts and one.counts:
            is_control = _is_control(old, new, one.contender)
            yield _Pair(
                one.case.id, one.contender, was.interval, one.interval, is_control
            )
    earlier = {one.contender: one for one in old.processes}
    for facts in new.processes:
        before = earlier.get(facts.contender)
        if before is None:
            continue
        # Not controls: a process start depends on the disk, not on the processors.
        for what, was_taken, taken in (
            ("import", before.import_seconds, facts.import_seconds),
            ("first fill", before.first_seconds, facts.first_seconds),
        ):
            if was_taken and taken:
                intervals = median_interval(was_taken), median_interval(taken)
                yield _Pair(what, facts.contender, *intervals, is_control=False)


def _drift(controls: Sequence[float]) -> float:
    return math.exp(statistics.median(controls)) if controls else 1.0


def _noise(controls: Sequence[float]) -> float:
    if len(controls) < _ENOUGH_CONTROLS:
        return _ASSUMED
    middle = statistics.median(controls)
    away = sorted(abs(one - middle) for one in controls)
    kept = away[min(len(away) - 1, math.ceil(_QUANTILE * len(away)) - 1)]
    return max(_LEAST_NOISE, math.expm1(kept))


def _change(pair: _Pair, drift: float, noise: float) -> Change:
    low = pair.after.low / pair.before.high
    high = pair.after.high / pair.before.low
    covered = min(pair.before.coverage, pair.after.coverage)
    verdict: Verdict = "within noise"
    if covered >= _LEAST_COVERAGE and low > drift * (1.0 + noise):
        verdict = "slower"
    elif covered >= _LEAST_COVERAGE and high < drift / (1.0 + noise):
        verdict = "faster"
    medians = pair.before.median, pair.after.median
    return Change(pair.what, pair.contender, *medians, pair.ratio, low, high, verdict)


def _differences(old: Results, new: Results) -> Iterator[str]:
    """Whatever the numbers depend on besides the programs."""
    ignored = {"load"}
    for title, was, now in (
        ("machine", old.machine, new.machine),
        ("version of", old.versions, new.versions),
        ("setting", old.settings, new.settings),
    ):
        for key in sorted({*was, *now} - ignored):
            if was.get(key) != now.get(key):
                yield f"{title} {key}: {was.get(key)} before, {now.get(key)} now"


def _missing(old: Results, new: Results) -> Iterator[str]:
    """Cases in which somebody's time is no longer there."""
    after = {(one.case.id, one.contender) for one in new.measurements if one.counts}
    gone: dict[str, list[str]] = {}
    for one in old.measurements:
        if one.counts and (one.case.id, one.contender) not in after:
            gone.setdefault(one.case.id, []).append(one.contender)
    for case, contenders in gone.items():
        yield f"{case}: {', '.join(contenders)}"


def _turned(old: Results, new: Results) -> Iterator[str]:
    for one in new.measurements:
        was = old.table.get((one.case.id, one.contender))
        if was is not None and was.verdict != one.verdict:
            yield f"{one.case.id}, {one.contender}: {was.verdict}, now {one.verdict}"
    earlier = {one.contender: one.survives for one in old.processes}
    for facts in new.processes:
        for way, survives in facts.survives.items():
            before = earlier.get(facts.contender, {}).get(way)
            if before is not None and survives is not None and before != survives:
                words = {True: "equal", False: "different"}
                yield (
                    f"bits of {facts.contender}, {way.replace('_', ' ')}: "
                    f"{words[before]}, now {words[survives]}"
                )

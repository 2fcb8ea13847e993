"""Results of a run: what was measured, and its form as JSON.

The file holds what was measured and, for readers that are not this package, what
follows from it; only the former is read back. `schema.json` describes it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from fastinit.compare.cases import Case, plain
from fastinit.compare.contenders import OURS, PLAIN_FILLS
from fastinit.compare.contenders.protocol import Contender
from fastinit.compare.intervals import Interval, median_interval
from fastinit.compare.processes import ProcessFacts

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "Entrant",
    "Gap",
    "Measurement",
    "Results",
    "entrant_of",
]

FORMAT = "fastinit-bench"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Entrant:
    """A contender as it was at the time of a run.

    Attributes
    ----------
    name, label, library, does, waits, threads, device, is_roof
        As in `fastinit.compare.contenders.Contender`.
    version : str or None
        Of its library, None where it is not installed or has none.
    reason : str
        Why it could not run at all, or ''.
    """

    name: str
    label: str
    library: str
    does: str
    waits: str
    threads: str
    device: str
    is_roof: bool
    version: str | None
    reason: str


def entrant_of(contender: Contender, version: str | None) -> Entrant:
    """Record of a contender.

    Parameters
    ----------
    contender : Contender
        The row.
    version : str or None
        Of its library.

    Returns
    -------
    entrant : Entrant
        What a file keeps.

    Examples
    --------
    >>> from fastinit.compare.contenders import CONTENDERS
    >>> entrant_of(CONTENDERS["memset"], None).is_roof
    True
    """
    return Entrant(
        contender.name,
        contender.label,
        contender.library,
        contender.does,
        contender.waits,
        contender.threads,
        contender.device,
        contender.is_roof,
        version,
        contender.reason,
    )


@dataclass(frozen=True)
class Measurement:
    """What one contender took for one case.

    Attributes
    ----------
    case : Case
        What was done.
    contender : str
        Who did it.
    verdict : str
        'conforms', 'violates', 'inconclusive', or 'roof' for what makes no values.
    detail : str
        Which tests its values failed, or ''.
    seconds : tuple of float
        Median seconds per call of each repetition.
    calls : int
        Timed calls in all.
    others : float or None
        Largest share of the processors in [0, 1] that other processes took meanwhile.
    """

    case: Case
    contender: str
    verdict: str
    detail: str
    seconds: tuple[float, ...]
    calls: int
    others: float | None

    @functools.cached_property
    def interval(self) -> Interval:
        """Median seconds per call, with its interval."""
        return median_interval(self.seconds)

    @property
    def counts(self) -> bool:
        """True where the time may be compared."""
        return self.verdict in {"conforms", "roof"}

    @property
    def nanoseconds(self) -> float:
        """Median nanoseconds per element."""
        return self.interval.median / self.case.size.elements * 1e9

    @property
    def bandwidth(self) -> float:
        """Bytes written per second, in 1e9 bytes per second."""
        return self.case.n_bytes / self.interval.median / 1e9


@dataclass(frozen=True)
class Gap:
    """A case that a contender cannot do.

    Attributes
    ----------
    case : Case
        The case.
    contender : str
        Who cannot do it.
    reason : str
        Why.
    """

    case: Case
    contender: str
    reason: str


@dataclass(frozen=True)
class Results:
    """Everything that a run found.

    Attributes
    ----------
    created : str
        Time of the start, ISO 8601 in UTC.
    seconds : float
        What the run took.
    command : str
        What was asked for, as a command line.
    machine, versions : dict
        As in `fastinit.compare.machine`.
    settings : dict
        repetitions, turn, pause, threads, is_quick.
    entrants : tuple of Entrant
        Every contender that was asked for.
    measurements : tuple of Measurement
        Times.
    gaps : tuple of Gap
        Cases without a time.
    processes : tuple of ProcessFacts
        Start-up, memory and bits.
    """

    created: str
    seconds: float
    command: str
    machine: dict[str, Any]
    versions: dict[str, str | None]
    settings: dict[str, Any]
    entrants: tuple[Entrant, ...]
    measurements: tuple[Measurement, ...]
    gaps: tuple[Gap, ...]
    processes: tuple[ProcessFacts, ...] = field(default=())

    @functools.cached_property
    def table(self) -> dict[tuple[str, str], Measurement]:
        """Measurements by case id and contender."""
        return {(one.case.id, one.contender): one for one in self.measurements}

    @functools.cached_property
    def entrant(self) -> dict[str, Entrant]:
        """Entrants by name."""
        return {one.name: one for one in self.entrants}

    @functools.cached_property
    def cases(self) -> tuple[Case, ...]:
        """Cases with a measurement, in the order in which they were measured."""
        found = {one.case.id: one.case for one in self.measurements}
        return tuple(found.values())

    def of_case(self, case: Case) -> list[Measurement]:
        """Measurements of one case, in the order of the entrants.

        Parameters
        ----------
        case : Case
            One of `cases`.
        """
        names = [one.name for one in self.entrants]
        found = (self.table.get((case.id, name)) for name in names)
        return [one for one in found if one is not None]

    def roof(self, case: Case, device: str, names: Sequence[str] = ()) -> float | None:
        """Bandwidth of the fastest plain fill in a case, in 1e9 bytes per second.

        Parameters
        ----------
        case : Case
            One of `cases`.
        device : str
            'cpu' or 'gpu'.
        names : sequence of str
            Other roofs to take, such as memset.

        Returns
        -------
        bandwidth : float or None
            None where none of them was measured.
        """
        chosen = names or PLAIN_FILLS[device]
        found = (self.table.get((case.id, name)) for name in chosen)
        speeds = [one.bandwidth for one in found if one is not None]
        return max(speeds) if speeds else None

    def share(self, one: Measurement) -> float | None:
        """Bandwidth over that of the fastest plain fill; None without one.

        Parameters
        ----------
        one : Measurement
            Of this run.
        """
        roof = self.roof(one.case, self.entrant[one.contender].device)
        return one.bandwidth / roof if roof else None

    def ratio(self, one: Measurement) -> float | None:
        """Time over that of fastinit in the same case, where both count.

        Parameters
        ----------
        one : Measurement
            Of this run.

        Returns
        -------
        ratio : float or None
            Above 1 fastinit is faster.
        """
        ours = self.table.get((one.case.id, OURS))
        if ours is None or not (ours.counts and one.counts):
            return None
        return one.interval.median / ours.interval.median

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON, as `schema.json` describes it.

        Returns
        -------
        data : dict
            Without NaN and infinities.
        """
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "created": self.created,
            "seconds": self.seconds,
            "command": self.command,
            "machine": self.machine,
            "versions": self.versions,
            "settings": self.settings,
            "contenders": [asdict(one) for one in self.entrants],
            "measurements": [self._measured(one) for one in self.measurements],
            "gaps": [
                {
                    "case": one.case.id,
                    "contender": one.contender,
                    "reason": one.reason,
                    "detail": plain(one.case),
                }
                for one in self.gaps
            ],
            "processes": [_listed(asdict(one)) for one in self.processes],
        }

    def _measured(self, one: Measurement) -> dict[str, Any]:
        interval = one.interval
        return {
            "case": plain(one.case),
            "contender": one.contender,
            "verdict": one.verdict,
            "detail": one.detail,
            "counts": one.counts,
            "seconds": list(one.seconds),
            "calls": one.calls,
            "others": one.others,
            "median": interval.median,
            "low": interval.low,
            "high": interval.high,
            "coverage": interval.coverage,
            "ns_per_element": one.nanoseconds,
            "gb_per_s": one.bandwidth,
            "share_of_fill": self.share(one),
            "ratio_to_fastinit": self.ratio(one),
        }


def _listed(data: dict[str, Any]) -> dict[str, Any]:
    """Plain data whose tuples are lists, as JSON has them."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in data.items()
    }

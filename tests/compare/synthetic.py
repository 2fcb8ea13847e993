"""Results that nobody measured, for tests of what follows from results."""

from __future__ import annotations

from fastinit.compare.cases import SIZES, Case
from fastinit.compare.contenders import CONTENDERS
from fastinit.compare.processes import ProcessFacts
from fastinit.compare.results import Gap, Measurement, Results, entrant_of

MACHINE = {
    "processor": "a processor",
    "features": ["avx2"],
    "architecture": "x86_64",
    "cores": 4,
    "affinity": None,
    "threads": 4,
    "memory": 1 << 34,
    "huge_pages": None,
    "system": "Linux",
    "load": 0.5,
}
VERSIONS = {"python": "3.12.0", "fastinit": "1.0", "numpy": "2.0", "torch": "2.9"}
SETTINGS = {
    "repetitions": 6,
    "turn": 0.08,
    "pause": 0.02,
    "settle": 0.15,
    "threads": 4,
    "is_quick": False,
}
#: Seconds relative to fastinit's.
SPEEDS = {
    "fastinit": 1.0,
    "numpy-pcg64": 16.0,
    "numpy-sfc64": 14.0,
    "torch": 8.0,
    "memset": 0.1,
    "fill-numpy": 0.4,
    "fill-torch": 0.3,
}
SURVIVES = {"threads": True, "in_order": True, "alone": True, "layout": True}


def measurement(case, contender, seconds=1e-3, verdict=None, spread=0.01):
    """Measurement whose repetitions lie around a median."""
    away = (-1.0, -0.6, -0.2, 0.2, 0.6, 1.0)
    roof = CONTENDERS[contender].is_roof
    return Measurement(
        case,
        contender,
        verdict or ("roof" if roof else "conforms"),
        "mean: z = 99" if verdict == "violates" else "",
        tuple(seconds * (1.0 + spread * one) for one in away),
        12,
        0.01,
    )


def several(seconds):
    """Times of a few processes."""
    return tuple(seconds * (1.0 + 0.01 * away) for away in (-1.0, -0.3, 0.3, 1.0))


def cases():
    """Every kind of case."""
    large, small = SIZES["64Mi"], SIZES["4Ki"]
    return (
        Case("normal", "float32", large, 4),
        Case("uniform", "float32", large, 4),
        *(Case("normal", "float32", SIZES[name], 4) for name in ("1Mi", "16Mi")),
        *(Case("normal", "float32", SIZES["16Mi"], count) for count in (1, 2)),
        Case("normal", "float32", SIZES["16Mi"], 4, touch="first"),
        Case("normal", "float32", SIZES["16Mi"], 4, layout="transposed"),
        Case("normal", "float32", small, 4),
    )


def results(*, scale=None, versions=None, verdicts=None, survives=None):
    """Return a run of all cases.

    `scale` multiplies times, and `verdicts` replaces verdicts, by contender.
    """
    scale, verdicts = scale or {}, verdicts or {}
    measured = tuple(
        measurement(
            case,
            name,
            1e-9 * case.size.elements * speed * scale.get(name, 1.0) / 4,
            verdicts.get(name),
        )
        for case in cases()
        for name, speed in SPEEDS.items()
    )
    facts = (
        ProcessFacts(
            "fastinit",
            several(0.15 * scale.get("fastinit", 1.0)),
            several(0.6 * scale.get("fastinit", 1.0)),
            (2.5,),
            several(1.1),
            8192,
            1 << 27,
            survives or SURVIVES,
        ),
        ProcessFacts(
            "torch",
            several(1.5 * scale.get("torch", 1.0)),
            several(0.01 * scale.get("torch", 1.0)),
            survives={**SURVIVES, "alone": False, "layout": None},
        ),
        ProcessFacts("jax", failure="ImportError: <no> jaxlib"),
    )
    known = {**VERSIONS, **(versions or {})}
    entrants = tuple(
        entrant_of(row, known.get(row.library)) for row in CONTENDERS.values()
    )
    gap = Gap(Case("normal", "bfloat16", SIZES["1Mi"], 4), "numpy-pcg64", "no <such>")
    return Results(
        "2026-01-01T00:00:00+00:00",
        321.0,
        "fastinit bench",
        MACHINE,
        known,
        SETTINGS,
        entrants,
        measured,
        (gap,),
        facts,
    )

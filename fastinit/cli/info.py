"""`fastinit info`: what is installed, what this machine can do, and a self-test."""

from __future__ import annotations

import dataclasses
import time
from importlib import metadata
from typing import Any

import rich_click as click

from fastinit.cli import surroundings
from fastinit.cli.arguments import output_options
from fastinit.cli.failures import FINE, VIOLATES
from fastinit.cli.terminal import print_facts, print_json, print_line, progress_bar

__all__ = ["info"]


@click.command()
@click.option(
    "--thorough",
    "is_thorough",
    is_flag=True,
    help="Compile and test the kernels of every dtype, not of float32 alone.",
)
@output_options
def info(is_thorough: bool, as_json: bool, is_quiet: bool) -> int:
    """Tell versions, machine, threads, cache and backends, and run the self-test.

    The self-test makes the golden vectors of the package anew and compares their
    bits: float32 through compiled kernels, the rest in plain Python unless it is to
    be thorough. Exit status 1 says that they differ: nothing that this installation
    writes is to be trusted then.
    """
    # Kernels that are not in Numba's cache yet are compiled, which takes its time.
    with progress_bar("running the self-test", None, is_quiet=is_quiet):
        document = _document(is_thorough=is_thorough)
    if as_json:
        print_json(document)
    elif not is_quiet:
        print_facts(_facts(document))
        for clash in document["clashes"]:
            print_line(f"\nwarning: {clash}", "\nwarning:", "bold yellow")
    return FINE if document["self_test"]["passed"] else VIOLATES


def _document(*, is_thorough: bool) -> dict[str, Any]:
    return {
        "versions": surroundings.versions(),
        "processor": surroundings.processor(),
        "threads": surroundings.threads(),
        "cache": surroundings.cache(),
        "backends": surroundings.backends(),
        "facts": surroundings.facts(),
        "destinations": surroundings.destinations(),
        "self_test": _self_test(is_thorough=is_thorough),
        "clashes": surroundings.clashes(metadata.distributions()),
    }


def _self_test(*, is_thorough: bool) -> dict[str, Any]:
    """Outcome of the golden vectors, as plain values."""
    from fastinit import golden

    start = time.perf_counter()
    results = golden.verify(quick=not is_thorough)
    failed = [dataclasses.asdict(result) for result in results if not result.is_equal]
    return {
        "passed": bool(results) and not failed,
        "vectors": len(results),
        "failed": failed,
        "seconds": time.perf_counter() - start,
    }


def _facts(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Lines about the document."""
    shown = [
        (name, version or "not installed")
        for name, version in document["versions"].items()
    ]
    shown.append(("processor", _processor(document["processor"])))
    shown.append(("threads", _threads(document["threads"])))
    shown.append(("cache", _cache(document["cache"])))
    for name, reason in document["backends"].items():
        shown.append((f"backend {name}", reason or "available"))
        shown += document["facts"].get(name, {}).items()
    for name, version in document["destinations"].items():
        shown.append((f"destination {name}", version or "not installed"))
    shown.append(("self-test", _tested(document["self_test"])))
    return shown


def _processor(found: dict[str, Any]) -> str:
    features = ", ".join(found["features"]) or "no features that matter"
    return f"{found['name']} ({found['machine']}): {features}"


def _threads(found: dict[str, Any]) -> str:
    limits = [f"of {found['processors']} processors"]
    if found["affinity"] is not None:
        limits.append(f"affinity {found['affinity']}")
    limits.append(f"container quota {found['quota'] or 'none'}")
    limits.append(f"FASTINIT_NUM_THREADS {found['FASTINIT_NUM_THREADS'] or 'unset'}")
    return f"{found['used']}, {', '.join(limits)}, engine {found['engine']}"


def _cache(found: dict[str, Any]) -> str:
    if found["folder"] is None:
        return (
            "uncached: no folder that this user can write and nobody else, so every "
            "process compiles anew; set NUMBA_CACHE_DIR to one"
        )
    state = "writable" if found["is_writable"] else "not writable"
    return f"{found['folder']} ({state})"


def _tested(found: dict[str, Any]) -> str:
    if found["passed"]:
        return f"passed: {found['vectors']} golden vectors, {found['seconds']:.2g} s"
    if not found["vectors"]:
        return "FAILED: there are no golden vectors"
    return (
        f"FAILED: {len(found['failed'])} of {found['vectors']} golden vectors differ: "
        f"{'; '.join(one['vector'] for one in found['failed'])}"
    )

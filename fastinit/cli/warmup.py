"""`fastinit warmup`: kernels compiled into the cache ahead of time."""

from __future__ import annotations

import dataclasses
import time

import rich_click as click

from fastinit.cli.arguments import output_options
from fastinit.cli.failures import FINE
from fastinit.cli.terminal import print_json, print_line, progress_bar

__all__ = ["warmup"]


@click.command(epilog="Example: fastinit warmup --dtype bfloat16 --scheme normal")
@click.option(
    "--dtype",
    "dtypes",
    metavar="NAME",
    multiple=True,
    help="Dtype that will be filled; may be given several times. All by default.",
)
@click.option(
    "--scheme",
    "schemes",
    metavar="NAME",
    multiple=True,
    help="Scheme that will be used; may be given several times. All by default.",
)
@click.option(
    "--rounding",
    metavar="HOW",
    default="nearest",
    help="To narrow dtypes: nearest, the default, or stochastic.",
)
@click.option(
    "--shared",
    "is_shared",
    is_flag=True,
    help="Let other users read the cache, e.g. those of a container image.",
)
@output_options
def warmup(
    dtypes: tuple[str, ...],
    schemes: tuple[str, ...],
    rounding: str,
    is_shared: bool,
    as_json: bool,
    is_quiet: bool,
) -> int:
    """Compile kernels into the cache, so that no process has to do it later.

    Processes of the same processor, Python and Numba then load them. The folder is
    below NUMBA_CACHE_DIR where that is set. Everything takes some minutes, one dtype
    and scheme half a minute or less on an idle machine.
    """
    from fastinit.backends import warming

    start = time.perf_counter()
    with progress_bar("compiling kernels", 100, is_quiet=is_quiet) as advance:
        percent = 0

        def progress(done: int, of: int) -> None:
            nonlocal percent
            before, percent = percent, 100 * done // of
            if advance is not None:
                advance(percent - before)

        warmth = warming.warmup(
            *(dtypes, schemes),
            rounding=rounding,
            shared=is_shared,
            progress=progress,
        )
    seconds = time.perf_counter() - start
    if as_json:
        document = {**dataclasses.asdict(warmth), "shared": is_shared}
        print_json({**document, "seconds": seconds})
    elif not is_quiet:
        loaded = warmth.loops - warmth.compiled
        print_line(
            f"{warmth.compiled} loops compiled, {loaded} were there, in {seconds:.1f} s"
        )
        print_line(warmth.folder)
    return FINE

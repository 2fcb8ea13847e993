"""The CUDA backend: windows over device memory become launches on a stream."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from fastinit.backends.kernels import Kernel, kernel_of
from fastinit.backends.parts import as_parts, part_indices
from fastinit.backends.protocol import Fill, Memory, Options
from fastinit.errors import ArgumentError, BackendUnavailableError, DestinationError
from fastinit.plan import FillPlan
from fastinit.windows import Window
from fastinit_cuda import requirements
from fastinit_cuda.compilation import Capability, Code, compile_kernel
from fastinit_cuda.driver import Driver
from fastinit_cuda.launches import THREADS, Launch, launches_of, one_run
from fastinit_cuda.tables import LARGE, Table

__all__ = ["CudaBackend"]


class _Where(NamedTuple):
    """Device and stream of a fill."""

    device: int
    stream: int


class CudaBackend:
    """Fills device memory with kernels that numba-cuda compiles.

    Parameters
    ----------
    driver : Driver, optional
        What launches; the CUDA driver of this machine by default.
    compiler : callable, optional
        compiler(loop, kernel, capability) -> Code.
    """

    def __init__(
        self,
        driver: Driver | None = None,
        compiler: Callable[[str, Kernel, Capability], Code] = compile_kernel,
    ) -> None:
        self._given = driver
        self._compiler = compiler
        self._lock = threading.RLock()
        self._loaded: dict[tuple[str, Kernel, int], Any] = {}
        self._capable: set[int] = set()

    @property
    def _driver(self) -> Driver:
        if self._given is None:
            from fastinit_cuda.cuda_driver import CudaDriver

            self._given = CudaDriver()
        return self._given

    def unavailable(self) -> str:
        """Reason why this backend cannot run here, or '' where it can.

        Returns
        -------
        reason : str
            What is missing: a package, a version of one, the driver, a device.
        """
        return requirements.missing() or self._driver.unavailable()

    def facts(self) -> dict[str, str]:
        """What `fastinit info` says: versions of packages, driver and devices.

        Returns
        -------
        facts : dict of str to str
            By name.
        """
        found = requirements.versions()
        if not requirements.missing():
            found |= self._driver.facts()
        return found

    def check(self, memory: Memory, options: Options) -> None:
        """Raise for memory or a stream that a fill would fail on.

        Parameters
        ----------
        memory : Memory
            With a place.
        options : Options
            Of the fill.

        Raises
        ------
        DestinationError
            If no device holds the memory.
        ArgumentError
            If the stream belongs to another device, or there is no such device.
        """
        self._where(memory, options)

    def fill(
        self, plan: FillPlan, memory: Memory, window: Window, options: Options
    ) -> None:
        """Put the fill of one window on its stream.

        Parameters
        ----------
        plan : FillPlan
            What to write.
        memory : Memory
            Where to write, with a place.
        window : Window
            Stream indices of the elements.
        options : Options
            Stream and progress.
        """
        self.fill_many([Fill(plan, memory, window)], options)

    def fill_many(self, fills: Sequence[Fill], options: Options) -> None:
        """Put many fills on their streams, short runs of a kernel as one launch.

        Parameters
        ----------
        fills : sequence of Fill
            What to write, and where.
        options : Options
            Stream and progress.
        """
        held = [fill for fill in fills if fill.window.size > 0]
        present = [as_parts(fill) for fill in held]
        groups: dict[tuple[_Where, Kernel], list[Fill]] = {}
        for fill in present:
            where = self._where(fill.memory, options)
            groups.setdefault((where, kernel_of(fill.plan)), []).append(fill)
        self._order(present, options)
        for (where, kernel), group in groups.items():
            self._fill_group(where, kernel, group)
        if options.progress is not None:
            for fill in held:
                options.progress(fill.window.size)

    def gather(self, plan: FillPlan, memory: Memory, indices: Any) -> None:
        """Put the values at some indices on the stream of contiguous memory.

        Parameters
        ----------
        plan : FillPlan
            What to write.
        memory : Memory
            Where to write, with a place.
        indices : ndarray of int64, shape (n,), C-contiguous
            Stream indices in host memory, each in [0, 2^58); of complex elements in
            [0, 2^57).
        """
        if not indices.size:
            return
        if plan.dtype.is_complex:
            indices = part_indices(indices)
        where, kernel = self._where(memory, Options()), kernel_of(plan)
        most = self._most_blocks(where.device)("fill_gathered", kernel)
        grid = min(-(-indices.size // THREADS), most), 1
        with self._driver.lend(indices.tobytes(), *where) as address:
            integers = (memory.address, address, indices.size, *plan.key)
            launch = Launch(
                *("fill_gathered", kernel, grid, (THREADS, 1), integers),
                plan.sampling.parameters,
            )
            self._launch(launch, where)

    def _fill_group(self, where: _Where, kernel: Kernel, group: list[Fill]) -> None:
        """Launch fills of one kernel on one stream."""
        most = self._most_blocks(where.device)
        short, others = [], []
        for fill in group:
            run = one_run(fill) if len(group) > 1 else None
            if run is not None and run.size < LARGE:
                short.append((fill.plan, run))
            else:
                others.append(fill)
        self._launch_all(
            (one for fill in others for one in launches_of(fill, most)), where
        )
        if short:
            table = Table(kernel, short, most)
            with self._driver.lend(table.rows, *where) as address:
                self._launch(table.launch(address), where)

    def _launch_all(self, launches: Iterable[Launch], where: _Where) -> None:
        for launch in launches:
            self._launch(launch, where)

    def _launch(self, launch: Launch, where: _Where) -> None:
        loaded = self._load(launch.loop, launch.kernel, where.device)
        self._driver.launch(loaded, launch, *where)

    def _load(self, loop: str, kernel: Kernel, device: int) -> Any:
        """Kernel on a device, compiled and loaded when it is first needed."""
        key = loop, kernel, device
        loaded = self._loaded.get(key)
        if loaded is None:
            with self._lock:
                loaded = self._loaded.get(key)
                if loaded is None:
                    capability = self._driver.capability(device)
                    code = self._compiler(loop, kernel, capability)
                    loaded = self._loaded[key] = self._driver.load(code, device)
        return loaded

    def _most_blocks(self, device: int) -> Callable[[str, Kernel], int]:
        def most_blocks(loop: str, kernel: Kernel) -> int:
            loaded = self._load(loop, kernel, device)
            return self._driver.most_blocks(loaded, device, THREADS)

        return most_blocks

    def _order(self, fills: Sequence[Fill], options: Options) -> None:
        """Let the asked-for stream wait for the work that arrays name."""
        stream = options.cuda_stream
        if stream is None:
            return
        earlier = {
            (fill.memory.place.stream, self._where(fill.memory, options).device)
            for fill in fills
            if fill.memory.place is not None and fill.memory.place.waits
        }
        for other, device in sorted(earlier):
            if other != stream:
                self._driver.wait(stream, other, device)

    def _where(self, memory: Memory, options: Options) -> _Where:
        """Device and stream of a fill, or an error that says what is wrong."""
        place = memory.place
        if place is None:
            raise DestinationError(
                "an array in host memory",
                "backend 'cuda' fills arrays on its devices",
                "pass an array of the device, or use backend='cpu'",
            )
        device = self._device_of(memory)
        stream = place.stream if options.cuda_stream is None else options.cuda_stream
        if options.cuda_stream is not None:
            owner = self._driver.stream_device(stream)
            if owner not in {None, device}:
                raise ArgumentError(
                    f"cuda_stream {stream:#x} of CUDA device {owner}",
                    f"the array is on device {device}, and so must be its stream",
                    "pass a stream of that device, or leave cuda_stream out",
                )
        if device not in self._capable:
            self._check_capability(device)
            self._capable.add(device)
        return _Where(device, stream)

    def _device_of(self, memory: Memory) -> int:
        """Number of the device that holds memory."""
        assert memory.place is not None
        if memory.place.device >= 0 or not memory.address:
            # Without an address there is nothing to write, or nothing yet.
            return max(memory.place.device, 0)
        device = self._driver.device_of(memory.address)
        if device is None:
            raise DestinationError(
                f"an array at address {memory.address:#x}",
                "its memory must be on a CUDA device of this process",
                "pass an array that this process has allocated there",
            )
        return device

    def _check_capability(self, device: int) -> None:
        capability = self._driver.capability(device)
        if capability < requirements.LEAST_CAPABILITY:
            major, minor = requirements.LEAST_CAPABILITY
            raise BackendUnavailableError(
                f"CUDA device {device} of compute capability "
                f"{capability[0]}.{capability[1]}",
                f"at least {major}.{minor} is needed, for rounding to bfloat16",
                "use backend='cpu', which gives the same bits",
            )

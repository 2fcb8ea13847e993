"""Machine code, one step before ptxas, gives the CPU's bits far out in a tensor.

What runs is the PTX that link-time optimisation leaves, for each target: at least
65,536 elements a case, with heads, tails, rows and the loop over the grid.
"""

from __future__ import annotations

import re

import numpy as np

from fastinit import View, backends
from fastinit.backends.kernels import kernel_of
from fastinit.backends.protocol import Fill, Memory, Options, Place
from fastinit.dtypes import numpy_dtype
from fastinit.windows import Window
from fastinit_cuda.kernels import KERNELS, LOOPS
from gpu.every_kernel import SHAPE, plan_of
from gpu.interpreted import compiled

#: Across 2^34 elements the block index crosses 2^32 and changes its high word.
FAR = 2**34 - 4000
COUNT = 65536


def array_of(driver, plan, shape, offset=0):
    """Array on a device; its first element `offset` elements behind a boundary."""
    count = int(np.prod(shape)) + offset
    return driver.array((count,), plan.dtype.name).host[offset:].reshape(shape)


def run_of(plan, first, count):
    """Values of neighbours in the stream, by the CPU's simplest loop."""
    array = np.empty(count, plan.dtype.storage)
    memory = Memory(array.ctypes.data, array.strides, array)
    window = Window(first, (count,), (1,))
    backends.load_backend("cpu").fill(plan, memory, window, Options(threads=1))
    return array.view(numpy_dtype(plan.dtype.name))


def fill_there(fills):
    """Fill windows of arrays on the device."""
    made = []
    for plan, array, view in fills:
        memory = Memory(array.ctypes.data, array.strides, array, place=Place(0, 0))
        made.append(Fill(plan, memory, view.window))
    backends.load_backend("cuda").fill_many(made, Options())


def fill_run(driver, kernel):
    """Three elements before the first block, as many before the first boundary."""
    plan = plan_of(kernel, "run")
    step = max(16 // numpy_dtype(plan.dtype.name).itemsize, 4)
    array = array_of(driver, plan, (COUNT + 13,), 5 * step - 3)
    fill_there([(plan, array, View(SHAPE, np.s_[FAR + 1 : FAR + COUNT + 14]))])
    return [(array, run_of(plan, FAR + 1, COUNT + 13))]


def fill_rows(driver, kernel):
    """A block of columns out of a matrix, in memory with a gap behind each row."""
    plan = plan_of(kernel, "rows")
    view = View((2**25, 2**15), np.s_[2**19 - 9 : 2**19 + 65, 64 : 64 + 928])
    gaps = array_of(driver, plan, (74, 1024))
    untouched = gaps[:, 928:].copy()
    fill_there([(plan, gaps[:, :928], view)])
    assert (gaps[:, 928:] == untouched).all()
    firsts = (2**19 - 9 + np.arange(74)) * 2**15 + 64
    return [
        (gaps[row, :928], run_of(plan, int(first), 928))
        for row, first in enumerate(firsts)
    ]


def fill_strided(driver, kernel):
    """Stored transposed and with gaps, of odd sizes, backwards along one axis."""
    plan = plan_of(kernel, "strided")
    shape = (2**18, 7, 2**16 + 3)
    view = View(shape, np.s_[2**17 : 2**17 + 97, ::-1, 5:102], (2, 1, 0))
    gaps = array_of(driver, plan, (97, 7, 99))
    untouched = gaps[..., 97:].copy()
    fill_there([(plan, gaps[..., :97], view)])
    assert (gaps[..., 97:] == untouched).all()
    return [
        (gaps[:, 6 - k, row], run_of(plan, ((2**17 + row) * 7 + k) * shape[2] + 5, 97))
        for row in range(97)
        for k in range(7)
    ]


def fill_table(driver, kernel):
    """Runs of odd sizes, at odd places, some of them never aligned."""
    pairs, fills = [], []
    for at, size in enumerate([1, 3, 5, 17, 40, 301, 4099, 20000, 1030, 41234]):
        plan = plan_of(kernel, f"table {at}")
        array = array_of(driver, plan, (size,), at)
        fills.append((plan, array, View(SHAPE, np.s_[FAR + at : FAR + at + size])))
        pairs.append((array, run_of(plan, FAR + at, size)))
    fill_there(fills)
    return pairs


def fill_gathered(driver, kernel):
    """Elements from all over the stream."""
    rng = np.random.default_rng(3)
    plan = plan_of(kernel, "gathered")
    firsts = rng.integers(0, 2**58 - 64, COUNT // 64)
    indices = (firsts[:, None] + np.arange(64)).reshape(-1)
    order = rng.permutation(COUNT)
    array = array_of(driver, plan, (COUNT,))
    memory = Memory(array.ctypes.data, array.strides, array, place=Place(0, 0))
    backends.load_backend("cuda").gather(plan, memory, indices[order])
    expected = np.concatenate([run_of(plan, int(first), 64) for first in firsts])
    return [(array, expected[order])]


WAYS = {
    way.__name__: way
    for way in (fill_run, fill_rows, fill_strided, fill_table, fill_gathered)
}


def without_target(ptx):
    """Text of a program but for the line that names its target."""
    text, count = re.subn(r"^\.target sm_\d+$", "", ptx, flags=re.MULTILINE)
    assert count == 1
    return text


def test_each_target_gives_the_bits_of_the_cpu(kernel_group, new_driver):
    loop, kernel, targets = kernel_group
    texts = {}
    for target in targets:
        texts.setdefault(without_target(compiled(loop, kernel, target).ptx), target)
    # Neighbouring targets have one text, which gives the same bits on either.
    for target in texts.values():
        # Of its own: a backend keeps what it has loaded on a device.
        driver = new_driver()
        driver.of_device = target
        check_bits(loop, kernel, driver)
        assert driver.loads == [target]


def check_bits(loop, kernel, driver):
    """Compare what a loop of a kernel writes on the driver's target with the CPU."""
    pairs = WAYS[loop](driver, kernel)
    assert [(launch.loop, launch.kernel) for launch, *_ in driver.launches] == [
        (loop, kernel)
    ]
    assert sum(array.size for array, _ in pairs) >= COUNT
    for array, expected in pairs:
        assert array.tobytes() == expected.tobytes()
    values = np.concatenate([expected.reshape(-1) for _, expected in pairs])
    if not kernel.sampler.startswith("constant"):
        # Between 1 and 1.3 bfloat16 has 39 values, float8_e4m3fn three.
        fewest = 3 if values.itemsize == 1 else 39
        assert np.unique(values.view(f"u{values.itemsize}")).size >= fewest


def test_there_is_a_way_to_every_kernel_and_loop():
    assert WAYS.keys() == LOOPS.keys()
    assert {kernel_of(plan_of(kernel, "")) for kernel in KERNELS} == set(KERNELS)

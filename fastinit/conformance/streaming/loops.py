"""The loops of a scan over bit patterns: plain text that Numba compiles.

A span is a run of at most 2^18 elements, so everything but the span itself stays in
the caches of one core. Loops name nothing of this module (see `compiling`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "count_cells",
    "count_pairs",
    "find_anchors",
    "find_extremes",
    "keep_cells",
]


def count_cells(
    patterns: Any, signed: Any, tables: Any, form: Any, counts: Any, flags: Any
) -> Any:
    """Count cells, note groups where asked, and flag tiles that may hold an extreme.

    Parameters
    ----------
    patterns : unsigned array, shape (n,)
        Bit patterns of the elements.
    signed : signed array, shape (n,)
        The same bits.
    tables : tuple of 3 arrays
        Base and parts of the 2^16 entries, and the group of every cell.
    form : uint64 array, shape (4,)
        top_shift, low_bits, sign and exponent of the dtype.
    counts : tuple of 2 arrays
        Counts of cells, which grow, and room for the groups of all elements or none.
    flags : bool array, shape (tiles of 1024,)
        Written: whether a tile may hold an extreme or what is not finite.

    Returns
    -------
    used : uint64
        Bits that occur.
    """
    base, parts, group = tables
    top_shift, low_bits, sign, exponent = form
    cells, groups = counts
    rest = np.uint64(top_shift - low_bits)
    low_mask = (np.uint64(1) << np.uint64(low_bits)) - np.uint64(1)
    shift, low_shift, sign = np.uint64(top_shift), np.uint64(low_bits), np.uint64(sign)
    infinity = np.uint64(exponent) << shift
    numbers = np.empty(1024, dtype=np.uint32)
    # Of all finite tiles so far: the largest as signed and as unsigned integers, and
    # the smallest as unsigned ones. No element is extreme that exceeds none of them.
    top_signed, top_plain, low_plain = np.int64(-1) << 62, np.uint64(0), ~np.uint64(0)
    used = np.uint64(0)
    # By tiles and by steps: all but the increments and look-ups become vectors.
    for start in range(0, patterns.size, 1024):
        tile = patterns[start : min(start + 1024, patterns.size)]
        twin = signed[start : start + tile.size]
        for i in range(tile.size):
            pattern = np.uint64(tile[i])
            pattern = np.uint64(0) if pattern == sign else pattern
            part = ((pattern >> rest) & low_mask) * np.uint64(parts[pattern >> shift])
            first = np.uint64(base[pattern >> shift])
            numbers[i] = np.uint32(first + (part >> low_shift))
        bits, largest, smallest, highest = tile[0], tile[0], tile[0], twin[0]
        for i in range(tile.size):
            bits |= tile[i]
            largest = tile[i] if tile[i] > largest else largest
            smallest = tile[i] if tile[i] < smallest else smallest
            highest = twin[i] if twin[i] > highest else highest
        used |= np.uint64(bits)
        for i in range(tile.size):
            cells[numbers[i]] += np.uint32(1)
        if groups.size:
            noted = groups[start : start + tile.size]
            for i in range(tile.size):
                noted[i] = group[numbers[i]]
        signed_top, plain_top = np.int64(highest), np.uint64(largest)
        plain_low = np.uint64(smallest)
        flags[start >> 10] = (
            signed_top > top_signed or plain_top > top_plain or plain_low < low_plain
        )
        # What is not finite would hide the extremes of the next tiles.
        if signed_top < np.int64(infinity) and plain_top < (sign | infinity):
            top_signed = max(top_signed, signed_top)
            top_plain = max(top_plain, plain_top)
            low_plain = min(low_plain, plain_low)
    return used


def find_extremes(patterns: Any, flags: Any, form: Any, found: Any) -> None:
    """Extremes and infinities of the flagged tiles of 1024 elements.

    Parameters
    ----------
    patterns : unsigned array, shape (n,)
        Bit patterns of the elements.
    flags : bool array, shape (tiles of 1024,)
        Tiles to look at.
    form : uint64 array, shape (4,)
        top_shift, low_bits, sign and exponent of the dtype.
    found : uint64 array, shape (5,)
        Smallest key, its position, largest key, its position, infinities so far.
    """
    top_shift, _, sign, exponent = form
    sign, magnitude = np.uint64(sign), np.uint64(sign) - np.uint64(1)
    infinity = np.uint64(exponent) << np.uint64(top_shift)
    for tile in range(flags.size):
        if not flags[tile]:
            continue
        for i in range(tile << 10, min((tile + 1) << 10, patterns.size)):
            pattern = np.uint64(patterns[i])
            pattern = np.uint64(0) if pattern == sign else pattern
            if (pattern & magnitude) >= infinity:
                found[4] += np.uint64((pattern & magnitude) == infinity)
                continue
            flipped = magnitude - (pattern & magnitude)
            key = flipped if pattern >= sign else pattern | sign
            if key < found[0]:
                found[0] = key
                found[1] = np.uint64(i)
            if key > found[2]:
                found[2] = key
                found[3] = np.uint64(i)


def count_pairs(groups: Any, n_own: Any, pairs: Any) -> None:
    """Count neighbours by 8 times the group of the first plus that of the second.

    Parameters
    ----------
    groups : uint8 array, shape (n,) or (n + 1,)
        Groups of the elements, and of the one after them where there is one.
    n_own : int
        Elements n that are the first of a pair.
    pairs : int64 array, shape (8, 64)
        Counts, which grow: even rows for firsts of even index. Four rows of each, so
        that an increment need not wait for the last one.
    """
    stop = min(n_own, groups.size - 1)
    for i in range(stop):
        pair = 8 * np.int64(groups[i]) + np.int64(groups[i + 1])
        pairs[i & 7, pair] += 1


def keep_cells(patterns: Any, tables: Any, form: Any, kept: Any) -> Any:
    """Copy the patterns whose cell is marked.

    Parameters
    ----------
    patterns : unsigned array, shape (n,)
        Bit patterns of the elements.
    tables : tuple of 3 arrays
        Base and parts of the 2^16 entries, and the marks of all cells.
    form : uint64 array, shape (4,)
        top_shift, low_bits, sign and exponent of the dtype.
    kept : unsigned array, shape (m,)
        Room for the copies; what does not fit is counted only.

    Returns
    -------
    n_kept : int
        How many are marked.
    """
    base, parts, marks = tables
    top_shift, low_bits, sign, _ = form
    rest = np.uint64(top_shift - low_bits)
    low_mask = (np.uint64(1) << np.uint64(low_bits)) - np.uint64(1)
    shift, low_shift, sign = np.uint64(top_shift), np.uint64(low_bits), np.uint64(sign)
    n_kept = 0
    for i in range(patterns.size):
        pattern = np.uint64(patterns[i])
        if pattern == sign:
            pattern = np.uint64(0)
        top = pattern >> shift
        part = (((pattern >> rest) & low_mask) * np.uint64(parts[top])) >> low_shift
        if marks[np.uint64(base[top]) + part]:
            if n_kept < kept.size:
                kept[n_kept] = patterns[i]
            n_kept += 1
    return n_kept


def find_anchors(
    patterns: Any, n_own: Any, width: Any, threshold: Any, kept: Any
) -> Any:
    """Digests of runs from where a hash of two elements is within a threshold.

    Equal runs have equal anchors wherever they lie, so copies are found at any
    distance.

    Parameters
    ----------
    patterns : unsigned array, shape (n,)
        Bit patterns of the elements.
    n_own : int
        Elements at which a run may start.
    width : int
        Elements of a run.
    threshold : uint32
        Largest hash of an anchor.
    kept : uint64 array, shape (2, m)
        Room for digests and positions; what does not fit is counted only.

    Returns
    -------
    n_kept : int
        How many anchors there are.
    """
    n_kept = 0
    last = min(n_own, patterns.size - width + 1)
    hashes = np.empty(128, dtype=np.uint32)
    for start in range(0, last, 128):
        size = min(128, last - start)
        first = patterns[start : start + size]
        second = patterns[start + 1 : start + 1 + size]
        n_found = np.uint32(0)
        for i in range(size):
            # The low word of a product is a product of words, on twice the lanes.
            a = np.uint32(np.uint64(first[i]) * np.uint64(0x9E3779B1))
            b = np.uint32(np.uint64(second[i]) * np.uint64(0x85EBCA77))
            mixed = np.uint32(np.uint64(a) + np.uint64(b))
            mixed = np.uint32(mixed ^ np.uint32(mixed >> np.uint32(15)))
            mixed = np.uint32(np.uint64(mixed) * np.uint64(0x27D4EB2F))
            hashes[i] = mixed
            n_found += np.uint32(mixed <= threshold)
        if n_found == 0:
            continue
        for i in range(size):
            if hashes[i] <= threshold:
                if n_kept < kept.shape[1]:
                    digest = np.uint64(0)
                    for j in range(start + i, start + i + width):
                        digest ^= np.uint64(patterns[j])
                        digest *= np.uint64(0x9FB21C651E98DF25)
                        digest ^= digest >> np.uint64(29)
                    kept[0, n_kept] = digest
                    kept[1, n_kept] = np.uint64(start + i)
                n_kept += 1
    return n_kept

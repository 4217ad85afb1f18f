"""Run lengths of detections: the gaps between them as numbers of seven bits a byte, the lowest first."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["read_gaps", "write_gaps"]


@njit(cache=True, nogil=True)
def write_gaps(pulse, out):
    """Write the gaps of rising pulse numbers; return how many bytes, at most ten for each."""
    used, before = 0, np.uint64(0)
    for i in range(len(pulse)):
        gap = np.uint64(pulse[i]) - before
        before = np.uint64(pulse[i]) + np.uint64(1)
        while gap >= np.uint64(128):
            out[used] = np.uint8(gap & np.uint64(127)) | np.uint8(128)
            gap >>= np.uint64(7)
            used += 1
        out[used] = np.uint8(gap)
        used += 1
    return used


@njit(cache=True, nogil=True)
def read_gaps(raw, pulses, out):
    """Fill ``out`` with pulse numbers; return False where the bytes are no such list below ``pulses``."""
    at, place = 0, np.uint64(0)
    for i in range(len(out)):
        gap, shift = np.uint64(0), np.uint64(0)
        while True:
            if at >= len(raw) or shift > np.uint64(56):
                return False
            byte = np.uint64(raw[at])
            at += 1
            gap |= (byte & np.uint64(127)) << shift
            shift += np.uint64(7)
            if byte < np.uint64(128):
                break
        if gap >= pulses or place + gap >= pulses:
            return False
        out[i] = place + gap
        place += gap + np.uint64(1)
    return at == len(raw)

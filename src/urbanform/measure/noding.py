"""Where lines meet: at their ends, where an end lies on another line, and where they cross."""

import numpy as np
import shapely
from numpy.typing import NDArray

from urbanform.measure.segments import Indices, Segments, feet

PASSING = 1e-9
"""How far beyond its end a segment still counts as crossed, as a share of its length."""

Meetings = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]
"""First line, where on it; second line, where on it."""


def close_points(xy: NDArray[np.float64], within_m: float) -> tuple[Indices, Indices]:
    """Pairs of points, shape (n, 2), that lie within a distance of one another; the distance itself included."""
    size_m = max(within_m, 1e-6)
    cell = np.floor((xy - xy.min(axis=0, initial=np.inf)) / size_m).astype(np.int64) + 1
    rows = int(cell[:, 1].max(initial=0)) + 2
    key = cell[:, 0] * rows + cell[:, 1]
    order = np.argsort(key, kind="stable")
    key, xy = key[order], xy[order]
    one, other = [], []
    # What is near lies in the same cell or a neighbouring one; of two neighbours only one looks at the other.
    for step in (0, 1, rows - 1, rows, rows + 1):
        begin = np.searchsorted(key, key + step) if step else np.arange(1, len(key) + 1)
        count = np.searchsorted(key, key + step, side="right") - begin
        looker = np.repeat(np.arange(len(key)), count)
        seen = np.arange(len(looker)) - np.repeat(np.cumsum(count) - count - begin, count)
        near = np.hypot(*(xy[looker] - xy[seen]).T) <= within_m
        one.append(order[looker[near]])
        other.append(order[seen[near]])
    return np.concatenate(one), np.concatenate(other)


def line_ends(parts: NDArray[np.object_]) -> NDArray[np.float64]:
    """The first end of each LineString, and after all of these the last end of each: shape (2 n, 2)."""
    xy, line = shapely.get_coordinates(parts, return_index=True)
    numbers = np.arange(len(parts))
    first, last = np.searchsorted(line, numbers), np.searchsorted(line, numbers, side="right") - 1
    return np.asarray(xy[np.concatenate([first, last])])


def close_ends(
    ends: NDArray[np.float64],
    level: NDArray[np.int64],
    snap_m: float,
    common: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of ends that meet, by their numbers in :func:`line_ends`.

    Parameters
    ----------
    ends
        As :func:`line_ends` gives them.
    level
        A number for each line; ends meet where it is the same.
    common
        Which numbers meet, shape (numbers, numbers), where that is not each with itself alone.
    """
    one, other = close_points(ends, snap_m)
    of = np.concatenate([level, level])
    same = of[one] == of[other] if common is None else common[of[one], of[other]]
    return one[same], other[same]


def crossed(
    one: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Whether two segments cross or touch, pair by pair, and at which shares of their lengths; not where they are
    parallel, for such stretches meet at their ends.

    Parameters
    ----------
    one, other
        Ends, shape (n, 4).

    Returns
    -------
    Shape (n,) each; the shares mean nothing where the first is False.
    """
    along, across = one[:, 2:] - one[:, :2], other[:, 2:] - other[:, :2]
    between = other[:, :2] - one[:, :2]
    turn = along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]
    size = np.hypot(along[:, 0], along[:, 1]) * np.hypot(across[:, 0], across[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        on_one = (between[:, 0] * across[:, 1] - between[:, 1] * across[:, 0]) / turn
        on_other = (between[:, 0] * along[:, 1] - between[:, 1] * along[:, 0]) / turn
    meet = np.abs(turn) > PASSING * size
    for share in (on_one, on_other):
        meet &= (share >= -PASSING) & (share <= 1 + PASSING)
    return meet, np.clip(on_one, 0, 1), np.clip(on_other, 0, 1)


def crossings(cut: Segments, pairs: tuple[Indices, Indices]) -> Meetings:
    """Where the segments of lines cross or touch one another.

    Parameters
    ----------
    cut
        The lines.
    pairs
        Segments, first < second, that may meet.
    """
    first, second = pairs
    # Neighbouring segments of one line meet anyway.
    apart = (second > first + 1) | (cut.line[first] != cut.line[second])
    first, second = first[apart], second[apart]
    meet, on_first, on_second = crossed(cut.ends[first], cut.ends[second])
    first, second = first[meet], second[meet]
    begun, length_m = cut.begun_m, cut.lengths_m
    return (
        cut.line[first],
        begun[first] + on_first[meet] * length_m[first],
        cut.line[second],
        begun[second] + on_second[meet] * length_m[second],
    )


def ends_on_lines(cut: Segments, pairs: tuple[Indices, Indices], snap_m: float) -> Meetings:
    """Where the end of a line lies on or beside another line, within ``snap_m``; see :func:`crossings`."""
    begun, length_m = cut.begun_m, cut.lengths_m
    fresh = np.append(True, np.diff(cut.line) != 0)[: len(cut.line)]
    last = np.append(fresh[1:], True)[: len(cut.line)]
    first, second = (np.concatenate(side) for side in (pairs, pairs[::-1]))
    other = cut.line[first] != cut.line[second]
    first, second = first[other], second[other]
    found = []
    for terminal, corner, at_m in ((fresh, slice(0, 2), np.zeros(len(begun))), (last, slice(2, 4), begun + length_m)):
        rows = terminal[first]
        end, onto = first[rows], second[rows]
        share, aside_m = feet(cut.ends[end, corner], cut.ends[onto])
        near = np.flatnonzero(aside_m <= snap_m)
        # Of several segments of a line the nearest one is met.
        near = near[np.lexsort((onto[near], aside_m[near], cut.line[onto[near]], end[near]))]
        same = (np.diff(end[near]) == 0) & (np.diff(cut.line[onto[near]]) == 0)
        near = near[np.append(True, ~same)[: len(near)]]
        end, onto = end[near], onto[near]
        found.append((cut.line[end], at_m[end], cut.line[onto], begun[onto] + share[near] * length_m[onto]))
    one, one_at, line, line_at = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, one_at, line, line_at


def but_close_ends(
    met: Meetings, length_m: NDArray[np.float64], ends: NDArray[np.float64], snap_m: float, same_m: float
) -> Meetings:
    """Meetings without those of two ends that :func:`close_ends` joins anyway: on a street map most are.

    Parameters
    ----------
    met
        Lines of a common level that meet.
    length_m
        Of each line.
    ends
        As :func:`line_ends` gives them.
    same_m
        How near its end a place on a line is that end.
    """
    first, first_at, second, second_at = met
    end = np.zeros((2, len(first)), dtype=np.int64)
    at_end = np.ones(len(first), dtype=bool)
    for side, (line, at_m) in zip(end, ((first, first_at), (second, second_at)), strict=True):
        last = at_m >= length_m[line] - same_m
        at_end &= last | (at_m <= same_m)
        side[:] = line + np.where(last, len(length_m), 0)
    # A little nearer than they must be: on the limit rounding decides, and there both ways are kept.
    keep = ~at_end | (np.hypot(*(ends[end[0]] - ends[end[1]]).T) > snap_m * (1 - 1e-9))
    return first[keep], first_at[keep], second[keep], second_at[keep]

"""Walking distances on a few streets, in metres by pencil."""

import time

import numpy as np
import pytest
import shapely

from urbanform.measure import entrances
from urbanform.measure.entrances import access
from urbanform.measure.network import Network, walking_network
from urbanform.measure.walks import walking_distances


def line(*points: tuple[float, float]) -> shapely.LineString:
    """A street."""
    return shapely.LineString(points)


def array(*shapes: object) -> np.ndarray:
    """Shapes as an array of objects."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def network(*lines: object, levels: list[object] | None = None) -> Network:
    """The network of some streets."""
    return walking_network(array(*lines), None if levels is None else array(*levels))


def way(streets: Network, start: object, *ends: object, within_m: float = 0.0, limit_m: float = np.inf) -> float:
    """From one shape to the nearest of some others."""
    origins, targets = access(streets, array(start), within_m), access(streets, array(*ends), within_m)
    return float(walking_distances(streets, origins, 1, targets, limit_m)[0])


def at(x: float, y: float) -> shapely.Point:
    """A point."""
    return shapely.Point(x, y)


def test_along_one_street_with_the_legs_at_both_ends() -> None:
    """10 m to the street, 80 along it, 5 from it."""
    street = network(line((0, 0), (100, 0)))
    assert way(street, at(10, 10), at(90, -5)) == pytest.approx(95)
    assert way(street, at(90, -5), at(10, 10)) == pytest.approx(95)
    assert way(street, at(10, 0), at(10, 0)) == pytest.approx(0)


def test_round_a_corner_and_by_the_shorter_of_two_ways() -> None:
    """A square of 100 m: from one corner to the opposite one 200; a diagonal street makes it 141.4."""
    ring = line((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
    assert way(network(ring), at(0, 0), at(100, 100)) == pytest.approx(200)
    assert way(network(ring), at(0, 30), at(30, 0)) == pytest.approx(60)
    assert way(network(ring, line((0, 0), (100, 100))), at(0, 0), at(100, 100)) == pytest.approx(2**0.5 * 100)


def test_streets_that_cross_without_a_vertex_are_joined() -> None:
    """50 along one, 50 along the other."""
    streets = network(line((0, 0), (100, 0)), line((50, -50), (50, 50)))
    assert way(streets, at(0, 0), at(50, 50)) == pytest.approx(100)


def test_streets_of_different_levels_are_not() -> None:
    streets = [line((0, 0), (100, 0)), line((50, -50), (50, 50))]
    assert way(network(*streets, levels=["0", "1"]), at(0, 0), at(50, 50)) == np.inf
    assert way(network(*streets, levels=["1", "1"]), at(0, 0), at(50, 50)) == pytest.approx(100)


def test_a_street_on_two_levels_joins_what_lies_on_each() -> None:
    """A path below from (0, 0) to (100, 0), a bridge above it from (50, -50) to (50, 50), a ramp from the end of the
    one to that of the other: 100 + 70.7 m from the beginning of the path to the far end of the bridge."""
    streets = [line((0, 0), (100, 0)), line((50, -50), (50, 50)), line((100, 0), (50, 50))]

    def far(*levels: object) -> float:
        return way(network(*streets, levels=list(levels)), at(0, 0), at(50, 50))

    assert far("0", "1", frozenset("01")) == pytest.approx(100 + 50 * 2**0.5)
    assert far("0", "1", "0") == pytest.approx(100 + 50 * 2**0.5)
    assert way(network(*streets, levels=["0", "1", "0"]), at(0, 0), at(50, -50)) == np.inf
    assert way(network(*streets, levels=["0", "1", frozenset("01")]), at(0, 0), at(50, -50)) == pytest.approx(
        100 + 50 * 2**0.5 + 100
    )
    assert way(network(*streets, levels=["0", frozenset("01"), "2"]), at(0, 0), at(50, 50)) == pytest.approx(100)


def test_the_lines_of_a_network_know_whose_they_are() -> None:
    two = shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 0), (6, 0)]])
    assert network(None, two, line((2, 0), (3, 0))).owner.tolist() == [1, 1, 2]


def test_a_street_that_ends_on_another_is_joined_to_it() -> None:
    streets = network(line((0, 0), (100, 0)), line((40, 0), (40, 60)))
    assert way(streets, at(0, 0), at(40, 60)) == pytest.approx(100)


@pytest.mark.parametrize(("gap_m", "joined"), [(0.0, True), (0.9, True), (1.1, False)])
def test_ends_are_snapped_over_a_metre(gap_m: float, joined: bool) -> None:
    """From end to end 200 m, less the gap that nobody walks; beside the middle of a street likewise."""
    straight = network(line((0, 0), (100, 0)), line((100 + gap_m, 0), (200, 0)))
    assert way(straight, at(0, 0), at(200, 0)) == (pytest.approx(200 - gap_m) if joined else np.inf)
    side = network(line((0, 0), (100, 0)), line((40, gap_m), (40, 60)))
    assert way(side, at(0, 0), at(40, 60)) == (pytest.approx(100 - gap_m) if joined else np.inf)


def test_a_path_that_meets_itself_is_joined_there() -> None:
    """A loop that ends on its own stem at (50, 0): from (0, 0) to (50, 50) it is 50 + 50, not 50 + 150."""
    loop = line((0, 0), (100, 0), (100, 50), (50, 50), (50, 0))
    assert way(network(loop), at(0, 0), at(50, 50)) == pytest.approx(100)


def test_two_streets_over_the_same_ground_are_one_way() -> None:
    streets = network(line((0, 0), (100, 0)), line((100, 0), (0, 0)), line((50, 0), (150, 0)))
    assert way(streets, at(0, 0), at(150, 0)) == pytest.approx(150)


def test_of_two_streets_between_the_same_crossings_the_shorter_is_walked() -> None:
    streets = network(line((0, 0), (100, 0)), line((0, 0), (50, 80), (100, 0)))
    assert way(streets, at(0, 0), at(100, 0)) == pytest.approx(100)


def test_the_nearest_of_many_and_the_nearest_on_the_same_stretch() -> None:
    """From 50 on a street of 100: targets at 20, 58 and 90 are 30, 8 and 40 away; with legs of 0, 30 and 0 the first
    is nearest."""
    street = network(line((0, 0), (100, 0)))
    assert way(street, at(50, 0), at(20, 0), at(58, 0), at(90, 0)) == pytest.approx(8)
    assert way(street, at(50, 0), at(20, 0), at(58, 30), at(90, 0)) == pytest.approx(30)


def test_a_way_longer_than_the_limit_is_none() -> None:
    street = network(line((0, 0), (100, 0)))
    assert way(street, at(0, 0), at(80, 0), limit_m=80) == pytest.approx(80)
    assert way(street, at(0, 0), at(80, 0), limit_m=79.9) == np.inf


def test_plots_beside_a_street_are_as_far_apart_as_their_near_corners() -> None:
    """Plots at 0–100 and 600–700 along a street, 10 m from it: 10 + 500 + 10, whatever their order of corners."""
    street = network(line((0, 0), (1000, 0)))
    home, park = shapely.box(0, 10, 100, 110), shapely.box(600, -80, 700, -10)
    for turned in (home, shapely.reverse(home), shapely.normalize(home)):
        assert way(street, turned, park) == pytest.approx(520)
        assert way(street, turned, park, within_m=20) == pytest.approx(520)


def test_a_plot_is_entered_from_every_street_within_reach_and_else_from_the_nearest() -> None:
    """A plot of 100 m between two streets, 10 and 30 m from them, a target on the farther one.

    Over 10 m only the near street serves, and it leads nowhere; over 30 m the target is 30 m and 100 m away.
    """
    streets = network(line((0, 0), (100, 0)), line((0, 140), (300, 140)))
    plot = shapely.box(0, 10, 100, 110)
    assert way(streets, plot, at(200, 140), within_m=10) == np.inf
    assert way(streets, plot, at(200, 140), within_m=30) == pytest.approx(130)


def test_a_path_into_a_park_reaches_it_at_its_edge() -> None:
    """The path goes 300 m into the park without a vertex at its edge: 200 m from its beginning."""
    street = network(line((0, 0), (500, 0)))
    assert way(street, at(0, 0), shapely.box(200, -100, 600, 100)) == pytest.approx(200)
    across = network(line((0, 0), (900, 0)))
    assert way(across, at(900, 0), shapely.box(200, -100, 600, 100)) == pytest.approx(300)


def test_what_is_missing_or_has_no_network_has_no_way() -> None:
    street = network(line((0, 0), (100, 0)), None, shapely.LineString())
    origins = access(street, array(at(0, 0), None, shapely.Polygon()), 0)
    assert walking_distances(street, origins, 3, access(street, array(at(50, 0)), 0)).tolist() == [50, np.inf, np.inf]
    assert walking_distances(street, origins, 3, access(street, array(), 0)).tolist() == [np.inf] * 3
    nowhere = network()
    assert nowhere.count == 0
    assert way(nowhere, at(0, 0), at(1, 1)) == np.inf


def test_moving_and_turning_the_place_changes_nothing() -> None:
    streets = array(line((0, 0), (100, 0)), line((50, -50), (50, 50)), line((50.3, 50.2), (120, 80)))
    plots, parks = array(shapely.box(-30, 4, -10, 24)), array(shapely.box(110, 85, 130, 95))
    figures = []
    for degrees, east, north in ((0, 0, 0), (0, 500_000, 3_950_000), (33, 500_000, 3_950_000), (200, -3, 9)):
        turn = np.radians(degrees)
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

        def moved(xy: np.ndarray, matrix: np.ndarray = matrix, by: tuple[float, float] = (east, north)) -> np.ndarray:
            return xy @ matrix + by

        found = walking_network(shapely.transform(streets, moved))
        origins = access(found, shapely.transform(plots, moved), 20)
        figures.append(walking_distances(found, origins, 1, access(found, shapely.transform(parks, moved), 20))[0])
    assert np.isfinite(figures).all()
    assert figures == pytest.approx([figures[0]] * len(figures), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_on_a_grid_of_streets_the_way_is_that_of_a_taxi(seed: int) -> None:
    """Streets every 100 m both ways, none with a vertex at a crossing: |dx| + |dy| between points on crossings."""
    streets = [line((0, y), (900, y)) for y in range(0, 1000, 100)]
    streets += [line((x, 0), (x, 900)) for x in range(0, 1000, 100)]
    random = np.random.default_rng(seed)
    starts, ends = random.integers(0, 10, (30, 2)) * 100.0, random.integers(0, 10, (4, 2)) * 100.0
    found = network(*streets)
    origins, targets = access(found, shapely.points(starts), 0), access(found, shapely.points(ends), 0)
    expected = np.abs(starts[:, None] - ends[None]).sum(axis=2).min(axis=1)
    assert walking_distances(found, origins, 30, targets) == pytest.approx(expected)


@pytest.mark.long
def test_shapes_looked_at_one_after_another_are_joined_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    streets = network(*(line(*random.uniform(0, 400, (3, 2))) for _ in range(30)))
    plots = shapely.buffer(shapely.points(random.uniform(0, 400, (50, 2))), random.uniform(1, 30, 50), quad_segs=2)

    def joined() -> list[tuple[float, ...]]:
        places = access(streets, plots, 20)
        columns = (places.shape, places.stop, places.ahead_m, places.back_m, places.leg_m)
        return sorted(zip(*(column.tolist() for column in columns), strict=True))

    before = joined()
    assert {place[0] for place in before} == set(range(50))
    monkeypatch.setattr(entrances, "CORNERS_AT_ONCE", 20)
    assert joined() == before


def test_a_city_of_60_000_streets_and_40_000_plots_takes_seconds() -> None:
    """A grid of 173 × 173 crossings 100 m apart, a plot in each block, four sets of 50 facilities."""
    side, count = 100.0, 174
    x, y = np.meshgrid(np.arange(count) * side, np.arange(count) * side)
    nodes = np.stack([x, y], axis=-1)
    pairs = [np.stack([nodes[:, :-1], nodes[:, 1:]], axis=2), np.stack([nodes[:-1], nodes[1:]], axis=2)]
    streets = shapely.linestrings(np.concatenate([pair.reshape(-1, 2, 2) for pair in pairs]))
    corner = nodes[:-1, :-1].reshape(-1, 2)
    plots = shapely.box(*(corner + 15).T, *(corner + 85).T)
    plots = np.concatenate([plots, shapely.box(*(corner[:10_000] + 30).T, *(corner[:10_000] + 50).T)])
    began = time.process_time()
    found = walking_network(streets)
    origins = access(found, plots, 20)
    random = np.random.default_rng(1)
    for _ in range(4):
        facilities = shapely.points(random.uniform(0, side * (count - 1), (50, 2)))
        walked = walking_distances(found, origins, len(plots), access(found, facilities, 20), 1000)
        assert np.isfinite(walked).any()
    assert len(streets) > 60_000 - 500
    assert time.process_time() - began < 10

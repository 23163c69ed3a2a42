"""Figures measured a second time, plainly: one shape at a time, by the definition, over places drawn at random.

Shapes overlap, lie over edges, have holes and are turned every way. Nothing here uses the measures of the house.
"""

import itertools

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from places import X, Y, layer, place, raster
from trust.everything import pack
from urbanform.assess import assess
from urbanform.checks import find_check

SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 60))]
SIZE_M = 2_600.0
CORNER = np.array([X, Y])


def found(submission, name, **params):
    """The finding of one check."""
    rules = pack()
    (rule,) = [rule for rule in rules.rules if rule.check == name]
    rule = type(rule)(**{**_fields(rule), "params": find_check(name).params(**params)})
    (finding,) = assess(submission, type(rules)(**{**_fields(rules), "rules": (rule,)}), 2026).findings
    return finding


def _fields(thing):
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def by_subject(finding):
    return {item.subject.id: item.subject.value for item in finding.subjects}


def boxes(rng, count, sizes_m, low_m=0.0, high_m=SIZE_M):
    """Rectangles turned every way."""
    shapes = []
    for _ in range(count):
        (west, south), (width, height) = rng.uniform(low_m, high_m, 2) + CORNER, rng.uniform(*sizes_m, 2)
        shapes.append(rotate(shapely.box(west, south, west + width, south + height), rng.uniform(0, 90)))
    return shapes


def blob(rng, east, north, radius_m, *, hole=False):
    """A ragged polygon, with a hole where asked."""
    turn = np.sort(rng.uniform(0, 2 * np.pi, 40))
    reach = radius_m * rng.uniform(0.6, 1.1, 40)
    xy = np.column_stack([X + east + reach * np.cos(turn), Y + north + reach * np.sin(turn)])
    shape = shapely.make_valid(shapely.Polygon(xy))
    if hole:
        shape = shape.difference(shapely.box(X + east - 90, Y + north - 70, X + east + 60, Y + north + 110))
    return max(shapely.get_parts(shape), key=shapely.area)


def apart(shapes):
    """Those that overlap none before them."""
    kept = []
    for shape in shapes:
        if not any(shape.intersects(other) for other in kept):
            kept.append(shape)
    return kept


def together(shapes, gap_m):
    """Unions of shapes that lie at most so far apart, from one to the next."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(shapes)))
    graph.add_edges_from(
        pair for pair in itertools.combinations(range(len(shapes)), 2)
        if shapes[pair[0]].distance(shapes[pair[1]]) <= gap_m
    )  # fmt: skip
    return [shapely.union_all([shapes[n] for n in lump]) for lump in nx.connected_components(graph)]


def shared_m2(shapes, other):
    return np.array([shape.intersection(other).area for shape in shapes])


@pytest.mark.parametrize("seed", SEEDS)
def test_persons_per_km2(seed, tmp_path):
    rng = np.random.default_rng([seed, 1])
    clusters = [blob(rng, 600, 600, 500, hole=True), blob(rng, 1800, 1800, 550)]
    points = shapely.points(rng.uniform(0, 2500, (400, 2)) + CORNER)
    cells = [
        rotate(shapely.box(X + x, Y + y, X + x + 130, Y + y + 170), 17, origin=(X + 1250, Y + 1250))
        for x in range(-900, 3600, 130)
        for y in range(-900, 3600, 170)
    ]
    grid, cell_m = rng.uniform(0, 90, (60, 60)).astype("float32"), 47.0
    squares = [
        shapely.box(X - 100 + c * cell_m, Y - 100 + r * cell_m, X - 100 + (c + 1) * cell_m, Y - 100 + (r + 1) * cell_m)
        for r in reversed(range(60))
        for c in range(60)
    ]
    of_points = rng.integers(0, 200, len(points)).astype(float)
    of_cells = rng.integers(0, 900, len(cells)).astype(float)
    given = layer("clusters", clusters)
    sources = {
        "points": place(given, layer("population", list(points), population=of_points)),
        "polygons": place(given, layer("population", cells, population=of_cells)),
        "raster": place(given, rasters={"population": raster(tmp_path / "p.tif", grid, cell_m, (-100.0, -100.0))}),
    }
    densities = {key: by_subject(found(place, "cluster-population-density")) for key, place in sources.items()}
    peaks = by_subject(found(sources["raster"], "cluster-peak-density", cell_m=300.0, min_area_m2=20_000.0))
    squares, persons = np.array(squares), grid.ravel().astype(float) / cell_m**2
    for number, cluster in enumerate(clusters):
        key, km2 = str(number + 1), cluster.area / 1e6
        inside = shapely.contains(cluster, points)
        assert densities["points"][key] == pytest.approx(of_points[inside].sum() / km2)
        parts = shared_m2(cells, cluster) / shapely.area(cells)
        assert densities["polygons"][key] == pytest.approx((parts * of_cells).sum() / km2)
        parts = shapely.area(shapely.intersection(squares, cluster))
        assert densities["raster"][key] == pytest.approx((parts * persons).sum() / km2, rel=1e-5)
        west, south, east, north = cluster.bounds
        best = 0.0
        for shift_x, shift_y in itertools.product((0, 150), repeat=2):
            for x in np.arange(west - shift_x, east, 300):
                for y in np.arange(south - shift_y, north, 300):
                    window = shapely.box(x, y, x + 300, y + 300).intersection(cluster)
                    if window.area >= 20_000:
                        parts = shapely.area(shapely.intersection(squares, window))
                        best = max(best, (parts * persons).sum() / (window.area / 1e6))
        assert peaks[key] == pytest.approx(best, rel=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_homes_within_reach_of_parks(seed):
    rng = np.random.default_rng([seed, 2])
    area = shapely.union_all(
        [blob(rng, 1200, 1200, 1100, hole=True), shapely.box(X + 2400, Y + 2400, X + 2700, Y + 2800)]
    )
    parcels = apart(boxes(rng, 60, (30, 180)))
    use = rng.choice(["residential", "park", "commercial"], len(parcels), p=[0.7, 0.1, 0.2])
    parks = boxes(rng, 25, (15, 110))
    for park in parks[:5]:  # each in two halves that touch
        west, south, east, north = park.bounds
        middle = (west + east) / 2
        parks += [park.intersection(shapely.box(west, south, middle, north))]
        parks += [park.intersection(shapely.box(middle, south, east, north))]
    del parks[:5]
    green = boxes(rng, 15, (8, 60))
    base = [layer("built_up_area", [area]), layer("parcels", parcels, land_use=use), layer("parks", parks)]
    homes = shapely.union_all(np.array(parcels)[use == "residential"]).intersection(area)
    whole = [park for park in together(parks, 1.0) if park.intersection(area).area >= 1]

    def percent(grounds):
        return 100 * homes.intersection(shapely.union_all([shapely.Polygon(), *grounds])).area / homes.area

    served = [park.buffer(500 if park.area >= 5_000 else 300, quad_segs=64) for park in whole if park.area >= 2_000]
    assert found(place(*base), "park-service-coverage").measured == pytest.approx(percent(served), rel=1e-5)

    public = [*parks, *green, *np.array(parcels)[use == "park"]]
    near = [
        ground.buffer(300, quad_segs=64)
        for ground in together(public, 1.0)
        if ground.area >= 400 and ground.intersection(area).area >= 1
    ]
    large = [park.buffer(500, quad_segs=64) for park in whole if park.area >= 5_000]
    finding = found(place(*base, layer("green_spaces", green, kind=["park"] * 15)), "green-300m-park-500m")
    assert by_subject(finding)["300 m"] == pytest.approx(percent(near), rel=1e-5)
    assert by_subject(finding)["500 m"] == pytest.approx(percent(large), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_green_and_permeable_ground(seed):
    rng = np.random.default_rng([seed, 3])
    area = blob(rng, 1200, 1200, 1100, hole=True)
    green, water = boxes(rng, 30, (20, 400)), boxes(rng, 5, (20, 300))
    rest = shapely.box(X - 500, Y - 500, X + 3500, Y + 3500).difference(shapely.union_all(green))
    built_up = layer("built_up_area", [area])
    share = 100 * shapely.union_all(green).intersection(area).area / area.area
    assert found(place(built_up, layer("green_spaces", green)), "built-up-green-ratio").measured == pytest.approx(share)
    surfaces = layer("surfaces", [*green, rest], permeable=[1.0] * len(green) + [0.0])
    share = 100 * shapely.union_all([*green, *water]).intersection(area).area / area.area
    finding = found(place(built_up, surfaces, layer("water", water)), "permeable-surface-share")
    assert finding.measured == pytest.approx(share)
    assert finding.bounds is None


@pytest.mark.parametrize("seed", SEEDS)
def test_kilometres_of_road(seed):
    rng = np.random.default_rng([seed, 4])
    area = blob(rng, 1200, 1200, 1100, hole=True)
    lines = [shapely.LineString(rng.uniform(0, SIZE_M, (rng.integers(2, 5), 2)) + CORNER) for _ in range(25)]
    kinds = list(rng.choice(["arterial", "branch", "village", "secondary"], len(lines)))
    lines += [lines[0], shapely.LineString(lines[1].coords[:2]), shapely.reverse(lines[2])]
    kinds += kinds[:3]
    submission = place(layer("main_urban_area", [area]), layer("roads", lines, **{"class": kinds}))
    counted = shapely.union_all([line for line, kind in zip(lines, kinds, strict=True) if kind != "village"])
    wanted = counted.intersection(area).length / 1e3 / (area.area / 1e6)
    finding = found(submission, "road-network-density", merge_carriageways=False, boundary_m=0.0)
    assert finding.measured == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_floor_area_of_footprints_that_overlap(seed):
    """Ground under several buildings belongs to the tallest; no two here are equally tall."""
    rng = np.random.default_rng([seed, 5])
    count = 60
    shapes, storeys = boxes(rng, count, (8, 60), high_m=1300), rng.permutation(np.arange(1.0, count + 1))
    action = rng.choice(["demolish", "retain", "new", "renovate"], count, p=[0.3, 0.4, 0.1, 0.2])
    stated = [None if rng.random() < 0.7 else float(rng.uniform(100, 9_000)) for _ in range(count)]
    columns = {"storeys": list(storeys), "use": ["residential"] * count}

    def ground(one, among):
        taller = [shapes[other] for other in among if storeys[other] > storeys[one]]
        return shapes[one].difference(shapely.union_all(taller)) if taller else shapes[one]

    units = [blob(rng, 300, 300, 280, hole=True), blob(rng, 1000, 300, 280)]
    buildings = layer("buildings", shapes, action=list(action), floor_area=stated, **columns)
    shares = by_subject(found(place(layer("renewal_units", units), buildings), "demolition-share"))
    standing = [one for one in range(count) if action[one] != "new"]
    for number, unit in enumerate(units):
        floor = {
            one: storeys[one] * ground(one, standing).intersection(unit).area
            if stated[one] is None
            else stated[one] * shapes[one].intersection(unit).area / shapes[one].area
            for one in standing
        }
        gone = sum(m2 for one, m2 in floor.items() if action[one] == "demolish")
        assert shares[str(number + 1)] == pytest.approx(100 * gone / sum(floor.values()), rel=1e-6)

    seat = shapely.box(X, Y, X + 1500, Y + 1500)
    parcels = apart(boxes(rng, 40, (40, 200), high_m=1300))
    use = rng.choice(["residential", "commercial", "open-land", "industrial"], len(parcels))
    submission = place(
        layer("county_seat", [seat]), layer("buildings", shapes, **columns), layer("parcels", parcels, land_use=use)
    )
    floor_m2 = sum(storeys[one] * ground(one, range(count)).intersection(seat).area for one in range(count))
    land_m2 = shapely.union_all(np.array(parcels)[use != "open-land"]).intersection(seat).area
    finding = found(submission, "county-floor-area-land-ratio")
    assert finding.measured == pytest.approx(floor_m2 / land_m2, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_land_and_buildings_in_hazard_zones(seed):
    rng = np.random.default_rng([seed, 6])
    village, zones = blob(rng, 300, 300, 280, hole=True), boxes(rng, 5, (30, 200), high_m=600)
    shapes = boxes(rng, 40, (8, 60), high_m=600)
    given = layer("villages", [village]), layer("hazard_zones", zones, kind=["flood"] * 5)
    danger = shapely.union_all(zones).intersection(village)
    finding = found(place(*given), "village-site-safety")
    measured = finding.bounds.high if finding.measured is None else finding.measured
    assert measured == pytest.approx(danger.area / 1e4, abs=2e-4)
    # Contacts of at most 1 m² each are listed and do not count.
    finding = found(place(*given, layer("buildings", shapes, storeys=[2.0] * 40)), "village-site-safety")
    built = shapely.union_all(shapes).intersection(danger).area / 1e4
    assert finding.measured == pytest.approx(built, abs=5e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_hard_surface_of_plazas(seed):
    rng = np.random.default_rng([seed, 7])
    plazas = boxes(rng, 20, (20, 150), low_m=200, high_m=2000)
    on_them = {role: boxes(rng, 15, (10, 80), high_m=2000) for role in ("green_spaces", "water", "buildings")}
    submission = place(
        layer("county_seat", [shapely.box(X, Y, X + 3000, Y + 3000)]),
        layer("plazas", plazas),
        *(layer(role, shapes) for role, shapes in on_them.items()),
    )
    soft = shapely.union_all([shape for shapes in on_them.values() for shape in shapes])
    wanted = sorted(plaza.difference(soft).area / 1e4 for plaza in together(plazas, 1.0))
    assert sorted(by_subject(found(submission, "county-plaza-hardscape")).values()) == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_pieces_of_the_walking_network(seed):
    """Straight paths: where two do not cross they come nearest to one another at an end, and ends meet within 1 m."""
    rng = np.random.default_rng([seed, 8])
    paths = [
        shapely.LineString([start, start + rng.normal(0, 250, 2)])
        for start in rng.uniform(300, 2300, (rng.integers(3, 40), 2)) + CORNER
    ]
    for path in paths[:4]:
        on_it, turn, off_m = (
            path.interpolate(rng.random(), normalized=True),
            rng.uniform(0, 6.28),
            rng.choice([0.5, 0.9, 1.1, 3]),
        )
        way = np.array([np.cos(turn), np.sin(turn)])
        paths.append(shapely.LineString([start := np.array(on_it.coords[0]) + off_m * way, start + 200 * way]))
    area = shapely.box(X - 2000, Y - 2000, X + 5000, Y + 5000)
    pieces = sum(piece.length >= 100 for piece in together(paths, 1.0))
    finding = found(place(layer("built_up_area", [area]), layer("footpaths", paths)), "walking-network-continuity")
    assert finding.measured == max(pieces - 1, 0)

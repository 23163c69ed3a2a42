"""The packed backdrop, unpacked here in Python by the format's description."""

import base64
import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from urbanform.model import submission as submission_module
from urbanform.model.roles import Geometry
from urbanform.output import backdrop as backdrop_module
from urbanform.output.backdrop import Surroundings
from urbanform.output.sheet import Sheet, sheet_of

PLANE = Sheet(planar=True, transformer=None)


def unpacked(text):
    """Per role: the rings of each feature as lists of whole-number corners, and the labels."""
    data = gzip.decompress(base64.b64decode(text))
    at = 4 + int.from_bytes(data[:4], "little")
    head = json.loads(data[4:at])

    def plane(count, kind):
        nonlocal at
        size = np.dtype(kind).itemsize
        held = np.frombuffer(data, np.uint8, count * size, at).reshape(size, count).T
        at += count * size
        return np.ascontiguousarray(held).view(kind).ravel().tolist()

    found = {}
    for group in head["groups"]:
        rings_of, corners_of = plane(group["features"], "<u4"), plane(group["rings"], "<u4")
        starts = list(zip(plane(group["rings"], "<i4"), plane(group["rings"], "<i4"), strict=True))
        near = group["corners"] - group["rings"]
        steps = [iter(plane(near, "<i2")), iter(plane(near, "<i2"))]
        far = [iter(plane(group["long"][0], "<i4")), iter(plane(group["long"][1], "<i4"))]
        labels = data[at : at + group["labels"]].decode().split("\n")
        at += group["labels"]
        corners, start, features, ring = iter(corners_of), [0, 0], [], iter(starts)
        for count in rings_of:
            rings = []
            for _ in range(count):
                step = next(ring)
                start = [start[0] + step[0], start[1] + step[1]]
                place, told = list(start), [tuple(start)]
                for _ in range(next(corners) - 1):
                    for axis in (0, 1):
                        moved = next(steps[axis])
                        place[axis] += next(far[axis]) if moved == -32768 else moved
                    told.append(tuple(place))
                rings.append(told)
            features.append(rings)
        found[group["role"]] = (features, labels)
    assert at == len(data)
    return head, found


def packed(assessment, sheet=PLANE, around=None, **layers):
    submission = replace(assessment.submission, layers=layers)
    return Surroundings(submission, sheet).around(around)


def test_layers_that_come_in_batches_are_packed_as_those_that_come_at_once(assessment, build, monkeypatch):
    ring = shapely.Polygon([(10, 20), (20, 20), (20, 30)], [[(15, 21), (16, 21), (16, 22)]])
    pair = shapely.MultiPolygon([build.box(0, 0, 1, 1), build.box(5, 5, 6, 6)])
    turn = shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 5)]])
    layers = {
        "parcels": build.layer("parcels", [ring, pair, ring], name=["甲", None, "乙"]),
        "roads": build.layer("roads", [shapely.LineString([(0, 0), (1, 1)]), turn], Geometry.LINE),
        "facilities": build.layer("facilities", [shapely.Point(3, 4), shapely.Point(5, 6)], Geometry.POINT),
    }
    at_once = packed(assessment, **layers)
    assert sum(group.features for group in at_once.groups) == 7
    monkeypatch.setattr(submission_module, "BATCH_ROWS", 1)
    assert packed(assessment, **layers) == at_once


def test_shapes_come_back_as_they_went_in(assessment, build):
    """On a plane a step is 0.05 m: the corner (10, 20) m is (200, 400). The closing corner is left out."""
    square = shapely.Polygon([(10, 20), (20, 20), (20, 30)], [[(15, 21), (16, 21), (16, 22)]])
    pair = shapely.MultiPolygon([shapely.Polygon([(0, 0), (1, 0), (1, 1)]), shapely.Polygon([(5, 5), (6, 5), (6, 6)])])
    lines = [shapely.LineString([(0, 0), (5000, 1), (5000, -9000)]), shapely.LineString([(1, 1), (2, 2)])]
    told = packed(
        assessment,
        parcels=build.layer("parcels", [square, pair], name=["甲", None]),
        roads=build.layer("roads", lines, Geometry.LINE),
        facilities=build.layer("facilities", [shapely.Point(3, 4), build.box(0, 0, 0, 0)], Geometry.POINT),
    )
    head, found = unpacked(told.text)
    assert (head["planar"], head["step"]) == (True, 0.05)
    assert [group.role for group in told.groups] == ["parcels", "roads", "facilities"]
    areas, labels = found["parcels"]
    assert areas[0] == [[(200, 400), (400, 400), (400, 600)], [(300, 420), (320, 420), (320, 440)]]
    assert areas[1] == [[(0, 0), (20, 0), (20, 20)], [(100, 100), (120, 100), (120, 120)]]
    assert labels == ["1\t甲", "2"]
    # 5000 m are 100,000 steps and 9001 m are 180,020, both beyond int16.
    assert found["roads"][0][0] == [[(0, 0), (100000, 20), (100000, -180000)]]
    assert found["facilities"][0][0] == [[(60, 80)]]


def test_degrees_are_kept_to_a_millionth(assessment, layers):
    """114° E is the central meridian of EPSG:4547; easting 520 km lies 20 km, some 0.22°, east of it."""
    told = packed(assessment, sheet_of(assessment.submission), built_up_area=layers["built_up_area"])
    _, found = unpacked(told.text)
    ring = np.array(found["built_up_area"][0][0][0]) / 1e6
    corners = shapely.get_coordinates(layers["built_up_area"].frame().geometry.to_numpy())[:-1]
    expected = sheet_of(assessment.submission).coordinates(corners)
    assert np.abs(ring - expected).max() <= 0.5e-6 + 1e-12
    assert 114.21 < ring[:, 0].min() < 114.23
    assert 35.7 < ring[:, 1].min() < 35.8


def test_shapes_that_cannot_be_trusted_are_not_drawn(assessment, build):
    layer = build.layer("buildings", [build.box(0, 0, 9, 9), None, build.box(20, 0, 29, 9)])
    table = layer.table.assign(sound=[False, True, True])
    told = packed(assessment, buildings=replace(layer, table=table))
    assert unpacked(told.text)[1]["buildings"][1] == ["3"]
    assert told.groups[0].features == 1


def test_labels_cannot_break_the_list(assessment, build):
    layer = build.layer("buildings", [build.box(0, 0, 9, 9)] * 2, id=["a\nb\tc", "2"], name=["x\ty\nz", "\x00"])
    assert unpacked(packed(assessment, buildings=layer).text)[1]["buildings"][1] == ["a b c\tx\ty z", "2\t\ufffd"]


def test_nothing_to_draw_is_no_text(assessment):
    told = packed(assessment)
    assert (told.text, told.groups, told.notes()) == ("", (), [])


def test_a_large_backdrop_is_clipped_and_says_so(assessment, build, monkeypatch):
    """Of three houses at 0, 900 and 3000 m only two lie within 1 km of evidence at 0–50 m."""
    monkeypatch.setattr(backdrop_module, "MOST_FEATURES", 2)
    houses = build.layer("buildings", [build.box(x, 0, x + 10, 10) for x in (0, 900, 3000)])
    near = (build.east, build.north, build.east + 50, build.north + 50)
    told = packed(assessment, around=near, buildings=houses)
    assert (told.groups[0].features, told.clipped, told.left_out) == (2, True, ())
    assert "1 公里" in told.notes()[0].zh


def test_what_is_still_too_large_is_left_out_and_named(assessment, build, layers, monkeypatch):
    monkeypatch.setattr(backdrop_module, "MOST_FEATURES", 2)
    houses = build.layer("buildings", [build.box(x, 0, x + 10, 10) for x in (0, 20, 40)])
    near = (build.east, build.north, build.east + 50, build.north + 50)
    told = packed(assessment, around=near, buildings=houses, built_up_area=layers["built_up_area"])
    assert ([group.role for group in told.groups], told.left_out) == (["built_up_area"], ("buildings",))
    assert not told.clipped
    assert "建筑" in told.notes()[0].zh


def test_maps_of_most_of_a_large_place_share_a_backdrop(assessment, build, monkeypatch):
    """Six roads, 2 km apart, and eight houses, too many beside them. Around 0–4 km lie three roads, half of what the
    whole place is drawn with; around 0–2 km two, a part of their own; around the first road alone there is room for the
    house beside it."""
    monkeypatch.setattr(backdrop_module, "MOST_FEATURES", 6)
    places = [(build.east + x, build.north) for x in range(0, 12_000, 2000)]
    roads = build.layer("roads", [shapely.LineString([(x, y), (x, y + 50)]) for x, y in places])
    houses = build.layer("buildings", [build.box(x, 0, x + 9, 9) for x in (5, *range(2100, 2800, 100))])
    submission = replace(assessment.submission, layers={"roads": roads, "buildings": houses})
    surroundings = Surroundings(submission, sheet_of(submission))

    def around(east):
        return surroundings.around((build.east, build.north, build.east + east, build.north + 50))

    most = around(4000)
    assert (most.groups[0].features, most.clipped, most.left_out) == (6, False, ("buildings",))
    assert around(9000) is most
    part = around(2000)
    assert (part.groups[0].features, part.clipped, part.left_out) == (2, True, ("buildings",))
    assert around(6000) is most
    first = around(50)
    assert ({group.role: group.features for group in first.groups}, first.clipped) == (
        {"buildings": 1, "roads": 1},
        True,
    )


def test_too_many_bytes_count_as_large(assessment, layers, monkeypatch):
    monkeypatch.setattr(backdrop_module, "MOST_BYTES", 10)
    told = packed(assessment, around=None, built_up_area=layers["built_up_area"])
    assert (told.text, told.left_out) == ("", ("built_up_area",))


@pytest.mark.parametrize("count", [1, 7])
def test_the_same_layers_pack_to_the_same_text(assessment, build, count):
    houses = build.layer("buildings", [build.box(x, 0, x + 10, 10) for x in range(count)])
    assert packed(assessment, buildings=houses).text == packed(assessment, buildings=houses).text

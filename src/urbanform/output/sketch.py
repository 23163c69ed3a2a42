"""What one map draws of a finding: its evidence, worst first and within bounds, its labels and its legend."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, Verdict, say_end
from urbanform.model.measurement import Bounds, Shapes, Tone
from urbanform.model.roles import SCOPES, Geometry
from urbanform.model.rules import Limit
from urbanform.output.palette import RAMP, Look, look
from urbanform.output.shapes import by_geometry, flat, of_one_kind
from urbanform.output.sheet import Sheet, lightened
from urbanform.output.text import plain, shown
from urbanform.output.words import say
from urbanform.wording import Words, figure, with_unit

MOST_FEATURES = 2000
MOST_LABELS = 40
LEAST_VIEW_M = 600.0
_NOT_SHOWN = ("kind", "subject", "feature")

Extent = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend; ``top`` is the largest figure of a graduated colour, ``total`` counts before the cut."""

    words: Words
    look: Look
    geometry: Geometry
    drawn: int
    total: int
    top: float | None = None
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One set of shapes as the map's script reads it: what holds for all, and one text per feature, worst first."""

    head: Mapping[str, object]
    kinds: tuple[Entry, ...]
    features: tuple[str, ...]
    kind_of: tuple[int, ...]

    def cut(self, most_bytes: int) -> "Layer":
        """The layer with only as many features, from the first on, as take ``most_bytes``."""
        sizes = np.cumsum([len(text.encode()) + 1 for text in self.features])
        kept = int(np.searchsorted(sizes, most_bytes, side="right"))
        if kept == len(self.features):
            return self
        counts = np.bincount(np.array(self.kind_of[:kept], dtype=int), minlength=len(self.kinds))
        kinds = tuple(replace(entry, drawn=int(count)) for entry, count in zip(self.kinds, counts, strict=True))
        return Layer(self.head, kinds, self.features[:kept], self.kind_of[:kept])

    @property
    def size_bytes(self) -> int:
        """What the features take in the page."""
        return sum(len(text.encode()) + 1 for text in self.features)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a map draws.

    ``view`` is the extent on the sheet that the map opens with, ``around_m`` that of the evidence in the working CRS
    (None without any shape at all). ``simplified`` and ``lost`` count features drawn with fewer corners, or not at
    all because they could not be converted.
    """

    layers: tuple[Layer, ...]
    labels: tuple[Mapping[str, object], ...]
    subjects: Mapping[str, Mapping[str, object]]
    frame: str | None
    view: Extent | None
    around_m: Extent | None
    breach: str
    simplified: int = 0
    lost: int = 0

    @property
    def total(self) -> int:
        """How many evidence features there are."""
        return sum(entry.total for layer in self.layers for entry in layer.kinds)

    @property
    def drawn(self) -> int:
        """How many of them are drawn."""
        return sum(len(layer.features) for layer in self.layers)

    @property
    def size_bytes(self) -> int:
        """What the features take in the page."""
        return sum(layer.size_bytes for layer in self.layers)

    def cut(self, most_bytes: int) -> "Sketch":
        """The sketch with its features cut to ``most_bytes``, each layer from its weightiest on."""
        allowed = shared_out(most_bytes, [layer.size_bytes for layer in self.layers])
        return replace(self, layers=tuple(layer.cut(most) for layer, most in zip(self.layers, allowed, strict=True)))

    def as_json(self) -> str:
        """The data of the map's script."""
        layers = [
            json.dumps(dict(layer.head), ensure_ascii=False, allow_nan=False)[:-1]
            + f', "features": [{",".join(layer.features)}]}}'
            for layer in self.layers
        ]
        rest = {
            "labels": list(self.labels),
            "subjects": dict(self.subjects),
            "view": self.view,
            "breach": self.breach,
            "ramp": RAMP,
        }
        text = json.dumps(rest, ensure_ascii=False, allow_nan=False)[:-1]
        return f'{text}, "frame": {self.frame or "null"}, "layers": [{",".join(layers)}]}}'

    def notes(self) -> list[Words]:
        """What the map must say about what it does not show."""
        told = []
        if not self.total:
            told.append(say("evidence-none"))
        if self.drawn + self.lost < self.total:
            told.append(say("evidence-cut", total=self.total, drawn=self.drawn))
        if self.simplified:
            told.append(say("evidence-simplified", count=self.simplified))
        if self.lost:
            told.append(say("evidence-lost", count=self.lost))
        return told


def shared_out(total: int, wants: Sequence[int]) -> list[int]:
    """How much of ``total`` each gets: all it wants where that is at most an equal share of what the others leave.

    >>> shared_out(100, [10, 80, 90]), shared_out(100, [20, 30])
    ([10, 45, 45], [20, 30])
    """
    given = [0] * len(wants)
    left = total
    for rank, place in enumerate(sorted(range(len(wants)), key=lambda index: (wants[index], index))):
        given[place] = min(wants[place], left // (len(wants) - rank))
        left -= given[place]
    return given


Scopes: TypeAlias = dict[str, tuple[Extent, str | None]]
"""Of a role that is an area under review, the extent in the working CRS, and how it is drawn."""


def sketch(finding: Finding, assessment: Assessment, sheet: Sheet, scopes: Scopes | None = None) -> Sketch:
    """What the map of a finding draws: at most 2,000 evidence features, the weightiest of each set first.

    ``scopes`` keeps the areas under review from one finding to the next, where many are drawn.
    """
    held = [_with_shape(shapes) for shapes in finding.evidence]
    allowed = shared_out(MOST_FEATURES, [len(shapes.frame) for shapes in held])
    layers: list[Layer] = []
    simplified = lost = 0
    for shapes, most in zip(held, allowed, strict=True):
        if not len(shapes.frame):
            continue
        layer, light, gone = _layer(shapes, most, finding, sheet)
        layers.append(layer)
        simplified, lost = simplified + light, lost + gone
    roles = _scope_roles(finding, alone=not any(len(shapes.frame) for shapes in held))
    scope = _scope(roles, assessment, sheet, {} if scopes is None else scopes)
    extents = [tuple(shapes.frame.total_bounds) for shapes in held if len(shapes.frame)]
    around_m = joined(extents) or (scope[0] if scope is not None else None) or _whole(assessment)
    return Sketch(
        layers=tuple(layers),
        labels=tuple(_labels(held, finding, sheet)),
        subjects=_subjects(held, allowed, finding),
        frame=None if scope is None else scope[1],
        view=None if around_m is None else sheet.box(_widened(around_m)),
        around_m=around_m,
        breach=look(Tone.BREACH, finding).stroke,
        simplified=simplified,
        lost=lost,
    )


def _with_shape(shapes: Shapes) -> Shapes:
    frame = shapes.frame
    geometry = frame.geometry.to_numpy()
    at = ~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)
    return replace(shapes, rows=frame if at.all() else frame[at])


def _layer(shapes: Shapes, most: int, finding: Finding, sheet: Sheet) -> tuple[Layer, int, int]:
    frame = shapes.frame
    kinds = frame["kind"].astype(str)
    totals = kinds.value_counts(sort=False).to_dict()
    codes = [*(kind for kind in shapes.legend if kind in totals), *sorted(set(totals) - set(shapes.legend))]
    ramp = pd.to_numeric(frame[shapes.ramp], errors="coerce") if shapes.ramp in frame else None
    top = float(ramp.max()) if ramp is not None and ramp.notna().any() else None

    head = frame.iloc[:most].reset_index(drop=True)
    metres, simplified = lightened(of_one_kind(flat(head.geometry.to_numpy())))
    placed = sheet.placed(metres)
    kept = np.flatnonzero(~shapely.is_missing(placed))
    geometry = shapely.to_geojson(placed[kept])
    kind_of = [codes.index(kind) for kind in head["kind"].astype(str).to_numpy()[kept]]
    columns = [name for name in head.columns if name not in (*_NOT_SHOWN, head.geometry.name)]
    columns.sort(key=lambda name: name != "name")
    attributes = [_short(head[name].iloc[kept]) for name in columns]
    subject, feature = (_short(head[key].iloc[kept]) if key in head else [None] * len(kept) for key in _NOT_SHOWN[1:])
    values = zip(*attributes, strict=True) if attributes else ([] for _ in kept)
    features = tuple(
        f"[{json.dumps([kind, whose, which, list(told)], ensure_ascii=False, allow_nan=False)[1:-1]}, {drawn}]"
        for kind, whose, which, told, drawn in zip(kind_of, subject, feature, values, geometry, strict=True)
    )
    made_of = _made_of(head)
    counts = np.bincount(np.array(kind_of, dtype=int), minlength=len(codes))
    entries = []
    for code, count in zip(codes, counts, strict=True):
        tone, words = shapes.legend.get(code, (Tone.UNKNOWN, Words(code, code, code)))
        graded = ramp is not None and bool(ramp[kinds == code].notna().any())
        entries.append(
            Entry(
                words,
                look(tone, finding),
                made_of,
                int(count),
                int(totals[code]),
                top if graded else None,
                tone is Tone.MARK,
            )
        )
    told = {
        "kinds": [_look_json(entry) for entry in entries],
        "columns": [_words_json(shapes.columns.get(name) or _column_words(name)) for name in columns],
        "ramp": columns.index(shapes.ramp) if shapes.ramp in columns else None,
        "top": top,
    }
    return Layer(told, tuple(entries), features, tuple(kind_of)), simplified, len(head) - len(kept)


def _made_of(frame: gpd.GeoDataFrame) -> Geometry:
    return next(iter(by_geometry(frame.iloc[:200])), Geometry.POLYGON)


def _look_json(entry: Entry) -> dict[str, object]:
    drawn = entry.look
    return {
        **_words_json(entry.words),
        "stroke": drawn.stroke,
        "fill": drawn.fill,
        "width": drawn.width,
        "opacity": drawn.opacity,
        "dash": drawn.dash,
        "mark": entry.mark,
    }


def _words_json(words: Words) -> dict[str, object]:
    return {"zh": shown(words.zh), "en": shown(words.en)}


def _column_words(name: str) -> Words:
    return say("column-name") if name == "name" else Words(name, name, name)


def _short(column: pd.Series) -> list[object]:
    """Values as the page shows them: floats to seven figures, text without what cannot be shown."""
    values = [plain(value) for value in column.tolist()]
    return [
        float(f"{value:.7g}") if isinstance(value, float) else shown(value) if isinstance(value, str) else value
        for value in values
    ]


def _subjects(held: Sequence[Shapes], allowed: Sequence[int], finding: Finding) -> dict[str, dict[str, object]]:
    """Names, verdicts and figures of the subjects of which something is drawn."""
    seen: set[str] = set()
    for shapes, most in zip(held, allowed, strict=True):
        if "subject" in shapes.frame:
            seen |= {shown(value) for value in shapes.frame["subject"].iloc[:most]}
    return {
        shown(item.subject.id): {
            "name": shown(item.subject.name),
            "fails": item.verdict is Verdict.FAIL,
            "figure": _words_json(figure_words(item.subject.value, item.subject.bounds, finding)),
        }
        for item in finding.subjects
        if shown(item.subject.id) in seen
    }


def figure_words(value: float | None, bounds: Bounds | None, finding: Finding) -> Words:
    """A figure of a finding with its unit, or the interval that holds it; words in its place where there is neither."""
    unit = finding.measurement.unit if finding.measurement else finding.limit.unit if finding.limit else "1"
    known = value is not None and math.isfinite(value)
    told = brief(value, finding.rule.limits) if value is not None and known else ""
    if bounds is not None:
        low, high = (
            say_end(bounds, end) if value is None else brief(value, finding.rule.limits)
            for end, value in enumerate((bounds.low, bounds.high))
        )
        between = f"{low} … {high}"
        return with_unit(f"{told} [{between}]" if known else between, unit)
    return with_unit(told, unit) if known else say("not-measured")


def brief(value: float, limits: Sequence[Limit] = ()) -> str:
    """A figure with no more decimals than a reader wants: two from 10 on, three from 1 on, else four.

    Where that would put it on a limit, or beyond one, that it does not meet, it keeps its digits.

    >>> brief(32.789443), brief(0.123456), brief(12400.0)
    ('32.79', '0.1235', '12400')
    """
    size = abs(value)
    short = round(value, 2 if size >= 10 else 3 if size >= 1 else 4)
    for limit in limits:
        for bound in limit.value if isinstance(limit.value, tuple) else (limit.value,):
            if (short > bound) != (value > bound) or (short < bound) != (value < bound):
                return figure(value)
    return figure(short)


def _labels(held: Sequence[Shapes], finding: Finding, sheet: Sheet) -> list[dict[str, object]]:
    """The worst subjects' names and figures, and where on the sheet they stand."""
    if len(finding.subjects) < 2:
        return []
    places: dict[str, np.ndarray] = {}
    for shapes in held:
        if "subject" not in shapes.frame:
            continue
        wanted = {item.subject.id for item in finding.subjects[:MOST_LABELS]} - set(places)
        names = shapes.frame["subject"].astype(str)
        frame = shapes.frame[names.isin(wanted)]
        for key, rows in frame.groupby(names[frame.index], sort=False):
            places[str(key)] = _middle(rows.geometry.to_numpy())
    labels = []
    for item in finding.subjects[:MOST_LABELS]:
        if item.subject.id not in places:
            continue
        x, y = sheet.coordinates(places[item.subject.id][None, :])[0]
        if math.isfinite(x) and math.isfinite(y):
            told = {"subject": shown(item.subject.id), "x": round(float(x), 6), "y": round(float(y), 6)}
            labels.append({**told, "text": shown(item.subject.name or item.subject.id)})
    return labels


def _middle(shapes: np.ndarray) -> np.ndarray:
    """A point inside the one shape, or the middle of the extent of several."""
    if len(shapes) == 1:
        return shapely.get_coordinates(shapely.point_on_surface(shapes[0]))[0]
    west, south, east, north = shapely.total_bounds(shapes)
    return np.array([(west + east) / 2, (south + north) / 2])


def _scope_roles(finding: Finding, *, alone: bool) -> tuple[str, ...]:
    """The roles that may stand for the area under review, the first one first; ``alone``: nothing else is drawn."""
    wanted = finding.rule.scope
    if wanted == "main_urban_area":
        return ("main_urban_area", "built_up_area")
    if wanted is not None:
        return (wanted,)
    return SCOPES if alone else ()


def _scope(
    roles: tuple[str, ...], assessment: Assessment, sheet: Sheet, scopes: Scopes
) -> tuple[Extent, str | None] | None:
    """The extent of the area under review, and how it is drawn."""
    layers = assessment.submission.layers
    for role in roles:
        if role in scopes:
            return scopes[role]
        if role not in layers:
            continue
        frame = layers[role].frame()
        shapes = frame.geometry.to_numpy()[frame["sound"].to_numpy(dtype=bool)]
        shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
        if len(shapes):
            area = shapely.union_all(shapely.make_valid(shapes))
            (placed,) = sheet.placed(lightened(np.array([area]))[0])
            scopes[role] = tuple(area.bounds), None if placed is None else shapely.to_geojson(placed)
            return scopes[role]
    return None


def _whole(assessment: Assessment) -> Extent | None:
    return joined([layer.total_bounds for layer in assessment.submission.layers.values() if len(layer)])


def joined(extents: Sequence[Sequence[float]]) -> Extent | None:
    """The extent of several; None where there is none that is finite."""
    finite = np.array([extent for extent in extents if np.isfinite(extent).all()], dtype=float)
    if not len(finite):
        return None
    west, south = finite[:, :2].min(axis=0)
    east, north = finite[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _widened(extent: Extent) -> Extent:
    """An extent of at least 600 m each way, so that a lone building is not the whole of its map."""
    west, south, east, north = extent
    more_x = max(0.0, LEAST_VIEW_M - (east - west)) / 2
    more_y = max(0.0, LEAST_VIEW_M - (north - south)) / 2
    return west - more_x, south - more_y, east + more_x, north + more_y

"""``submission.yaml``: what the bureau says of its submission."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from urbanform.errors import SubmissionError
from urbanform.intake.crs_read import read_crs
from urbanform.intake.encoding import python_name
from urbanform.intake.faults import did_you_mean, validation_faults
from urbanform.intake.fields import canonical_of
from urbanform.intake.land_use import read_land_use
from urbanform.intake.recognise import recognise_names
from urbanform.intake.values import read_field, wanted_words
from urbanform.intake.yaml_lines import YamlFault, line_of, plain, read_yaml, written_scalars
from urbanform.model.roles import NEVER_NONE, ROLES, FieldKind, Geometry
from urbanform.model.roles import Field as RoleField
from urbanform.model.rules import Kind, Place
from urbanform.model.submission import Stage
from urbanform.wording import Words, words

_FIGURES = frozenset(
    {FieldKind.POPULATION, FieldKind.AREA, FieldKind.COUNT, FieldKind.METRES, FieldKind.WIDTH, FieldKind.NUMBER}
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
UNITS = {FieldKind.POPULATION: ("人", "万人"), FieldKind.AREA: ("m2", "ha", "亩", "km2")}


def _no_truth_value(value: object) -> object:
    """Refuse yes and no where a number is wanted: to Python they are 1 and 0."""
    if isinstance(value, bool):
        raise ValueError(words("wanted-whole-number"))
    return value


Code = Annotated[int, BeforeValidator(_no_truth_value)]


class _Text(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PlaceText(_Text):
    """Where the submission belongs."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    city_level: str | None = None
    main_function: Literal["ecological", "agricultural", "none"] | None = None
    solar_rich: bool | None = None


class JoinText(_Text):
    """A table beside the layer: which columns are matched, and which are taken."""

    path: str
    sheet: str | int | None = None
    on: dict[str, str] = Field(min_length=1)
    take: dict[str, str] = Field(min_length=1)


class EntryText(_Text):
    """One layer of a role."""

    path: str = Field(min_length=1)
    encoding: str | None = None
    fields: dict[str, str] = {}
    defaults: dict[str, Any] = {}
    units: dict[str, str] = {}
    join: JoinText | None = None
    crs: str | int | None = None
    where: dict[str, Any] = {}
    map: dict[str, dict[str, Any]] = {}
    classes: Literal["worldcover"] | dict[Literal["permeable", "impermeable", "unknown"], list[Code]] | None = None
    nodata: Annotated[Literal[0], BeforeValidator(_no_truth_value)] | None = None


class ManifestText(_Text):
    """The whole file; every key is optional."""

    name: str | None = None
    kind: Kind | list[Kind] | None = None
    rules: str | None = None
    as_of: int | None = Field(None, ge=1990, le=2200)
    stage: Stage | None = None
    place: PlaceText | None = None
    crs: str | int | None = None
    none: list[str] = []
    values: dict[str, dict[str, float]] = {}
    layers: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Join:
    """A table to join: file, sheet, pairs of columns that must agree, and canonical field → column."""

    path: str
    sheet: str | int | None
    on: Mapping[str, str]
    take: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One layer of a role as the manifest describes it; one that was recognised has only a path.

    ``where`` and ``mapping`` hold words as they are written in the file.
    """

    role: str
    path: str
    layer: str | None = None
    encoding: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    join: Join | None = None
    crs: str | None = None
    where: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    mapping: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    classes: str | Mapping[str, tuple[int, ...]] | None = None
    nodata_is_zero: bool = False
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the bureau says; an absent file is an empty manifest."""

    file: str | None = None
    name: str | None = None
    kinds: tuple[Kind, ...] = ()
    rules: str | None = None
    as_of: int | None = None
    stage: Stage | None = None
    place: Place = field(default_factory=Place)
    crs: str | None = None
    none: frozenset[str] = frozenset()
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    layers: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    SubmissionError
        With every fault: its line, what was found, what was wanted and the nearest known key.
    """
    try:
        lines = read_yaml(path)
    except YamlFault as error:
        raise SubmissionError(error.fault) from error
    if not isinstance(lines, Mapping):
        raise SubmissionError(words("manifest-not-a-map", file=path.name))
    faults: list[Words] = []
    try:
        text = ManifestText.model_validate({key: value for key, value in plain(lines).items() if value is not None})
    except ValidationError as error:
        raise SubmissionError(validation_faults(error, path.name, lines, ManifestText)) from error

    reader = _Reader(path, lines, written_scalars(path), faults)
    reader.crs(text.crs, ("crs",))
    none = reader.none(text.none)
    values = reader.values(text.values)
    layers = reader.layers(plain(lines).get("layers") or {})
    faults += [
        words("none-but-present", file=path.name, line=line_of(lines, ("layers", role)), role=ROLES[role].zh)
        for role in sorted(none & set(layers))
    ]
    if faults:
        raise SubmissionError(faults)
    kinds = () if text.kind is None else (text.kind,) if isinstance(text.kind, Kind) else tuple(text.kind)
    return Manifest(
        file=path.name,
        name=text.name,
        kinds=tuple(dict.fromkeys(kinds)),
        rules=text.rules,
        as_of=text.as_of,
        stage=text.stage,
        place=Place(**text.place.model_dump()) if text.place else Place(),
        crs=None if text.crs is None else str(text.crs),
        none=none,
        values=values,
        layers=layers,
    )


class _Reader:
    """Reads the parts that pydantic cannot know: roles, fields and words as they are written."""

    def __init__(
        self, path: Path, lines: Any, written: Mapping[tuple[str | int, ...], str], faults: list[Words]
    ) -> None:
        self.file, self.lines, self.written, self.faults = path.name, lines, written, faults

    def fault(self, code: str, at: Sequence[str | int], **told: object) -> None:
        self.faults.append(words(code, file=self.file, line=line_of(self.lines, at), **told))

    def unknown_field(self, at: Sequence[str | int], role: str, word: str, known: Sequence[str]) -> None:
        """List a key that is no field, with the field that it names in files, as 层数 does, or the nearest one."""
        meant = canonical_of(ROLES[role], word)
        hint = words("did-you-mean", word=meant) if meant in known else did_you_mean(word, known)
        self.fault("unknown-key", at, key=".".join(map(str, at)), hint=hint)

    def crs(self, written: str | int | None, at: Sequence[str | int]) -> None:
        """List a coordinate reference system that is not understood."""
        if written is None:
            return
        try:
            # As it stands in the file: true is no 1.
            read_crs(self.written.get(tuple(at), str(written)))
        except SubmissionError as error:
            self.faults += [
                words("in-file", file=self.file, line=line_of(self.lines, at), fault=fault) for fault in error.faults
            ]

    def none(self, names: Sequence[str]) -> frozenset[str]:
        for position, name in enumerate(names):
            at = ("none", position)
            if name not in ROLES:
                self.fault("unknown-role", at, role=name, hint=_role_hint(name))
            elif name in NEVER_NONE:
                self.fault("none-refused", at, role=f"{ROLES[name].zh} {name}")
        return frozenset(names) & ROLES.keys()

    def values(self, written: Mapping[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
        for role, figures in written.items():
            if role not in ROLES:
                self.fault("unknown-role", ("values", role), role=role, hint=_role_hint(role))
                continue
            numeric = {name: field for name, field in ROLES[role].fields.items() if field.kind in _FIGURES}
            for name, figure in figures.items():
                at = ("values", role, name)
                if name not in numeric:
                    self.unknown_field(at, role, name, list(numeric))
                elif read_field(numeric[name], pd.Series([figure])).unreadable.any():
                    self.unreadable(at, numeric[name], figure)
        return dict(written)

    def unreadable(self, at: tuple[str | int, ...], item: RoleField, value: object) -> None:
        """List a value that is none of its field."""
        key = ".".join(map(str, at))
        self.fault("bad-value", at, key=key, found=str(value), wanted=wanted_words(item))

    def layers(self, written: Mapping[str, Any]) -> dict[str, tuple[Entry, ...]]:
        found: dict[str, tuple[Entry, ...]] = {}
        if not isinstance(written, Mapping):
            return found
        for role, value in written.items():
            at: tuple[str | int, ...] = ("layers", role)
            if role not in ROLES:
                self.fault("unknown-role", at, role=role, hint=_role_hint(role))
                continue
            if isinstance(value, list):
                if not value:
                    self.fault("key-missing", at, key=f"layers.{role}.path")
                items = [(item, (*at, position)) for position, item in enumerate(value)]
            else:
                items = [(value, at)]
            entries = [self.entry(role, item, place) for item, place in items]
            found[role] = tuple(entry for entry in entries if entry is not None)
        return found

    def entry(self, role: str, value: Any, at: tuple[str | int, ...]) -> Entry | None:
        if isinstance(value, str):
            value = {"path": value}
        if not isinstance(value, Mapping):
            self.fault("bad-value", at, key=".".join(map(str, at)), found=str(value), wanted="path")
            return None
        try:
            text = EntryText.model_validate({key: item for key, item in value.items() if item is not None})
        except ValidationError as error:
            self.faults += validation_faults(error, self.file, self.lines, EntryText, at)
            return None
        known = ROLES[role].fields
        for part, names in (
            ("fields", text.fields),
            ("defaults", text.defaults),
            ("units", text.units),
            ("map", text.map),
        ):
            for name in names:
                if name not in known:
                    self.unknown_field((*at, part, name), role, name, list(known))
        if text.join:
            for name in text.join.take:
                if name not in known:
                    self.unknown_field((*at, "join", "take", name), role, name, list(known))
                elif name in text.fields:
                    self.fault("field-given-twice", (*at, "join", "take", name), field=name)
        self.crs(text.crs, (*at, "crs"))
        if text.encoding is not None and python_name(text.encoding) is None:
            wanted = ["GBK", "GB18030", "UTF-8"]
            key = ".".join(map(str, (*at, "encoding")))
            self.fault("bad-value", (*at, "encoding"), key=key, found=text.encoding, wanted=wanted)
        for name, value in text.defaults.items():
            if name in known and not _is_readable(known[name], value):
                self.unreadable((*at, "defaults", name), known[name], value)
        self.check_raster_keys(role, text, at)
        for name in text.where:
            self.words_only((*at, "where", name), text.where[name], may_be_list=True)
        self.check_units(role, text, at)
        path, _, layer = text.path.partition("#")
        mapping = self.mapping(role, text, at)
        return Entry(
            role=role,
            path=path,
            layer=layer or None,
            encoding=text.encoding,
            fields=text.fields,
            defaults={name: self.default(value, (*at, "defaults", name)) for name, value in text.defaults.items()},
            units=text.units,
            join=None if text.join is None else Join(text.join.path, text.join.sheet, text.join.on, text.join.take),
            crs=None if text.crs is None else str(text.crs),
            where={name: self.scalars((*at, "where", name)) for name in text.where},
            mapping=mapping,
            classes=text.classes
            if text.classes is None or isinstance(text.classes, str)
            else {key: tuple(codes) for key, codes in text.classes.items()},
            nodata_is_zero=text.nodata == 0 and text.nodata is not None,
            line=line_of(self.lines, at),
        )

    def scalars(self, at: tuple[str | int, ...]) -> tuple[str | None, ...]:
        """The word, or the list of words, at a path, as written; null and ~ as None."""
        own = [at] if at in self.written else sorted(
            (path for path in self.written if path[:-1] == at), key=lambda path: str(path[-1])
        )  # fmt: skip
        return tuple(None if self.written[p] in _NULLS else self.written[p] for p in own)

    def default(self, value: Any, at: tuple[str | int, ...]) -> Any:
        """A default; one that is no truth value or word as it is written, since 0701 is more than the number 701."""
        return self.written[at] if isinstance(value, int) and not isinstance(value, bool) else value

    def words_only(self, at: tuple[str | int, ...], value: object, may_be_list: bool = False) -> bool:
        """Whether a value is one word, or may be a list of them; what is none is listed."""
        fit = (
            all(not isinstance(item, Mapping | list) for item in value)
            if may_be_list and isinstance(value, list)
            else (not isinstance(value, Mapping | list))
        )
        if not fit:
            wanted = words("wanted-words" if may_be_list else "wanted-word")
            self.fault("bad-value", at, key=".".join(map(str, at)), found=str(value), wanted=wanted)
        return fit

    def check_raster_keys(self, role: str, text: EntryText, at: tuple[str | int, ...]) -> None:
        """List keys of rasters where they say nothing, and codes that are put into several classes."""
        if Geometry.RASTER not in ROLES[role].geometry:
            if text.classes is not None or text.nodata is not None:
                self.fault("raster-key-on-vector", at, role=ROLES[role].zh)
            return
        for key, given, of in (("classes", text.classes, "land_cover"), ("nodata", text.nodata, "population")):
            if given is not None and role != of:
                self.fault("raster-key-of-other", (*at, key), key=key, of=_role(of), role=_role(role))
        if isinstance(text.classes, dict):
            codes = [code for listed in text.classes.values() for code in set(listed)]
            for code in sorted({code for code in codes if codes.count(code) > 1}):
                self.fault("code-in-several-classes", (*at, "classes"), cell=code)

    def check_units(self, role: str, text: EntryText, at: tuple[str | int, ...]) -> None:
        for name, unit in text.units.items():
            if name not in ROLES[role].fields:
                continue
            allowed = UNITS.get(ROLES[role].fields[name].kind, ())
            if unit not in allowed:
                self.fault(
                    "bad-value", (*at, "units", name), key=f"units.{name}", found=unit, wanted=list(allowed) or "—"
                )

    def mapping(self, role: str, text: EntryText, at: tuple[str | int, ...]) -> dict[str, Mapping[str, str]]:
        found: dict[str, Mapping[str, str]] = {}
        for name in text.map:
            if name not in ROLES[role].fields:
                continue
            item = ROLES[role].fields[name]
            at_map = (*at, "map", name)
            for own, word in text.map[name].items():
                self.words_only((*at_map, own), word)
            taken = {str(path[-1]): word for path, word in self.written.items() if path[:-1] == at_map}
            for own, word in taken.items():
                key = f"map.{name}.{own}"
                if item.values and word not in item.values:
                    self.fault("bad-value", (*at_map, own), key=key, found=word, wanted=list(item.values))
                elif item.kind is FieldKind.FLAG and word not in _NULLS and not _is_readable(item, word):
                    self.unreadable((*at_map, own), item, word)
            found[name] = taken
        return found


def _role_hint(name: str) -> Words:
    """A hint at the role that a word stands for in the names of layers, as 公园 does, else at the nearest role."""
    said = recognise_names([name], [name], name, None)
    if said is not None and said.role is not None:
        return words("did-you-mean", word=said.role)
    return did_you_mean(name, list(ROLES))


def _role(name: str) -> Words:
    return Words(name, ROLES[name].zh, ROLES[name].en)


def _is_readable(item: RoleField, value: object) -> bool:
    if not isinstance(value, str | int | float):
        return False
    if item.kind is FieldKind.LAND_USE:
        found = read_land_use(pd.Series([str(value)], dtype=object), None, item.name)
        return not (found.unreadable.any() or found.blank.any())
    reading = read_field(item, pd.Series([value], dtype=object))
    return not (reading.unreadable.any() or reading.blank.any())

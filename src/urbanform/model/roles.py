"""Roles: what a layer means, with the geometry and the canonical fields that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Geometry(StrEnum):
    """What a layer is made of."""

    POLYGON = "polygon"
    LINE = "line"
    POINT = "point"
    RASTER = "raster"


class FieldKind(StrEnum):
    """How the values of a field are read, and the columns in which a layer's frame gives them.

    ``TEXT`` str · ``CATEGORY`` str, one of the field's values · ``FLAG`` nullable boolean · ``NUMBER``, ``METRES``,
    ``WIDTH``, ``AREA`` (m²), ``POPULATION`` (persons), ``YEAR``, ``COUNT``, ``SHARE`` (0–1) float64 with NaN for
    unknown · ``STOREYS`` three float64 columns ``storeys``, ``storeys_low``, ``storeys_high`` · ``LAND_USE`` str, a
    class of :class:`LandUse`, with ``land_use_code`` as written and ``land_use_doubt`` (bool) beside it.
    """

    TEXT = "text"
    CATEGORY = "category"
    FLAG = "flag"
    NUMBER = "number"
    METRES = "metres"
    WIDTH = "width"
    AREA = "area"
    POPULATION = "population"
    YEAR = "year"
    COUNT = "count"
    SHARE = "share"
    STOREYS = "storeys"
    LAND_USE = "land_use"


class LandUse(StrEnum):
    """Land-use classes on which the rules depend; every code system is read into them."""

    RESIDENTIAL = "residential"
    RURAL_RESIDENTIAL = "rural-residential"
    PUBLIC = "public"
    COMMERCIAL = "commercial"
    INDUSTRIAL = "industrial"
    STORAGE = "storage"
    ROAD = "road"
    HIGHWAY = "highway"
    TRANSPORT = "transport"
    UTILITY = "utility"
    PARK = "park"
    PROTECTIVE_GREEN = "protective-green"
    PLAZA = "plaza"
    ATTACHED_GREEN = "attached-green"
    REGIONAL_GREEN = "regional-green"
    GREEN = "green"
    SPECIAL = "special"
    RESERVED = "reserved"
    WATER = "water"
    RURAL_ROAD = "rural-road"
    OPEN_LAND = "open-land"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Field:
    """A canonical field of a role."""

    name: str
    kind: FieldKind
    required: bool = False
    values: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in which a frame gives this field."""
        if self.kind is FieldKind.STOREYS:
            return (self.name, f"{self.name}_low", f"{self.name}_high")
        if self.kind is FieldKind.LAND_USE:
            return (self.name, f"{self.name}_code", f"{self.name}_doubt")
        return (self.name,)


@dataclass(frozen=True, slots=True)
class Role:
    """What a layer means."""

    name: str
    zh: str
    en: str
    geometry: frozenset[Geometry]
    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def required_fields(self) -> tuple[str, ...]:
        """Fields without which the role is of no use."""
        return tuple(item.name for item in self.fields.values() if item.required)


BUILDING_USES = ("residential", "public", "commercial", "industrial", "mixed", "other")
BUILDING_ACTIONS = ("retain", "renovate", "demolish", "new")
EXEMPTIONS = ("illegal", "dangerous", "fire-hazard", "public-interest")
ROAD_CLASSES = ("expressway", "arterial", "secondary", "branch", "internal", "highway")
STATUSES = ("existing", "planned", "under-construction")
HAZARDS = ("flood", "low-lying", "geological", "other")
DISTRICT_KINDS = ("old-town", "other")

_SURFACE = frozenset({Geometry.POLYGON})
_LINES = frozenset({Geometry.LINE})


def _role(name: str, zh: str, en: str, geometry: frozenset[Geometry], *fields: Field) -> tuple[str, Role]:
    common = (Field("id", FieldKind.TEXT), Field("name", FieldKind.TEXT))
    return name, Role(name, zh, en, geometry, MappingProxyType({f.name: f for f in (*common, *fields)}))


_PERSONS = Field("population", FieldKind.POPULATION)
_STATUS = Field("status", FieldKind.CATEGORY, values=STATUSES)

ROLES: Mapping[str, Role] = MappingProxyType(
    dict(
        [
            _role("main_urban_area", "主城区", "main urban area", _SURFACE, _PERSONS),
            _role("built_up_area", "建成区", "built-up area", _SURFACE, _PERSONS),
            _role("county_seat", "县城", "county seat", _SURFACE, _PERSONS),
            _role("clusters", "组团", "clusters", _SURFACE, _PERSONS),
            _role("sub_areas", "地段", "sub-areas", _SURFACE, _PERSONS),
            _role(
                "renewal_units",
                "更新单元",
                "renewal units",
                _SURFACE,
                Field("district_kind", FieldKind.CATEGORY, values=DISTRICT_KINDS),
                Field("households", FieldKind.COUNT),
                Field("resettled_households", FieldKind.COUNT),
            ),
            _role("heritage_zones", "历史文化保护范围", "heritage zones", _SURFACE, Field("kind", FieldKind.TEXT)),
            _role(
                "communities",
                "居住社区",
                "residential communities",
                _SURFACE,
                Field("complete", FieldKind.FLAG),
                Field("green", FieldKind.FLAG),
                _PERSONS,
            ),
            _role(
                "height_zones",
                "高度控制区",
                "height-control zones",
                _SURFACE,
                Field("height_limit", FieldKind.METRES, required=True),
            ),
            _role(
                "hazard_zones",
                "灾害风险区",
                "hazard zones",
                _SURFACE,
                Field("kind", FieldKind.CATEGORY, values=HAZARDS),
            ),
            _role(
                "parcels",
                "用地",
                "parcels",
                _SURFACE,
                Field("land_use", FieldKind.LAND_USE, required=True),
                Field("green_ratio", FieldKind.SHARE),
            ),
            _role(
                "buildings",
                "建筑",
                "buildings",
                _SURFACE,
                Field("storeys", FieldKind.STOREYS),
                Field("height", FieldKind.METRES),
                Field("floor_area", FieldKind.AREA),
                Field("use", FieldKind.CATEGORY, values=BUILDING_USES),
                Field("action", FieldKind.CATEGORY, values=BUILDING_ACTIONS),
                Field("exemption", FieldKind.CATEGORY, values=EXEMPTIONS),
                Field("dangerous", FieldKind.FLAG),
                Field("repairable", FieldKind.FLAG),
                Field("illegal", FieldKind.FLAG),
                Field("fire_hazard", FieldKind.FLAG),
                Field("rectifiable", FieldKind.FLAG),
                Field("protected", FieldKind.FLAG),
                Field("year_built", FieldKind.YEAR),
                _PERSONS,
                Field("pv_area", FieldKind.AREA),
                Field("installable_roof_area", FieldKind.AREA),
            ),
            _role(
                "roads",
                "道路中心线",
                "road centrelines",
                _LINES,
                Field("class", FieldKind.CATEGORY, values=ROAD_CLASSES),
                Field("red_line_width", FieldKind.WIDTH),
                Field("pavement_width", FieldKind.WIDTH),
                _STATUS,
            ),
            _role("road_surfaces", "道路红线面", "road red-line surfaces", _SURFACE),
            _role("parks", "公园绿地", "parks", _SURFACE),
            _role("green_spaces", "绿地", "green spaces", _SURFACE, Field("kind", FieldKind.TEXT)),
            _role("water", "水体", "water", _SURFACE, Field("kind", FieldKind.TEXT)),
            _role("corridors", "生态廊道", "ecological corridors", _SURFACE),
            _role("plazas", "广场", "plazas", _SURFACE),
            _role(
                "surfaces",
                "下垫面",
                "ground surfaces",
                _SURFACE,
                Field("permeable", FieldKind.SHARE, required=True),
                Field("kind", FieldKind.TEXT),
            ),
            _role("greenways", "绿道", "greenways", _LINES, _STATUS, Field("level", FieldKind.TEXT)),
            _role("footpaths", "步行道", "footpaths", _LINES, _STATUS, Field("level", FieldKind.TEXT)),
            _role(
                "facilities",
                "公共服务设施",
                "public facilities",
                frozenset({Geometry.POINT, Geometry.POLYGON}),
                Field("kind", FieldKind.TEXT, required=True),
            ),
            _role("villages", "村庄", "villages", _SURFACE),
            _role(
                "population",
                "人口",
                "population",
                frozenset({Geometry.RASTER, Geometry.POINT, Geometry.POLYGON}),
                Field("population", FieldKind.POPULATION, required=True),
            ),
            _role("land_cover", "地表覆盖", "land cover", frozenset({Geometry.RASTER})),
        ]
    )
)

SCOPES = ("main_urban_area", "built_up_area", "county_seat")
NEVER_NONE = frozenset(
    {
        "main_urban_area",
        "built_up_area",
        "county_seat",
        "clusters",
        "renewal_units",
        "buildings",
        "parcels",
        "population",
    }
)
"""Roles that a manifest may not declare not to exist."""

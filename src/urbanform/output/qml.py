"""Styles for QGIS: the same colours as on the maps, as QML categorised by ``kind``.

References
    QGIS 3 stores default styles in a table ``layer_styles`` of the GeoPackage itself.
"""

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from urbanform.model.roles import Geometry
from urbanform.output.palette import Look
from urbanform.output.text import shown

_SYMBOL = {Geometry.POLYGON: "fill", Geometry.LINE: "line", Geometry.POINT: "marker"}
_QGIS_GEOMETRY = {Geometry.POINT: 0, Geometry.LINE: 1, Geometry.POLYGON: 2}


def style(geometry: Geometry, legend: Mapping[str, tuple[str, Look]], aliases: Mapping[str, str]) -> str:
    """The QML of a layer.

    Parameters
    ----------
    legend
        Value of the column ``kind`` → what the legend says and how it is drawn, in the order of the legend.
    aliases
        Column → what QGIS shows in its place.
    """
    categories = "".join(
        f"<category value={quoteattr(shown(kind))} label={quoteattr(shown(label))} symbol='{number}' render='true' "
        "type='string'/>"
        for number, (kind, (label, _)) in enumerate(legend.items())
    )
    symbols = "".join(_symbol(number, geometry, look) for number, (_, look) in enumerate(legend.values()))
    fields = "".join(
        f"<alias field={quoteattr(name)} index='{index}' name={quoteattr(shown(alias))}/>"
        for index, (name, alias) in enumerate(aliases.items(), start=1)
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        "<qgis version='3.22' styleCategories='Symbology|Fields'>"
        "<renderer-v2 type='categorizedSymbol' attr='kind' symbollevels='0' enableorderby='0' forceraster='0'>"
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
        f"<aliases>{fields}</aliases>"
        f"<layerGeometryType>{_QGIS_GEOMETRY[geometry]}</layerGeometryType></qgis>"
    )


def _symbol(number: int, geometry: Geometry, look: Look) -> str:
    options = {
        Geometry.POLYGON: (
            "SimpleFill",
            {
                "color": _rgba(look.fill or look.stroke, look.opacity),
                "style": "solid" if look.fill else "no",
                "outline_color": _rgba(look.stroke),
                "outline_style": "dash" if look.dash else "solid",
                "outline_width": _millimetres(look.width),
                "outline_width_unit": "MM",
            },
        ),
        Geometry.LINE: (
            "SimpleLine",
            {
                "line_color": _rgba(look.stroke),
                "line_style": "dash" if look.dash else "solid",
                "line_width": _millimetres(look.width + 1),
                "line_width_unit": "MM",
            },
        ),
        Geometry.POINT: (
            "SimpleMarker",
            {
                "name": "circle",
                "color": _rgba(look.fill or look.stroke),
                "outline_color": _rgba(look.stroke),
                "size": "2.4",
                "size_unit": "MM",
            },
        ),
    }
    name, told = options[geometry]
    listed = "".join(f"<Option type='QString' name='{key}' value={quoteattr(value)}/>" for key, value in told.items())
    return (
        f"<symbol type='{_SYMBOL[geometry]}' name='{number}' alpha='1' clip_to_extent='1' force_rhr='0'>"
        f"<layer class='{name}' enabled='1' locked='0' pass='0'><Option type='Map'>{listed}</Option></layer></symbol>"
    )


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _millimetres(pixels: float) -> str:
    return f"{pixels * 25.4 / 96:.2f}"

"""Folium without a network: a figure that carries all it needs inside the page, and refuses what it cannot carry."""

import base64
import functools
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import folium
import jinja2
from branca.element import CssLink, Element, Figure, JavascriptLink, Link, MacroElement
from folium.elements import JSCSSMixin
from folium.map import Layer
from markupsafe import Markup
from xstatic.pkg import leaflet

from urbanform.output.basemap import Basemap
from urbanform.output.text import both, shown
from urbanform.output.words import say
from urbanform.wording import Language


def content_policy(basemap: Basemap | None = None) -> str:
    """What a page may load: nothing from outside itself, but pictures from the hosts of a basemap asked for."""
    hosts = "".join(f" {host}" for host in basemap.hosts) if basemap else ""
    return (
        "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; style-src 'unsafe-inline'; "
        f"img-src data: blob:{hosts}; font-src data:; base-uri 'none'; form-action 'none'"
    )


TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("urbanform.output"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["both"] = both
TEMPLATES.filters["shown"] = shown
TEMPLATES.filters["shown_lines"] = lambda text: "\n".join(shown(line) for line in text.splitlines())
TEMPLATES.globals["say"] = say


def asset(name: str) -> Markup:
    """The text of an asset, ready to stand inside a ``<script>`` or ``<style>`` element.

    Raises
    ------
    KeyError
        For a name that is not at hand: it would have to come from the network.
    """
    try:
        return _asset(name)
    except KeyError:
        raise KeyError(f"no asset {name!r} at hand; offline pages can carry only {sorted(_ASSETS)}") from None


@functools.cache
def _asset(name: str) -> Markup:
    folder, file = _ASSETS[name]
    path = (_leaflet() if folder == "leaflet" else _own()) / file
    text = re.sub(r"(//|/\*)# sourceMappingURL=[^\s*]*(\s*\*/)?", "", path.read_text(encoding="utf-8"))
    if file.endswith(".css"):
        text = re.sub(r"url\(([^)]+)\)", lambda found: _data_uri(found[1].strip("'\""), path.parent), text)
    return Markup(text.replace("</script", "<\\/script").replace("<!--", "<\\!--").replace("</style", "<\\/style"))


_ASSETS = {
    "leaflet": ("leaflet", "leaflet.js"),
    "leaflet_css": ("leaflet", "leaflet.css"),
    "urbanform_page": ("own", "page.js"),
    "urbanform_map": ("own", "map.js"),
    "urbanform_backdrop": ("own", "backdrop.js"),
    "urbanform_report": ("own", "report.js"),
    "urbanform_css": ("own", "page.css"),
    "urbanform_report_css": ("own", "report.css"),
}


def _leaflet() -> Path:
    return Path(leaflet.BASE_DIR)


def _own() -> Path:
    return Path(str(resources.files("urbanform.output"))) / "assets"


def _data_uri(address: str, folder: Path) -> str:
    if address.startswith(("#", "data:")):
        return f"url({address})"
    data = base64.b64encode((folder / address).read_bytes()).decode("ascii")
    return f"url(data:image/{Path(address).suffix.lstrip('.')};base64,{data})"


class OfflineFigure(Figure):
    """A folium figure whose page loads nothing: each link is replaced, by its name, by the asset itself.

    Parameters
    ----------
    title
        The title of the page.
    language
        The language that the page opens in.
    layout
        The body of the page around the map's own element.
    data
        What the scripts read: element id → (media type, text that may stand inside a script element).
    basemap
        The one basemap that the page may load tiles of; None loads nothing.
    """

    def __init__(
        self,
        title: str,
        language: Language,
        layout: Callable[[Markup], Markup],
        data: dict[str, tuple[str, Markup]],
        basemap: Basemap | None = None,
    ) -> None:
        super().__init__(title=title)
        self.language = language
        self.layout = layout
        self.data = data
        self.basemap = basemap

    def render(self, **kwargs: object) -> str:
        """The page; KeyError where an element asks for an asset that is not at hand."""
        header, html, script = self.parts(**kwargs)
        return TEMPLATES.get_template("page.html.j2").render(
            title=shown(self.title),
            language=str(self.language),
            policy=content_policy(self.basemap),
            header=header,
            styles=[asset("urbanform_css")],
            page_script=asset("urbanform_page"),
            body=self.layout(html),
            data=self.data,
            script=script,
        )

    def parts(self, **kwargs: object) -> tuple[Markup, Markup, Markup]:
        """What the elements of the figure put in the head, in the body and in the script."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        head = [_inlined(name, child, kwargs) for name, child in self.header._children.items()]
        bodies = [child.render(**kwargs) for child in self.html._children.values()]
        scripts = [child.render(**kwargs) for child in self.script._children.values()]
        # Rendered by templates of folium and of this module, which hold no text of a submission.
        return Markup("\n".join(head)), Markup("\n".join(bodies)), Markup("\n".join(scripts))

    def assets(self) -> dict[str, Markup]:
        """The elements that carry the assets which the rendered elements asked for, by name; see :meth:`parts`."""
        links = {name: child for name, child in self.header._children.items() if isinstance(child, Link)}
        return {name: Markup(_inlined(name, child, {})) for name, child in links.items()}


def _inlined(name: str, child: Element, kwargs: dict[str, object]) -> str:
    if isinstance(child, JavascriptLink):
        return f"<script>{asset(name)}</script>"
    if isinstance(child, CssLink):
        return f"<style>{asset(name)}</style>"
    return str(child.render(**kwargs))


class OfflineMap(folium.Map):
    """A folium map without tiles that needs Leaflet and nothing else; ``key`` makes its names the same every time."""

    default_js = [("leaflet", "")]  # noqa: RUF012
    default_css = [("leaflet_css", "")]  # noqa: RUF012

    def __init__(self, key: str, *, planar: bool) -> None:
        super().__init__(
            location=(0, 0),
            tiles=None,
            crs="Simple" if planar else "EPSG3857",
            prefer_canvas=True,
            zoom_control=False,
            zoom_snap=0.25,
            min_zoom=-8 if planar else 3,
            max_zoom=5 if planar else 21,
        )
        self._id = key


class BasemapLayer(Layer):
    """The sheets of a basemap as one Leaflet layer group, beneath everything else."""

    _template = jinja2.Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = urbanform.basemap({{ this.sheets | tojson }}, {{ this.credit | tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, key: str, basemap: Basemap) -> None:
        super().__init__(name="basemap", overlay=True)
        self._name, self._id, self.credit = "Basemap", key, basemap.attribution
        self.sheets = [
            {"address": sheet.address, "subdomains": "".join(sheet.subdomains), "deepest": sheet.deepest_zoom}
            for sheet in basemap.layers
        ]


class EvidenceLayer(JSCSSMixin, Layer):
    """A sketch as a Leaflet layer; ``data`` is the id of the element that holds it."""

    default_js = [("urbanform_map", "")]  # noqa: RUF012
    _template = jinja2.Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = new urbanform.Evidence(urbanform.data({{ this.data | tojson }}));"
        "{% endmacro %}"
    )

    def __init__(self, key: str, data: str) -> None:
        super().__init__(name="evidence", overlay=True)
        self._name, self._id, self.data = "Evidence", key, data


class BackdropLayer(JSCSSMixin, Layer):
    """A packed backdrop as a Leaflet layer; ``data`` is the id of the element that holds it."""

    default_js = [("urbanform_backdrop", "")]  # noqa: RUF012
    _template = jinja2.Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = new urbanform.Backdrop({{ this.data | tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, key: str, data: str) -> None:
        super().__init__(name="backdrop", overlay=True)
        self._name, self._id, self.data = "Backdrop", key, data


class Furniture(MacroElement):
    """Scale bar, controls and labels of a map, and its tie to the panel of id ``panel``."""

    _template = jinja2.Template(
        "{% macro script(this, kwargs) %}"
        "urbanform.furnish({{ this.map.get_name() }}, {{ this.evidence.get_name() }}, "
        "{{ this.backdrop.get_name() if this.backdrop else 'null' }}, "
        "{{ this.basemap.get_name() if this.basemap else 'null' }}, "
        "document.getElementById({{ this.panel | tojson }}));"
        "{% endmacro %}"
    )

    def __init__(
        self,
        key: str,
        map_: OfflineMap,
        evidence: EvidenceLayer,
        backdrop: BackdropLayer | None,
        basemap: BasemapLayer | None,
        panel: str,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "Furniture", key
        self.map, self.evidence, self.backdrop, self.basemap, self.panel = map_, evidence, backdrop, basemap, panel

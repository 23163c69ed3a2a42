"""Basemaps: none unless asked for; then Tianditu by key, or an intranet's own tiles. Nothing else is ever loaded.

Tianditu's web services follow CGCS2000, which lies within decimetres of WGS 84, so no datum is corrected. Tiles of
Amap (Gaode), Tencent, Baidu, Google China and GeoQ are drawn in GCJ-02 or BD-09, hundreds of metres off the ground
truth: they are refused, since evidence over them would lie.
"""

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from urbanform.errors import SubmissionError
from urbanform.wording import Words, own_words

KEY_VARIABLE = "URBANFORM_TIANDITU_KEY"
"""The environment variable that holds the bureau's own Tianditu key."""

WORDS: dict[str, tuple[str, str]] = {
    "key-missing": (
        "底图 tianditu 需要密钥：请先在环境变量 {variable} 中写入本单位在天地图申请的浏览器端密钥，再重新运行；"
        "或不用底图。",
        "The tianditu basemap needs a key: put your own Tianditu browser key into the environment variable "
        "{variable} and run again, or leave the basemap out.",
    ),
    "key-odd": (
        "环境变量 {variable} 中的天地图密钥含有不应出现的字符（应只有字母和数字），请核对。",
        "The Tianditu key in the environment variable {variable} holds signs other than letters and digits; check it.",
    ),
    "address-odd": (
        "--basemap 的值“{value}”既不是 tianditu、tianditu-img，也不是瓦片地址。瓦片地址应为 http(s)://主机/…，"
        "其中写 {{z}}、{{x}}、{{y}}（WMTS 可写 {{TileMatrix}}、{{TileCol}}、{{TileRow}}）。",
        "The --basemap value '{value}' is neither tianditu, tianditu-img nor an address of tiles, which reads "
        "http(s)://host/… with {{z}}, {{x}} and {{y}} in it (for WMTS {{TileMatrix}}, {{TileCol}} and {{TileRow}}).",
    ),
    "offset-tiles": (
        "“{host}”的瓦片采用 GCJ-02 或 BD-09 偏移坐标，与报审图形相差数百米，叠在一起会误导审查，因此不用。"
        "请改用 tianditu 或本单位内网底图。",
        "The tiles of '{host}' are drawn in the shifted coordinates GCJ-02 or BD-09, hundreds of metres beside the "
        "shapes handed in, and would mislead; use tianditu or your intranet's own basemap.",
    ),
    "key-in-page": (
        "天地图密钥会写入生成的网页，看到网页的人都能读出；请只在单位内部分发，或使用限定域名的密钥。",
        "The Tianditu key is written into the pages, where every reader can see it; hand them on inside the bureau "
        "only, or use a key that is bound to your domain.",
    ),
    "online": (
        "底图来自 {host}，打开时需要联网；打不开时底图空白，依据图形与结论不受影响。",
        "The basemap comes from {host} when the page is opened; without that network it stays blank, which affects "
        "neither evidence nor verdicts.",
    ),
}

_PLACEHOLDERS = {"tilematrix": "z", "tilecol": "x", "tilerow": "y"}
_SHIFTED = (
    "amap.com", "autonavi.com", "gaode.com", "gtimg.com", "qq.com", "soso.com", "tencent.com", "bdimg.com",
    "baidu.com", "bdstatic.com", "google.cn", "gstatic.cn", "geoq.cn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TileLayer:
    """One sheet of tiles: an address with ``{z}``, ``{x}``, ``{y}`` and perhaps ``{s}``, and its subdomains."""

    address: str
    subdomains: tuple[str, ...] = ()
    deepest_zoom: int = 18


@dataclass(frozen=True, slots=True)
class Basemap:
    """Sheets from below upward, what they are credited as, the hosts to open a page to, and what to warn of."""

    layers: tuple[TileLayer, ...]
    attribution: str
    hosts: tuple[str, ...]
    warnings: tuple[Words, ...]


def basemap_of(asked: str) -> Basemap:
    """The basemap that a user asked for: ``tianditu``, ``tianditu-img`` (imagery) or the address of tiles.

    Raises
    ------
    SubmissionError
        No key for Tianditu; something that is no address of tiles; tiles in shifted coordinates.
    """
    if asked.casefold() in ("tianditu", "tianditu-img"):
        return _tianditu(imagery=asked.casefold().endswith("img"))
    return _own_tiles(asked.strip())


def _tianditu(*, imagery: bool) -> Basemap:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise SubmissionError(own_words(WORDS, "key-missing", variable=KEY_VARIABLE))
    if not re.fullmatch(r"[0-9A-Za-z]+", key):
        raise SubmissionError(own_words(WORDS, "key-odd", variable=KEY_VARIABLE))
    subdomains = tuple("01234567")
    layers = tuple(
        TileLayer(
            f"https://t{{s}}.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}"
            f"&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}",
            subdomains,
        )
        for name in (("img", "cia") if imagery else ("vec", "cva"))
    )
    hosts = tuple(f"https://t{number}.tianditu.gov.cn" for number in subdomains)
    warnings = (own_words(WORDS, "key-in-page"), own_words(WORDS, "online", host="tianditu.gov.cn"))
    return Basemap(layers, "天地图 Tianditu", hosts, warnings)


def _own_tiles(asked: str) -> Basemap:
    address = re.sub(
        r"\{(TileMatrix|TileCol|TileRow)\}",
        lambda found: f"{{{_PLACEHOLDERS[found[1].casefold()]}}}",
        asked,
        flags=re.IGNORECASE,
    )
    odd = SubmissionError(own_words(WORDS, "address-odd", value=asked))
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise odd from None
    host = (parts.hostname or "").rstrip(".")
    plain = re.fullmatch(r"(\{s\}\.)?[0-9a-z]([0-9a-z.\-]*[0-9a-z])?|\[[0-9a-f:.]+\]", _bracketed(host))
    wanted = all(mark in address for mark in ("{z}", "{x}")) and ("{y}" in address or "{-y}" in address)
    known = set(re.findall(r"\{([^}]*)\}", address)) <= {"z", "x", "y", "-y", "s"}
    safe = not re.search(r"[\s'\"<>\\;\x00-\x1f]", address)
    if parts.scheme not in ("http", "https") or not plain or not wanted or not known or not safe or parts.username:
        raise odd
    if any(host == name or host.endswith(f".{name}") for name in _SHIFTED):
        raise SubmissionError(own_words(WORDS, "offset-tiles", host=host))
    subdomains = tuple("abc") if "{s}" in host else ()
    ending = f":{port}" if port else ""
    hosts = tuple(f"{parts.scheme}://{_bracketed(host).replace('{s}', name)}{ending}" for name in subdomains or ("",))
    return Basemap((TileLayer(address, subdomains),), host, hosts, (own_words(WORDS, "online", host=host),))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

"""A coordinate reference system as a manifest writes it."""

import re
import unicodedata
from collections.abc import Mapping

from pyproj import CRS
from pyproj.exceptions import CRSError

from urbanform.errors import SubmissionError
from urbanform.intake.crs import LOCAL_METRES, Crs, Datum, describe, horizontal, is_placed
from urbanform.intake.crs_china import Zone, numbered_zone, zone_of_meridian
from urbanform.wording import own_words

WORDS: dict[str, tuple[str, str]] = {
    "crs-not-understood": (
        "读不懂坐标系“{text}”。应写 EPSG 代号、WKT，或 local-metres（以米为单位的地方独立坐标系）。"
        "例如 CGCS2000 三度带、中央经线 114°（6 位横坐标）写：crs: EPSG:4547",
        "the coordinate system “{text}” is not understood. Write an EPSG code, WKT, or local-metres (a local grid in "
        "metres). CGCS2000 3-degree Gauss-Kruger with the central meridian 114°E (6-digit eastings), for one, is: "
        "crs: EPSG:4547",
    ),
    "crs-not-horizontal": (
        "“{text}”（{name}）不是平面或经纬度坐标系，不能说明图形在地面上的位置。应写投影或经纬度坐标系，"
        "例如 crs: EPSG:4547",
        "“{text}” ({name}) is neither a projected nor a longitude–latitude system and does not say where shapes lie. "
        "Write one that does, such as crs: EPSG:4547",
    ),
    "crs-form-unclear": (
        "“{text}”没有说明横坐标是否带带号，有两种可能。横坐标为 8 位（以 {zone} 开头）写 crs: {prefixed}；"
        "横坐标为 6 位写 crs: {plain}",
        "“{text}” does not say whether eastings bear the zone's number. For 8-digit eastings (beginning with {zone}) "
        "write crs: {prefixed}; for 6-digit ones write crs: {plain}",
    ),
    "crs-zone-unclear": (
        "“{text}”没有说明是经纬度还是投影坐标，或缺带号、中央经线。经纬度写 crs: {geographic}；"
        "高斯投影请写明中央经线，例如三度带、中央经线 114°、6 位横坐标写 crs: {plain}",
        "“{text}” does not say whether coordinates are degrees or projected, or lacks the zone or central meridian. "
        "For degrees write crs: {geographic}; for Gauss-Kruger name the central meridian: with 114°E, 3-degree zones "
        "and 6-digit eastings it is crs: {plain}",
    ),
    "crs-zone-contradicts": (
        "“{text}”中的带宽、带号与中央经线互相矛盾，或没有这样的分带。三度带为 25–45 带（中央经线 = 3 × 带号），"
        "六度带为 13–23 带（中央经线 = 6 × 带号 − 3）；地方中央经线请写 WKT 或 crs: local-metres",
        "the zone width, zone number and central meridian in “{text}” contradict one another, or there is no such "
        "zone. 3-degree zones are 25–45 (central meridian 3 × zone), 6-degree zones 13–23 (6 × zone − 3); for a local "
        "central meridian write WKT or crs: local-metres",
    ),
}

_DATUMS: Mapping[Datum, re.Pattern[str]] = {
    Datum.CGCS2000: re.compile(r"cgcs\W*2000|国家\W*2000|2000\W*国家|大地\W*2000|2000\W*坐标|china\W*2000"),
    Datum.XIAN80: re.compile(r"xian\W*(19)?80|西安\W*(19)?80|(19)?80\W*西安|国家\W*80"),
    Datum.BEIJING54: re.compile(r"beijing\W*(19)?54|北京\W*(19)?54|(19)?54\W*北京"),
}
_WIDTH = re.compile(r"(?<!\d)([36]|三|六)\s*(?:度|°)\s*(?:分?带|zone|gk|gauss|高斯)|(?<!\d)([36])\W?degree")
_MERIDIAN = re.compile(
    r"(?:中央[经子][线午]线?|\bcm|central\W*meridian)\D{0,4}(\d{2,3}(?:\.\d+)?)|(?<![\d.])(\d{2,3}(?:\.\d+)?)\s*°?\s*e\b"
)
_ZONE = re.compile(r"(?<!\d)(\d{2})\s*号?带|带号\W{0,2}(\d{2})(?!\d)|zone\W{0,2}(\d{2})(?!\d)")
_PLAIN = re.compile(r"(?:不|无|未|没)[加含带有]*带号|6\s*位")
_PREFIXED = re.compile(r"[加含带有]带号|8\s*位")
_DEGREES = re.compile(r"经纬度|大地坐标|地理坐标|geographic")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def read_crs(text: str) -> Crs:
    """The coordinate reference system that a manifest names.

    Parameters
    ----------
    text
        ``EPSG:4547``, ``4547``, a URN, WKT, a PROJ string, a name as EPSG or Esri has it, ``local-metres``, or a
        Chinese description that leaves one system only (``CGCS2000 三度带 中央经线114``). Full-width characters count
        as their plain ones.

    Returns
    -------
    Crs
        The horizontal system, or :data:`LOCAL_METRES`.

    Raises
    ------
    SubmissionError
        The text names no system, several, or one that is neither projected nor geographic; the message ends with
        the line that would be understood.
    """
    plain = unicodedata.normalize("NFKC", str(text)).strip()
    plain = re.sub(r"^\+?init=(epsg:\d+)$", r"\1", plain, flags=re.IGNORECASE)
    if plain.lower().replace("_", "-") in {"local-metres", "local-meters", "local metres"}:
        return LOCAL_METRES
    described = _described(plain) if _CHINESE.search(plain) and "[" not in plain and "+" not in plain else None
    if described is not None:
        return CRS.from_epsg(described)
    try:
        crs = CRS.from_user_input(plain)
    except CRSError as error:
        raise SubmissionError(own_words(WORDS, "crs-not-understood", text=_shortened(plain))) from error
    crs = horizontal(crs)
    if not is_placed(crs):
        raise SubmissionError(own_words(WORDS, "crs-not-horizontal", text=_shortened(plain), name=crs.name))
    if re.fullmatch(r"[A-Za-z][\w\s.]*", plain) and not _is_name_of(plain, crs):
        raise SubmissionError(own_words(WORDS, "crs-not-understood", text=_shortened(plain)))
    return crs


def _described(text: str) -> int | None:
    """The EPSG code of a system described in Chinese; None where no datum is named."""
    low = text.lower()
    datums = [datum for datum, pattern in _DATUMS.items() if pattern.search(low)]
    if not datums:
        return None
    datum = datums[0]
    shown = _shortened(text)
    width = _first(_WIDTH, low)
    width_deg = {"3": 3, "三": 3, "6": 6, "六": 6}[width] if width else None
    meridian, number = _first(_MERIDIAN, low), _first(_ZONE, low)
    is_plain = bool(_PLAIN.search(low))
    is_prefixed = not is_plain and bool(_PREFIXED.search(low))
    if len(datums) > 1:
        raise SubmissionError(own_words(WORDS, "crs-not-understood", text=shown))
    if meridian is None and number is None:
        if _DEGREES.search(low) and width_deg is None:
            return {Datum.CGCS2000: 4490, Datum.XIAN80: 4610}.get(datum, 4214)
        example = numbered_zone(38, datum=datum, prefixed=False)
        geographic = {Datum.CGCS2000: "EPSG:4490", Datum.XIAN80: "EPSG:4610"}.get(datum, "EPSG:4214")
        raise SubmissionError(
            own_words(
                WORDS, "crs-zone-unclear", text=shown, geographic=geographic, plain=example.code if example else ""
            )
        )
    return _agreed(shown, datum, width_deg, meridian, number, is_plain, is_prefixed).epsg


def _agreed(
    shown: str,
    datum: Datum,
    width_deg: int | None,
    meridian: str | None,
    number: str | None,
    is_plain: bool,
    is_prefixed: bool,
) -> Zone:
    """The one zone on which all that was said agrees."""
    contradiction = SubmissionError(own_words(WORDS, "crs-zone-contradicts", text=shown))
    if number is not None:
        zone = numbered_zone(int(number), datum=datum, width_deg=width_deg)
    else:
        # With a meridian and no zone the plain forms of both widths are one and the same system.
        zone = zone_of_meridian(float(meridian or "nan"), width_deg=width_deg or 3, datum=datum)
        is_plain = is_plain or (not is_prefixed and zone is not None)
        if is_prefixed and width_deg is None and zone is not None:
            wide = zone_of_meridian(zone.central_meridian_deg, width_deg=6, datum=datum)
            zone = None if wide is not None else zone
    if zone is None or (meridian is not None and float(meridian) != zone.central_meridian_deg):
        raise contradiction
    forms = {prefixed: Zone(datum, zone.width_deg, zone.number, prefixed) for prefixed in (True, False)}
    if not is_plain and not is_prefixed:
        words = own_words(
            WORDS, "crs-form-unclear", text=shown, zone=zone.number, prefixed=forms[True].code, plain=forms[False].code
        )
        raise SubmissionError(words)
    return forms[is_prefixed]


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return next((group for group in found.groups() if group), None) if found else None


def _is_name_of(text: str, crs: CRS) -> bool:
    """Whether a bare word is the whole name of the system: PROJ also answers a part of a name with its first match."""

    def bare(name: str) -> str:
        return re.sub(r"[\W_]+", "", name).lower()

    names = {bare(crs.name), bare(describe(crs)), *(bare(known) for known in _SHORT_NAMES.get(crs.to_epsg() or 0, ()))}
    esri = re.match(r'\w+\["([^"]+)"', crs.to_wkt("WKT1_ESRI"))
    if esri:
        names |= {bare(esri.group(1)), bare(esri.group(1).removeprefix("GCS_"))}
    return bare(text) in names


_SHORT_NAMES: Mapping[int, tuple[str, ...]] = {
    4490: ("CGCS2000",),
    4326: ("WGS84", "WGS 84"),
    3857: ("web mercator",),
}


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}…"

"""Population density of each polygon of the county seat (县城), in persons per km².

What it measures
    Residents of the county seat's built-up area divided by all of its area, whatever the land use inside.
Which clauses ask it
    Henan 豫建科〔2023〕29号 and Hebi 鹤建综〔2023〕61号 三（一）: between 6,000 and 10,000, in county seats of
    ecological zones and main agricultural zones; Heilongjiang 黑建科〔2022〕11号 三（一） by way of 建村〔2021〕45号.
How
    From a population raster every cell counts by the share of it that lies inside; population polygons are shared out
    by area; a population point counts once, inside. Without a population layer the county seat's own field is used.
    Ground without data counts as empty and is noted; where it is over 5 % of the polygon the figure is open above,
    unless the layer says ``nodata: 0``. Beyond a raster's extent nothing is known. Both limits bind, so that missing
    persons can neither prove that there are enough of them nor that there are too few. The area is planar, in the
    working CRS.
Known limits
    The polygon handed in is taken as the county seat's built-up area; one drawn as the planned boundary, fields and
    all, has a lower density. The layer's own definition of a resident is taken as it is; registered (户籍) population
    is not the same. Each polygon is judged by itself.
References
    建村〔2021〕45号 for the figures.
"""

from urbanform.checks import NoParams
from urbanform.model.measurement import Measurement
from urbanform.model.needs import need
from urbanform.model.rules import Unit
from urbanform.site import Site
from urbanform.site.resident_density import WORDS as SHARED_WORDS
from urbanform.site.resident_density import resident_density

UNIT = Unit.PERSONS_PER_KM2
NEEDS = (need("county_seat"), need("population") | need("county_seat", "population"))
USES = ()
SCOPE_ROLE = "county_seat"
Params = NoParams
WORDS = {
    **SHARED_WORDS,
    "about": (
        "县城范围内的人口 ÷ 县城面积",
        "residents inside the county seat over its area",
    ),
}


def measure(site: Site, scope: str | None, params: NoParams) -> Measurement:
    """Persons per km² of each polygon of the county seat; see the module."""
    return resident_density(site, "county_seat")

"""How tall buildings are, in metres, from what is written of them."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from urbanform.site.new_buildings import Holds
from urbanform.wording import Words, own_words

COLUMNS = ("storeys", "height")

WORDS: dict[str, tuple[str, str]] = {
    "height-unknown": (
        "建筑高度（height）和层数（storeys）都缺失或读不出；请补填建筑高度（米，室外地面至屋面）",
        "both height and storeys are missing or unreadable; give the height in metres from the ground to the roof",
    ),
    "height-estimated": (
        "没有可用的建筑高度，按层数估算（住宅 3.0 米、其他 4.0 米一层，上下浮动一层）；请补填建筑高度（米）",
        "no usable height is given; it is estimated from storeys (3.0 m in housing, 4.0 m else, one storey either "
        "way); give the height in metres",
    ),
    "height-too-low": (
        "建筑高度 {height} 米与层数 {storeys} 层矛盾（每层不足 {least} 米）；请核对这两个字段",
        "the height of {height} m contradicts {storeys} storeys (under {least} m each); check both fields",
    ),
    "height-too-high": (
        "建筑高度 {height} 米对 {storeys} 层而言偏高（每层超过 {most} 米），可能填的是屋顶海拔；请核对这两个字段",
        "a height of {height} m is much for {storeys} storeys (over {most} m each), and may be the roof's elevation "
        "above sea level; check both fields",
    ),
}

LEAST_M: Final = 2.0
"""No building is lower."""

HOUSING_STOREY_M: Final = 3.0
OTHER_STOREY_M: Final = 4.0
SLACK_STOREYS: Final = 1.0
"""How many storeys an estimated height may lie off, for plinths, parapets and tall ground floors."""

LOWEST_STOREY_M: Final = 2.2
"""What is lower counts as half a storey in floor area by GB/T 50353-2013; a building of such storeys alone is none."""

HIGHEST_STOREY_M: Final = 10.0
"""Heights over this for each storey are those of halls and towers, or elevations above sea level."""


@dataclass(frozen=True, eq=False)
class Heights:
    """Between what the height of each building lies, in metres: shape (n,) each.

    Attributes
    ----------
    low_m, high_m
        Equal where it is known; ``high_m`` infinite where it is open above.
    stated_m
        As written; NaN where it is not.
    storeys_low, storeys_high
        As written; NaN where they are not.
    too_low, too_high
        Whether the height as written is at odds with the storeys. One that is too low is open up to what the storeys
        give; one that is too high is taken as written, since a hall may be that tall.
    """

    low_m: NDArray[np.float64]
    high_m: NDArray[np.float64]
    stated_m: NDArray[np.float64]
    storeys_low: NDArray[np.float64]
    storeys_high: NDArray[np.float64]
    too_low: NDArray[np.bool_]
    too_high: NDArray[np.bool_]

    def why_open(self, row: int) -> Words | None:
        """Why a height is not known, and what to give; None where it is known."""
        if self.low_m[row] == self.high_m[row]:
            return None
        if self.too_low[row]:
            return self._at_odds(row)
        return own_words(WORDS, "height-unknown" if np.isnan(self.storeys_low[row]) else "height-estimated")

    def odd(self, row: int) -> Words | None:
        """What is odd of a height that is taken as written; None where nothing is."""
        return self._at_odds(row) if self.too_high[row] else None

    def _at_odds(self, row: int) -> Words:
        low, high = float(self.storeys_low[row]), float(self.storeys_high[row])
        storeys: str | float = low if low == high else f"{low:g}–{high:g}"
        code, amount = (
            ("height-too-low", {"least": LOWEST_STOREY_M})
            if self.too_low[row]
            else ("height-too-high", {"most": HIGHEST_STOREY_M})
        )
        return own_words(WORDS, code, height=float(self.stated_m[row]), storeys=storeys, **amount)


def heights_of(buildings: gpd.GeoDataFrame, housing: Holds) -> Heights:
    """Heights from the field, else from storeys: 3.0 m each in housing, 4.0 m else, one storey either way.

    A building that may or may not be housing has 3.0 to 4.0 m. One without either figure is 2 m and up.

    Parameters
    ----------
    buildings
        A frame with the columns of :data:`COLUMNS`.
    housing
        Which of them are residential.
    """
    stated = buildings["height"].to_numpy(dtype=float)
    low_storeys = buildings["storeys_low"].to_numpy(dtype=float)
    high_storeys = buildings["storeys_high"].to_numpy(dtype=float)
    least_m = np.where(housing.possible, HOUSING_STOREY_M, OTHER_STOREY_M)
    most_m = np.where(housing.certain, HOUSING_STOREY_M, OTHER_STOREY_M)
    from_low = np.fmax((low_storeys - SLACK_STOREYS) * least_m, LEAST_M)
    from_high = np.where(np.isnan(high_storeys), np.inf, (high_storeys + SLACK_STOREYS) * most_m)

    given = ~np.isnan(stated)
    # Comparisons with unknown storeys are false.
    too_low = given & (stated < low_storeys * LOWEST_STOREY_M)
    too_high = given & (stated > high_storeys * HIGHEST_STOREY_M)
    low = np.where(given, stated, from_low)
    high = np.where(given, np.where(too_low, from_high, stated), from_high)
    return Heights(low, high, stated, low_storeys, high_storeys, too_low, too_high)

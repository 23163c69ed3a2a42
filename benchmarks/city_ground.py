"""The ground of the made city: how large it is, how dense where, and the outlines that are drawn on it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

CRS = "EPSG:4547"
BLOCK_M = 300.0
SOUTH_M = 3_350_000.0
MERIDIAN_EAST_M = 500_000.0
BLOCKS_ACROSS = 200
"""At scale 1: 60 km × 60 km."""


@dataclass(frozen=True)
class Ground:
    """A square of blocks about the central meridian of the zone.

    ``scale`` multiplies the area and every count of features.
    """

    scale: float
    seed: int

    @property
    def blocks(self) -> int:
        """Blocks along each side."""
        return max(8, round(BLOCKS_ACROSS * self.scale**0.5))

    @property
    def side_m(self) -> float:
        """Length of each side."""
        return self.blocks * BLOCK_M

    @property
    def west_m(self) -> float:
        """Easting of the lower-left corner."""
        return MERIDIAN_EAST_M - self.side_m / 2

    @property
    def centre(self) -> tuple[float, float]:
        """Easting and northing of the middle."""
        return MERIDIAN_EAST_M, SOUTH_M + self.side_m / 2

    def many(self, at_scale_one: float) -> int:
        """How many features there are of which the city of scale 1 has so many."""
        return max(1, round(at_scale_one * self.scale))

    def random(self, what: str) -> np.random.Generator:
        """Random numbers of one layer, the same whichever other layers are made."""
        return np.random.default_rng([self.seed, *what.encode()])

    def density(self, east_m: NDArray[np.float64], north_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """How densely a place is built on, 0.004 to 1: a bell about the centre, with a centre of its own every 9 km."""
        middle_east_m, middle_north_m = self.centre
        bell = np.exp(-(((east_m - middle_east_m) ** 2 + (north_m - middle_north_m) ** 2) / (0.3 * self.side_m) ** 2))
        local = np.cos((east_m - middle_east_m) * np.pi / 9000) ** 2 * np.cos((north_m - SOUTH_M) * np.pi / 9000) ** 2
        return np.clip(bell * (0.4 + 0.6 * local), 0.004, 1.0)


def outline(
    rng: np.random.Generator, centre: tuple[float, float], radius_m: float, corners: int, roughness: float
) -> shapely.Polygon:
    """An irregular outline that is seen whole from its centre, and so never crosses itself."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    waves = np.arange(2, 22)
    size = roughness * rng.normal(size=waves.size) / waves
    turn = rng.uniform(0, 2 * np.pi, waves.size)
    swing = (size[:, None] * np.sin(waves[:, None] * angle + turn[:, None])).sum(axis=0)
    radius = radius_m * np.exp(swing + rng.normal(0, 0.003, corners))
    return shapely.Polygon(np.c_[centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)])


def places_about(rng: np.random.Generator, ground: Ground, count: int, reach: float) -> list[tuple[float, float]]:
    """Places scattered about the middle, evenly over a disc of ``reach`` × the side."""
    angle = rng.uniform(0, 2 * np.pi, count)
    away_m = reach * ground.side_m * np.sqrt(rng.random(count))
    east_m, north_m = ground.centre
    return list(zip(east_m + away_m * np.cos(angle), north_m + away_m * np.sin(angle), strict=True))

"""What is compared, operation by operation, and how far the figures may differ."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers import Figures

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes
    ----------
    rule
        What ``benchmarks.ours`` is asked for.
    tutorial
        The module in ``benchmarks.tutorial``.
    zh, en
        Its name for people.
    tolerance
        By how much a figure may differ, as a share of it.
    why
        What makes the difference, where there is any.
    largest_scale
        Beyond this scale the tutorial script is not run.
    package
        What the script needs beside what urbanform needs itself.
    """

    rule: str
    tutorial: str
    zh: str
    en: str
    tolerance: float
    why: str = ""
    largest_scale: float = 10.0
    package: str | None = None

    @property
    def is_rule(self) -> bool:
        """Whether a rule asks for it; the others are steps on the way."""
        return self.rule not in ("reading", "walking", "walking-network")

    @property
    def lacking(self) -> str | None:
        """The package that the tutorial script needs and that is not installed."""
        return None if not self.package or importlib.util.find_spec(self.package) else self.package

    @property
    def sql(self) -> Path:
        """The same in SQL; there may be none."""
        return HERE / "sql" / f"{self.tutorial}.sql"

    def ours(self, city: Path) -> list[str]:
        """The command that runs it by urbanform."""
        return [sys.executable, "-m", "benchmarks.ours", self.rule, str(city)]

    def theirs(self, city: Path) -> list[str]:
        """The command that runs it as tutorials do."""
        return [sys.executable, "-W", "ignore", "-m", f"benchmarks.tutorial.{self.tutorial}", str(city)]


OPERATIONS = (
    Operation(
        "park-service-coverage", "park_coverage", "公园服务半径覆盖率", "Park coverage 500/300 m",
        0.002, "parks up to 1 m apart are one in the check, only touching ones in the scripts",
    ),
    Operation(
        "road-network-density-unmerged", "road_density", "路网密度及六边形（不合并分幅）", "Road density + hexagons",
        0.005, "stretches along the boundary, up to 5 m outside, count in the check and are clipped off in the scripts",
    ),
    Operation(
        "cluster-population-density", "cluster_population", "组团人口密度", "Population per cluster",
        0.005, "fractional cells in the check, cells by their centre in the script", package="rasterstats",
    ),
    Operation(
        "permeable-surface-share", "permeable_share", "可渗透面积占比", "Permeable share",
        5e-4, "fractional cells in the check, cells by their centre in the script", package="rasterstats",
    ),
    Operation("demolition-share", "demolition_share", "更新单元拆除占比", "Demolition by unit", 1e-6),
    Operation(
        "corridor-net-width", "corridor_width", "生态廊道净宽", "Corridor net width",
        0.005, "the search ends at 0.1 m, on circles of 32 segments a quarter", 0.1,
    ),
    Operation("reading", "reading", "读入建筑", "Reading the buildings", 1e-9),
    Operation("walking", "walking", "步行距离", "Walking distance", 1e-3, "ends up to 1 m apart meet in the check"),
    Operation(
        "walking-network", "walking", "步行距离（网络本身，图层由 geopandas 读）", "The same, layers read by geopandas",
        1e-3, "ends up to 1 m apart meet in the check",
    ),
)  # fmt: skip


def difference(ours: Figures, theirs: Figures) -> float:
    """The largest difference between figures of one name, as a share; infinite where the names are not the same."""
    if not ours or ours.keys() != theirs.keys():
        return float("inf")
    return max(abs(ours[name] - theirs[name]) / max(abs(theirs[name]), 1e-12) for name in ours)

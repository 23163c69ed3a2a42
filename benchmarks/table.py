"""What was measured, as a table for people and as JSON."""

import datetime
import importlib.metadata
import math
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict

from rich.table import Table

from benchmarks.children import Spent
from benchmarks.measured import Measured

PACKAGES = (
    "urbanform",
    "geopandas",
    "shapely",
    "pyogrio",
    "rasterio",
    "rasterstats",
    "exactextract",
    "scipy",
    "networkx",
)

Json = dict[str, object]


def table(name: str, measured: Measured) -> Table:
    """One row per operation; CPU in seconds, imports included, with the time in PostGIS beside it."""
    drawn = Table(title=name)
    drawn.add_column("操作 / operation")
    columns = ("urbanform CPU s", "教程 / tutorial CPU s", "比 / ratio", "不计导入退出 / less imports, exit",
               "PostGIS CPU s", "urbanform MB", "差 / differs")  # fmt: skip
    for column in columns:
        drawn.add_column(column, justify="right")
    for row in measured.rows:
        drawn.add_row(
            f"{row.operation.zh}\n{row.operation.en}",
            _number(row.ours.cpu_s),
            _number(None if row.theirs is None else row.theirs.cpu_s),
            _number(row.ratio),
            _number(row.work_ratio),
            _number(None if row.postgis is None else row.postgis.cpu_s),
            f"{row.ours.peak_mb:.0f}",
            "" if row.difference is None else f"{row.difference:.1e}",
        )
    whole = measured.whole
    if whole is not None:
        drawn.add_section()
        drawn.add_row(
            "全部检查、地图和报告\nwhole check, maps, report",
            _number(whole.cpu_s),
            "",
            "",
            "",
            "",
            f"{whole.peak_mb:.0f}",
        )
    if measured.together is not None:
        ratio = measured.together.cpu_s / measured.checked_by_tutorial_cpu_s if measured.rows[0].theirs else None
        drawn.add_row(
            "以上各规则一次算完\nthese rules in one run",
            _number(measured.together.cpu_s),
            _number(measured.checked_by_tutorial_cpu_s),
            _number(ratio),
            "", "",
            f"{measured.together.peak_mb:.0f}",
        )  # fmt: skip
    return drawn


def as_json(cities: Mapping[str, Measured], rounds: int) -> Json:
    """Everything that was measured, by city."""
    return {
        "date": datetime.date.today().isoformat(),
        "machine": {"system": platform.system(), "cores": os.cpu_count(), "python": platform.python_version()},
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
        "rounds": rounds,
        "cities": {name: _city(measured) for name, measured in cities.items()},
    }


def _city(measured: Measured) -> Json:
    return {
        "whole": _cost(measured.whole),
        "together": _cost(measured.together),
        "start": _cost(measured.start),
        "tutorial_cpu_s": round(measured.tutorial_cpu_s, 3),
        "tutorial_of_rules_cpu_s": round(measured.checked_by_tutorial_cpu_s, 3),
        "postgis_loading_wall_s": measured.postgis_loading_s and round(measured.postgis_loading_s, 2),
        "skipped": list(measured.skipped),
        "operations": {
            row.operation.rule: {
                "urbanform": _cost(row.ours),
                "tutorial": _cost(row.theirs),
                "postgis": _cost(row.postgis),
                "ratio": row.ratio and round(row.ratio, 4),
                "ratio_less_imports": row.work_ratio and round(row.work_ratio, 4),
                "difference": row.difference,
                "postgis_difference": row.postgis_difference,
                "tolerance": row.operation.tolerance,
            }
            for row in measured.rows
        },
    }


def _cost(spent: Spent | None) -> Json | None:
    if spent is None:
        return None
    return {name: round(value, 3) for name, value in asdict(spent).items() if not math.isnan(value)}


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.2f}"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None

"""What was cut: per area and role how many features, and what is in no part or in several."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import urbanform
from urbanform.wording import Words

MOST_IDS = 10


class Standing(StrEnum):
    """How a role of the whole stands in a part.

    ``cut`` it has features · ``none`` declared not to exist there · ``empty`` without features, of a role that may not
    be declared so · ``set-aside`` its layer cannot be used.
    """

    CUT = "cut"
    NONE = "none"
    EMPTY = "empty"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class PartRole:
    """One role in one part.

    Attributes
    ----------
    own
        Features of the area; for subjects those assigned to it. A raster counts its cells.
    margin
        Features beyond its edge that go with it, and those of which nobody knows where they lie.
    files
        What holds them, relative to the part's folder.
    """

    standing: Standing
    own: int = 0
    margin: int = 0
    files: tuple[str, ...] = ()
    why: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One area's submission."""

    name: str
    folder: str
    area_km2: float
    roles: Mapping[str, PartRole]


@dataclass
class LayerTold:
    """What became of one layer: features read, in no part, in several, and those without a usable shape."""

    role: str
    path: str
    features: int = 0
    outside: int = 0
    straddling: int = 0
    twice: int = 0
    nowhere: int = 0
    blank_rows: int = 0
    outside_ids: list[str] = field(default_factory=list)
    straddling_ids: list[str] = field(default_factory=list)
    nowhere_ids: list[str] = field(default_factory=list)

    def list_ids(self, kind: str, ids: Any) -> None:
        """Count features of a kind (``outside``, ``straddling``, ``nowhere``) and keep the first few ids."""
        setattr(self, kind, getattr(self, kind) + len(ids))
        kept: list[str] = getattr(self, f"{kind}_ids")
        kept += [str(key) for key in ids[: max(MOST_IDS - len(kept), 0)]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What :func:`urbanform.split.split` made.

    Attributes
    ----------
    margin_m
        How far beyond each area layers that count by place were written.
    layers
        Of every layer that was cut what became of its features.
    faults
        Role → why its layer was set aside in every part.
    """

    folder: Path
    whole: str
    by: str
    margin_m: float
    parts: tuple[Part, ...]
    layers: tuple[LayerTold, ...]
    faults: Mapping[str, tuple[Words, ...]]
    notes: tuple[Words, ...]

    def as_json(self) -> dict[str, Any]:
        """The form of ``parts.json``; nothing in it depends on the time or the machine."""
        return {
            "schema": "urbanform/parts/1",
            "versions": {"urbanform": urbanform.__version__},
            "whole": self.whole,
            "by": self.by,
            "margin_m": round(self.margin_m, 3),
            "parts": [
                {
                    "name": part.name,
                    "folder": part.folder,
                    "area_km2": round(part.area_km2, 6),
                    "roles": {
                        role: {
                            "standing": str(item.standing),
                            "own": item.own,
                            "margin": item.margin,
                            "files": list(item.files),
                            **({"why": [_both(told) for told in item.why]} if item.why else {}),
                        }
                        for role, item in part.roles.items()
                    },
                }
                for part in self.parts
            ],
            "layers": [asdict(layer) for layer in self.layers],
            "faults": {role: [_both(told) for told in faults] for role, faults in self.faults.items()},
            "notes": [{"code": note.code, **_both(note)} for note in self.notes],
        }


def _both(told: Words) -> dict[str, str]:
    return {"zh": told.zh, "en": told.en}

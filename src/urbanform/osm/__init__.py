"""A submission made from OpenStreetMap: from an extract without a network, or of a place by its name.

What comes out is a folder that ``check`` takes as it is: one GeoPackage per role in longitude and latitude, a
manifest, the attribution that the Open Database License asks for, and a list of what was left out. Tags become
canonical fields by the tables ``osm_*`` of the vocabulary; a tag that may mean several things leaves its field blank.
OpenStreetMap knows neither main urban area nor built-up area, red lines nor population: these stay the bureau's to add.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from urbanform.errors import SubmissionError
from urbanform.osm.elements import Elements, Origin
from urbanform.osm.folder import refuse_filled, write_folder
from urbanform.osm.layers import layers_of
from urbanform.osm.words import WORDS, say
from urbanform.wording import Words

__all__ = ["LayerSummary", "Summary", "make"]


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer that was made: its role, how many elements it holds and what is to be known of it."""

    role: str
    features: int
    notes: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was made.

    Attributes
    ----------
    left_out
        Why elements of interest were left out, with their number, the most first.
    """

    folder: Path
    origin: Origin
    read: Mapping[str, int]
    layers: tuple[LayerSummary, ...]
    left_out: tuple[tuple[Words, int], ...]

    @property
    def dated(self) -> Words:
        """How the date of the data is known."""
        return say(f"date-{self.origin.date_from}")


def make(place_or_file: str, out: Path, progress: Callable[[Words], object] = id) -> Summary:
    """Make a submission from an extract or, where that is no file, of the place of that name.

    Parameters
    ----------
    place_or_file
        A path to ``.osm``, ``.osm.pbf`` or their compressed kin; else a place as Nominatim knows it, for which the
        network and osmnx are needed.
    out
        The folder to write, which must not exist, be empty, or hold nothing but what this command wrote unchanged.
    progress
        Told what is being done.

    Raises
    ------
    SubmissionError
        The source cannot be read or holds nothing of use, or the folder is taken.
    ReportError
        The folder cannot be written.
    """
    refuse_filled(out)
    elements = _read(place_or_file, progress)
    layers, left_out = layers_of(elements)
    if not layers:
        raise SubmissionError(say("nothing-of-use", source=place_or_file))
    progress(say("writing", folder=str(out)))
    write_folder(out, layers, left_out, elements.origin, elements.read)
    return Summary(
        folder=out,
        origin=elements.origin,
        read=elements.read,
        layers=tuple(LayerSummary(layer.role, layer.frame["id"].nunique(), layer.notes) for layer in layers),
        left_out=tuple((Words(why, *WORDS[why]), count) for why, count in Counter(left_out["why"]).most_common()),
    )


def _read(place_or_file: str, progress: Callable[[Words], object]) -> Elements:
    from urbanform.osm.extract import is_extract, read_extract

    path = Path(place_or_file)
    if path.is_file():
        progress(say("reading", source=path.name))
        return read_extract(path)
    if is_extract(place_or_file) or path.exists() or len(path.parts) > 1:
        raise SubmissionError(say("file-missing", file=place_or_file))
    from urbanform.osm.place import read_place

    progress(say("fetching", source=place_or_file))
    return read_place(place_or_file)

"""The folder of a submission: layers, manifest, attribution, list of what was left out; there whole or not at all."""

import csv
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyogrio
import shapely

import urbanform
from urbanform.errors import SubmissionError
from urbanform.model.roles import ROLES
from urbanform.osm.elements import Origin
from urbanform.osm.layers import MadeLayer
from urbanform.osm.texts import attribution, manifest
from urbanform.osm.words import WORDS, say
from urbanform.output.store import write_error

MANIFEST, ATTRIBUTION, LEFT_OUT, SEAL = "submission.yaml", "ATTRIBUTION.txt", "left-out.csv", ".urbanform-osm.json"
_POLYGONS, _LINES, _POINTS = "MultiPolygon", "MultiLineString", "Point"


def refuse_filled(folder: Path) -> None:
    """Refuse a folder that holds anything but what this command wrote and nobody has touched since.

    Raises
    ------
    SubmissionError
        It is a file; it holds files of another making; or files of this making that were changed or added to.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise SubmissionError(say("out-is-file", folder=str(folder)))
    held = sorted(path.name for path in folder.iterdir())
    if not held:
        return
    sealed = _sealed(folder)
    if sealed is None:
        raise SubmissionError(say("out-not-empty", folder=str(folder), held=held))
    changed = [name for name in held if name != SEAL and sealed.get(name) != _digest(folder / name)]
    if changed:
        raise SubmissionError(say("out-changed", folder=str(folder), held=changed))


def write_folder(
    folder: Path, layers: Sequence[MadeLayer], left_out: pd.DataFrame, origin: Origin, read: Mapping[str, int]
) -> None:
    """Write a submission's folder, which appears under its name once it is whole.

    Raises
    ------
    ReportError
        It cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".urbanform-", dir=folder.parent, ignore_cleanup_errors=True) as draft:
            made = Path(draft) / "made"
            made.mkdir()
            for layer in layers:
                _write_layer(layer, made / f"{layer.role}.gpkg")
            (made / MANIFEST).write_text(manifest(layers, origin), encoding="utf-8", newline="\n")
            (made / ATTRIBUTION).write_text(attribution(layers, left_out, origin, read), encoding="utf-8", newline="\n")
            _write_left_out(left_out, made / LEFT_OUT)
            names = {path.name: _digest(path) for path in sorted(made.iterdir())}
            seal = {"made_by": f"urbanform osm {urbanform.__version__}", "files": names}
            (made / SEAL).write_text(json.dumps(seal, indent=1) + "\n", encoding="utf-8")
            _put_in_place(made, folder, Path(draft) / "older")
    except OSError as fault:
        raise write_error(folder, fault) from fault
    except pyogrio.errors.DataSourceError as fault:
        raise write_error(folder, OSError(str(fault).splitlines()[0])) from fault


def _put_in_place(made: Path, folder: Path, older: Path) -> None:
    """Give a folder its name; what stood there goes to ``older``, and comes back where that fails."""
    if folder.exists():
        folder.replace(older)
    try:
        made.replace(folder)
    except OSError:
        if older.exists():
            older.replace(folder)
        raise


def _sealed(folder: Path) -> dict[str, str] | None:
    try:
        found = json.loads((folder / SEAL).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _write_layer(layer: MadeLayer, path: Path) -> None:
    dimension = shapely.get_dimensions(layer.frame.geometry.to_numpy()).max()
    pyogrio.write_dataframe(
        layer.frame,
        path,
        driver="GPKG",
        layer=layer.role,
        geometry_type=(_POINTS, _LINES, _POLYGONS)[dimension],
        promote_to_multi=bool(dimension),
        layer_options={"IDENTIFIER": ROLES[layer.role].zh},
        dataset_options={"VERSION": "1.2"},
    )


def _write_left_out(left_out: pd.DataFrame, path: Path) -> None:
    # Excel in a Chinese bureau reads UTF-8 only by its mark.
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        rows = csv.writer(sink)
        rows.writerow(["要素 element", "原因", "reason"])
        rows.writerows((name, *WORDS[why]) for name, why in zip(left_out["id"], left_out["why"], strict=True))

"""``results.json``: the machine-readable truth, the same bytes for the same assessment; and files that appear whole."""

import errno
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyogrio
import pyproj
import shapely

import urbanform
from urbanform.errors import ReportError
from urbanform.model.assessment import Assessment
from urbanform.model.finding import Finding, JudgedSubject
from urbanform.model.measurement import Bounds, Quantity
from urbanform.model.provenance import Defect
from urbanform.model.rules import Limit
from urbanform.output.text import plain
from urbanform.output.words import say

SCHEMA = "urbanform/results/1"


def results(assessment: Assessment, maps: Mapping[str, str], evidence: Mapping[str, str]) -> dict[str, Any]:
    """What ``results.json`` holds of an assessment.

    Numbers are unrounded; one that is not finite is null. Nothing in it depends on the time, the machine's name or
    the order in which work was done.

    Parameters
    ----------
    maps
        Rule id → path of its map, relative to the results; a rule without one has null.
    evidence
        Rule id → layer of the evidence file; a rule without one has null.
    """
    submission, pack = assessment.submission, assessment.pack
    found = {
        "schema": SCHEMA,
        "versions": versions(),
        "submission": {
            "name": submission.name,
            "kind": [str(kind) for kind in submission.kinds],
            "place": submission.place.as_json(),
            "inputs": [
                {
                    "path": item.path,
                    "role": item.role,
                    "sha256": item.sha256,
                    "features": item.features,
                    "crs": item.crs,
                    "encoding": item.encoding,
                }
                for item in sorted(submission.inputs, key=lambda item: (item.path, item.role, item.sha256))
            ],
        },
        "rules": {"pack": pack.id, "as_of": assessment.as_of, "sha256": pack.sha256},
        "working_crs": crs_name(submission.crs, local=submission.local),
        "defects": [
            {
                "layer": defect.layer,
                "feature": defect.feature,
                "kind": defect.kind,
                "action": str(defect.action),
                "message": {"zh": defect.message.zh, "en": defect.message.en},
            }
            for defect in sorted(submission.defects, key=defect_order)
        ],
        "results": [_result(item, maps.get(item.rule.id), evidence.get(item.rule.id)) for item in assessment.findings],
    }
    told = plain(found)
    assert isinstance(told, dict)
    return told


def as_text(found: Mapping[str, Any]) -> str:
    """The text of ``results.json``, ending in a newline."""
    return json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def versions() -> dict[str, str]:
    """The versions on which figures may depend."""
    return {
        "urbanform": urbanform.__version__,
        "geos": shapely.geos_version_string,
        "gdal": pyogrio.__gdal_version_string__,
        "proj": pyproj.proj_version_str,
    }


def crs_name(crs: pyproj.CRS, *, local: bool) -> str:
    """The working CRS by its code where it has one, else by its name; ``local-metres`` for a local grid."""
    if local:
        return "local-metres"
    code = crs.to_authority()
    return crs.name if code is None else ":".join(code)


def defect_order(defect: Defect) -> tuple[object, ...]:
    """By layer, then by feature (17 before 100, the layer as a whole first), then by kind."""
    parts = re.findall(r"[0-9]+|[^0-9]+", defect.feature or "")
    natural = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
    return (defect.layer, natural, defect.kind, str(defect.action), defect.message.zh)


def _result(finding: Finding, map_path: str | None, layer: str | None) -> dict[str, Any]:
    rule = finding.rule
    unit = None
    if finding.measurement is not None:
        unit = str(finding.measurement.unit)
    elif finding.limit is not None:
        unit = str(finding.limit.unit)
    elif rule.limits:
        unit = str(rule.limits[0].unit)
    return {
        "rule": rule.id,
        "check": rule.check,
        "verdict": str(finding.verdict),
        "severity": str(rule.severity),
        "due": finding.due,
        "measured": finding.measured,
        "bounds": _bounds(finding.bounds),
        "unit": unit,
        "limit": _limit(finding.limit),
        "numerator": _quantity(finding.numerator),
        "denominator": _quantity(finding.denominator),
        "subjects": [_subject(item) for item in finding.subjects],
        "reason": finding.reason,
        "notes": [*finding.notes, *(finding.remedy.said if finding.remedy else ())],
        "source": rule.source.as_json(),
        "map": map_path,
        "evidence": layer,
    }


def _subject(item: JudgedSubject) -> dict[str, Any]:
    subject = item.subject
    return {
        "id": subject.id,
        "name": subject.name,
        "verdict": str(item.verdict),
        "measured": subject.value,
        "bounds": _bounds(subject.bounds),
        "numerator": _quantity(subject.numerator),
        "denominator": _quantity(subject.denominator),
        "limit": _limit(item.limit),
        "due": item.limit.due if item.limit else None,
        "reason": item.reason,
        "notes": list(item.notes),
    }


def _bounds(bounds: Bounds | None) -> list[float | None] | None:
    return None if bounds is None else [bounds.low, bounds.high]


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    return {"op": str(limit.op), "value": list(limit.value) if isinstance(limit.value, tuple) else limit.value}


def _quantity(quantity: Quantity | None) -> dict[str, Any] | None:
    return None if quantity is None else {"value": quantity.value, "unit": str(quantity.unit)}


def write_whole(path: Path, content: bytes | Callable[[Path], None]) -> None:
    """Put a file in its place once it is whole: readers see the old one or the new one, never a part.

    Parameters
    ----------
    path
        Where the file is to stand; its folder is made where it is missing.
    content
        The bytes, or a function that writes the file at the path that it is given, in the same file system and with
        the same suffix.

    Raises
    ------
    ReportError
        Where it cannot be written: the disk is full, the file is in use or read-only, something is in the way.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".urbanform-", dir=path.parent, ignore_cleanup_errors=True) as folder:
            draft = Path(folder) / path.name
            if callable(content):
                content(draft)
            else:
                draft.write_bytes(content)
            with draft.open("rb+") as written:
                os.fsync(written.fileno())
            draft.replace(path)
    except OSError as fault:
        raise write_error(path, fault) from fault


def write_error(path: Path, fault: OSError) -> ReportError:
    """What a user is told where a file could not be written."""
    name = str(path)
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return ReportError(say("cannot-write-full", file=name))
    if isinstance(fault, FileExistsError | NotADirectoryError | IsADirectoryError):
        return ReportError(say("not-a-folder", file=name))
    if isinstance(fault, PermissionError) or fault.errno in (errno.EROFS, errno.ETXTBSY, errno.EBUSY):
        return ReportError(say("cannot-write-locked", file=name))
    return ReportError(say("cannot-write", file=name, fault=fault.strerror or type(fault).__name__))

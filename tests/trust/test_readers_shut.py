"""Nobody is let in: hostile submissions are refused or left undecided, quickly, and reach nothing outside."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import urbanform
from batch.folders import pack
from intake.awkward import DEMOLITION
from trust.hostile import HOSTILE, begun, secret
from urbanform.errors import UrbanformError
from urbanform.gdal_shut import REFUSED_DRIVERS, SETTINGS, shut
from urbanform.model.finding import Verdict
from urbanform.review import Options, Progress, reviewed

LONGEST_S = 10.0


def built(tmp_path: Path, name: str) -> Path:
    """A hostile submission beside its secret."""
    folder = begun(tmp_path / "成果")
    HOSTILE[name](folder, secret(tmp_path / "secret"))
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_submission_is_never_a_pass(tmp_path: Path, name: str) -> None:
    folder = built(tmp_path, name)
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    before = {path: path.read_bytes() for path in files if path.stat().st_size < 10_000_000}
    start = time.monotonic()
    try:
        with reviewed(folder, Options(rules=str(pack(tmp_path)), only=(DEMOLITION,), as_of=2026), Progress()) as found:
            assert found.findings[0].verdict is Verdict.UNDETERMINED
    except UrbanformError as error:
        for fault in error.faults:
            assert fault.zh
            assert fault.en
    assert time.monotonic() - start < LONGEST_S
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".zip") == sorted(
        ["成果", "secret", "trial-pack.yaml"]
    )


def test_the_same_submission_with_its_buildings_passes(tmp_path: Path) -> None:
    """Otherwise nothing above would show that the secret was not read."""
    folder = begun(tmp_path / "成果")
    shutil.copytree(secret(tmp_path / "secret"), folder, dirs_exist_ok=True)
    (folder / "建筑.gpkg").unlink()
    (folder / "建筑.geojson").unlink()
    with reviewed(folder, Options(rules=str(pack(tmp_path)), only=(DEMOLITION,), as_of=2026), Progress()) as found:
        assert found.findings[0].verdict is Verdict.PASS


DRIVERS = """
import urbanform, pyogrio, rasterio
with rasterio.Env() as env:
    print(sorted(set(pyogrio.list_drivers()) | set(env.drivers())))
"""


def test_drivers_that_follow_references_are_not_there() -> None:
    """In a process of its own: this one has loaded GDAL long ago. Nothing is printed beside the list."""
    done = subprocess.run([sys.executable, "-c", DRIVERS], capture_output=True, text=True, check=True)
    drivers = set(json.loads(done.stdout.replace("'", '"')))
    assert done.stderr == ""
    assert not drivers & set(REFUSED_DRIVERS)
    assert {"ESRI Shapefile", "GPKG", "GeoJSON", "FlatGeobuf", "OpenFileGDB", "GTiff"} <= drivers


def test_what_the_user_skips_stays_skipped() -> None:
    environment = {"GDAL_SKIP": "PNG, VRT", "PROJ_NETWORK": "ON", "CPL_LOG": "own.log"}
    shut(environment)
    names = environment["GDAL_SKIP"].split(",")
    assert names[:2] == ["PNG", "VRT"]
    assert names.count("VRT") == 1
    assert set(REFUSED_DRIVERS) <= set(names)
    assert environment["PROJ_NETWORK"] == SETTINGS["PROJ_NETWORK"] == "OFF"
    assert environment["CPL_LOG"] == "own.log"


CALLS = (
    "network,open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,symlink,symlinkat,"
    "link,linkat,truncate,execve"
)
WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_submission_reaches_nothing_outside(tmp_path: Path, name: str) -> None:
    """No internet socket; writes only to output and temporary folder; reads only there, in the input and the system."""
    folder, out, scratch = built(tmp_path, name), tmp_path / "out", tmp_path / "scratch"
    scratch.mkdir()
    log = tmp_path / "strace.log"
    check = ["check", str(folder), "--rules", str(pack(tmp_path)), "--out", str(out)]
    traced = ["strace", "-f", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(log)]
    done = subprocess.run(
        [*traced, sys.executable, "-P", "-m", "urbanform", *check],
        env={**os.environ, "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode in (2, 3), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    source = Path(urbanform.__file__).parents[2]
    readable = [folder, out, scratch, pack(tmp_path), source, sys.prefix, sys.base_prefix, sys.exec_prefix]
    readable += ["/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/opt", "/bin", "/var/cache/fontconfig"]
    readable += [path for path in sys.path if path]
    home = Path.home()
    wrong = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        call = line.split(None, 1)[1] if line[:1].isdigit() else line
        # A library that is loaded binds ::1 to learn whether there is IPv6; nothing is sent.
        if "sin_addr" in call or ("sin6_addr" in call and not call.startswith("bind(")):
            wrong.append(call)
            continue
        found = re.match(r'(\w+)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"(.*)', call)
        if found is None or " = -1 " in call:
            continue
        name_of_call, written, rest = found.groups()
        path = Path(os.path.normpath(tmp_path / _unescaped(written)))
        changes = name_of_call not in ("open", "openat", "openat2", "execve") or any(flag in rest for flag in WRITES)
        allowed = [out, scratch, "/dev/null", "/dev/shm", "/proc/self"] if changes else readable
        inside = any(path.is_relative_to(place) for place in allowed)
        ancestor = not changes and any(Path(place).is_relative_to(path) for place in allowed)
        known = (
            not changes
            and path.is_relative_to(home)
            and any(part in path.parts for part in (".cache", ".config", ".local"))
        )
        if not (inside or ancestor or known):
            wrong.append(call)
    assert not wrong, "\n".join(wrong[:10])
    assert not any(scratch.iterdir())


def _unescaped(written: str) -> str:
    """A name as strace prints it, bytes beyond ASCII in octal."""
    raw = re.sub(rb"\\([0-7]{1,3})", lambda found: bytes([int(found[1], 8)]), written.encode("ascii", "replace"))
    return raw.replace(b'\\"', b'"').decode("utf-8", "surrogateescape")

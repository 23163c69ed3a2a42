"""Nobody is let in: hostile submissions are refused or left undecided, quickly, and reach nothing outside."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
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


READS = ("open", "openat", "openat2", "execve")
CHANGES = "creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,symlink,symlinkat,link,linkat,truncate"
FILES = (*READS, *CHANGES.split(","))
CALLS = ",".join(("network", *FILES))
WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT")
NAMED = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
"""A name in a call, after the folder that it starts from where there is one."""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_submission_reaches_nothing_outside(tmp_path: Path, name: str) -> None:
    """No internet socket; writes only to output and temporary folder; reads only there, in the input and the system.

    And on the console stands what is wrong in a sentence, no warning of a library, though each would be an error.
    Without strace only the console is looked at.
    """
    folder, out, scratch = built(tmp_path, name), tmp_path / "out", tmp_path / "scratch"
    scratch.mkdir()
    log = tmp_path / "strace.log"
    check = ["check", str(folder), "--rules", str(pack(tmp_path)), "--out", str(out)]
    strace = shutil.which("strace")
    traced = [strace, "-f", "-y", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(log)] if strace else []
    done = subprocess.run(
        [*traced, sys.executable, "-P", "-W", "error", "-m", "urbanform", *check],
        env={**os.environ, "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode in (2, 3), done.stdout + done.stderr
    lines = done.stderr.splitlines()
    assert all(re.search("[\u4e00-\u9fff]", line) for line in lines), done.stderr
    assert bool(lines) == (done.returncode == 2), done.stderr
    assert not any(scratch.iterdir())
    if not strace:
        return
    source = Path(urbanform.__file__).parents[2]
    readable = [folder, out, scratch, pack(tmp_path), source, sys.prefix, sys.base_prefix, sys.exec_prefix]
    readable += ["/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/opt", "/bin", "/var/cache/fontconfig"]
    readable += [path for path in sys.path if path]
    wrong, seen = trespasses(log.read_text(encoding="utf-8", errors="replace"), [out, scratch], readable)
    assert seen > 500
    assert not wrong, "\n".join(wrong[:10])


def trespasses(log: str, writable: Iterable[Path | str], readable: Iterable[Path | str]) -> tuple[list[str], int]:
    """The calls in a log of strace that reach for what they may not, and how many names were looked at."""
    writable, readable = [*writable, "/dev/null", "/dev/shm", "/proc/self"], list(readable)
    settings = [Path.home() / name for name in (".cache", ".config", ".local")]
    wrong: list[str] = []
    seen = 0
    for line in log.splitlines():
        call = line.split(None, 1)[1] if line[:1].isdigit() else line
        # A library that is loaded binds ::1 to learn whether there is IPv6; nothing is sent.
        if "sin_addr" in call or ("sin6_addr" in call and not call.startswith("bind(")) or "(AF_INET," in call:
            wrong.append(call)
            continue
        kind = call.split("(", 1)[0]
        if " = -1 " in call or kind not in FILES:
            continue
        changes = kind not in READS or any(flag in call for flag in WRITES)
        allowed = writable if changes else [*readable, *settings]
        # A program is started with arguments, which are no files; the others name one file or two.
        for start, written in NAMED.findall(call)[: 1 if kind in READS else 2]:
            seen += 1
            path = Path(os.path.normpath(Path(_unescaped(start)) / _unescaped(written)))
            inside = any(path.is_relative_to(place) for place in allowed)
            ancestor = not changes and any(Path(place).is_relative_to(path) for place in allowed)
            if not (inside or ancestor):
                wrong.append(call)
    return wrong, seen


@pytest.mark.parametrize(
    "call",
    [
        'openat(AT_FDCWD</w>, "/etc/passwd", O_WRONLY|O_CREAT, 0666) = 3</etc/passwd>',
        'openat(AT_FDCWD</w>, "../secret/a.shp", O_RDONLY|O_CLOEXEC) = 3</secret/a.shp>',
        'openat(5</secret>, "a.shp", O_RDONLY|O_CLOEXEC) = 3</secret/a.shp>',
        'open("/in/a.lock", O_RDWR|O_CREAT, 0666) = 3</in/a.lock>',
        'rename("/out/a", "/in/a") = 0',
        'renameat(AT_FDCWD</w>, "/out/a", 4</in>, "a") = 0',
        'unlinkat(4</in>, "a.shx", 0) = 0',
        'mkdir("/in/tmp", 0777) = 0',
        r'open("/\345\273\272.shp", O_RDONLY) = 3</\345\273\272.shp>',
        'execve("/home/x/run", ["/home/x/run"], 0x7ffc /* 30 vars */) = 0',
        "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<TCP:[1]>",
        'connect(3<TCPv6:[1]>, {sa_family=AF_INET6, inet_pton(AF_INET6, "::1", &sin6_addr)}, 28) = -1 ECONNREFUSED',
    ],
)
def test_what_strace_tells_is_understood(call: str) -> None:
    """Each of them reaches outside; the same in its place does not."""
    assert trespasses("1234 " + call, ["/out"], ["/in", "/usr"])[0] == [call]
    fine = 'openat(AT_FDCWD</w>, "/in/a.shp", O_RDONLY) = 3</in/a.shp>\n12 rename("/out/a", "/out/b") = 0\n'
    refused = '12 openat(AT_FDCWD</w>, "/secret", O_RDONLY) = -1 ENOENT (No such file or directory)\n'
    assert trespasses(fine + refused, ["/out"], ["/in", "/usr"]) == ([], 3)


def _unescaped(written: str) -> str:
    """A name as strace prints it, bytes beyond ASCII in octal."""
    raw = re.sub(rb"\\([0-7]{1,3})", lambda found: bytes([int(found[1], 8)]), written.encode("ascii", "replace"))
    return raw.replace(b'\\"', b'"').decode("utf-8", "surrogateescape")

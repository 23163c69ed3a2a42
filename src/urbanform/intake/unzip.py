"""Zip files, unpacked by us while counting."""

import os
import shutil
import stat
import struct
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from urbanform.errors import SubmissionError
from urbanform.wording import words

MOST_MEMBERS = 10_000
MOST_BYTES = 2 * 1024**3
MOST_RATIO = 100
RATIO_FROM_BYTES = 100 * 1024**2
LARGEST_DIRECTORY_BYTES = 16 * 1024**2
CHUNK = 1 << 20

_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))}


def unpack(archive: Path, into: Path, told: str) -> Path:
    """Unpack a zip into an empty folder and give the folder.

    Names that are not marked as UTF-8 are read as GB18030, as Windows in Chinese writes them, where they are no
    UTF-8. Every limit is counted on the bytes as they come, whatever the directory claims.

    Raises
    ------
    SubmissionError
        Not a zip, encrypted, a member that leads out of the folder or is a link, two members of one name, more than
        10,000 members, more than 2 GiB unpacked, or packed more than 100 to 1 where that is over 100 MiB.
    """
    try:
        if _directory_bytes(archive) > LARGEST_DIRECTORY_BYTES:
            raise SubmissionError(words("zip-too-many", file=told, count=f"> {MOST_MEMBERS}"))
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            if len(members) > MOST_MEMBERS:
                raise SubmissionError(words("zip-too-many", file=told, count=len(members)))
            names: set[str] = set()
            packed = max(archive.stat().st_size, 1)
            written = 0
            for member in members:
                name = _name(member)
                # Windows' own packer writes folders with a backslash.
                if name.endswith(("/", "\\")):
                    continue
                parts = _safe_parts(name, told, member)
                key = unicodedata.normalize("NFC", "/".join(parts)).casefold()
                if key in names:
                    raise SubmissionError(words("zip-twice", file=told, member=name))
                names.add(key)
                target = into.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(member) as source, target.open("xb") as sink:
                    while chunk := source.read(CHUNK):
                        written += len(chunk)
                        if written > MOST_BYTES or (written > RATIO_FROM_BYTES and written > MOST_RATIO * packed):
                            raise SubmissionError(words("zip-bomb", file=told))
                        sink.write(chunk)
    except SubmissionError:
        shutil.rmtree(into, ignore_errors=True)
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        shutil.rmtree(into, ignore_errors=True)
        raise SubmissionError(words("zip-broken", file=told, why=str(error))) from error
    except OSError as error:
        shutil.rmtree(into, ignore_errors=True)
        raise SubmissionError(words("zip-broken", file=told, why=error.strerror or str(error))) from error
    except Exception as error:
        # Damaged streams raise whatever their decompressor raises (zlib.error, lzma.LZMAError …).
        shutil.rmtree(into, ignore_errors=True)
        raise SubmissionError(words("zip-broken", file=told, why=type(error).__name__)) from error
    return into


def _directory_bytes(archive: Path) -> int:
    """How long a zip says that its list of members is: all of it is held in memory before a member is seen.

    The record at the end of the file says so; zipfile reads the list by the same figure. 0 where there is no record,
    which zipfile refuses.
    """
    with archive.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _END.size - _LONGEST_COMMENT - _END_64.size - _LOCATOR_BYTES))
        tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        return 0
    told = int(_END.unpack_from(tail, at)[5])
    at_64 = tail.rfind(b"PK\x06\x06", 0, at)
    if at_64 >= 0 and at_64 + _END_64.size <= len(tail):
        told = max(told if told != 0xFFFFFFFF else 0, int(_END_64.unpack_from(tail, at_64)[8]))
    return told


_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_BYTES = 20
_LONGEST_COMMENT = 0xFFFF


def _name(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.orig_filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _safe_parts(name: str, told: str, member: zipfile.ZipInfo) -> list[str]:
    plain = name.replace("\\", "/")
    parts = [part for part in PurePosixPath(plain).parts if part != "."]
    mode = member.external_attr >> 16
    is_link = stat.S_ISLNK(mode)
    leads_out = plain.startswith("/") or ".." in parts or bool(PureWindowsPath(plain).drive) or "\0" in name
    reserved = any(part.split(".")[0].lower() in _RESERVED or part.rstrip(". ") != part for part in parts)
    if not parts or is_link or leads_out or reserved:
        raise SubmissionError(words("zip-member-refused", file=told, member=name.replace("\0", "␀")))
    return [part.translate(_UNSAFE) for part in parts]


_UNSAFE = {ord(sign): "_" for sign in '<>:"|?*'} | dict.fromkeys(range(32), "_")

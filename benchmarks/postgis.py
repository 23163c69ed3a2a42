"""PostGIS for the comparison: a server of its own in a temporary folder, on the loopback alone, gone afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers import Figures
from benchmarks.children import ROOT, ChildFailedError, Spent

SERVER_USER = "postgres"
DATABASE = "urbanform_bench"
TUNED = (
    "shared_buffers=1GB", "work_mem=256MB", "maintenance_work_mem=512MB", "max_parallel_workers_per_gather=2",
    "jit=off", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_wal_size=8GB",
)  # fmt: skip
MEMORY_UNKNOWN_MB = float("nan")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where its programs are, how it is reached, and its first process."""

    programs: Path
    port: int
    pid: int

    def psql(self, *arguments: str, script: str | None = None) -> str:
        """What psql prints."""
        command = [str(self.programs / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-U", SERVER_USER, *arguments]
        ran = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise ChildFailedError(f"psql: {ran.stderr[-2000:]}")
        return ran.stdout

    def load(self, city: Path) -> float:
        """Seconds that it takes to load the layers of a city, index and analyse them."""
        self.psql("-d", SERVER_USER, "-c", f"DROP DATABASE IF EXISTS {DATABASE}", "-c", f"CREATE DATABASE {DATABASE}")
        self.psql("-d", DATABASE, "-c", "CREATE EXTENSION postgis")
        begun = time.perf_counter()
        loading = [sys.executable, "-m", "benchmarks.postgis_load", str(city)]
        reading = subprocess.Popen(loading, stdout=subprocess.PIPE, cwd=ROOT)
        command = [str(self.programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-U", SERVER_USER, "-d", DATABASE]
        subprocess.run(command, stdin=reading.stdout, stdout=subprocess.DEVNULL, check=True)
        if reading.wait():
            raise ChildFailedError(f"{' '.join(loading)} ended with {reading.returncode}")
        return time.perf_counter() - begun

    def ask(self, sql: Path) -> tuple[Spent, Figures]:
        """Run one query: what it cost the server, and its figures by name."""
        before_s, begun = self._ended_cpu_s(), time.perf_counter()
        told = self.psql("-d", DATABASE, "-f", str(sql))
        wall_s = time.perf_counter() - begun
        # The server counts a session once that has ended, a moment after psql has.
        time.sleep(0.3)
        figures = {name: float(value) for name, _, value in (line.partition("|") for line in told.splitlines())}
        cpu_s = self._ended_cpu_s() - before_s
        return Spent(cpu_s, wall_s, MEMORY_UNKNOWN_MB, cpu_s), figures

    def _ended_cpu_s(self) -> float:
        """CPU time of all sessions and workers that have ended; not a number where the system does not tell."""
        try:
            after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(after_name[13]) + int(after_name[14])) / os.sysconf("SC_CLK_TCK")


def programs() -> Path | None:
    """The folder of the server's programs, where PostgreSQL and PostGIS are both installed."""
    for initdb in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        version = initdb.parent.parent.name
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").is_file():
            return initdb.parent
    return None


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server that is stopped, and its files removed, when the block ends.

    Raises
    ------
    ChildFailedError
        It could not be started; the message says why.
    """
    where = programs()
    if where is None:
        raise ChildFailedError("PostgreSQL with PostGIS is not installed (apt-get install postgresql postgis)")
    # The server refuses to run as root.
    user = SERVER_USER if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        if user:
            shutil.chown(scratch, SERVER_USER, SERVER_USER)
        data = Path(scratch) / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])

        def control(*command: str) -> None:
            # The server would keep a pipe open for as long as it runs.
            with tempfile.TemporaryFile() as told:
                ran = subprocess.run(
                    command, stdout=told, stderr=told, cwd=scratch, check=False, user=user, group=user,
                    extra_groups=None if user is None else [],
                )  # fmt: skip
                told.seek(0)
                if ran.returncode:
                    raise ChildFailedError(told.read().decode(errors="replace")[-2000:])

        control(str(where / "initdb"), "-D", str(data), "-U", SERVER_USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = " ".join(f"-c {item}" for item in (*TUNED, f"unix_socket_directories={scratch}"))
        listening = f"-p {port} -c listen_addresses=127.0.0.1 {settings}"
        log = f"{scratch}/log"
        control(str(where / "pg_ctl"), "-D", str(data), "-w", "-l", log, "-o", listening, "start")
        try:
            yield Server(where, port, int((data / "postmaster.pid").read_text().split()[0]))
        finally:
            control(str(where / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")

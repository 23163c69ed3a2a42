"""How a process of the program begins: one thread of linear algebra, unless the user has said otherwise."""

import os
import subprocess
import sys

import pytest

COUNT = (
    "from urbanform.beginning import begin; begin(); import numpy, os, threading; "
    "numpy.ones((300, 300)) @ numpy.ones((300, 300)); print(len(os.listdir('/proc/self/task')))"
)


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted by /proc")
@pytest.mark.parametrize(("given", "threads"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, 2)])
def test_threads_of_linear_algebra(given, threads):
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    said = subprocess.run(
        [sys.executable, "-c", COUNT],
        env={**environment, **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    # It has no more threads than processors.
    assert int(said.stdout) == min(threads, len(os.sched_getaffinity(0)))


def test_commands_begin_so(monkeypatch, capsys):
    from urbanform import cli

    begun = []
    monkeypatch.setattr(cli, "begin", lambda: begun.append(True))
    monkeypatch.setattr(cli, "leave", lambda status: None)
    monkeypatch.setattr(sys, "argv", ["urbanform", "--version"])
    with pytest.raises(SystemExit):
        cli.run()
    assert begun
    assert "urbanform" in capsys.readouterr().out

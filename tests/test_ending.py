"""How a process of the program ends: with its status, all that it printed, and what was registered for the end."""

import subprocess
import sys

import pytest

REGISTERED = "import atexit, sys; from urbanform.ending import leave; atexit.register(print, 'registered'); "


def ended(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("status", [0, 2, 4])
def test_status_and_output_are_kept(status):
    said = ended(f"{REGISTERED}sys.stdout.write('line\\n' * 50_000); leave({status}); print('never')")
    assert said.returncode == status
    lines = said.stdout.splitlines()
    assert lines.count("line") == 50_000
    assert lines[-1] == "registered"
    assert "never" not in lines


def test_where_a_thread_still_works_the_process_waits_for_it():
    said = ended(
        REGISTERED + "import threading, time; "
        "threading.Thread(target=lambda: (time.sleep(0.3), print('worked'))).start(); leave(3); sys.exit(5)"
    )
    assert said.returncode == 5
    assert said.stdout.splitlines() == ["worked", "registered"]


def test_a_thread_that_may_be_left_is_left():
    said = ended(
        REGISTERED + "import threading, time; "
        "threading.Thread(target=time.sleep, args=(50,), daemon=True).start(); leave(3)"
    )
    assert said.returncode == 3
    assert said.stdout.splitlines() == ["registered"]


@pytest.mark.parametrize("stream", ["sys.stdout = sys.stderr = None", "sys.stdout.close()"])
def test_without_a_console_the_status_is_kept(stream):
    said = ended(f"import sys; from urbanform.ending import leave; {stream}; leave(3); sys.exit(3)")
    assert said.returncode == 3
    assert said.stderr == ""


def test_a_pipe_that_nobody_reads_is_no_fault_of_the_command():
    command = [sys.executable, "-m", "urbanform", "rules", "show", "henan"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout.readline()
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()

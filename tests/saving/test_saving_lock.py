"""The lock of a folder: one holder at a time, none that is stale, other machines told apart."""

import errno
import os
import subprocess
import sys
import types

import pytest
from file_actions import POSIX

from glassnet.saving import lock
from glassnet.saving.lock import NAME, Lock

HOLD = """
import os, sys, time
from glassnet.saving.lock import Lock
Lock(sys.argv[1]).take()
{between}
sys.stdout.write("held\\n")
sys.stdout.flush()
time.sleep(100)
"""

FORK = """
if os.fork() == 0:
    sys.stdout.write("forked\\n")
    sys.stdout.flush()
    time.sleep(100)
    os._exit(0)
"""


def holder(folder, between=""):
    """A process that has the lock."""
    code = HOLD.format(between=between)
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "held\n"
    return child


def ended(child):
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path)


def test_one_holder_at_a_time_and_no_file_after(folder):
    first, second = Lock(folder), Lock(folder)
    first.take()
    first.take()  # it has it
    with pytest.raises(OSError, match=rf"another training has it \('process {os.getpid()} on "):
        second.take()
    assert not second.held
    first.give_back()
    first.give_back()
    assert os.listdir(folder) == []
    second.take()
    second.give_back()


def test_another_process_is_named_and_what_is_killed_has_nothing(folder):
    child = holder(folder)
    with pytest.raises(OSError, match=f"process {child.pid} on .*remove this file") as caught:
        Lock(folder).take()
    assert caught.value.errno == errno.EAGAIN
    assert caught.value.filename == os.path.join(folder, NAME)
    ended(child)
    assert os.listdir(folder) == [NAME]
    ours = Lock(folder)
    ours.take()
    ours.give_back()


RACE = """
import sys
from glassnet.saving.lock import Lock
told = "lost"
try:
    sys.stdin.readline()
    lock = Lock(sys.argv[1])
    lock.take()
    told = "won"
except OSError:
    pass
print(told, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("seed", range(3))
def test_of_many_who_take_over_from_the_dead_at_once_one_does(folder, seed):
    ended(holder(folder))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for each in racers:
        each.stdin.write("\n")
        each.stdin.flush()
    told = [each.stdout.readline().strip() for each in racers]
    for each in racers:
        each.communicate("\n")
    assert sorted(told) == ["lost"] * 5 + ["won"]


@POSIX
def test_two_who_take_over_in_step_do_not_both_get_it(folder, monkeypatch):
    """The second comes while the first has looked at the dead one's file, and before it is his."""
    (path := os.path.join(folder, NAME), open(path, "w").close())
    seize, second = lock._seize, Lock(folder)

    def seized(file):
        monkeypatch.setattr(lock, "_seize", seize)
        second.take()
        seize(file)

    monkeypatch.setattr(lock, "_seize", seized)
    with pytest.raises(OSError, match="another training"):
        Lock(folder).take()
    second.give_back()


@POSIX
def test_a_file_that_its_holder_removes_meanwhile_is_no_lock(folder, monkeypatch):
    first, seize = Lock(folder), lock._seize
    first.take()

    def seized(file):
        monkeypatch.setattr(lock, "_seize", seize)
        first.give_back()
        seize(file)

    monkeypatch.setattr(lock, "_seize", seized)
    second = Lock(folder)
    second.take()
    with pytest.raises(OSError, match="another training"):
        Lock(folder).take()
    second.give_back()
    assert os.listdir(folder) == []


@POSIX
def test_a_file_that_somebody_else_put_there_meanwhile_stays(folder):
    first, second = Lock(folder), Lock(folder)
    first.take()
    os.unlink(first.path)  # by hand
    second.take()
    first.give_back()
    with pytest.raises(OSError, match="another training"):
        Lock(folder).take()
    os.unlink(second.path)
    second.give_back()


@pytest.mark.parametrize("start", ["", "another start\n"])
def test_a_process_of_another_machine_is_never_judged_dead(folder, start):
    path = os.path.join(folder, NAME)
    with open(path, "w") as file:
        file.write(f"process {2**22 + 1} on a-machine-elsewhere\n{start}")
    told = r"process 4194305 on a-machine-elsewhere', another machine\); if it has ended, remove"
    with pytest.raises(OSError, match=told):
        Lock(folder).take()
    assert os.listdir(folder) == [NAME]
    os.unlink(path)
    ours = Lock(folder)
    ours.take()
    ours.give_back()


@pytest.mark.parametrize("text", ["", "rubbish", "\0" * 900, "ä \ud800"[:2], "process 7 on "])
def test_what_names_no_other_machine_and_is_not_locked_is_taken(folder, text):
    with open(os.path.join(folder, NAME), "w", encoding="utf-16") as file:
        file.write(text)
    ours = Lock(folder)
    ours.take()
    with open(ours.path) as file:
        assert file.read() == lock._me()
    ours.give_back()


def test_this_machine_is_known_by_its_start_where_its_name_has_changed(folder, monkeypatch):
    with open(os.path.join(folder, NAME), "w") as file:
        file.write("process 1 on container-1\nthe start\n")
    monkeypatch.setattr(lock, "_me", lambda: "process 1 on container-2\nthe start\n")
    ours = Lock(folder)
    ours.take()
    ours.give_back()


@POSIX
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_on_a_disk_without_locks_whoever_makes_the_file_has_it(folder, monkeypatch, number):
    def refuse(file):
        raise OSError(number, "no locks")

    monkeypatch.setattr(lock, "_seize", refuse)
    first = Lock(folder)
    first.take()
    with pytest.raises(OSError, match="another training"):
        Lock(folder).take()
    first.give_back()
    second = Lock(folder)
    second.take()
    second.give_back()


@POSIX
@pytest.mark.parametrize("name", ["read", "truncate", "write", "lseek"])
def test_a_failing_call_is_told_with_the_path_and_leaves_nothing_locked(folder, monkeypatch, name):
    def fail(*_):
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patched:
        patched.setattr(os, name, fail)
        with pytest.raises(OSError, match="not locked: Input/output error") as caught:
            Lock(folder).take()
    assert caught.value.filename == os.path.join(folder, NAME)
    ours = Lock(folder)
    ours.take()
    ours.give_back()


@POSIX
@pytest.mark.parametrize("kind", ["link", "dangling link", "fifo", "folder"])
def test_what_is_no_file_is_refused_and_nothing_is_written_through_it(folder, tmp_path, kind):
    path, other = tmp_path / NAME, tmp_path / "other"
    if "link" in kind:
        path.symlink_to(other)
        if kind == "link":
            other.write_text("kept")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(OSError, match="not locked"):
        Lock(folder).take()
    assert path.exists() or kind == "dangling link"
    assert other.exists() == (kind == "link")
    assert kind != "link" or other.read_text() == "kept"


@POSIX
def test_a_fork_has_no_part_in_the_lock(folder):
    """Nor does one that outlives the process, a worker for instance, keep it."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(between=FORK), folder],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert {child.stdout.readline(), child.stdout.readline()} == {"held\n", "forked\n"}
    os.kill(child.pid, 9)
    child.wait()
    ours = Lock(folder)
    ours.take()
    ours.give_back()
    os.killpg(child.pid, 9)
    child.stdout.close()


def test_what_a_fork_forgets_is_closed_and_stays_where_it_is(folder):
    first, second = Lock(folder), Lock(folder)
    first.take()
    lock._forget_all()
    assert not first.held
    assert os.listdir(folder) == [NAME]
    second.take()
    first.give_back()
    assert os.listdir(folder) == [NAME]
    second.give_back()


def windows_lock(monkeypatch):
    """The module as Windows would load it, over locks of ours that behave alike."""
    fcntl = pytest.importorskip("fcntl")
    places = []

    def locking(file, mode, count):
        places.append(os.lseek(file, 0, os.SEEK_CUR))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OSError(errno.EACCES, "denied") from None

    made = types.ModuleType("msvcrt")
    made.locking, made.LK_NBLCK, made.places = locking, 2, places
    monkeypatch.setitem(sys.modules, "msvcrt", made)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "register_at_fork")
    module = types.ModuleType("glassnet.saving.windows_lock")
    module.__package__ = "glassnet.saving"
    with open(lock.__file__, encoding="utf-8") as file:
        exec(compile(file.read(), lock.__file__, "exec"), module.__dict__)
    monkeypatch.undo()
    return module, places


def test_on_windows_a_byte_behind_the_text_is_locked_and_no_open_file_is_removed(
    folder, monkeypatch
):
    module, places = windows_lock(monkeypatch)
    first, unlink, removed = module.Lock(folder), os.unlink, []

    def noted(path):
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(held)  # closed before
        removed.append(path)
        unlink(path)

    first.take()
    held = first._file
    with pytest.raises(OSError, match=f"process {os.getpid()} on "):
        module.Lock(folder).take()
    assert places == [1 << 30] * 2
    monkeypatch.setattr(os, "unlink", noted)
    first.give_back()
    assert removed == [first.path]
    assert os.listdir(folder) == []

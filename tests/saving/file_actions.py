"""Reading and writing as the tests of files do it, system calls that fail, memory counted."""

import os
import sys
import tracemalloc
from contextlib import contextmanager, nullcontext

import pytest

from glassnet.saving import FORMATS, KEY, files
from glassnet.saving.base import RefusedError
from glassnet.saving.plan import Plan

POSIX = pytest.mark.skipif(os.name == "nt", reason="rights, pipes and links as POSIX has them")
OLD, NEW = b"old" * 1000, b"new!" * 1000


def anything(start, size):
    """A check of the start that finds nothing wrong."""


def read(path, **options):
    return bytes(files.read_file(str(path), anything, start=16, **options))


def write(path, data=NEW, **options):
    files.write_file(str(path), [memoryview(data[:7]), memoryview(data[7:])], **options)


def failing(monkeypatch, name, number, after=0, always=True):
    """Let the `os` function `name` fail with `number` from its call number `after` on."""
    real, calls = getattr(os, name), []

    def fail(*args, **kwargs):
        calls.append(args)
        if len(calls) > after and (always or len(calls) == after + 1):
            if name == "close":
                real(*args)
            raise OSError(number, os.strerror(number))
        return real(*args, **kwargs)

    monkeypatch.setattr(files.os, name, fail)


@contextmanager
def untraced():
    """Lines in the block are not counted by coverage, which takes longer than running them: for
    what goes over lines that other tests count, thousands of times."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@contextmanager
def memory_of_at_most(limit):
    """What is in the block takes no more bytes at any moment."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= limit


@contextmanager
def memory_for(data):
    """The memory that a hostile file may take: twice its size, and 16 MiB."""
    quick = untraced() if len(data) > 2**14 else nullcontext()
    with memory_of_at_most(2 * len(data) + 16 * 2**20), quick:
        yield


def loaded(suffix, data):
    """What `load` makes of these bytes, without the detour over a disk; None if refused."""
    try:
        texts, arrays = FORMATS[suffix].decode(data)
        return Plan.of(texts[KEY], {}).build(arrays) if KEY in texts else None
    except RefusedError:
        return None

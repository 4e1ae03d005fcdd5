"""Reading and writing as the tests of files do it, and system calls that fail on request."""

import os

import pytest

from glassnet.saving import files

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

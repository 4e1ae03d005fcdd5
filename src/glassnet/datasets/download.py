"""Fetch one gzip file from the first of several mirrors that has it, whole and genuine.

A download goes to a file beside its goal, goes on where a cut one ended (HTTP Range), is checked
against the SHA-256 of what it unpacks to, and only then takes the goal's name. Mirrors of other
data sets need nothing here: say what is `Wanted` and where.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, NamedTuple
from urllib.parse import urlsplit

ATTEMPTS: Final = 5  # on one mirror, as long as each brings something new
BLOCK: Final = 1 << 16
SLOWEST: Final = 1_000  # bytes a second, over the first time-out and from then on
CUTS: Final = (ConnectionError, TimeoutError, http.client.HTTPException)
TROUBLES: Final = (OSError, http.client.HTTPException, ValueError)  # ValueError: not a valid URL


class Wanted(NamedTuple):
    """A file to fetch as `name`.gz: its size in bytes and its SHA-256, both when unpacked."""

    name: str
    size: int
    sha256: str


def fetch(wanted: Wanted, folder: Path, mirrors: Sequence[str], timeout: float = 20.0) -> Path:
    """Download `wanted` into `folder` and give the path of the gzip file.

    Args:
        wanted: what to fetch.
        folder: where to keep it; made if need be.
        mirrors: addresses (http or https) of folders that hold the file, first to last choice.
        timeout: seconds that a mirror may stay silent.

    Raises:
        OSError: the folder cannot be written, or no mirror gave the file. What has come so far
            is kept, and the next call goes on from there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    goal = folder / f"{wanted.name}.gz"
    partial = _claim(goal)
    tried = []
    try:
        for mirror in mirrors:
            url = f"{mirror.rstrip('/')}/{goal.name}"
            try:
                _fetch_from(url, partial, wanted, timeout)
            except TROUBLES as trouble:
                tried.append(f"{url} ({trouble or type(trouble).__name__})")
            else:
                os.replace(partial, goal)
                return goal
    finally:
        _hand_back(partial, goal)
    raise OSError("; ".join(tried) or "the list of mirrors is empty")


def _claim(goal: Path) -> Path:
    """A file of this process alone, which holds what an earlier, cut download has brought.

    Two processes may want the same file at once: renaming lets one of them have the old piece.
    """
    mine = goal.with_name(f"{goal.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    with contextlib.suppress(FileNotFoundError):
        os.replace(_left_over(goal), mine)
    mine.touch()
    return mine


def _hand_back(mine: Path, goal: Path) -> None:
    """Leave what has come for a later call to go on from; nothing is left after a success."""
    with contextlib.suppress(OSError):
        if mine.stat().st_size:
            os.replace(mine, _left_over(goal))
        else:
            mine.unlink()


def _left_over(goal: Path) -> Path:
    return goal.with_name(f"{goal.name}.part")


def _fetch_from(url: str, partial: Path, wanted: Wanted, timeout: float) -> None:
    """Complete `partial` from one mirror, in several attempts if the connection is cut."""
    for attempt in range(1, ATTEMPTS + 1):
        start = partial.stat().st_size
        try:
            _receive(url, partial, wanted, timeout)
        except CUTS:
            if partial.stat().st_size <= start or attempt == ATTEMPTS:
                raise
            continue
        if _is_genuine(partial, wanted):
            return
        os.truncate(partial, 0)
        if start == 0:
            break  # all of it came from here in one go: the mirror has something else
    raise OSError("its checksum is not the expected one: the file there is damaged or another")


def _receive(url: str, partial: Path, wanted: Wanted, timeout: float) -> None:
    """Append what is missing in `partial`; all of it if the server cannot begin in the middle."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("a mirror's address must begin with https:// or http://")
    start = partial.stat().st_size
    headers = {"User-Agent": "glassnet", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)
    try:
        with (
            urllib.request.urlopen(request, timeout=timeout) as response,
            open(partial, "r+b") as file,
        ):
            goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            file.truncate(start if goes_on else 0)
            file.seek(0, os.SEEK_END)
            _copy(response, file, wanted, timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if start == 0 or error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        os.truncate(partial, 0)  # the piece is not the beginning of that file
        _receive(url, partial, wanted, timeout)


def _copy(
    response: http.client.HTTPResponse, file: IO[bytes], wanted: Wanted, timeout: float
) -> None:
    """Copy a response to the end of `file`, refusing what is cut, endless or far too slow."""
    start = file.tell()
    whole = start + response.length if response.length is not None else None
    most = wanted.size + wanted.size // 100 + 1_000  # gzip adds that little to what it cannot pack
    began = time.monotonic()
    with Progress(f"{wanted.name}.gz", whole) as progress:
        while block := response.read1(BLOCK):
            file.write(block)
            done = file.tell()
            progress.show(done)
            if done > most:
                file.truncate(0)
                raise OSError(f"it sends more than {most:,} bytes: that is another file")
            seconds = time.monotonic() - began
            if seconds > timeout and done - start < SLOWEST * seconds:
                raise OSError(f"it sends less than {SLOWEST:,} bytes a second")
    file.flush()
    os.fsync(file.fileno())
    if whole is not None and file.tell() < whole:
        raise ConnectionError(f"the connection was cut after {file.tell():,} of {whole:,} bytes")


def _is_genuine(path: Path, wanted: Wanted) -> bool:
    """Whether the gzip file unpacks to what is wanted; nothing beyond that size is unpacked."""
    digest = sha256()
    left = wanted.size
    try:
        with gzip.open(path) as file:
            while block := file.read(min(BLOCK, left + 1)):
                left -= len(block)
                if left < 0:
                    return False
                digest.update(block)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return False
    return left == 0 and digest.hexdigest() == wanted.sha256


class Progress:
    """Shows on the standard error how much of a file has come; quiet where that is no terminal."""

    def __init__(self, name: str, whole: int | None) -> None:
        self.name = name
        self.whole = whole
        self.shown = ""
        self.stream = sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self.stream is not None and self.shown:
            self.stream.write("\n")

    def show(self, done: int) -> None:
        """Write the line again if it has changed; `done` is in bytes."""
        amount = f"{done / 1e6:.1f} MB"
        if self.whole:
            amount = f"{100 * done // self.whole} % of {self.whole / 1e6:.1f} MB"
        text = f"downloading {self.name}: {amount}"
        if self.stream is not None and text != self.shown:
            self.stream.write(f"\r{text}")
            self.stream.flush()
            self.shown = text

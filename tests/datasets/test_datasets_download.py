"""Downloads, against a server of this process that behaves well or badly as its address says."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from glassnet.datasets import download, load_mnist, mnist
from glassnet.datasets.download import Progress, Wanted, fetch

CONTENT = hashlib.sha256(b"not compressible").digest() * 3000
PACKED = gzip.compress(CONTENT, 0, mtime=0)
WANTED = Wanted("numbers", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
HALF = len(PACKED) // 2


class Server(ThreadingHTTPServer):
    """Serves PACKED (or the files of a folder); the first part of the path is the manner."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.folder: Path | None = None
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no trouble here."""

    def mirror(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{manner}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        manner, name = self.path.strip("/").split("/")
        self.server.asked.append((self.path, self.headers["Range"]))
        folder = self.server.folder
        body = PACKED if folder is None else (folder / name).read_bytes()
        start = int((self.headers["Range"] or "bytes=0-")[6:-1])
        getattr(self, manner)(body, start)

    def head(self, length: int | None, start: int = 0, whole: int = 0, status: int = 200) -> None:
        self.send_response(206 if start else status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.end_headers()

    def good(self, body: bytes, start: int) -> None:
        if start >= len(body):
            self.head(0, status=416)
            return
        self.head(len(body) - start, start, len(body))
        self.wfile.write(body[start:])

    def missing(self, body: bytes, start: int) -> None:
        self.head(0, status=404)

    def other(self, body: bytes, start: int) -> None:
        """Another file of the same size."""
        self.good(gzip.compress(CONTENT[::-1], 0, mtime=0), start)

    def longer(self, body: bytes, start: int) -> None:
        self.good(gzip.compress(CONTENT + b"more", 0, mtime=0), start)

    def page(self, body: bytes, start: int) -> None:
        """A page that says "sorry", with status 200."""
        self.head(14)
        self.wfile.write(b"<html>sorry...")

    def cut(self, body: bytes, start: int) -> None:
        """The connection breaks after half of what is left."""
        self.head(len(body) - start, start, len(body))
        self.wfile.write(body[start : start + (len(body) - start) // 2])

    def cut_at_first(self, body: bytes, start: int) -> None:
        """Whole at the last attempt only."""
        last = len(self.server.asked) == download.ATTEMPTS
        (self.good if last else self.cut)(body, start)

    def stuck(self, body: bytes, start: int) -> None:
        """Never gets beyond the half."""
        self.head(len(body) - start, start, len(body))
        self.wfile.write(body[start:HALF])

    def from_start(self, body: bytes, start: int) -> None:
        """Does not know Range."""
        self.good(body, 0)

    def no_length(self, body: bytes, start: int) -> None:
        self.head(None)
        self.wfile.write(body)

    def endless(self, body: bytes, start: int) -> None:
        self.head(None)
        while not self.server.over.is_set():
            self.wfile.write(bytes(1 << 16))

    def silent(self, body: bytes, start: int) -> None:
        self.server.over.wait(60)

    def no_http(self, body: bytes, start: int) -> None:
        self.wfile.write(b"220 welcome to another protocol\r\n")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("no_proxy", "*")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.over.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def goal(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "numbers.gz"


def left_over(goal: Path, content: bytes) -> Path:
    """What an earlier, cut download has left."""
    goal.parent.mkdir()
    path = goal.with_name("numbers.gz.part")
    path.write_bytes(content)
    return path


def ranges(server: Server) -> list[str | None]:
    return [asked for _, asked in server.asked]


def failure(goal: Path, *mirrors: str, timeout: float = 20.0) -> str:
    with pytest.raises(OSError, match=r"numbers\.gz|empty") as caught:
        fetch(WANTED, goal.parent, mirrors, timeout)
    assert not goal.exists()
    return str(caught.value)


def test_a_file_arrives_whole_and_alone(server: Server, goal: Path) -> None:
    assert fetch(WANTED, goal.parent, [server.mirror("good")]) == goal
    assert gzip.decompress(goal.read_bytes()) == CONTENT
    assert os.listdir(goal.parent) == ["numbers.gz"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_file_that_arrived_has_the_permissions_of_any_new_file(
    server: Server, goal: Path
) -> None:
    fetch(WANTED, goal.parent, [server.mirror("good") + "/"])
    (goal.parent / "new").touch()
    assert goal.stat().st_mode == (goal.parent / "new").stat().st_mode


@pytest.mark.parametrize("bad", ["missing", "other", "longer", "page", "stuck", "no_http"])
def test_the_next_mirror_is_asked_when_one_fails(server: Server, goal: Path, bad: str) -> None:
    fetch(WANTED, goal.parent, [server.mirror(bad), server.mirror("good")])
    assert gzip.decompress(goal.read_bytes()) == CONTENT
    assert os.listdir(goal.parent) == ["numbers.gz"]


def test_all_that_was_tried_is_listed(server: Server, goal: Path) -> None:
    closed = "http://127.0.0.1:1/x"
    names = ("missing", "other", "page", "stuck", "no_http")
    message = failure(goal, *(server.mirror(name) for name in names), closed)
    for name in names:
        assert f"{server.mirror(name)}/numbers.gz" in message
    assert closed in message
    assert "404" in message
    assert message.count("checksum") == 2
    assert f"cut after {HALF:,} of {len(PACKED):,} bytes" in message


def test_without_mirrors_there_is_an_error(goal: Path) -> None:
    assert "empty" in failure(goal)


@pytest.mark.parametrize(
    "address", ["file:///etc", "ftp://127.0.0.1/x", "", "mirror", "https://[::1", "http://\udcff"]
)
def test_what_is_no_web_address_is_not_opened(goal: Path, address: str) -> None:
    assert address.rstrip("/") in failure(goal, address)


def test_a_cut_connection_is_taken_up_where_it_ended(server: Server, goal: Path) -> None:
    fetch(WANTED, goal.parent, [server.mirror("stuck"), server.mirror("good")])
    assert ranges(server) == [None, f"bytes={HALF}-", f"bytes={HALF}-"]


def test_a_mirror_that_is_cut_again_and_again_is_left_at_last(server: Server, goal: Path) -> None:
    failure(goal, server.mirror("cut"))
    assert len(server.asked) == download.ATTEMPTS
    starts = [int(asked[6:-1]) for asked in ranges(server) if asked]
    assert starts == sorted(set(starts))


def test_a_failed_download_leaves_its_piece_and_the_next_call_goes_on(
    server: Server, goal: Path
) -> None:
    failure(goal, server.mirror("stuck"))
    assert (goal.parent / "numbers.gz.part").read_bytes() == PACKED[:HALF]
    server.asked.clear()
    fetch(WANTED, goal.parent, [server.mirror("good")])
    assert ranges(server) == [f"bytes={HALF}-"]
    assert os.listdir(goal.parent) == ["numbers.gz"]


def test_an_interrupt_leaves_the_piece_too(
    server: Server, goal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: Progress, done: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "show", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(WANTED, goal.parent, [server.mirror("good")])
    (piece,) = goal.parent.iterdir()
    assert piece.name == "numbers.gz.part"
    assert PACKED.startswith(piece.read_bytes())


def test_a_damaged_piece_costs_one_more_attempt(server: Server, goal: Path) -> None:
    left_over(goal, bytes(HALF))
    fetch(WANTED, goal.parent, [server.mirror("good")])
    assert ranges(server) == [f"bytes={HALF}-", None]


def test_a_damaged_piece_that_is_seen_at_the_last_attempt_is_thrown_away(
    server: Server, goal: Path
) -> None:
    left_over(goal, bytes(100))
    assert "checksum" in failure(goal, server.mirror("cut_at_first"))
    assert not list(goal.parent.iterdir())


@pytest.mark.parametrize("more", [b"", b"junk"], ids=["whole", "too long"])
def test_a_piece_as_long_as_the_file_is_fetched_anew(
    server: Server, goal: Path, more: bytes
) -> None:
    left_over(goal, PACKED + more)
    fetch(WANTED, goal.parent, [server.mirror("good")])
    assert ranges(server) == [f"bytes={len(PACKED + more)}-", None]
    assert gzip.decompress(goal.read_bytes()) == CONTENT


@pytest.mark.parametrize("manner", ["from_start", "no_length"])
def test_a_server_that_cannot_begin_in_the_middle_sends_all(
    server: Server, goal: Path, manner: str
) -> None:
    left_over(goal, PACKED[:HALF])
    fetch(WANTED, goal.parent, [server.mirror(manner)])
    assert goal.read_bytes() == PACKED


def test_a_server_without_end_is_left_before_the_disk_is_full(server: Server, goal: Path) -> None:
    assert "sends more than" in failure(goal, server.mirror("endless"))
    assert not list(goal.parent.iterdir())


def test_a_silent_server_is_left_after_the_time_out(server: Server, goal: Path) -> None:
    message = failure(goal, server.mirror("silent"), timeout=0.05)
    assert "timed out" in message


def test_a_server_that_sends_next_to_nothing_is_left(
    server: Server, goal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(0, 10_000_000, 1_000))
    monkeypatch.setattr(download.time, "monotonic", lambda: next(ticks))
    assert "less than 1,000 bytes a second" in failure(goal, server.mirror("good"))


def test_two_downloads_at_once_do_not_share_a_piece(goal: Path) -> None:
    left_over(goal, PACKED[:HALF])
    first, second = download._claim(goal), download._claim(goal)
    assert first != second
    assert first.read_bytes() == PACKED[:HALF]
    assert second.read_bytes() == b""


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        fetch(WANTED, tmp_path / "file", ["http://127.0.0.1:1"])


class Terminal:
    def __init__(self, is_terminal: bool = True) -> None:
        self.text = ""
        self.is_terminal = is_terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return self.is_terminal


def test_progress_is_one_line_on_a_terminal(
    server: Server, goal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(download.sys, "stderr", terminal)
    fetch(WANTED, goal.parent, [server.mirror("good")])
    assert terminal.text.endswith("\rdownloading numbers.gz: 100 % of 0.1 MB\n")
    assert terminal.text.count("\n") == 1


def test_progress_without_a_known_length_counts_what_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(download.sys, "stderr", terminal)
    with Progress("x", None) as progress:
        progress.show(1_500_000)
        progress.show(1_500_001)
    assert terminal.text == "\rdownloading x: 1.5 MB\n"


@pytest.mark.parametrize("stream", [None, Terminal(is_terminal=False)], ids=["none", "pipe"])
def test_progress_is_quiet_where_nobody_watches(
    stream: Terminal | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download.sys, "stderr", stream)
    with Progress("x", 10) as progress:
        progress.show(5)
    assert stream is None or stream.text == ""


REPOSITORY = Path(__file__).parents[2] / "data" / "mnist"
needs_files = pytest.mark.skipif(
    not (REPOSITORY / "train-images-idx3-ubyte.gz").exists(), reason="needs the data of a checkout"
)


@needs_files
def test_mnist_is_downloaded_checked_and_read(server: Server, tmp_path: Path) -> None:
    server.folder = REPOSITORY
    bad, good = server.mirror("page"), server.mirror("good")
    found = load_mnist(tmp_path / "new", mirrors=[bad, good])
    assert found.X_train.shape == (60_000, 784)
    assert found.y_test.shape == (10_000,)
    assert sorted(os.listdir(tmp_path / "new")) == sorted(
        f"{name}.gz" for name, _, _ in mnist.FILES
    )


@needs_files
def test_only_missing_files_are_downloaded(server: Server, tmp_path: Path) -> None:
    server.folder = REPOSITORY
    for name, _, _ in mnist.FILES[:-1]:
        (tmp_path / f"{name}.gz").write_bytes((REPOSITORY / f"{name}.gz").read_bytes())
    load_mnist(tmp_path, mirrors=[server.mirror("good")])
    assert [path for path, _ in server.asked] == ["/good/t10k-labels-idx1-ubyte.gz"]


def test_a_failed_download_of_mnist_says_where_what_and_how_else(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="MNIST is not in") as caught:
        load_mnist(tmp_path / "new", mirrors=[server.mirror("missing"), server.mirror("page")])
    message = str(caught.value)
    assert str(tmp_path / "new") in message
    assert server.mirror("missing") + "/train-images-idx3-ubyte.gz" in message
    assert server.mirror("page") in message
    assert "load_mnist(folder)" in message
    assert "GLASSNET_DATA" in message
    assert "\n" not in message

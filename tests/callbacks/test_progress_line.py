"""Progress: what it writes on a terminal, and where it is piped into a file."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from small_problems import three_classes, yes_or_no

from glassnet import Callback, DivergenceError, Network
from glassnet.callbacks import Progress
from glassnet.callbacks.progress import duration


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")


class Terminal(io.StringIO):
    """A text file that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        """The lines as a terminal shows them: what follows a \\r writes over the line."""
        lines = []
        for line in self.getvalue().split("\n"):
            shown = ""
            for text in line.split("\r"):
                shown = text + shown[len(text) :]
            lines.append(shown.rstrip())
        return lines


def trained(progress: Callback, **options: Any) -> None:
    X, y = yes_or_no()
    asked = {"epochs": 3, "batch_size": 10, **options}
    asked["callbacks"] = [progress, *options.get("callbacks", [])]
    Network([3, 2, 1], seed=0).fit(X, y, **asked)


def test_on_a_terminal_one_line_is_written_over_and_over() -> None:
    out = Terminal()
    trained(Progress(out, interval=0.0))
    assert out.getvalue().count("\r") >= 12
    assert out.getvalue().count("\n") == 1
    last, empty = out.screen()
    assert last.startswith("epoch 3/3  loss ")
    assert "rows/s" in last
    assert empty == ""


def test_the_line_shows_epoch_share_rate_loss_validation_and_time_left() -> None:
    out = Terminal()
    trained(Progress(out, interval=0.0), validation_split=0.25)
    third = next(text for text in out.getvalue().split("\r") if text.startswith("epoch 2/3"))
    for words in ("━", "─", "rows/s", "loss 0.", "val_loss 0.", "left"):
        assert words in third, third
    assert max(len(text) for text in out.getvalue().split("\r")) <= 101


def test_a_terminal_is_written_to_only_so_often() -> None:
    out = Terminal()
    trained(Progress(out, interval=3600.0))
    assert out.getvalue().count("\r") == 1 + 3 + 1  # the first batch, each epoch, the end


def test_where_it_is_piped_there_is_one_line_an_epoch_and_no_control_character() -> None:
    out = io.StringIO()
    trained(Progress(out))
    lines = out.getvalue().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert "\r" not in out.getvalue()


@pytest.mark.parametrize(("epochs", "lines"), [(10, 10), (19, 19), (20, 11), (100, 11)])
def test_where_it_is_piped_there_are_few_lines(epochs: int, lines: int) -> None:
    out = io.StringIO()
    trained(Progress(out), epochs=epochs, batch_size=40)
    assert len(out.getvalue().splitlines()) == lines
    assert out.getvalue().splitlines()[-1].startswith(f"epoch {epochs}/{epochs}")


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_it_says_why_training_stopped(kind: Any) -> None:
    out = kind()
    trained(Progress(out), target_loss=100.0)
    assert out.getvalue().splitlines()[-1] == "stopped: target loss of 100 reached"


def test_a_training_that_never_began_shows_no_line() -> None:
    class Stop(Callback):
        def on_fit_begin(self, training: Any) -> None:
            training.stop("no need")

    X, y = three_classes()
    out = Terminal()
    Network([3, 3], seed=0).fit(X, y, callbacks=[Stop(), Progress(out)])
    assert out.getvalue() == "stopped: no need\n"


def test_divergence_in_the_first_epoch_leaves_no_open_line() -> None:
    out = Terminal()
    with pytest.raises(DivergenceError):
        trained(Progress(out, interval=0.0), learning_rate=1e30, batch_size=1)
    trained(Progress(out, interval=0.0), epochs=1)
    assert out.screen()[0] == "stopped: diverged"
    out = Terminal()
    with pytest.raises(DivergenceError):
        trained(Progress(out, interval=0.0), callbacks=[_Spoil()])
    assert out.screen()[0].startswith("epoch 1/3")
    assert out.screen()[1:] == ["stopped: diverged", ""]


class _Spoil(Callback):
    def on_batch_end(self, training: Any) -> None:
        training.parameters[0] = float("nan")


def test_a_terminal_that_knows_no_unicode_gets_other_signs() -> None:
    class Old(Terminal):
        encoding = "ascii"

    out = Old()
    trained(Progress(out, interval=0.0))
    assert out.getvalue().isascii()


def test_standard_error_is_looked_up_when_it_is_written_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained(Progress())
    assert capsys.readouterr().err.count("\n") == 3


def test_batches_of_unknown_number_show_no_share_but_run() -> None:
    X, y = yes_or_no()
    out = Terminal()
    net = Network([3, 1], seed=0)
    batches = ((X[i : i + 10], y[i : i + 10]) for i in range(0, 40, 10))
    net.fit(batches, epochs=1, callbacks=[Progress(out, interval=0.0)])
    assert out.screen()[0].startswith("epoch 1/1  loss")


def test_a_long_line_is_cut_to_100_columns_and_a_shorter_one_covers_it() -> None:
    out = Terminal()
    progress: Any = Progress(out)
    progress._write("x" * 200)
    progress._write("short")
    assert out.screen() == ["short"]
    assert len(out.getvalue()) == 1 + 100 + 1 + 100


@pytest.mark.parametrize(("columns", "shown"), [("40", 39), ("1", 20), ("300", 100)])
def test_a_line_is_cut_to_the_width_of_the_terminal(
    columns: str, shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = Terminal()
    progress: Any = Progress(out)
    progress._write("x" * 200)
    assert out.getvalue() == "\r" + "x" * shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (61, "1:01 min"),
        (3599, "59:59 min"),
        (3661, "1:01:01 h"),
    ],
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_rate_counts_the_rows_of_this_fit_only() -> None:
    progress: Any = Progress(io.StringIO())
    trained(progress)
    trained(progress)
    assert progress._rows == 120
    progress.on_fit_begin(SimpleNamespace())
    assert progress._rows == 0


def test_without_a_console_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    trained(Progress(interval=0.0))

"""History: plain data, and short in an interpreter."""

import pytest

from glassnet.core.history import History


def test_history_shows_its_last_epoch_in_one_line_whatever_a_callback_adds() -> None:
    assert repr(History()) == "<History of 0 epochs>"
    history = History([{"epoch": 1, "loss": 0.5, "note": "text", "nothing": None}])
    history.stopped = "all epochs done"
    assert repr(history) == "<History of 1 epochs; the last: loss 0.5; all epochs done>"


def test_history_gives_a_column_and_names_those_there_are() -> None:
    history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25, "val_loss": 0.3}])
    assert history.column("loss") == [0.5, 0.25]
    assert history.column("val_loss") == [None, 0.3]
    with pytest.raises(KeyError, match="no epoch has 'losses'; there are epoch, loss, val_loss"):
        history.column("losses")
    assert History().column("loss") == []

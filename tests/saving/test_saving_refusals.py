"""What is neither saved nor loaded, and in which words."""

import hashlib
import os
from pathlib import Path

import hostile_builders as build
import numpy as np
import pytest
from networks_to_save import same, trained

from glassnet import ModelFileError, Network, load, saving


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_parameters_that_are_not_finite_are_not_saved(tmp_path, bad):
    path = tmp_path / "a.safetensors"
    net = trained()
    net.save_model(path)
    before = path.read_bytes()
    net.weights[1][2, 1] = bad
    with pytest.raises(ModelFileError, match=r"1 of 8 values are not finite, first at \(2, 1\)"):
        net.save_model(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.safetensors"]


def test_parameters_that_are_not_finite_are_loaded_on_request_only(place):
    place.write_bytes(build.value("layers.0.weights", 5, float("nan")))
    with pytest.raises(ModelFileError, match="not finite"):
        load(place)
    assert np.isnan(load(place, allow_nonfinite=True).weights[0][1, 1])


def test_a_scaling_that_is_not_finite_is_never_loaded(place):
    place.write_bytes(build.value("inputs.offset", 0, float("nan")))
    with pytest.raises(ModelFileError, match=r"inputs\.offset.*not finite"):
        load(place, allow_nonfinite=True)


@pytest.mark.parametrize(
    "columns", [{1: "a"}, {"a": (1, 2)}, {"a": {1, 2}}, {"a": float("nan")}, {"a": "\ud800"}]
)
def test_recipes_that_json_does_not_give_back_are_not_saved(tmp_path, columns):
    net = Network([2, 2], loss="huber")
    net.columns = columns
    with pytest.raises(ModelFileError, match=r"JSON"):
        net.save_model(tmp_path / "a.safetensors")
    assert os.listdir(tmp_path) == []


def test_recipes_that_contain_themselves_are_not_saved(place):
    net = Network([2, 2], loss="huber")
    net.columns = {}
    net.columns["self"] = net.columns
    with pytest.raises(ModelFileError, match="JSON"):
        net.save_model(place)


def test_a_header_too_large_to_be_read_again_is_not_saved(place):
    net = Network([2, 2], loss="huber")
    net.columns = {"values": "x" * 3_000_000}
    with pytest.raises(ModelFileError, match="allowed are 2097152"):
        net.save_model(place)


@pytest.mark.parametrize(
    "name", ["model", "model.h5", "model.pt", "safetensors", ".safetensors", "a."]
)
@pytest.mark.parametrize(
    "action", [lambda p: Network([2, 1]).save_model(p), load, saving.check_path]
)
def test_a_suffix_that_names_no_format_is_refused(tmp_path, name, action):
    with pytest.raises(ModelFileError, match=r"names no format; use \.safetensors"):
        action(tmp_path / name)


def test_a_folder_named_in_place_of_a_file_is_told_to_have_no_suffix(tmp_path):
    with pytest.raises(ModelFileError, match="a name without a suffix names no format"):
        load(tmp_path)


def test_the_case_of_the_suffix_does_not_matter(tmp_path):
    net = trained()
    net.save_model(tmp_path / "A.SafeTensors")
    assert same(load(tmp_path / "A.SafeTensors"), net)


@pytest.mark.parametrize("path", [None, 3, True, ["a.safetensors"]])
def test_a_path_that_is_none_is_a_type_error(path):
    for action in (load, trained().save_model, trained().load_model, saving.read_header):
        with pytest.raises(TypeError, match="path must be the name of a file"):
            action(path)


@pytest.mark.parametrize("path", ["a\0.safetensors", ""])
def test_a_path_that_no_file_can_have_is_refused_in_words(path):
    for action in (load, trained().save_model, saving.check_path):
        with pytest.raises(ModelFileError, match=r"NUL|empty"):
            action(path)


def test_errors_of_the_system_stay_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file of this name"):
        load(tmp_path / "a.safetensors")
    missing = tmp_path / "runs" / "a.safetensors"
    for action in (load, trained().save_model, saving.check_path):
        with pytest.raises(FileNotFoundError, match="create it first") as caught:
            action(missing)
        assert caught.value.filename == str(missing)
    (tmp_path / "b.safetensors").mkdir()
    for action in (load, trained().save_model, saving.check_path):
        with pytest.raises(OSError, match=r"folder|rights"):
            action(tmp_path / "b.safetensors")


def test_a_path_can_be_checked_before_training_and_nothing_is_touched(tmp_path):
    path = tmp_path / "a.safetensors"
    assert saving.check_path(path) == str(path)
    assert saving.check_path(Path("a.safetensors")) == "a.safetensors"
    assert os.listdir(tmp_path) == []


def test_the_checksum_is_checked_on_request(place):
    trained().save_model(place)
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    assert load(place, sha256=digest.upper()).layers == (3, 4, 2)
    with pytest.raises(ModelFileError, match="SHA-256"):
        load(place, sha256="0" * 64)
    for wrong in (3, "0", b"0" * 64, "g" * 64, digest + "\n"):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            load(place, sha256=wrong)


def test_the_largest_size_can_be_set(place):
    trained().save_model(place)
    size = place.stat().st_size
    assert load(place, max_bytes=size).layers == (3, 4, 2)
    with pytest.raises(ModelFileError, match=f"{size} bytes, allowed are {size - 1}"):
        load(place, max_bytes=size - 1)
    with pytest.raises(TypeError, match="max_bytes"):
        load(place, max_bytes="all")


def test_a_lack_of_memory_is_told_as_a_model_file_error(place, monkeypatch):
    trained().save_model(place)

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(saving.safetensors, "decode", fail)
    with pytest.raises(ModelFileError, match="more memory than there is"):
        load(place)

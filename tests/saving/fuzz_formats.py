"""Damaged files, many of them: `python tests/saving/fuzz_formats.py --files 200000` (`make fuzz`).

Each file is a sound one with random damage, see mutations.py, and is loaded: a network or a
ModelFileError must come of it. Anything else is written to out/fuzz and ends the run with an error;
so does a file for which memory is asked beyond a limit, and one that takes a minute. With --every
each hostile file is read too, and a checkpoint with every bit flipped and cut at every byte. A new
format is taken from FORMATS; to damage another kind of file, add it in `targets`.
"""

import argparse
import faulthandler
import pickle
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import hostile_builders
import hostile_fleets
import npz_builders
import numpy as np
from fleets_to_save import trained_fleet
from hostile_files import HOSTILE
from mutations import mutated
from networks_to_save import trained

from glassnet import Fleet, ModelFileError, Network, load
from glassnet.callbacks.checkpoint import newest_first
from glassnet.saving import FORMATS, KEY, checkpoints
from glassnet.saving.base import RefusedError
from glassnet.saving.header import describe
from glassnet.saving.plan import arrays_of
from glassnet.saving.snapshot import Snapshot

SECONDS = 1.0
"""CPU time that any one file may take."""

MEMORY = 2 * 2**30
"""Bytes of address space beyond what the process has at its start."""

OUT = Path("out/fuzz")


class Target(NamedTuple):
    """A kind of file: sound ones, how they are read, and what may come of them."""

    seeds: list[bytes]
    read: Callable[[Path], object]
    outcomes: tuple[type, ...]


def contents() -> list[tuple[dict[str, str], dict[str, np.ndarray]]]:
    """Texts and arrays of some networks and a fleet."""
    kinds = [trained(), trained_fleet(), Network([2, 1], seed=1, bias=False, dtype="float32")]
    return [({KEY: describe(kind, "0.1.0")}, arrays_of(kind)) for kind in kinds]


def made_elsewhere(suffix: str, folder: Path) -> list[bytes]:
    """Files that others wrote, or a hand."""
    path = folder / "elsewhere"
    if suffix == ".safetensors":
        return [hostile_builders.good(), hostile_fleets.good_fleet()]
    if suffix == ".pkl":
        plain = [{**texts, **arrays} for texts, arrays in contents()[::2]]
        return [pickle.dumps(each, protocol) for each in plain for protocol in range(6)]
    made = [npz_builders.good(), npz_builders.deflated()] if suffix == ".npz" else []
    for save in (np.savez, np.savez_compressed) if suffix == ".npz" else ():
        for texts, arrays in contents():
            raw = {
                f"{name}.json": np.frombuffer(text.encode(), "u1") for name, text in texts.items()
            }
            with path.open("wb") as file:
                save(file, **raw, **arrays)
            made.append(path.read_bytes())
    return made


def checkpoint_files(folder: Path) -> list[bytes]:
    """A made one, and one of a training of some 4,000 bytes, with callbacks that remember."""
    path = folder / "seed"
    plain = {"records": [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": float("nan")}]}
    arrays = {"parameters": np.arange(9.0), "momentum": np.zeros((2, 3), np.float32)}
    found = Snapshot({**plain, "times": [0.5, 1.5], "epoch": 2}, arrays)
    found.plain["callbacks"] = {"0 Own": {1: (np.float32(2), [None])}, "1 Log": {"a": np.zeros(2)}}
    checkpoints.write(str(path), found, {"optimizer": {"name": "adam"}, "rows": 5})
    X, y = np.arange(30.0).reshape(10, 3), np.arange(10) % 2
    net = Network([3, 14, 1], seed=0)
    net.fit(X, y, epochs=2, early_stopping=5, resume=folder / "run")
    (newest, *_) = newest_first(str(folder / "run"))
    return [path.read_bytes(), Path(newest).read_bytes()]


def targets(folder: Path) -> dict[str, Target]:
    """Every format, and checkpoints."""
    known = {}
    for suffix, form in FORMATS.items():
        seeds = [b"".join(form.encode(texts, arrays)) for texts, arrays in contents()]
        seeds += made_elsewhere(suffix, folder)
        known[suffix] = Target(seeds, load, (Network, Fleet))
    seeds = checkpoint_files(folder)
    known["checkpoint"] = Target(seeds, lambda path: checkpoints.read(str(path)), (tuple,))
    return known


def outcome(target: Target, path: Path, data: bytes) -> str:
    """What came of a file, in a word; an error where it may not come."""
    path.write_bytes(data)
    try:
        made = target.read(path)
    except ModelFileError as error:
        if error.reason.startswith("it needs more memory"):
            raise MemoryError(error.reason) from error
        if error.path != str(path) or not str(error).isprintable():
            raise AssertionError(f"an error that does not say what it should: {error}") from error
        return "refused"
    if not isinstance(made, target.outcomes):
        raise AssertionError(f"{type(made).__name__} came of it")
    return "loaded"


def fuzz(kind: str, target: Target, seed: str, numbers: range, folder: Path) -> int:
    """Reads the files of these numbers, tells of them; how many other outcomes there were."""
    path = folder / f"a{kind}"
    for sound in target.seeds:
        if outcome(target, path, sound) != "loaded":
            raise AssertionError(f"a seed of {kind} is not sound")
    counts: Counter[str] = Counter()
    slowest, begin = (0.0, 0), time.perf_counter()
    for number in numbers:
        if number % 256 == 0:
            faulthandler.dump_traceback_later(60, exit=True, file=sys.__stderr__)
        rng = random.Random(f"{seed} {kind} {number}")
        data = mutated(rng, kind, rng.choice(target.seeds))
        start = time.perf_counter()
        try:
            counts[outcome(target, path, data)] += 1
        except Exception:
            counts["OTHER"] += 1
            report(kind, seed, number, data)
        slowest = max(slowest, (time.perf_counter() - start, number))
        if counts["OTHER"] == 10:
            break
    faulthandler.cancel_dump_traceback_later()
    seconds, total = time.perf_counter() - begin, counts.total()
    words = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    print(
        f"{kind}: seed {seed}, {total} files: {words}; {total / seconds:.0f} a second, "
        f"the slowest {slowest[0] * 1000:.0f} ms (number {slowest[1]})",
        flush=True,
    )
    return counts["OTHER"]


def read_hostile(kind: str, folder: Path) -> int:
    """Reads each hostile file of a kind; how many gave no error, or took more time than SECONDS."""
    path, spent, wrong = folder / f"a{kind}", {}, 0
    target = Target([], load, ())
    for case, data in HOSTILE[kind].items():
        begin = time.process_time()
        try:
            outcome(target, path, data)
        except Exception:
            wrong += 1
            print(f"{kind}: hostile file {case!r}: another outcome", file=sys.stderr)
            traceback.print_exc(limit=-6)
        spent[case] = time.process_time() - begin
    slow = [case for case, seconds in spent.items() if seconds > SECONDS]
    for case in slow:
        print(f"{kind}: hostile file {case!r}: {spent[case]:.1f} s of CPU time", file=sys.stderr)
    slowest = max(spent, key=lambda case: spent[case])
    print(
        f"{kind}: {len(spent)} hostile files, the slowest {spent[slowest] * 1000:.0f} ms of CPU "
        f"time ({slowest})",
        flush=True,
    )
    return wrong + len(slow)


def refuse_all_damage(data: bytes) -> int:
    """Flips every bit of a checkpoint and cuts it at every byte; how many were not refused."""
    flipped = (flip(data, place) for place in range(8 * len(data)))
    cut = (data[:end] for end in range(len(data)))
    begin, slowest, wrong, count = time.process_time(), 0.0, 0, 0
    for damaged in chain(flipped, cut):
        start, count = time.process_time(), count + 1
        try:
            checkpoints.decoded(bytearray(damaged))
            wrong += 1
            report("checkpoint", "damage", count, damaged)
        except RefusedError:
            slowest = max(slowest, time.process_time() - start)
    print(
        f"checkpoint: {len(data)} bytes, every bit flipped, cut at every byte: {count - wrong} of "
        f"{count} refused in {time.process_time() - begin:.0f} s, the slowest {slowest * 1000:.0f} "
        "ms of CPU time",
        flush=True,
    )
    return wrong + (slowest > SECONDS)


def flip(data: bytes, place: int) -> bytes:
    """The bytes with one bit changed."""
    damaged = bytearray(data)
    damaged[place // 8] ^= 1 << place % 8
    return bytes(damaged)


def report(kind: str, seed: str, number: int, data: bytes) -> None:
    """Keeps the file, and says how to make it again."""
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{kind.strip('.')}-{seed}-{number}"
    path.write_bytes(data)
    again = f"--seed {seed} --first {number} --files 1 {kind}"
    print(f"{kind}: another outcome, kept in {path}, again with {again}", file=sys.stderr)
    traceback.print_exc(limit=-6)


def limit_memory() -> None:
    """Makes every excess of memory a MemoryError, where the system can."""
    try:
        import resource
    except ImportError:
        return
    status = Path("/proc/self/statm")
    if status.exists():
        used = int(status.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    kinds = [*FORMATS, "checkpoint"]
    parser.add_argument("kinds", nargs="*", default=[], metavar="kind", help=", ".join(kinds))
    parser.add_argument("--files", type=int, default=200_000, help="of each kind")
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    parser.add_argument(
        "--every", action="store_true", help="every hostile file and flipped bit, each in a second"
    )
    options = parser.parse_args(arguments)
    unknown = [kind for kind in options.kinds if kind not in kinds]
    if unknown:
        parser.error(f"unknown kind {unknown[0]!r}; known are {', '.join(kinds)}")
    warnings.simplefilter("error")
    numbers = range(options.first, options.first + options.files)
    with tempfile.TemporaryDirectory() as name:
        known = targets(Path(name))
        chosen = {kind: known[kind] for kind in options.kinds or kinds}
        wrong = 0
        if options.every:
            wrong = sum(read_hostile(kind, Path(name)) for kind in chosen if kind in HOSTILE)
        if options.every and "checkpoint" in chosen:
            wrong += refuse_all_damage(checkpoint_files(Path(name))[-1])
        return wrong + sum(
            fuzz(kind, target, options.seed, numbers, Path(name)) for kind, target in chosen.items()
        )


if __name__ == "__main__":
    limit_memory()
    sys.exit(1 if main() else 0)

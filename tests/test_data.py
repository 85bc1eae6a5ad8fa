"""Claims about lessons_lib.data, with faults made by a server on this machine."""

import errno
import gzip
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import tarfile
import time
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
import torch
from fault_server import FaultServer, closed_port

from lessons_lib import data, download, embedded

ROOT = Path(__file__).resolve().parents[1]
TABLE = dict(data._TABLE)
ALL = ("mnist", "fashion_mnist", "cifar10", "shakespeare", "names", "reviews")
KINDS = ("blobs", "circles", "xor", "moons", "spirals")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Give each test an empty cache, a short patience, and no memory of faults."""
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("LESSONS_OFFLINE", raising=False)
    monkeypatch.setattr(download, "TIMEOUT_S", 0.4)
    monkeypatch.setattr(download, "MIN_RATE", 10_000)
    monkeypatch.setattr(download, "_quiet_until", 0.0)
    for name in ALL:  # nothing but this machine is ever asked
        nowhere = TABLE[name]._replace(mirrors=(closed_port() + "/",))
        monkeypatch.setitem(data._TABLE, name, nowhere)
    return tmp_path / "cache"


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("LESSONS_OFFLINE", "1")


@pytest.fixture
def server():
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def publish(server, monkeypatch):
    """Return a function that serves a small dataset in the format of the real one."""

    def publish(name, fault="", first=None):
        row, contents = TABLE[name], small(name)
        for file_name, content in zip(row.file_names, contents, strict=True):
            server.files[f"/{name}/{file_name}"] = (fault, content)
        monkeypatch.setitem(data._TABLE, name, row._replace(
            mirrors=tuple(f"{at}/{name}/" for at in (first, server.address) if at),
            files={hashlib.sha256(part).hexdigest(): len(part) for part in contents}))

    return publish


def idx(array):
    head = struct.pack(f">BBBB{array.ndim}i", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.tobytes())


def archive(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"folder/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def arrays(name):
    """Return the arrays behind the small dataset of this name, images NCHW."""
    shape = (3, 32, 32) if name == "cifar10" else (1, 28, 28)
    rng = np.random.default_rng(len(name))
    return [part for n in (10, 2) for part in (
        rng.integers(0, 256, (n, *shape), np.uint8), rng.integers(0, 10, n, np.uint8))]


def small(name):
    """Return the files of a dataset of a few entries in its publisher's format."""
    if name == "shakespeare":
        return [b"First Citizen:\nSpeak \xe2\x80\x93 speak.\n" * 20]
    if name == "names":
        return [b"emma\nolivia\nava"]
    if name == "reviews":  # \x85 is no line's end in them
        return [archive({"rt-polarity.pos": b"caf\xe9 scenes \x85 fine \nvery good\n",
                         "rt-polarity.neg": b"dull\nbad , bad\n"})]
    if name != "cifar10":
        return [idx(part.squeeze()) for part in arrays(name)]
    train, train_labels, test, test_labels = arrays(name)
    records = [bytes([label]) + image.tobytes() for image, label in
               zip([*train, *test], [*train_labels, *test_labels], strict=True)]
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    return [archive({part: b"".join(records[2 * i : 2 * i + 2])
                     for i, part in enumerate(names)})]


def same(a, b):
    return type(a) is type(b) and all(
        torch.equal(value, getattr(b, key)) if torch.is_tensor(value)
        else value == getattr(b, key) for key, value in vars(a).items())


def left_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("name", ALL)
def test_a_download_gives_what_was_published_and_the_cache_the_same_again(
        name, publish, server, cache, capsys):
    publish(name)
    got = data.load(name)
    assert capsys.readouterr().out.startswith("Downloading ")
    if name == "reviews":
        assert set(zip(got.texts, got.labels.tolist(), strict=True)) == {
            ("café scenes fine", 1), ("very good", 1), ("dull", 0), ("bad , bad", 0)}
    elif TABLE[name].suffix == "txt":
        assert got.text.encode() == small(name)[0]
    else:
        for key, array in zip(data._ARRAYS, arrays(name), strict=True):
            assert np.array_equal(getattr(got, key), array)
        assert got.train_images.dtype == torch.uint8
        assert got.train_labels.dtype == torch.int64
        with np.load(cache / f"{name}.npz", allow_pickle=False) as npz:
            size = npz["train_images"].shape[1:3]
        assert size == got.train_images.shape[2:]
    num_hits = len(server.hits)
    assert same(got, data.load(name))
    assert len(server.hits) == num_hits
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert left_in(cache) == [f"{name}.{TABLE[name].suffix}"]


@pytest.mark.parametrize(("fault", "message"), [
    ("hang", "timed out"), ("drip", "too slow"), ("drip header", "too slow"),
    ("truncated", "broke off after|IncompleteRead"), ("short", "broke off after"),
    ("404", "404"), ("wrong", "wrong content"), ("long", "wrong content")])
def test_a_fault_leaves_no_file_says_the_remedy_and_can_be_repaired(
        fault, message, publish, cache, capsys):
    publish("shakespeare", fault)
    start = time.monotonic()
    got = data.load("shakespeare")
    assert time.monotonic() - start < 5
    trouble = capsys.readouterr().out.splitlines()[1]
    assert re.search(message, trouble)
    assert "127.0.0.1" in trouble
    assert "Remedy: check the network" in trouble
    assert got.name == "documentation of Python"
    assert "in place of tiny Shakespeare" in got.source
    assert left_in(cache) == []
    publish("shakespeare")  # repaired; but after no answer there is a pause
    no_answer = message in ("timed out", "too slow")
    assert (data.load("shakespeare").name == "tiny Shakespeare") != no_answer


@pytest.mark.parametrize(("look_up", "message"), [
    (None, "refused"), (lambda *_, **__: fail_with(errno.ENETUNREACH), "unreachable"),
    (lambda *_, **__: time.sleep(9), "too slow")])
def test_without_a_network_the_stand_in_comes_soon_and_no_host_is_asked_again(
        look_up, message, cache, publish, server, capsys, monkeypatch):
    monkeypatch.setattr(download, "MIN_RATE", 1e7)
    start = time.monotonic()
    with monkeypatch.context() as patch:
        if look_up:
            patch.setattr("socket.getaddrinfo", look_up)
        assert data.load("names").name == "names of colours"
    assert time.monotonic() - start < 5
    assert re.search(f"{message}.*Remedy: check the network", capsys.readouterr().out)
    publish("shakespeare")
    assert "in place of" in data.load("shakespeare").source
    assert server.hits == left_in(cache) == []
    assert "no connection a moment ago. Remedy" in capsys.readouterr().out
    later = time.monotonic() + download.PAUSE_S
    monkeypatch.setattr(download.time, "monotonic", lambda: later)
    assert data.load("shakespeare").name == "tiny Shakespeare"


@pytest.mark.parametrize("fault", ["refused", "404"])
def test_the_second_mirror_helps_when_the_first_fails(fault, publish, server, capsys):
    first = closed_port() if fault == "refused" else server.address + "/nothing"
    publish("mnist", first=first)
    assert data.load("mnist").name == "MNIST"
    assert "Remedy" not in capsys.readouterr().out


def test_offline_asks_no_host_and_reports_no_trouble(
        publish, server, offline, monkeypatch, capsys):
    publish("names")
    assert data.load("names").name == "names of colours"
    assert server.hits == []
    assert len(capsys.readouterr().out.splitlines()) == 1
    monkeypatch.setenv("LESSONS_OFFLINE", "0")
    assert data.load("names").name == "first names"


def test_the_table_names_two_mirrors_and_a_checksum_for_each_file():
    assert set(TABLE) == {*ALL, "digits"}
    for row in (TABLE[name] for name in ALL):
        assert len(row.files) == len(row.file_names)
        assert all(len(bytes.fromhex(key)) == 32 for key in row.files)
        assert all(mirror.startswith("https://") for mirror in row.mirrors)
        assert len({mirror.split("/")[2] for mirror in row.mirrors}) == 2


def fail_with(number, path=None, content=None):
    if content:  # half of it comes onto the disk
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
    raise OSError(number, os.strerror(number)) if number else KeyboardInterrupt


@pytest.mark.parametrize(("method", "number", "message"), [
    ("write_bytes", errno.ENOSPC, "No space left on device"),
    ("mkdir", errno.EROFS, "Read-only file system"),
    ("write_bytes", errno.EACCES, "Permission denied")])
def test_where_nothing_can_be_kept_the_data_are_loaded_and_nothing_is_left(
        method, number, message, publish, cache, monkeypatch, capsys):
    publish("mnist")
    monkeypatch.setattr(Path, method, lambda path, content=None, **kwargs:
                        fail_with(number, path, content))
    assert data.load("mnist").name == "MNIST"
    assert left_in(cache) == []
    said = capsys.readouterr().out
    assert f"MNIST is loaded, but could not be kept in {cache} ({message})." in said
    assert re.search(r"Remedy: free 0\.\d MB there, or set LESSONS_DATA", said)


def test_an_interrupted_write_keeps_the_old_file(tmp_path, monkeypatch):
    download.write_atomically(tmp_path / "file", b"old")
    monkeypatch.setattr(Path, "write_bytes", lambda *args: fail_with(None, *args))
    with pytest.raises(KeyboardInterrupt):
        download.write_atomically(tmp_path / "file", b"new content")
    assert left_in(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_two_processes_that_write_one_file_never_show_it_in_part(tmp_path):
    path = tmp_path / "file"
    code = ("import sys, pathlib; from lessons_lib.download import write_atomically\n"
            "path, letter = pathlib.Path(sys.argv[1]), sys.argv[2]\n"
            "for _ in range(100): write_atomically(path, letter.encode() * 10**6)\n")
    both = [subprocess.Popen([sys.executable, "-c", code, path, letter], cwd=ROOT)
            for letter in "ab"]
    seen = set()
    while any(process.poll() is None for process in both):
        if path.exists():
            seen.add(path.read_bytes())
    assert [process.returncode for process in both] == [0, 0]
    assert seen <= {b"a" * 10**6, b"b" * 10**6}
    assert left_in(tmp_path) == ["file"]


class Trap:
    def __reduce__(self):
        return pytest.fail, ("a pickle from the cache was executed",)


def stored(**changes):
    """Return the bytes of an .npz cache with these entries changed or left out."""
    meta = {"name": "M", "classes": list("0123456789"), "source": "s", "licence": "l"}
    parts = [part.squeeze() for part in arrays("mnist")]
    entries = dict(zip(data._ARRAYS, parts, strict=True))
    entries = entries | {"meta": json.dumps(meta)} | changes
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{k: v for k, v in entries.items() if v is not None})
    return buffer.getvalue()


DAMAGED = {
    "empty": ("mnist", b""),
    "half": ("mnist", stored()[: len(stored()) // 2]),
    "no zip": ("mnist", b"<html>Log in to the network of this hotel</html>"),
    "pickle": ("mnist", stored(train_images=np.array([Trap()], dtype=object))),
    "floats": ("mnist", stored(train_images=np.zeros((10, 28, 28)))),
    "flat": ("mnist", stored(test_images=np.zeros((2, 784), np.uint8))),
    "label missing": ("mnist", stored(train_labels=np.zeros(9, np.uint8))),
    "label too large": ("mnist", stored(test_labels=np.array([0, 10], np.uint8))),
    "label negative": ("mnist", stored(test_labels=np.array([0, -1], np.int8))),
    "label no integer": ("mnist", stored(test_labels=np.array([0.0, 1.5]))),
    "key missing": ("mnist", stored(test_labels=None)),
    "meta no JSON": ("mnist", stored(meta="MNIST")),
    "text cut": ("names", b"emma\noliv"),
    "table cut": ("reviews", b"label\ttext\n1\tgood\n0\tba"),
    "table of nothing": ("reviews", b"label\ttext\n"),
    "table with label 2": ("reviews", b"label\ttext\n2\tgood\n"),
    "table without tabs": ("reviews", b"label\ttext\n1 good\n"),
    "table without header": ("reviews", b"1\tgood\n0\tbad\n"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_reported_never_used_and_replaced_by_a_download(
        damage, offline, publish, cache, capsys, monkeypatch):
    name, content = DAMAGED[damage]
    path = cache / f"{name}.{TABLE[name].suffix}"
    cache.mkdir()
    path.write_bytes(content)
    assert "in place of" in data.load(name).source
    said = capsys.readouterr().out
    assert f"{path} cannot be used (" in said
    assert "Remedy: a download replaces it; without a network delete it" in said
    assert path.read_bytes() == content
    monkeypatch.delenv("LESSONS_OFFLINE")
    publish(name)
    assert "in place of" not in data.load(name).source
    capsys.readouterr()
    data.load(name)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_subset_in_the_cache_is_named_so(cache):
    cache.mkdir()
    (cache / "reviews.tsv").write_text("label\ttext\n1\tgood\n0\tbad\ttab\n")
    got = data.load("reviews")
    assert (got.texts, got.labels.tolist()) == (["good", "bad\ttab"], [1, 0])
    assert "subset" in got.name


def test_without_lessons_data_the_cache_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.delenv("LESSONS_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert data._path("mnist") == tmp_path / "from-neuron-to-diffusion" / "mnist.npz"


@pytest.mark.parametrize(("name", "shape", "sizes"), [
    ("mnist", (1, 28, 28), (1437, 360)), ("digits", (1, 8, 8), (1437, 360)),
    ("fashion_mnist", (1, 28, 28), (4000, 1000)),
    ("cifar10", (3, 32, 32), (4000, 1000))])
def test_image_stand_ins_have_the_shape_of_the_real_ones_and_are_repeatable(
        name, shape, sizes, offline, cache):
    got = data.load(name)
    start = time.process_time()
    assert same(got, data.load(name))
    assert time.process_time() - start < 2
    for images, labels, size in ((got.train_images, got.train_labels, sizes[0]),
                                 (got.test_images, got.test_labels, sizes[1])):
        assert images.shape == (size, *shape)
        assert (images.dtype, labels.dtype) == (torch.uint8, torch.int64)
        counts = labels.bincount(minlength=10)
        assert len(counts) == len(got.classes) == 10
        assert counts.max() - counts.min() <= 0.06 * size / 10 + 1
    assert left_in(cache) == []


def test_digits_are_those_of_scikit_learn_scaled_to_255(offline):
    from sklearn.datasets import load_digits

    got, large = data.load("digits"), data.load("mnist")
    images = torch.cat([got.train_images, got.test_images]).flatten(1)
    labels = torch.cat([got.train_labels, got.test_labels])
    values, expected = load_digits(return_X_y=True)
    values = np.rint(values * 255 / 16).astype(int)
    assert sorted(zip(images.tolist(), labels.tolist(), strict=True)) == sorted(
        zip(values.tolist(), expected.tolist(), strict=True))
    assert torch.equal(large.train_labels, got.train_labels)
    means = large.test_images.float().mean(dim=(1, 2, 3))
    expected = got.test_images.float().mean(dim=(1, 2, 3))
    torch.testing.assert_close(means, expected, rtol=0.1, atol=0)


def test_the_drawn_shapes_cover_the_area_that_geometry_says():
    *_, classes, images, labels, _, _ = embedded.shapes()
    assert classes == tuple(embedded._SHAPES)
    for label, (num_tips, between, hole) in enumerate(embedded._SHAPES.values()):
        picture = images[labels == label].astype(float)
        low, high = np.percentile(picture, [5, 99.5], axis=(1, 2), keepdims=True)
        share = (picture > (low + high) / 2).mean()
        area = num_tips * between * np.sin(np.pi / num_tips) * (1 - hole**2)
        radius_squared = 0.335**2 + 0.23**2 / 12  # mean of those from 0.22 to 0.45
        assert share == pytest.approx(area * radius_squared, rel=0.25)


def test_text_stand_ins_are_plain_text_and_repeatable(offline):
    text, names = data.load("shakespeare"), data.load("names")
    assert len(text.text) >= 300_000
    assert set(text.text) - set(map(chr, range(32, 127))) == {"\n"}
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]};" in text.source
    assert 900 < len(set(names.lines)) == len(names.lines) < 1000
    assert same(text, data.load("shakespeare"))
    assert same(names, data.load("names"))


def test_sentences_are_balanced_different_and_judged_with_their_denials(offline):
    got = data.load("reviews")
    assert same(got, data.load("reviews"))
    assert len(got.texts) == len(set(got.texts)) == 2000
    assert got.labels.sum() == 1000
    for text, label in zip(got.texts, got.labels.tolist(), strict=True):
        words = set(text.split())
        good = bool(words & set(embedded._WORDS[1]))
        assert good != bool(words & set(embedded._WORDS[0]))
        assert label == (good != bool(words & {"not", "never", "hardly"})), text


@pytest.mark.parametrize("name", ["digits", "names", "reviews"])
def test_load_prints_one_line_and_its_result_cannot_be_changed(name, offline, capsys):
    got = data.load(name)
    assert capsys.readouterr().out == (
        f"{got!r}. Source: {got.source}. Licence: {got.licence}.\n")
    assert repr(got).startswith(f"{got.name}: ")
    assert len(repr(got)) < 120
    data.load(name, verbose=False)
    assert capsys.readouterr().out == ""
    with pytest.raises(FrozenInstanceError):
        got.name = "MNIST"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num_points", [2, 401])
def test_points_are_balanced_bounded_and_repeatable(kind, num_points):
    inputs, labels = data.make_points(kind, num_points, noise=0.0, seed=3)
    assert inputs.shape == (num_points, 2)
    assert (inputs.dtype, labels.dtype) == (torch.float32, torch.int64)
    assert labels.bincount().tolist() == [num_points - num_points // 2, num_points // 2]
    assert inputs.abs().max() <= 1
    again = data.make_points(kind, num_points, noise=0.0, seed=3)
    assert torch.equal(inputs, again[0])
    assert torch.equal(labels, again[1])


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_the_standard_deviation_and_order_and_noise_come_from_the_seed(kind):
    clean, labels = data.make_points(kind, 4000, noise=0.0)
    noisy, same_labels = data.make_points(kind, 4000, noise=0.2)
    assert torch.equal(labels, same_labels)
    assert abs(labels[:2000].float().mean() - 0.5) < 0.1
    assert (noisy - clean).std().item() == pytest.approx(0.2, rel=0.05)
    assert not torch.equal(noisy, data.make_points(kind, 4000, noise=0.2, seed=1)[0])


def test_points_lie_where_the_documentation_says():
    from sklearn.datasets import make_moons

    inputs, labels = data.make_points("moons", 100, noise=0.0)
    points, classes = make_moons(100, noise=None, shuffle=False)
    ours = torch.column_stack([inputs * 1.5 + torch.tensor([0.5, 0.25]), labels])
    theirs = sorted(np.column_stack([points, classes]).tolist())
    np.testing.assert_allclose(sorted(ours.tolist()), theirs, atol=1e-6)
    inputs, labels = data.make_points("circles", noise=0.0)
    radius = torch.where(labels == 0, 1.0, 0.5)
    torch.testing.assert_close(inputs.norm(dim=1), radius)
    inputs, labels = data.make_points("xor", noise=0.0)
    assert torch.equal(labels, (inputs.prod(dim=1) < 0).long())
    assert inputs.abs().min() > 0.09
    quadrants = (inputs > 0).long() @ torch.tensor([1, 2])
    assert quadrants.bincount().tolist() == [100] * 4
    inputs, labels = data.make_points("blobs", noise=0.0)
    assert torch.equal(inputs, (labels[:, None] - 0.5).expand(-1, 2))
    inputs, labels = data.make_points("spirals", noise=0.0)
    one, other = inputs[labels == 0], inputs[labels == 1]
    expected = sorted((-other).tolist())
    np.testing.assert_allclose(sorted(one.tolist()), expected, atol=1e-6)
    outermost = one[one.norm(dim=1).argmax()]  # after 1.5 turns
    torch.testing.assert_close(outermost, torch.tensor([-1.0, 0.0]))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: data.load("emni"), "mnist, fashion_mnist, .*digits; got 'emni'"),
    (lambda: data.make_points("rings"), "blobs, circles, xor, .*; got 'rings'"),
    (lambda: data.make_points("xor", 1), "at least 2 and .*, got 1 and 0.1"),
    (lambda: data.make_points("xor", noise=-0.1), "0 or more, got 400 and -0.1"),
    (lambda: data.make_points("xor", noise=np.nan), "0 or more, got 400 and nan")])
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

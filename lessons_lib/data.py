"""Every dataset of the book by name: from the cache, a download, or made here.

`load("mnist")` looks into the cache folder (`$LESSONS_DATA`, else the user's own),
then downloads, then falls back to data that need no network, and says which it was.
`LESSONS_OFFLINE=1` leaves the download out.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from lessons_lib import embedded
from lessons_lib.download import fetch, write_atomically
from lessons_lib.embedded import make_points

__all__ = ["ImageData", "ReviewData", "TextData", "load", "make_points"]


@dataclass(frozen=True, repr=False, eq=False)
class _Dataset:
    name: str  # "subset" is part of it where it is one
    source: str  # where the data really came from
    licence: str

    def __repr__(self) -> str:
        """Return name and sizes, not the content."""
        sizes = [f"{key} {len(value):,}" for key, value in vars(self).items()]
        return f"{self.name}: {', '.join(sizes[3:])}"


@dataclass(frozen=True, repr=False, eq=False)
class ImageData(_Dataset):
    """Images with labels: uint8 (N, C, H, W) in 0..255 and int64 (N,)."""

    classes: tuple[str, ...]
    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor


@dataclass(frozen=True, repr=False, eq=False)
class TextData(_Dataset):
    """One long text."""

    text: str

    @property
    def lines(self) -> list[str]:
        """The text's lines, without their line breaks."""
        return self.text.splitlines()


@dataclass(frozen=True, repr=False, eq=False)
class ReviewData(_Dataset):
    """Sentences with labels: 1 positive, 0 negative, int64 (N,)."""

    texts: list[str]
    labels: torch.Tensor


class _Row(NamedTuple):
    about: tuple[str, str, str]  # name, source, licence
    suffix: str  # format of the cache: npz, txt, tsv
    stand_in: Callable[[], tuple]  # name, source, licence and content of other data
    mirrors: tuple[str, ...] = ()  # addresses; a file's name completes them
    files: dict[str, int] = {}  # SHA-256: size in bytes
    file_names: tuple[str, ...] = ("",)
    classes: str = ""


_GITHUB, _CDN = "https://raw.githubusercontent.com/", "https://cdn.jsdelivr.net/gh/"
_GOOGLE = "https://storage.googleapis.com/"
_IDX = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
# Sizes and SHA-256: tensorflow/datasets url_checksums (mnist, fashion_mnist, cifar10,
# tiny_shakespeare); huggingface/datasets dataset_infos.json (rotten_tomatoes);
# names.txt: computed on the file of makemore, which has no final line break.
_TABLE = {
    "mnist": _Row(
        ("MNIST", "Y. LeCun, C. Cortes, C. Burges; all 70,000 images", "CC BY-SA 3.0"),
        "npz", lambda: embedded.digits("digits enlarged to 28x28", 28),
        ("https://ossci-datasets.s3.amazonaws.com/mnist/",
         _GOOGLE + "cvdf-datasets/mnist/"),
        {"440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609": 9912422,
         "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c": 28881,
         "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6": 1648877,
         "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6": 4542},
        _IDX, "0,1,2,3,4,5,6,7,8,9"),
    "fashion_mnist": _Row(
        ("Fashion-MNIST", "H. Xiao, K. Rasul, R. Vollgraf 2017; 70,000 images", "MIT"),
        "npz", embedded.shapes,
        (_GITHUB + "zalandoresearch/fashion-mnist/master/data/fashion/",
         _GOOGLE + "tensorflow/tf-keras-datasets/"),
        {"3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84": 26421880,
         "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845": 29515,
         "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073": 4422102,
         "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5": 5148},
        _IDX, "T-shirt/top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,"
              "ankle boot"),
    "cifar10": _Row(
        ("CIFAR-10", "A. Krizhevsky 2009; all 60,000 images", "free for research"),
        "npz", lambda: embedded.shapes(size=32, channels=3),
        ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
         _GOOGLE + "s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz"),
        {"c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd": 170052171},
        classes="airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck"),
    "shakespeare": _Row(
        ("tiny Shakespeare", "W. Shakespeare; A. Karpathy's char-rnn", "public domain"),
        "txt", embedded.python_documentation,
        (_GITHUB + "karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
         _CDN + "karpathy/char-rnn@master/data/tinyshakespeare/input.txt"),
        {"86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed": 1115394}),
    "names": _Row(
        ("first names", "US social security; A. Karpathy's makemore", "MIT (the list)"),
        "txt", embedded.colour_names,
        (_GITHUB + "karpathy/makemore/master/names.txt",
         _CDN + "karpathy/makemore@master/names.txt"),
        {"0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d": 228145}),
    "reviews": _Row(
        ("movie reviews", "B. Pang, L. Lee 2005; sentence polarity", "for research"),
        "tsv", embedded.sentences,
        (_GOOGLE + "seldon-datasets/sentence_polarity_v1/",
         "https://www.cs.cornell.edu/people/pabo/movie-review-data/"),
        {"a05befe52aafda71d458d188a1c54506a998b1308613ba76bbda2e5029409ce9": 487770},
        ("rt-polaritydata.tar.gz",)),
    "digits": _Row(("digits", "", ""), "npz", embedded.digits),
}
_ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


def load(name: str, *, verbose: bool = True) -> ImageData | TextData | ReviewData:
    """Return a dataset and print one line that says what it is and where it is from.

    Args:
        name: "mnist", "fashion_mnist", "cifar10", "digits" (`ImageData`),
            "shakespeare", "names" (`TextData`), "reviews" (`ReviewData`).
        verbose: Print that line. Downloads and trouble are told in any case.

    Returns:
        The data. `source` says where they really came from: without a cache and
        without a network other data stand in, and `name` is theirs.

    Raises:
        ValueError: The name is unknown.
    """
    if name not in _TABLE:
        raise ValueError(f"name must be one of {', '.join(_TABLE)}; got {name!r}")
    data = _from_cache(name) or _from_download(name) or _stand_in(name)
    if verbose:
        print(f"{data!r}. Source: {data.source}. Licence: {data.licence}.")
    return data


def _path(name: str) -> Path:
    user = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    folder = os.environ.get("LESSONS_DATA") or user / "from-neuron-to-diffusion"
    return Path(folder).expanduser() / f"{name}.{_TABLE[name].suffix}"


def _from_cache(name: str) -> _Dataset | None:
    path = _path(name)
    try:
        return _decode(name, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:  # it cannot be read, or is damaged in whatever way
        print(f"{path} cannot be used ({error}). Remedy: a download replaces it; "
              "without a network delete it, or set LESSONS_DATA to another folder.")
        return None


def _from_download(name: str) -> _Dataset | None:
    row, path = _TABLE[name], _path(name)
    title = row.about[0]
    if not row.files or os.environ.get("LESSONS_OFFLINE", "0") not in ("", "0"):
        return None
    print(f"Downloading {title}, {sum(row.files.values()) / 1e6:.1f} MB ...")
    try:
        content = _encode(name, fetch(row.mirrors, row.file_names, row.files))
    except ConnectionError as error:
        print(f"{title} could not be downloaded: {error}.")
        return None
    try:
        write_atomically(path, content)
    except OSError as error:
        print(f"{title} is loaded, but could not be kept in {path.parent} "
              f"({error.strerror}). Remedy: free {len(content) / 1e6:.1f} MB there, or "
              "set LESSONS_DATA to another folder that can be written to.")
    return _decode(name, content)


def _stand_in(name: str) -> _Dataset:
    row = _TABLE[name]
    title, source, licence, *content = row.stand_in()
    if row.files:
        source += f"; used in place of {row.about[0]}"
    make = {"npz": _images, "txt": TextData, "tsv": ReviewData}[row.suffix]
    return make(title, source, licence, *content)


def _encode(name: str, files: list[bytes]) -> bytes:
    """Return downloaded files in the format of the cache; `_decode` reads it."""
    row = _TABLE[name]
    if row.suffix == "txt":
        return files[0]
    if row.suffix == "tsv":
        parts = _unpack(files[0])
        # Split at \n only: Latin-1 has \x85, which splitlines takes for a line's end.
        lines = [f"{label}\t{' '.join(line.split())}\n"
                 for label, part in enumerate(("rt-polarity.neg", "rt-polarity.pos"))
                 for line in parts[part].decode("latin-1").strip().split("\n")]
        np.random.default_rng(0).shuffle(lines)
        return "".join(["label\ttext\n", *lines]).encode()
    if name == "cifar10":
        parts, arrays = _unpack(files[0]), []
        train = b"".join(parts[f"data_batch_{i}.bin"] for i in range(1, 6))
        for part in (train, parts["test_batch.bin"]):  # rows: label, 3 planes of 32x32
            rows = np.frombuffer(part, np.uint8).reshape(-1, 3073)
            images = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            arrays += [images, rows[:, 0]]
    else:
        arrays = [_idx(file) for file in files]
    meta = dict(zip(("name", "source", "licence"), row.about, strict=True))
    meta["classes"] = row.classes.split(",")
    file = io.BytesIO()
    np.savez_compressed(file, meta=json.dumps(meta),
                        **dict(zip(_ARRAYS, arrays, strict=True)))
    return file.getvalue()


def _unpack(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {Path(member.name).name: archive.extractfile(member).read()
                for member in archive if member.isfile()}


def _idx(content: bytes) -> np.ndarray:
    # MNIST's format: two zero bytes, type, number of axes, their sizes (big-endian).
    raw = gzip.decompress(content)
    shape = np.frombuffer(raw, ">i4", raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def _decode(name: str, content: bytes) -> _Dataset:
    """Read the format of the cache; raise where it is damaged."""
    row = _TABLE[name]
    title, source, licence = row.about
    if row.suffix == "npz":
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            meta = json.loads(str(stored["meta"]))
            return _images(meta["name"], meta["source"], meta["licence"],
                           tuple(meta["classes"]), *(stored[key] for key in _ARRAYS))
    if row.suffix == "txt":
        if hashlib.sha256(content).hexdigest() not in row.files:
            raise ValueError("its SHA-256 is not that of the original")
        return TextData(title, source, licence, content.decode())
    head, *lines, end = content.decode().split("\n")
    labels, texts = zip(*(line.split("\t", 1) for line in lines), strict=True)
    if (head, end) != ("label\ttext", "") or set(labels) - {"0", "1"}:
        raise ValueError("expected label<TAB>text, then whole lines with 0 or 1")
    title += "" if len(texts) == 10_662 else " (subset of 10,662)"
    return ReviewData(title, source, licence, list(texts),
                      torch.tensor([int(label) for label in labels]))


def _images(name: str, source: str, licence: str, classes: tuple[str, ...],
            *arrays: np.ndarray) -> ImageData:
    """Check images NHW or NHWC with their labels, twice; return tensors NCHW."""
    tensors = []
    for images, labels in (arrays[:2], arrays[2:]):
        fit = (images.dtype == np.uint8 and labels.dtype.kind in "iu"
               and labels.shape == images.shape[:1])
        if not fit or labels.min() < 0 or labels.max() >= len(classes):
            raise ValueError("expected uint8 images NHW or NHWC with labels, got "
                             f"{images.dtype} {images.shape} with {labels}")
        pixels = torch.from_numpy(images.reshape(*images.shape[:3], -1))
        tensors += [pixels.permute(0, 3, 1, 2).contiguous(),
                    torch.from_numpy(labels.astype(np.int64))]
    return ImageData(name, source, licence, classes, *tensors)

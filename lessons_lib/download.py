"""Fetch files, checked, and write files never by half: plumbing of `data.load`."""

import hashlib
import queue
import threading
import time
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

TIMEOUT_S = 10.0  # for a connection, and for a pause inside a transfer
MIN_RATE = 100_000  # bytes per second; a transfer that is slower is given up
PAUSE_S = 60.0  # after a failed connection: no further attempt for so long
_REMEDY = ("Remedy: check the network (on Kaggle: Internet on, in the notebook's "
           "settings) and run the cell again; if it stays so, report it to the book")
_quiet_until = 0.0  # time.monotonic() before which no connection is attempted


def fetch(mirrors: tuple[str, ...], names: tuple[str, ...],
          files: dict[str, int]) -> list[bytes]:
    """Return files, given as names and {SHA-256: size}, from the first good mirror.

    A `ConnectionError` says what happened at each mirror and what to do. Where none
    could be reached, the next calls fail at once for `PAUSE_S`.
    """
    if time.monotonic() < _quiet_until:
        raise ConnectionError(f"no connection a moment ago. {_REMEDY}")
    return [_fetch_file([mirror + name for mirror in mirrors], *file)
            for name, file in zip(names, files.items(), strict=True)]


def _fetch_file(urls: list[str], sha256: str, size: int) -> bytes:
    global _quiet_until
    faults = {}
    for url in urls:
        try:
            content = _transfer(url, size)
            if len(content) < size:
                raise ValueError(f"broke off after {len(content):,} of {size:,} bytes")
            if hashlib.sha256(content).hexdigest() != sha256:
                raise ValueError("wrong content (its SHA-256 is not the expected one)")
            return content
        except Exception as error:  # told below, when no mirror is left
            faults[urlsplit(url).netloc] = error
    if not any(isinstance(fault, HTTPError | ValueError) for fault in faults.values()):
        _quiet_until = time.monotonic() + PAUSE_S
    said = "; ".join(f"{host}: {fault}" for host, fault in faults.items())
    raise ConnectionError(f"{said}. {_REMEDY}")


def _transfer(url: str, size: int) -> bytes:
    """Read at most `size` + 1 bytes of `url`, within a time that is bounded.

    The reading has a thread of its own: a socket's timeout covers neither the look-up
    of a host name nor a server that sends one byte at a time.
    """
    result = queue.Queue()

    def read() -> None:
        try:
            request = Request(url, headers={"User-Agent": "lessons_lib"})
            with urlopen(request, timeout=TIMEOUT_S) as response:
                result.put(response.read(size + 1))
        except Exception as error:  # raised again in the caller's thread
            result.put(error)

    threading.Thread(target=read, daemon=True).start()
    try:
        content = result.get(timeout=TIMEOUT_S + size / MIN_RATE)
    except queue.Empty:
        raise TimeoutError("too slow, given up") from None
    if isinstance(content, Exception):
        raise content
    return content


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that `path` holds its old content or all of the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)  # after the replace it is no longer there

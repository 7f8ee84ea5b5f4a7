"""Data files on disk: found, verified, and downloaded where a network allows."""

import gzip
import hashlib
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import final

from neurobridge.errors import FileFormatError, InputError

GZIP = b"\x1f\x8b"


@final
@dataclass(frozen=True, kw_only=True)
class PublishedFile:
    """A file as its authors publish it.

    Args:
        name: file name.
        address: where it can be had.
        md5: of the published file.
    """

    name: str
    address: str
    md5: str


def obtain(directory: Path, published: PublishedFile) -> Path:
    """Return the path of a published file in `directory`, downloading and verifying it if it isn't there.

    A file that is there under its published name must have its published checksum.

    Raises:
        InputError: the directory does not exist.
        FileFormatError: the checksum is wrong, or the file is neither there nor can be downloaded.
    """
    existing(directory)
    path = directory / published.name
    if not path.exists():
        download(published, path)
    verify(path, published)
    return path


def existing(directory: Path) -> Path:
    """Return `directory` if it is one.

    Raises:
        InputError: it is not.
    """
    if not directory.is_dir():
        raise InputError(f"data directory {directory} does not exist; create it, or give another one.")
    return directory


def verify(path: Path, published: PublishedFile) -> None:
    """Compare a file with its published checksum.

    Raises:
        FileFormatError: they differ.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != published.md5:
        raise FileFormatError(
            f"{path} has MD5 {found}, the published file {published.md5}: it is damaged or another file. "
            f"Remove it and get it from {published.address}."
        )


def download(published: PublishedFile, path: Path) -> None:
    """Download a file; it gets its name only when it is complete.

    Raises:
        FileFormatError: the network does not allow it; the message names the file and its address.
    """
    draft = path.with_name(path.name + ".part")
    try:
        with urllib.request.urlopen(published.address, timeout=30) as reply, draft.open("wb") as file:
            while block := reply.read(1 << 20):
                file.write(block)
        verify(draft, published)
        os.replace(draft, path)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise FileFormatError(
            f"{path} is missing and could not be downloaded ({error}); get it from {published.address}."
        ) from None
    finally:
        draft.unlink(missing_ok=True)


def content(path: Path, address: str = "") -> bytes:
    """Return a file's content, unpacked if it is gzipped.

    Args:
        path: the file.
        address: where it can be had, for the error that says it is missing.

    Raises:
        FileFormatError: the file is missing, or its packing is damaged.
    """
    if not path.is_file():
        raise FileFormatError(f"{path} is missing{f'; get it from {address}' if address else ''}.")
    raw = path.read_bytes()
    if not raw.startswith(GZIP):
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, OSError, ValueError) as error:
        raise FileFormatError(f"{path} is truncated or damaged: {error}.") from None

"""Reads stored bytes that lie in no file of this folder but at an address (file:///…, s3://…); writes nothing.

So a run on another machine reads what was captured before, without a copy of the archive (pipelines/cluster/).
"""

from __future__ import annotations


def is_elsewhere(warc: str) -> bool:
    """Tell whether a record's file is an address."""
    return "://" in warc


def read_elsewhere(address: str, offset: int, length: int) -> bytes:
    """Return a stretch of what stands at an address. Raises OSError."""
    from fsspec.core import url_to_fs  # noqa: PLC0415 (only other machines of a cluster read so)

    files, path = url_to_fs(address)
    return bytes(files.cat_file(path, start=offset, end=offset + length))

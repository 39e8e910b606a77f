"""Any WARC or ARC file as something to replay: which nights it holds, and what was answered then.

Only an index is kept in memory; what it gives is read from the file when it is asked for.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import dataclasses
import hashlib
import json
import mmap
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive.addresses import is_web_address, url_key
from archive.model import Capture, Exchange, Finding
from archive.store.describe import TRUNCATED, parse_kind
from archive.store.http import Message, entity, parse_message
from archive.store.record import RecordError, WarcRecord, read_member
from archive.store.scan import PLAIN, Damage, Place, iter_records, read_at
from archive.store.unit import parse_metadata

# In place of a method: what a browser made of the page.
RENDERED = "(RENDERED)"
ABOUT = "urn:oversight:recording"
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded answer, without its bytes. `run` is "" in other programs' files; `capture` is what an archive
    like this one said of it."""

    place: Place
    kind: str
    record_id: str
    url: str
    captured_at: str
    payload: str
    refers_to: tuple[str, str, str]
    method: str = "GET"
    status: int = 0
    request: Place | None = None
    asked: str = ""
    run: str = ""
    fidelity: str = "recorded"
    file_name: str = ""
    sample: bool = False
    capture: Capture | None = None

    @property
    def rendered(self) -> bool:
        """Whether it is what a browser had made of a page when it was recorded."""
        return self.capture is not None and self.capture.kind == "conversion"


@dataclass(frozen=True, slots=True)
class _Request:
    place: Place
    method: str
    body_digest: str


@dataclass(slots=True)
class _Read:
    """What reading the file through collects."""

    entries: list[Entry] = field(default_factory=list)
    requests: dict[str, _Request] = field(default_factory=dict)
    notes: dict[str, dict[str, object]] = field(default_factory=dict)
    about: dict[str, object] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    beside: Counter[str] = field(default_factory=Counter)
    software: str = ""


class Recording:
    """A recording and its facts: `digest` names the file's bytes, `nights` are UTC dates in order.

    `sample`, `notice`, `arguments` and `expect` come from its own metadata record (target
    "urn:oversight:recording"); other programs' files have none. `problems` names what can't be replayed. `entries`
    are all answers in the file's order, revisits without their payload too; `beside` counts the other records by
    outcome. Entries, those counts and `damage` together are all that the file holds. `software` made it, it says.
    """

    def __init__(self, path: Path) -> None:
        """Read a file through. Raises OSError where it can't be read; damage goes to `problems`."""
        self.path = path
        self._data: bytes | mmap.mmap = b""
        with path.open("rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()
            if file.tell():
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        read = _read_through(self._data, path.name)
        entries = [_with_request(entry, read) for entry in read.entries]
        self._by_id = {entry.record_id: entry for entry in entries if entry.record_id}
        self._by_payload = {entry.payload: entry for entry in reversed(entries) if _holds_payload(entry)}
        self._by_place = {(entry.url, entry.captured_at): entry for entry in entries if _holds_payload(entry)}
        self._nights: dict[str, dict[tuple[str, str], list[Entry]]] = {}
        self._given: dict[tuple[str, str, str, str], int] = {}
        self._member: tuple[int, bytes] = (-1, b"")
        self.entries, self.beside, self.software = tuple(entries), read.beside, read.software
        self.damage = tuple(read.problems)
        entries = [entry for entry in entries if self._can_replay(entry, read.problems)]
        self._index(entries)
        self.nights = tuple(sorted(self._nights))
        self.problems = tuple(read.problems)
        about = read.about
        self.notice = str(about.get("notice", ""))
        self.sample = bool(about.get("sample")) or any(entry.sample for entry in self.entries)
        self.arguments = _by_source(about.get("arguments"))
        self.expect = _by_source(about.get("expect"))

    def _can_replay(self, entry: Entry, problems: list[Finding]) -> bool:
        if not self.lacks_payload(entry):
            return is_web_address(entry.url)
        detail = f"a revisit of {entry.captured_at} whose payload lies in another file"
        problems.append(Finding("not-in-recording", entry.url, detail))
        return False

    def _index(self, entries: list[Entry]) -> None:
        # A run that goes past midnight belongs to the night on which it began.
        began: dict[str, str] = {}
        for entry in entries:
            began[entry.run] = min(entry.captured_at, began.get(entry.run, entry.captured_at))
        for entry in sorted(entries, key=lambda one: one.captured_at):
            night = (began[entry.run] if entry.run else entry.captured_at)[:10]
            key = (RENDERED if entry.rendered else entry.method, url_key(entry.url))
            self._nights.setdefault(night, {}).setdefault(key, []).append(entry)

    def exchange(self, night: str, method: str, url: str, body: bytes = b"") -> Exchange | None:
        """Return what was answered that night, None where the recording doesn't hold it.

        Asked again, it gives the night's next answer from that address, and in the end the last one again. An
        address is found in any spelling that means the same (`url_key`); where that very spelling was recorded,
        it is preferred, since one spelling often redirects to another. The method RENDERED asks for what a browser
        had made of the page.
        """
        key = (method.upper(), url_key(url))
        asked = hashlib.sha256(body).hexdigest() if body else ""
        found = self._nights.get(night, {}).get(key, [])
        found = [entry for entry in found if not entry.asked or entry.asked == asked]
        exactly = [entry for entry in found if entry.url == url]
        found = exactly or found
        if not found:
            return None
        counter = (night, *key, url if exactly else "") if not body else (night, *key, asked)
        turn = self._given.get(counter, 0)
        self._given[counter] = turn + 1
        try:
            return self._exchange(found[min(turn, len(found) - 1)], url)
        except RecordError:
            # Read whole when the recording was opened: somebody changes the file under us.
            return None

    def rewound(self) -> Recording:
        """Return the same recording as if nothing had been asked of it; the file and its index are shared."""
        again = copy.copy(self)
        again._given = {}
        return again

    def holds(self, night: str, method: str, url: str) -> bool:
        """Say whether anything was answered that night to such a request, whatever its body."""
        return (method.upper(), url_key(url)) in self._nights.get(night, {})

    def lacks_payload(self, entry: Entry) -> bool:
        """Say whether an entry is a revisit of something that this file doesn't hold."""
        return entry.kind == "revisit" and self._original(entry) is None

    def exchange_of(self, entry: Entry) -> Exchange:
        """Return one of `entries` with its bytes; of a revisit that lacks its payload, its own head.

        Raises RecordError where the file was changed since it was read through.
        """
        return self._exchange(entry, entry.url)

    def _at(self, place: Place) -> WarcRecord:
        """Read a record; a member that holds many is unpacked once for all that are read in order."""
        if place.member == PLAIN:
            return read_at(self._data, place)
        if self._member[0] != place.member:
            self._member = (place.member, read_member(self._data, place.member)[0])
        return read_at(self._member[1], Place(PLAIN, place.position))

    def _exchange(self, entry: Entry, url: str) -> Exchange:
        record = self._at(entry.place)
        whole = entry.kind != "revisit" or self.lacks_payload(entry)
        response = record.block if whole else self._revisited(entry, record)
        resource = entry.kind == "resource"
        kind = "conversion" if entry.rendered else "resource" if resource else "response"
        truncated = record.header("WARC-Truncated").lower()
        return Exchange(
            url=url,
            captured_at=entry.captured_at,
            request=self._at(entry.request).block if entry.request else b"",
            response=response,
            method=entry.method,
            status=0 if resource else parse_kind(kind, response).status,
            kind=kind,
            ip_address=record.header("WARC-IP-Address"),
            truncated=truncated if truncated in ("", *TRUNCATED) else "unspecified",
            fidelity=entry.fidelity,
            file_name=entry.file_name,
            sample=entry.sample or self.sample,
        )

    def _original(self, entry: Entry) -> Entry | None:
        """Return the entry that holds a revisit's payload: by record, by address and date, by digest."""
        record_id, url, date = entry.refers_to
        for held in (self._by_id.get(record_id), self._by_place.get((url, date)), self._by_payload.get(entry.payload)):
            if held is not None and _holds_payload(held):
                return held
        return None

    def _revisited(self, entry: Entry, record: WarcRecord) -> bytes:
        """Return a revisit's own head with the body of the capture that it refers to."""
        original = self._original(entry)
        if original is None:
            raise RecordError("its payload lies in another file")
        block = self._at(original.place).block
        held = parse_kind(original.kind, block)
        own = parse_message(record.block)
        if own.status in (0, 304):
            # No head was kept, or one that says "as before".
            return block
        return own.head + framed(held, chunked=own.chunked)


def open_recording(path: Path) -> Recording:
    """Return the recording at `path`, from its beginning. The same file is read through once in a process.

    Raises OSError where it can't be read.
    """
    status = path.stat()
    return _opened(path.resolve(), status.st_mtime_ns, status.st_size, status.st_ino).rewound()


@lru_cache(maxsize=2)
def _opened(path: Path, _changed: int, _size: int, _file: int) -> Recording:
    return Recording(path)


def framed(held: Message, *, chunked: bool) -> bytes:
    """Return a body in the framing that another head announces."""
    if held.chunked == chunked:
        return held.body
    payload, _ = entity(held)
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(payload), payload) if chunked and payload else payload


def _holds_payload(entry: Entry) -> bool:
    return entry.kind != "revisit"


def _by_source(value: object) -> dict[str, dict[str, Any]]:
    """Return what an own metadata record says of each source; anything of another shape is left out."""
    facts = value if isinstance(value, dict) else {}
    return {str(source): said for source, said in facts.items() if isinstance(said, dict)}


def _read_through(data: bytes | mmap.mmap, name: str) -> _Read:
    read = _Read()
    for found in iter_records(data):
        if isinstance(found, Damage):
            where = found.place.position if found.place.member < 0 else found.place.member
            read.problems.append(Finding("record-altered", name, f"at byte {where}: {found.reason}"))
            continue
        place, record = found
        if not _block_holds(record):
            where = place.position if place.member < 0 else place.member
            detail = f"at byte {where}: the block is not what its digest says"
            read.problems.append(Finding("record-altered", record.target or name, detail))
        else:
            _take(read, place, record)
    return read


def _take(read: _Read, place: Place, record: WarcRecord) -> None:
    match record.type:
        case "metadata":
            _take_metadata(read, record)
        case "request":
            _take_request(read, place, record)
        case "conversion" if record.header("WARC-Record-ID") in read.notes:
            _take_answer(read, place, record)
            return
        case "response" | "revisit" | "resource":
            _take_answer(read, place, record)
            return
        case "warcinfo":
            said = re.search(rb"(?im)^software:[ \t]*([^\r\n]{1,200})", record.block[:65536])
            read.software = read.software or (said[1].decode("utf-8", "replace").strip() if said else "")
    read.beside["no-answer-record"] += 1


def _take_metadata(read: _Read, record: WarcRecord) -> None:
    if record.target == ABOUT:
        with contextlib.suppress(ValueError, RecursionError):
            about = json.loads(record.block)
            read.about = about if isinstance(about, dict) else {}
    elif record.header("Content-Type") == "application/json":
        with contextlib.suppress(RecordError):
            capture, _ = parse_metadata(record.block)
            facts = {name: getattr(capture, name) for name in ("url", "method", "run", "file_name", "sample")}
            facts["fidelity"] = "recorded" if capture.fidelity == "wire" else capture.fidelity
            facts["capture"] = capture
            read.notes[record.header("WARC-Concurrent-To")] = facts


def _take_request(read: _Read, place: Place, record: WarcRecord) -> None:
    head, _, body = record.block.partition(b"\r\n\r\n")
    method = head.split(b" ", 1)[0][:20].decode("ascii", "replace").upper()
    request = _Request(place, method, hashlib.sha256(body).hexdigest() if body else "")
    # Some writers let the request name its response, some the other way round, some neither.
    for key in (record.header("WARC-Concurrent-To"), record.header("WARC-Record-ID")):
        if key:
            read.requests[key] = request
    read.requests.setdefault(f"{record.target} {record.header('WARC-Date')}", request)


def _take_answer(read: _Read, place: Place, record: WarcRecord) -> None:
    date = _DATE.fullmatch(record.header("WARC-Date"))
    facts = read.notes.get(record.header("WARC-Record-ID"), {})
    url = str(facts.get("url", record.target))
    if not is_web_address(url) and not (facts and record.type == "resource"):
        read.beside["not-web"] += 1
        return
    if date is None:
        read.problems.append(Finding("invalid-date", url, record.header("WARC-Date")[:80]))
        return
    if record.header("WARC-Segment-Number"):
        read.problems.append(Finding("not-in-recording", url, "a segmented record"))
        return
    if record.type == "response" and not record.block:
        read.problems.append(Finding("empty-body", url, "a response record without a byte"))
        return
    refers = (record.header("WARC-Refers-To-Target-URI") or record.target, record.header("WARC-Refers-To-Date"))
    entry = Entry(
        place=place,
        kind=record.type,
        record_id=record.header("WARC-Record-ID"),
        url=url,
        captured_at=f"{date[1]}Z",
        payload=record.header("WARC-Payload-Digest"),
        refers_to=(record.header("WARC-Refers-To"), *refers),
        asked=record.header("WARC-Concurrent-To"),
    )
    read.entries.append(dataclasses.replace(entry, **facts))  # type: ignore[arg-type]


def _with_request(entry: Entry, read: _Read) -> Entry:
    by_place = f"{entry.url} {entry.captured_at}"
    request = read.requests.get(entry.record_id) or read.requests.get(entry.asked) or read.requests.get(by_place)
    if request is None:
        return dataclasses.replace(entry, asked="")
    method = entry.method if entry.run else request.method
    return dataclasses.replace(entry, request=request.place, method=method, asked=request.body_digest)


def _block_holds(record: WarcRecord) -> bool:
    """Return whether a block is what its digest says; a digest that we can't compute says nothing."""
    name, _, value = record.header("WARC-Block-Digest").partition(":")
    if name.lower() not in ("sha1", "sha256", "sha512", "md5"):
        return True
    digest = hashlib.new(name.lower(), record.block, usedforsecurity=False).digest()
    forms = (digest.hex(), base64.b32encode(digest).decode().lower(), base64.b64encode(digest).decode().lower())
    return value.lower() in forms or value.lower() in [form.rstrip("=") for form in forms]

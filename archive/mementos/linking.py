"""Link headers and TimeMaps (RFC 7089 2.2 and 5, RFC 8288, RFC 6690), made of addresses from settings; no request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from archive.mementos.instants import http
from archive.mementos.timeline import Memento, Timeline, in_path

LINK_FORMAT = "application/link-format"
# A TimeMap lists so many; the first of several leads to the others.
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Origins:
    """The public addresses of the archive and of the origin on which captures are shown, without a slash at the end.

    Where they are "" paths are given, which mean the origin that they are read from. Without an origin of their own
    captures are shown by the archive itself.
    """

    main: str = ""
    replay: str = ""

    def of_memento(self, path: str) -> str:
        """Return the address of a memento's path."""
        return (self.replay or self.main) + path

    def timegate(self, url: str) -> str:
        """Return the address of the TimeGate of an original address."""
        return f"{self.main}/timegate/{in_path(url)}"

    def timemap(self, url: str, form: str = "link", page: int = 1) -> str:
        """Return the address of (a page of) the TimeMap of an original address."""
        return f"{self.main}/timemap/{form}/{f'{page}/' if page > 1 else ''}{in_path(url)}"


def link(target: str, rel: str, **more: str) -> str:
    """Return one link. `target` is an address whose other characters than those of addresses are encoded."""
    return "; ".join([f"<{target}>", f'rel="{rel}"', *(f'{name}="{value}"' for name, value in more.items())])


def links_of_original(origins: Origins, url: str) -> list[str]:
    """Return the links that an original resource, or one of its mementos, gives."""
    return [
        link(in_path(url), "original"),
        link(origins.timegate(url), "timegate"),
        link(origins.timemap(url), "timemap", type=LINK_FORMAT),
    ]


def links_of_choice(origins: Origins, line: Timeline, chosen: Memento) -> list[str]:
    """Return the links of a TimeGate's answer: first, last, what was chosen, and what stands before and after it."""
    rels: dict[str, tuple[Memento, list[str]]] = {}
    neighbours = (("first", line.mementos[0]), ("prev", line.beside(chosen, -1)), ("", chosen),
                  ("next", line.beside(chosen, 1)), ("last", line.mementos[-1]))  # fmt: skip
    for rel, one in neighbours:
        if one is not None:
            rels.setdefault(one.capture, (one, []))[1].append(rel)
    return [
        link(in_path(line.asked), "original"),
        link(origins.timemap(line.asked), "timemap", type=LINK_FORMAT),
        link(origins.timemap(line.asked, "json"), "timemap", type="application/json"),
        *(
            link(origins.of_memento(line.path(one)), " ".join([*filter(None, names), "memento"]), datetime=http(one.at))
            for one, names in rels.values()
        ),
    ]


def pages_of(line: Timeline) -> list[list[Memento]]:
    """Return the mementos of an address, page by page; at least one."""
    found = [line.mementos[begin : begin + PAGE] for begin in range(0, len(line.mementos), PAGE)]
    return found or [[]]


def timemap_link(origins: Origins, line: Timeline, page: int) -> str:
    """Return (a page of) a TimeMap in application/link-format. Raises IndexError where there is no such page."""
    pages = pages_of(line)
    if page < 1:
        raise IndexError(page)
    shown = pages[page - 1]
    entries = [
        link(in_path(line.asked), "original"),
        link(origins.timemap(line.asked, page=page), "self", type=LINK_FORMAT, **_span(shown)),
        link(origins.timegate(line.asked), "timegate"),
    ]
    for number, other in enumerate(pages, 1):
        if number != page:
            told = link(origins.timemap(line.asked, page=number), "timemap", type=LINK_FORMAT, **_span(other))
            entries.append(told)
    entries += [link(origins.of_memento(line.path(one)), _rel(line, one), datetime=http(one.at)) for one in shown]
    return ",\n".join(entries) + "\n"


def timemap_json(origins: Origins, line: Timeline, page: int) -> dict[str, Any]:
    """Return (a page of) a TimeMap as data, with what is known of each capture. Raises IndexError as the other."""
    pages = pages_of(line)
    if page < 1:
        raise IndexError(page)
    listed = [_entry(origins, line, one) for one in pages[page - 1]]
    return {
        "original_uri": in_path(line.asked),
        "self": origins.timemap(line.asked, "json", page),
        "timegate_uri": origins.timegate(line.asked),
        "timemap_uri": {
            "link_format": origins.timemap(line.asked),
            "json_format": origins.timemap(line.asked, "json"),
        },
        "mementos": {
            "first": _entry(origins, line, line.mementos[0]),
            "last": _entry(origins, line, line.mementos[-1]),
            "list": listed,
        },
        "count": len(line.mementos),
        "pages": [
            {"uri": origins.timemap(line.asked, "json", number), "count": len(other),
             "from": other[0].at, "until": other[-1].at}
            for number, other in enumerate(pages, 1)
        ],
    }  # fmt: skip


def to_json(value: object) -> str:
    """Return data as JSON in which no markup stands."""
    return json.dumps(value, ensure_ascii=False, indent=1).replace("<", "\\u003c")


def _entry(origins: Origins, line: Timeline, one: Memento) -> dict[str, Any]:
    return {
        "datetime": one.at,
        "uri": origins.of_memento(line.path(one)),
        "original": one.url,
        "capture": one.capture,
        "status": one.content[1],
        "media_type": one.row["media_type"],
        "sha256": one.row["content_digest"],
        "outcome": one.row["outcome"],
        "captured_by": one.row["provenance"],
    }


def _span(shown: list[Memento]) -> dict[str, str]:
    return {"from": http(shown[0].at), "until": http(shown[-1].at)} if shown else {}


def _rel(line: Timeline, one: Memento) -> str:
    names = (("first", one is line.mementos[0]), ("last", one is line.mementos[-1]))
    return " ".join([*(name for name, is_it in names if is_it), "memento"])

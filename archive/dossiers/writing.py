"""Writes a checked dossier as a folder that explains and proves itself: text, page, cited pages, proofs, checksums.

What may go along was decided before (`Giving`); a release's withdrawals and policies are asked there.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive.dossiers.cited_pages import Given, PageMaker
from archive.dossiers.dossier import Dossier
from archive.dossiers.footnotes import cited_pages, cited_versions, footnotes, with_footnotes
from archive.dossiers.page import page_of
from archive.drafts.annotating import escaped
from archive.export.about import RIGHTS, Exported
from archive.mementos.stored_bytes import NoBytes
from archive.outcomes import OUTCOMES
from archive.release.folder import Releases
from archive.release.proofs import make_proofs
from archive.research.documents import read_page, version_tail
from archive.research.rows import Row, select_one

SUMS = "SHA256SUMS"
HOW = Path(__file__).parent.parent.parent / "docs" / "checking-a-proof.md"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Giving:
    """What a folder is made of: an open release, what it says of itself, and what of a version may be given away."""

    connection: sqlite3.Connection
    releases: Releases
    told: Exported
    given: Callable[[Row], Given]


@dataclass(slots=True)
class _Folder:
    """A folder while it is written: the digest of each of its files, and what was left out."""

    path: Path
    sums: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def write(self, name: str, content: bytes) -> None:
        """Write a file that isn't there yet. Raises OSError."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
        self.sums[name] = hashlib.sha256(content).hexdigest()


def write_dossier(
    path: Path, giving: Giving, dossier: Dossier, answer: Row, progress: Progress
) -> None:  # fmt: skip
    """Write all of it into an empty folder. Raises OSError; ValueError where the release isn't whole."""
    folder, claims = _Folder(path), answer["claims"]
    names = _names(giving.connection, claims)
    pages = _write_pages(folder, giving, answer, names, progress)
    proofs = _write_proofs(folder, giving, answer, names, progress)
    notes = list(footnotes(claims))
    facts = _facts(giving, answer)
    folder.write("dossier.md", with_footnotes(dossier, notes, pages).encode("utf-8", "replace"))
    page = page_of(dossier, answer, notes, pages, facts, proofs)
    folder.write("dossier.html", page.encode("utf-8", "replace"))
    folder.write("check.json", (json.dumps(answer, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
    folder.write("checking-a-proof.md", HOW.read_bytes())
    folder.write("check.sh", check_script().encode())
    folder.write("README.md", _readme(giving, answer, folder, proofs).encode("utf-8", "replace"))
    lines = [f"{digest}  {name}\n" for name, digest in sorted(folder.sums.items())]
    (path / SUMS).write_text("".join(lines), "utf-8")


def check_script() -> str:
    """Return the steps by which a proof is checked, as docs/checking-a-proof.md has them."""
    found = re.search(r"^```sh\n(.*?)^```", HOW.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _names(connection: sqlite3.Connection, claims: list[Row]) -> dict[str, tuple[str, Row]]:
    """Return for each version that is cited the name of its files, and its row."""
    found: dict[str, tuple[str, Row]] = {}
    taken: set[str] = set()
    for version in cited_versions(claims):
        row = select_one(connection, "SELECT * FROM versions WHERE id = ?", (version,))
        if row is None:
            continue
        name = re.sub(r"[^a-z0-9-]+", "-", row["document"].lower())[:100].strip("-") + "-" + version_tail(row)
        while name in taken:
            name += "-2"
        taken.add(name)
        found[version] = name, row
    return found


def _write_pages(
    folder: _Folder, giving: Giving, answer: Row, names: Mapping[str, tuple[str, Row]], progress: Progress
) -> dict[tuple[str, int], list[str]]:
    """Write the files of each page that is cited; return their names."""
    wanted = [one for one in cited_pages(answer["claims"]) if one[0] in names]
    written: dict[tuple[str, int], list[str]] = {}
    with PageMaker() as maker:
        for done, (version, number) in enumerate(wanted, 1):
            name, row = names[version]
            written[version, number] = list(_write_page(folder, giving, maker, row, number, f"pages/{name}-p{number}"))
            progress("pages", done, len(wanted))
    return written


def _write_page(
    folder: _Folder, giving: Giving, maker: PageMaker, version: Row, number: int, name: str
) -> Iterator[str]:
    made = maker.make(version, number, giving.given(version))
    for ending, content in (("pdf", made.pdf), ("png", made.png)):
        if content is not None:
            folder.write(f"{name}.{ending}", content)
            yield f"{name}.{ending}"
    if made.pdf is None:
        page = read_page(giving.connection, version, number)
        text = page["text"] if page else ""
        folder.write(f"{name}.txt", (text or "[no text]").encode("utf-8", "replace") + b"\n")
        folder.left_out.append(f"{version['id']}, page {number}: the text alone. {_why(made.why)}")
        yield f"{name}.txt"


def _why(name: str) -> str:
    known = OUTCOMES.get(name)
    return known.meaning if known else {
        "not-a-pdf": "It is no PDF.", "not-shown": "It isn't published byte for byte."
    }.get(name, f"Its bytes can't be given ({name}).")  # fmt: skip


def _write_proofs(
    folder: _Folder, giving: Giving, answer: Row, names: Mapping[str, tuple[str, Row]], progress: Progress
) -> dict[str, str]:
    """Write the proof of each version that is cited, with its bytes where they may be given; return the folders."""
    proofs: dict[str, str] = {}
    made = make_proofs(giving.releases, answer["release"], names)
    for done, ((version, (name, row)), proof) in enumerate(zip(names.items(), made, strict=True), 1):
        proofs[version] = f"proofs/{name}"
        folder.write(f"proofs/{name}/proof.json", proof)
        given = giving.given(row)
        try:
            if given.file:
                folder.left_out.append(f"{version}: the document itself. {_why(given.file)}")
            else:
                folder.write(f"proofs/{name}/document", given.load())
        except NoBytes as none:
            folder.left_out.append(f"{version}: the document itself. {none}")
        progress("proofs", done, len(names))
    return proofs


def _facts(giving: Giving, answer: Row) -> list[str]:
    told = giving.told
    facts = [f"Checked on {answer['checked']} against release {answer['release']} of the {told.archive.name}."]
    facts += [f"The SHA-256 of that release's manifest is {answer['manifest_sha256']}."]
    return [*facts, *told.notices, RIGHTS]


_README = """# {title}

{facts}

| file | what it is |
|---|---|
| `dossier.html` | the dossier as one page, for a browser; it loads nothing from elsewhere |
| `dossier.md` | the same as Markdown, letter for letter, with its footnotes |
| `pages/` | the pages that are cited: each by itself as a PDF and as a picture, or its text |
| `proofs/` | for each cited version `proof.json`, and the document itself as `document` where it may be given |
| `check.json` | all that the archive holds for each claim, for programs |
| `SHA256SUMS` | the SHA-256 of every file: `sha256sum -c SHA256SUMS` |

A page by itself was cut out of its document: its proof is that of the whole document.

## Checking the proofs

`checking-a-proof.md` explains it; no program of the archive's is needed. In a folder under `proofs/`, with the SHA-256
of the release's manifest as the archive published it (compare the number with another source than this folder):

```sh
PUBLISHED={manifest} sh ../../check.sh
```

{listed}
"""


def _readme(giving: Giving, answer: Row, folder: _Folder, proofs: Mapping[str, str]) -> str:
    lines = [f"- `{at}`: {version}" for version, at in proofs.items()] or ["- no document that is cited is held"]
    if folder.left_out:
        lines += ["", "## What was left out", "", *(f"- {one}" for one in dict.fromkeys(folder.left_out))]
    title = escaped(str(answer["title"] or answer["dossier"]))
    return _README.format(title=title, facts="\n\n".join(_facts(giving, answer)),
                          manifest=answer["manifest_sha256"], listed="\n".join(lines))  # fmt: skip

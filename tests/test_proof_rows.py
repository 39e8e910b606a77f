"""CO-04, CO-06: any row of any table that isn't what the records say is found, and named with its document."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.proof.audit import Scope
from archive.proof.damage import Damage
from archive.proof.rows import tables_of
from pipelines.rebuild import rebuild
from pipelines.told import checked_settings
from tests.demo_archive import DemoArchive, differences, dump, oversight
from tests.figures import figure
from tests.small_archive import Files, Rows, found_in, make_small_archive, verifier

# What a change of one kind does to the last row of each table.
CHANGES = ("changed", "deleted", "inserted")
# Of these rows no document speaks.
OF_NO_DOCUMENT = frozenset({"about", "places", "sources", "runs", "outcomes", "watches", "_sqlite_migrations"})

# Nor of rows of these that somebody made up.
INVENTED = frozenset({"readings", "statements"})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


def harmed(folder: Path, kind: str) -> dict[str, str]:
    """Change, delete or insert one row of every table; return each table with the key of its row."""
    touched = {}
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue:
        for (trigger,) in catalogue.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            catalogue.execute(f"DROP TRIGGER {trigger}")
        for table in sorted(tables_of(catalogue)):
            columns = catalogue.execute(f'PRAGMA table_info("{table}")').fetchall()
            keys = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
            named = ", ".join(f'"{row[1]}"' for row in columns)
            held = catalogue.execute(f'SELECT {named} FROM "{table}" ORDER BY "{keys[0]}" DESC LIMIT 1').fetchone()
            if held is None:
                continue
            row = dict(zip([column[1] for column in columns], held, strict=True))
            where = " AND ".join(f'"{key}" = ?' for key in keys)
            values = [row[key] for key in keys]
            if kind == "deleted":
                catalogue.execute(f'DELETE FROM "{table}" WHERE {where}', values)
            elif kind == "changed":
                other = next((column[1] for column in reversed(columns) if not column[5]), keys[-1])
                value = row[other] + 1 if isinstance(row[other], int | float) else f"{row[other] or ''}x"
                catalogue.execute(f'UPDATE "{table}" SET "{other}" = ? WHERE {where}', [value, *values])
            else:
                new = {**row, keys[0]: row[keys[0]] + 1 if isinstance(row[keys[0]], int) else f"{row[keys[0]]}~"}
                if table == "records":
                    new["offset"] = new["offset"] + 1
                if table == "_sqlite_migrations":
                    new["name"] = "later"
                if table == "pages":
                    new["number"] = new["number"] + 1000
                if table == "changed_passages":
                    new["ordinal"] = new["ordinal"] + 1000
                holes = ", ".join("?" * len(new))
                catalogue.execute(f'INSERT INTO "{table}" VALUES ({holes})', list(new.values()))
                values[0] = new[keys[0]]
            touched[table] = " ".join(map(str, values))
        catalogue.commit()
    return touched


def told_of(damages: list[Damage], table: str, key: str) -> list[Damage]:
    return [one for one in damages if one.outcome.startswith("row-") and one.subject == f"{table} {key}"[:300]]


@pytest.mark.parametrize("kind", CHANGES)
def test_a_row_of_every_table_is_found(demo_made: DemoArchive, demo_archive: Path, kind: str) -> None:
    verify = verifier(demo_archive)
    assert found_in(verify(Rows())) == []
    touched = harmed(demo_archive, kind)
    damages = verify(Rows()).damages
    unseen = [table for table, key in touched.items() if not told_of(damages, table, key)]
    unnamed = [
        table
        for table, key in touched.items()
        if table not in OF_NO_DOCUMENT | (INVENTED if kind == "inserted" else frozenset())
        and not any(one.documents or one.url for one in told_of(damages, table, key))
    ]
    outcome = {"changed": "row-altered", "deleted": "row-missing", "inserted": "row-unknown"}[kind]
    # Of aliases all columns are the key: one that is changed is gone, and another is there.
    kinds = {
        one.outcome
        for table, key in touched.items()
        for one in told_of(damages, table, key)
        if (kind, table) != ("changed", "aliases")
    }
    figure(f"rows {kind}", tables=len(touched), found=len(touched) - len(unseen), without_a_document=len(unnamed))
    assert len(touched) >= 22
    assert (unseen, unnamed, kinds) == ([], [], {outcome})
    if kind == "changed":
        assert oversight("rebuild", "--archive", demo_archive).returncode == 0
        assert differences(dump(demo_made.path), dump(demo_archive)) == {}
        assert found_in(verify(Scope())) == []


SCHEMA = [
    "DROP TRIGGER pages_ai",
    "DROP INDEX captures_url_key",
    "CREATE TABLE mine (note TEXT)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE TRIGGER mine AFTER INSERT ON documents BEGIN DELETE FROM documents; END",
    "ALTER TABLE documents ADD COLUMN mine TEXT",
]


@pytest.mark.parametrize("change", SCHEMA)
def test_what_makes_the_tables_is_compared(small: Path, tmp_path: Path, change: str) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "archive"))
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue:
        catalogue.execute(change)
    assert any(one.startswith("catalogue-altered") for one in found_in(verifier(folder)(Rows())))


INDEX_ROWS: dict[str, str] = {
    "a wrong offset": "UPDATE records SET offset = offset + 1 WHERE offset = (SELECT max(offset) FROM records)",
    "to nothing": "UPDATE records SET warc = 'nothing' WHERE offset = (SELECT max(offset) FROM records)",
    "missing": "DELETE FROM records WHERE offset = (SELECT max(offset) FROM records)",
    "doubled": "INSERT INTO records SELECT capture || 'x', warc, offset + 1, length, response_offset, digest,"
    " revisit_of FROM records LIMIT 1",
    "another digest": "UPDATE records SET digest = 'x' WHERE offset = (SELECT max(offset) FROM records)",
    "a capture without its place": "DELETE FROM records",
    "a place without its capture": "DELETE FROM captures WHERE run = 'i'",
}


@pytest.mark.parametrize("change", INDEX_ROWS)
def test_the_index_of_captures_is_checked_and_healed(small: Path, tmp_path: Path, change: str) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "archive"))
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue, catalogue:
        catalogue.execute(INDEX_ROWS[change])
    files, rows = found_in(verifier(folder)(Files())), found_in(verifier(folder)(Rows()))
    assert files != []
    assert rows != []
    rebuild(folder, checked_settings(folder))
    healed = found_in(verifier(folder)(Scope()))
    figure("CO-04", kind=change, found=len(files) + len(rows), healed=not healed)
    assert healed == []


def one_word_less(catalogue: sqlite3.Connection) -> None:
    row = catalogue.execute("SELECT id, text, also, broken FROM pages WHERE text <> '' LIMIT 1").fetchone()
    catalogue.execute("INSERT INTO pages_fts(pages_fts, rowid, text, also, broken) VALUES ('delete', ?, ?, ?, ?)", row)
    shorter = (row[0], row[1].partition(" ")[2], row[2], row[3])
    catalogue.execute("INSERT INTO pages_fts(rowid, text, also, broken) VALUES (?, ?, ?, ?)", shorter)


def one_word_more(catalogue: sqlite3.Connection) -> None:
    number = catalogue.execute("SELECT id FROM pages WHERE text <> '' LIMIT 1").fetchone()[0]
    catalogue.execute("INSERT INTO pages_fts(rowid, text, also, broken) VALUES (?, 'uninvited', '', '')", (number,))


def a_page_less(catalogue: sqlite3.Connection) -> None:
    row = catalogue.execute("SELECT id, text, also, broken FROM pages WHERE text <> '' LIMIT 1").fetchone()
    catalogue.execute("INSERT INTO pages_fts(pages_fts, rowid, text, also, broken) VALUES ('delete', ?, ?, ?, ?)", row)


def a_shadow_row_less(catalogue: sqlite3.Connection) -> None:
    catalogue.execute("DELETE FROM pages_fts_docsize WHERE id = (SELECT max(id) FROM pages_fts_docsize)")


@pytest.mark.parametrize("harm", [one_word_less, one_word_more, a_page_less, a_shadow_row_less])
def test_an_index_that_is_not_that_of_the_pages_is_found_and_healed(
    small: Path, tmp_path: Path, harm: Callable[[sqlite3.Connection], None]
) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "archive"))
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue, catalogue:
        harm(catalogue)
    told = [one for one in verifier(folder)(Rows()).damages if one.outcome == "index-altered"]
    figure("CO-06", harm=harm.__name__, found=len(told), documents=sum(len(one.documents) for one in told))
    assert told != []
    if harm is not a_shadow_row_less:
        assert all(one.documents for one in told)
    rebuild(folder, checked_settings(folder))
    assert found_in(verifier(folder)(Scope())) == []


@pytest.mark.parametrize("harm", ["gone", "no database", "cut"])
def test_a_catalogue_that_cannot_be_read_is_one_finding(small: Path, tmp_path: Path, harm: str) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "archive"))
    path = folder / "archive.db"
    if harm == "gone":
        path.unlink()
    elif harm == "no database":
        path.write_bytes(b"no database\n" * 900)
    else:
        path.write_bytes(path.read_bytes()[:50_000])
    found = found_in(verifier(folder)(Scope()))
    assert [one.split()[0] for one in found] == ["catalogue-altered"]

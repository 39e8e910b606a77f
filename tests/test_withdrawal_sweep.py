"""WD-01, the sweep: what was withdrawn is in no public place, after restart, rebuild, crawl and rollback either."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from datasette.plugins import pm

import oversight as program
from archive.export.package import write_package
from archive.release.folder import Releases
from archive.release.gate import Closed
from archive.release.publishing import GatesClosed
from archive.release.withheld import Withheld
from archive.site import plugin
from archive.site.server import ArchiveDatasette, open_archive
from archive.store.journal import Journal
from tests.asking_the_site import get
from tests.canaries import NIGHTS, Marked, recording
from tests.demo_archive import oversight, start
from tests.exported import export, export_all, files_in, with_words
from tests.figures import figure
from tests.public_places import Places, exports, files_with, of_captures, of_documents, routes_walked, walk
from tests.watching import put_watch

REASON = "By order of a court."


def run(path: Path, *arguments: object) -> Any:
    """Carry out a command in this process, and return its JSON answer."""
    done = CliRunner().invoke(program.main, ["--archive", str(path), *map(str, arguments), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def crawl(path: Path, night: str) -> None:
    done = oversight("--archive", path, "crawl", "dhs_pia", "sam_notices", "news",
                     "--replay", path.parent / "recording.warc.gz", "--night", night)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def site_of(path: Path) -> ArchiveDatasette:
    if not pm.is_registered(plugin):
        pm.register(plugin)
    return open_archive(path)


def archive_of(path: Path, marked: tuple[Marked, ...]) -> Path:
    """Make an archive of the first night, and its first release."""
    (path / "recording.warc.gz").write_bytes(recording(marked))
    terms = "".join(f"{one.pia}\n{one.piid}\n" for one in marked)
    put_watch(
        path / "archive", f'public = true\ntitle = "All"\nterms = """\ncomponent\nplate\n{terms}"""\n', name="all"
    )
    crawl(path / "archive", NIGHTS[0])
    done = oversight("--archive", path / "archive", "accept", "--reason", "A watch of everything")
    assert done.returncode == 0, done.stdout + done.stderr
    run(path / "archive", "release", "build")
    return path / "archive"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the archive of the first of the marked documents, once for all tests; each copies it."""
    path = tmp_path_factory.mktemp("marked")
    archive_of(path, (Marked(1),))
    return path


@pytest.fixture
def marked(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "marked") / "archive"


def named(one: Marked) -> tuple[str, ...]:
    """Return the names by which the documents that are marked are withdrawn: a number, ids, an address."""
    return (one.pia, f"award-{one.piid.lower()}", one.article_url)


def needles(marked: Iterable[Marked]) -> list[str]:
    """Return what must be nowhere: words, numbers, and the digests of the files, which say who has them (WD-10)."""
    found = []
    for one in marked:
        digests = [hashlib.sha256(body).hexdigest() for body in (one.assessment(NIGHTS[0]), one.attached())]
        found += [*one.words.values(), one.pia, one.pia.replace("/", "-"), one.piid, *digests]
    return found


class Sweep:
    """One archive, what is withdrawn of it, and how often was asked for that.

    Each later phase asks for one in `every` of the addresses, another one each time.
    """

    def __init__(self, path: Path, marked: tuple[Marked, ...], every: int = 1) -> None:
        self.every = every
        self.path, self.words = path, needles(marked)
        self.marked, self.asked = marked, 0
        self.leaks: list[str] = []
        self.phases: list[str] = []
        self.parts = of_documents(self.path)
        site = site_of(self.path)
        pages = ("/search", "/search.json", "/search/time", "/search/time.json")
        searches = [f"{page}?q={word}" for word in self.words for page in pages]
        # An absence tells in which spellings a number was looked for: of what was typed, whether it is held or not.
        searches += [f"/absence.json?q={word}" for word in self.words if word.isalpha()]
        searches += [f"/search{end}?in={kind}&q={word}" for word in self.words for kind in ("added", "removed")
                     for end in ("", ".json")]  # fmt: skip
        searches += [f"/changes{form}?cosmetic=1" for form in ("", ".json", ".atom")]
        searches += [f"/chain/{one.piid}{form}" for one in marked for form in ("", ".json")]
        searches += [f"/timeline{form}?of={of}" for of in [one.piid for one in marked] + [one.pia for one in marked]
                     for form in ("", ".json", ".csv", ".svg")]  # fmt: skip
        searches += ["/vendors", "/vendors.json"]
        all_of_them = [address for addresses in self.parts.values() for address in addresses]
        self.captures = of_captures(self.path)
        self.before = walk(site, [*exports(site), *all_of_them, *searches, *self.captures])
        self.searches = searches

    def count(self, found: dict[str, list[str]], places: int, phase: str) -> None:
        self.asked += places * len(self.words)
        self.leaks += [f"{phase}: {place}: {', '.join(hits[:3])}" for place, hits in found.items()]

    def attachments(self) -> list[str]:
        return [document for document in self.parts if "resources-files" in document]

    def captures_with_words(self) -> int:
        """Return how many captures were shown, before, that have one of the words in them."""
        shown = [self.before.found[address] for address in self.captures if address.startswith("/web/")]
        return sum(status == 200 and any(word in text.lower() for word in self.words) for status, text in shown)

    def withdraw(self) -> float:
        """Withdraw all that is marked; return the seconds that the longest took from command to gone."""
        took = []
        for name in (*[name for one in self.marked for name in named(one)], *self.attachments()):
            began = time.monotonic()
            run(self.path, "withdraw", name, "--reason", REASON)
            took.append(time.monotonic() - began)
        return max(took)

    def quick(self, phase: str) -> None:
        """Look at all files, by SQL, at the exports, at every address of what is gone, and for each word."""
        self.phases.append(phase)
        site = site_of(self.path)
        places, some = Places(), slice(len(self.phases) % self.every, None, self.every)
        gone = self.gone()[some]
        for address in (*exports(site), *self.searches[some], *gone, *self.captures[some]):
            places.ask(site, address)
        self.count(places.with_words(self.words), len(places.found), phase)
        self.count(files_with(self.path, self.words), len(list((self.path / "releases").iterdir())), phase)
        wrong = {address: places.found[address][0] for address in gone if places.found[address][0] != 410}
        moved = {address for address, status in wrong.items() if status in (301, 302)}
        assert wrong.keys() <= moved, (phase, {one: wrong[one] for one in wrong.keys() - moved})
        for address in moved:
            assert get(site, address, follow_redirects=True).status_code == 410, (phase, address)

    def exports(self, phase: str, *more: object) -> dict[str, dict[str, list[str]]]:
        """Make every export, and return in which files of each some word stands."""
        made = export_all(self.path, self.path.parent / f"exports {phase}", *more)
        found = {kind: with_words(files, self.words) for kind, files in made.items()}
        if phase != "control":
            for kind, hits in found.items():
                self.count({f"{kind} {name}": words for name, words in hits.items()}, len(made[kind]), phase)
        return found

    def restore(self) -> None:
        """Go on with an archive that was restored from a backup, and with its next release."""
        copy, restored = self.path.parent / "backup", self.path.parent / "restored"
        for folder, arguments in ((self.path, ("backup", copy)), (restored, ("restore", copy))):
            done = oversight("--archive", folder, *arguments)
            assert done.returncode == 0, done.stdout + done.stderr
        self.path = restored
        run(restored, "release", "build")

    def gone(self) -> list[str]:
        """Return every address of what was withdrawn that answered before."""
        return [
            address
            for document, addresses in self.parts.items()
            if self.is_gone(document)
            for address in addresses
            if self.before.found[address][0] < 400
        ]

    def is_gone(self, document: str) -> bool:
        return document not in ("cdt-org-blog-bystander", "dhs-gov-publication-a-page-of-its-own")


def sweep(path: Path, marked: tuple[Marked, ...], every: int = 1) -> None:
    one = Sweep(path, marked, every)
    control = one.before.with_words(one.words)
    seen = {word for hits in control.values() for word in hits}
    unseen = set(one.words) - seen
    assert not unseen, f"the control: these are published nowhere before: {unseen}"
    assert {"1.db", "1.db (SQL)"} <= files_with(one.path, one.words).keys(), "the control: in the files too"
    assert len(one.gone()) > 100 * len(marked)
    # A release's stamp is there only where an authority is configured.
    assert not routes_walked(one.before), "the routes table has what the walk doesn't"
    telling = one.captures_with_words()
    assert telling > 3, "the control: captures have the words in them"

    held = one.exports("control")
    assert all(held.values()), "the control: in every export before"
    seconds = one.withdraw()
    site = site_of(one.path)
    after = walk(site, [*one.before.found, *exports(site)])
    one.count(after.with_words(one.words), len(after.found), "walk")
    one.quick("withdrawn")
    one.exports("withdrawn")
    assert_no_oracle(site, one.words)
    assert get(site, "/d/cdt-org-blog-bystander").status_code == 200, "the others stay"
    log = get(site, "/withdrawals.json").json()["withdrawals"]
    assert {row["reason"] for row in log} == {REASON}
    assert_tombstones(site, marked[0])

    one.quick("restart")
    oversight("--archive", one.path, "rebuild")
    run(one.path, "release", "build")
    one.quick("rebuild")
    crawl(one.path, NIGHTS[0])
    crawl(one.path, NIGHTS[1])
    built = run(one.path, "release", "build")
    assert built["new"]
    one.quick("crawled again, renamed and changed")
    CliRunner().invoke(program.main, ["--archive", str(one.path), "release", "use", "1", "--reason", "a rollback"])
    assert Releases(one.path).current() == 1
    one.quick("rollback")
    one.exports("of an older release", "--release", 1)
    one.restore()
    one.quick("restored from a backup")
    figure("WD-01", documents=len(log), addresses_before=len(one.before.found), asked=one.asked, leaks=len(one.leaks),
           seconds_from_command_to_gone=round(seconds, 1))  # fmt: skip
    figure("WD-02", addresses=len(one.gone()), not_410=0)
    for row in ("WD-04", "WD-15"):
        figure(row, searches=len(one.searches), told_from_what_never_was=0)
    figure("WD-07", captures=len(one.captures) // 3, with_the_words_before=telling, leaks=0)
    figure("WD-11", exports=["wacz", "package", "site"], files_with_words_before=sum(map(len, held.values())), leaks=0)
    for row in ("WD-08", "WD-10", "WD-12"):
        figure(row, phases=one.phases, releases=len(Releases(one.path).numbers()), words_and_digests=len(one.words),
               leaks=len(one.leaks))  # fmt: skip
    assert one.leaks == []

    for row in log:
        run(one.path, "withdraw", row["number"], "--undo", "--reason", "The order was lifted.")
    site = site_of(one.path)
    back = {address for address in one.gone() if get(site, address).status_code == one.before.found[address][0]}
    assert back == set(one.gone()), "the same addresses come back"


def assert_tombstones(site: ArchiveDatasette, one: Marked) -> None:
    """WD-02: each form says that it was withdrawn, when and why, and no cache keeps it."""
    name = one.pia.lower().replace("/", "-")
    told = get(site, f"/d/{name}.json")
    assert (told.status_code, told.json()["withdrawal"]["reason"]) == (410, REASON)
    for address in (f"/d/{name}", f"/d/{name}.txt", f"/n/{one.pia}", f"/archive/documents/{name}"):
        answer = get(site, address)
        assert answer.status_code == 410, address
        assert answer.headers["content-type"].startswith("text/plain" if address.endswith(".txt") else "text/html")
        assert answer.headers["cache-control"] == "no-cache"
        assert REASON in answer.text
    assert "Withdrawals" in get(site, "/withdrawals").text


def assert_no_oracle(site: ArchiveDatasette, words: Iterable[str]) -> None:
    """WD-04, WD-15: a search for what is gone is answered like one for what never was."""
    for page in ("/search.json", "/search/time.json", "/absence.json"):
        never = get(site, f"{page}?q=qqvzkxnever").text
        for word in words:
            if word.isalpha():
                answer = get(site, f"{page}?q={word}").text
                assert answer.replace(word, "qqvzkxnever") == never, (page, word)


def test_the_sweep(marked: Path) -> None:
    sweep(marked, (Marked(1),), every=4)


@pytest.mark.soak
def test_the_sweep_of_twenty_documents(tmp_path: Path) -> None:
    marked = tuple(map(Marked, range(1, 6)))
    sweep(archive_of(tmp_path, marked), marked)


def test_the_sweep_sees_what_is_left(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: the newest release without it, and the older ones as they were; then the newest with it."""
    path, words = marked, needles([Marked(1)])
    with monkeypatch.context() as patched:
        patched.setattr("archive.release.remaking.read_withheld", lambda *_: Withheld())
        run(path, "withdraw", Marked(1).pia, "--reason", REASON)
    assert {"1.db", "1.db (SQL)"} <= files_with(path, [Marked(1).word("third")]).keys()
    monkeypatch.setattr("archive.release.publishing.read_withheld", lambda *_: Withheld())
    run(path, "withdraw", Marked(1).article_url, "--reason", REASON)
    site, places = site_of(path), Places()
    for address in (*exports(site), f"/search.json?q={Marked(1).word('third')}", f"/n/{Marked(1).pia}"):
        places.ask(site, address)
    found = places.with_words(words)
    for name in ("pages.csv", "documents.csv", "pages_fts_data", "listings.csv"):
        assert any(name in address for address in found), name
    with pytest.raises(AssertionError):
        assert_no_oracle(site, words)


def private_files_with(path: Path, words: Iterable[str]) -> dict[str, list[str]]:
    """Return every file of an archive, packed ones unpacked, in which one of some words stands."""
    found = {}
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        content = file.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        found[str(file.relative_to(path))] = [word for word in words if word[3:].encode() in content]
    return {name: hits for name, hits in found.items() if hits}


def test_erased_it_is_in_no_file_of_the_archive_and_comes_in_no_more(marked: Path) -> None:
    """WD-16: what stands in the file alone; its title and its number others have too."""
    one = Marked(1)
    words = [one.word(part) for part in ("cover", "second", "third", "attached")]
    held = private_files_with(marked, words)
    assert {"archive.db", "releases/1.db"} < held.keys(), "the control"
    run(marked, "withdraw", one.pia, "--reason", REASON)
    attached = next(document for document in of_documents(marked) if "resources-files" in document)
    assert run(marked, "withdraw", one.pia, "--erase", "--reason", REASON)["erased"][0]["captures"] == 1
    assert run(marked, "withdraw", attached, "--erase", "--reason", REASON)["erased"][0]["captures"] == 1
    assert private_files_with(marked, words) == {}, "WARC files, journal, catalogue, cache, releases"
    crawl(marked, NIGHTS[0])
    assert private_files_with(marked, words) == {}, "its addresses are not asked for"
    with closing(sqlite3.connect(marked / "archive.db")) as connection:
        told = connection.execute("SELECT subject FROM outcomes WHERE outcome = 'address-erased'").fetchall()
    assert {subject for (subject,) in told} == {"withdrawal 1", "withdrawal 2"}
    states = {one["name"]: one["health"] for one in run(marked, "sources")}
    assert states["dhs_pia"] == "ok", "a run that gave it was as good as before"
    file = marked.parent / "handed-in.pdf"
    file.write_bytes(one.assessment(NIGHTS[0]))
    run(marked, "deposit", file)
    run(marked, "release", "build")
    assert private_files_with(marked, words) == {}, "the next command takes it out again"


def test_no_closed_gate_keeps_it_public(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: Path) -> None:
        raise GatesClosed([Closed("sources", "the last run failed: dhs_pia")])

    monkeypatch.setattr("console.withdrawing.build_now", closed)
    answer = run(marked, "withdraw", Marked(1).pia, "--reason", REASON)
    assert (answer["release"], answer["closed"]) == (None, ["sources: the last run failed: dhs_pia"])
    assert answer["remade"] == [1], "the release that is served is made again instead"
    assert not files_with(marked, [Marked(1).word("third"), Marked(1).pia])
    assert get(site_of(marked), f"/n/{Marked(1).pia}").status_code == 410


def withdraw_and_be_killed(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a withdrawal down, and die before a release is built without it."""

    class Killed(BaseException):
        pass

    def killed(_: Path) -> None:
        raise Killed

    line = ["--archive", str(marked), "withdraw", Marked(1).pia, "--reason", REASON]
    with monkeypatch.context() as patched:
        patched.setattr("console.withdrawing.build_now", killed)
        with pytest.raises(Killed):
            CliRunner().invoke(program.main, line, catch_exceptions=False)


def test_a_command_that_was_killed_is_finished_by_any_other(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    withdraw_and_be_killed(marked, monkeypatch)
    assert files_with(marked, [Marked(1).word("third")]), "the control: it was killed before anything was done"
    run(marked, "deposit", __file__)
    assert not files_with(marked, [Marked(1).word("third"), Marked(1).pia])


def test_no_export_stands_that_a_withdrawal_came_in_between(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = marked.parent / "package"

    def written(*given: Any) -> Any:
        answer = write_package(*given)
        run(marked, "withdraw", Marked(1).pia, "--reason", REASON)
        return answer

    monkeypatch.setattr("console.exporting.write_package", written)
    done = export(marked, "package", target)
    assert (done.exit_code, "something was withdrawn meanwhile" in done.output) == (1, True), done.output
    assert [path.name for path in marked.parent.iterdir() if "package" in path.name] == []


def test_an_export_finishes_a_withdrawal_that_was_killed(marked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    withdraw_and_be_killed(marked, monkeypatch)
    assert export(marked, "package", marked.parent / "package").exit_code == 0
    assert not with_words(files_in(marked.parent / "package"), [Marked(1).word("third"), Marked(1).pia])


def test_a_capture_that_holds_others_too_is_kept_and_named(marked: Path) -> None:
    record = f"award-{Marked(1).piid.lower()}"
    with closing(sqlite3.connect(marked / "archive.db")) as connection:
        (capture,) = connection.execute("SELECT capture FROM versions WHERE document = ?", (record,)).fetchone()
        connection.execute("INSERT INTO statements VALUES ('another', 'notice', '{}')")
        connection.execute("INSERT INTO sightings VALUES (?, 99, 'another')", (capture,))
        connection.commit()
    done = CliRunner().invoke(
        program.main, ["--archive", str(marked), "withdraw", record, "--erase", "--reason", REASON, "--json"]
    )
    assert done.exit_code == 1
    assert json.loads(done.stdout)["erased"][0]["kept"] == [capture]


def test_damage_stops_an_erasure_and_nothing_else(marked: Path) -> None:
    file = next((marked / "warc").glob("dhs_pia*.warc.gz"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    line = ["--archive", str(marked), "withdraw", Marked(1).pia, "--erase", "--reason", REASON]
    done = CliRunner().invoke(program.main, line)
    assert done.exit_code == 5
    assert "sealed as" in done.output
    assert not files_with(marked, [Marked(1).word("third"), Marked(1).pia]), "it is gone from what is public"
    later = CliRunner().invoke(program.main, ["--archive", str(marked), "deposit", __file__])
    assert "what a withdrawal still needs could not be done" in later.output
    assert later.exit_code != 5
    file.write_bytes(whole)
    run(marked, "release", "build")
    assert private_files_with(marked, [Marked(1).word("third")]) == {}, "once it is whole again, it is erased"


@pytest.mark.soak
def test_killed_for_real_at_any_moment_the_next_command_ends_it(made: Path, tmp_path: Path) -> None:
    """CR-09: SIGKILL of `withdraw --erase` as a process; the journal's line decides whether it was withdrawn."""
    one, seed = Marked(1), 20261129
    words = [one.word("second"), one.word("third")]
    chosen, withdrawn, kills = random.Random(seed), 0, 0
    for number in range(25):
        path = shutil.copytree(made, tmp_path / str(number)) / "archive"
        process = start("--archive", path, "withdraw", one.pia, "--erase", "--reason", REASON)
        with suppress(subprocess.TimeoutExpired):
            process.wait(chosen.uniform(0.6, 2.5))
        kills += process.poll() is None
        process.kill()
        process.wait()
        written = any(event["event"] == "withdrawn" for event in Journal(path).read())
        ordered = any(event["event"] == "erasure-ordered" for event in Journal(path).read())
        withdrawn += written
        run(path, "release", "build")
        assert bool(files_with(path, words)) is not written, number
        assert not (ordered and private_files_with(path, words)), number
        assert oversight("--archive", path, "verify").returncode == 0, number
        shutil.rmtree(path.parent)
    assert kills > 5
    figure("CR-09-kill", seed=seed, kills=kills, withdrawn=withdrawn, readable_after_done=0, unsound=0)

"""Plays the nights: has publishers act, the servers answer, the machine fail, and an operator give commands."""

from __future__ import annotations

import errno
import json
import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.derive import Sources
from pipelines.plan import project_settings
from tests.conftest import ROOT
from tests.demo_archive import differences, dump
from tests.forked import Ended, Forked
from tests.one_night import PLACES
from tests.sixty_nights.calendar import Night
from tests.sixty_nights.delivered import Post
from tests.sixty_nights.doing import do
from tests.sixty_nights.faults import FAULTS, OF_ALL, OF_DOCUMENTS, OF_LIST, OF_ROBOTS
from tests.sixty_nights.held import Held
from tests.sixty_nights.loopback import Loopback, Reply, Said
from tests.sixty_nights.publishers import ARGUMENTS, LIBRARY, Page
from tests.sixty_nights.truth import Truth
from tests.sixty_nights.watching import Wish, wishes
from tests.tracing import Fault

# What a full disk leaves for any one file, and what no disk has.
LITTLE, MUCH = 60_000, 1 << 60
WRITES = ("write", "pwrite64", "writev")


@dataclass
class Command:
    """One command that an operator, or a timer, gave on a night: how it ended, and what was said to it meanwhile."""

    night: Night
    arguments: tuple[str, ...]
    ended: Ended
    said: list[Said]

    @property
    def report(self) -> dict[str, Any]:
        """What it printed as JSON, {} where it printed none."""
        text = f"\n{self.ended.said}"
        start = text.find("\n{\n")
        found: dict[str, Any] = json.JSONDecoder().raw_decode(text[start + 1 :])[0] if start >= 0 else {}
        return found


@dataclass
class Play:
    """An archive and the world around it, night after night; `wrong` is what didn't end as it should have."""

    folder: Path
    forked: Forked
    web: Loopback
    seed: int
    nights: int
    post: Post | None = None
    mail_port: int = 0
    wrong: list[str] = field(default_factory=list)
    faults: int = 0
    befell: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.archive, self.copy = self.folder / "archive", self.folder / "copy"
        self.truth = Truth(self.web.publishers)
        self.chance = random.Random(f"{self.seed} acts")
        names = Sources(project_settings(ROOT)).names()
        self.disabled = [name for name in names if name not in ARGUMENTS]
        self.web.weather = self._weather
        self.ones: dict[tuple[str, str], str] = {}
        self.night = Night(0, "")
        self.heard: list[Said] = []
        self.commands = 0
        self.withdrawn: dict[str, int] = {}
        self.published: Callable[[Command], None] = lambda done: None  # told of each command that may publish
        self.watches: dict[str, Wish] = {}
        self.wishes = wishes(self.web.publishers, self.nights)
        self.untraced = self.forked.why_not_traced()

    def play(self, night: Night) -> Command | None:
        """Let a day and its night pass; return the night's last command, None where the machine was off."""
        self._begin(night)
        last: Command | None = None
        for name in night.machine:
            if name in BEFORE:
                BEFORE[name](self)
                self.befell.append(name)
            elif name.startswith("killed before "):
                done = self.nightly(kill_before=name.rpartition(" ")[2])
                self._expect(done, name, asked=None, statuses=(0, 1, 2, -9))
                if done.ended.status != -9:
                    last = done  # it had no such line to write
                    continue
                self.befell.append(name)
        if "missed" in night.machine:
            self.befell.append("missed")
            return None
        done = last or self.nightly()
        if "twice" in night.machine:
            self.befell.append("twice")
            again = self.nightly(at="06:30:00")
            self._expect(again, "twice", asked=None, statuses=(0, 1, 2))
        self.truth.learn(night.day, self.heard)
        return done

    def _begin(self, night: Night) -> None:
        self.night, self.web.night, self.web.day, self.heard = night, night.number, night.day, []
        self.web.deaf = night.deaf
        if self.post is not None:
            self.post.deaf = night.deaf
        publishers = self.web.publishers
        for wish in self.wishes:
            if wish.first == night.number:
                self._write(wish)
        for act, source in night.acts:
            do(publishers, act, source, night.day, self.chance)
        self.ones = {}
        for source, faults in night.ones.items():
            things = [one for one in publishers.of(source) if one.kind in ("page", "file", "article") and one.shown]
            for thing, fault in zip(self.chance.sample(things, min(len(things), len(faults))), faults, strict=False):
                self.ones[source, thing.address] = fault

    def _write(self, wish: Wish) -> None:
        """Write a watch's file, or write it anew."""
        place = self.archive / "curation" / "watches" / f"{wish.name}.toml"
        place.parent.mkdir(parents=True, exist_ok=True)
        hook = f'[[send]]\nwebhook = "http://127.0.0.1:{self.web.port}/hook/{wish.name}"\nsecret = "env:HOOK"\n'
        mail = f'[[send]]\nmail = "{wish.name}@reader.example"\n'
        place.write_text(wish.written(hook + (mail if self.mail_port else "")))
        self.watches[wish.name] = wish

    def _weather(self, source: str, path: str, page: Page | None) -> tuple[str, Reply] | None:
        fault = self._fault(source, path, page)
        if not fault:
            return None
        self.faults += 1
        return fault, FAULTS[fault].reply

    def _fault(self, source: str, path: str, page: Page | None) -> str:
        what, whole = page.what if page else "", self.night.weather.get(source, "")
        if whole in OF_ALL and (what == "robots") <= (whole in OF_ROBOTS):
            return whole
        if (whole in OF_LIST and what == "list") or (whole in OF_DOCUMENTS and "/publication/" in path):
            return whole
        if (source, path) in self.ones:
            return self.ones[source, path]
        name = next(iter(page.tells), "") if page and what == "thing" else ""
        return self.web.publishers.things[name].answer if name else ""

    def nightly(self, **told: Any) -> Command:
        """Give the night's command."""
        return self.command("nightly", "--json", **told)

    def command(self, *arguments: object, at: str = "05:30:00", **told: Any) -> Command:
        """Run a command at an hour of the night; `told` is what else is let happen to it (inside.py)."""
        faults = {"fault": told.pop("fault")} if "fault" in told else {}
        inside = {
            "at": f"{self.night.day}T{at}Z", "zone": "America/New_York", "port": self.web.port,
            "mail_port": self.mail_port,
            "arguments": {name: dict(own) for name, own in ARGUMENTS.items()}, "disabled": self.disabled, **told,
        }  # fmt: skip
        began = len(self.web.log)
        before = f"from tests.sixty_nights.inside import begin; begin({inside!r})"
        ended = self.forked.run(self.archive, *arguments, before=before, **faults)
        said = self.web.log[began:]
        self.heard += said
        self.commands += 1
        if "\nTraceback" in f"\n{ended.said}":
            start = f"\n{ended.said}".index("\nTraceback")
            self.wrong.append(f"{self.night.day} {arguments}: {ended.said[max(start - 700, 0) : start + 1500]}")
        return Command(self.night, tuple(map(str, arguments)), ended, said)

    def _expect(self, done: Command, what: str, *, asked: bool | None, statuses: tuple[int, ...]) -> None:
        told = f"{self.night.day} {what}: `{' '.join(done.arguments)}`"
        if done.ended.status not in statuses:
            self.wrong.append(f"{told} ended with {done.ended.status}: {done.ended.said[-600:]}")
        if asked is not None and bool(done.said) != asked:
            self.wrong.append(f"{told} asked {len(done.said)} times")

    def kill(self) -> None:
        """Kill the night's command after some captures; the timer gives it again."""
        done = self.nightly(kill=self.chance.randint(3, 12))
        self._expect(done, "kill", asked=True, statuses=(-9,))

    def power_cut(self) -> None:
        """The same, with what a power cut leaves: half a record, and half a line of the journal."""
        self.kill()
        newest = max((self.archive / "warc").glob("*.warc.gz"), key=lambda path: path.stat().st_mtime_ns)
        start = newest.read_bytes()[:200]
        with newest.open("ab") as torn:
            torn.write(start + self.chance.choice([b"", bytes(512)]))
        with (self.archive / "journal" / "journal.jsonl").open("ab") as torn:
            torn.write(b'{"at":"2026-11-0')

    def full_disk(self) -> None:
        """Let the disk be full from one write on; with room the timer's next try goes on."""
        if self.untraced:
            done = self.nightly(file_size=LITTLE)
        else:
            done = self.nightly(fault=Fault(errno.ENOSPC, self.chance.randint(5, 60), WRITES, for_good=True))
        self._expect(done, "full disk", asked=None, statuses=(4, 5))

    def low_disk(self) -> None:
        """Let the disk have less room than is kept free."""
        self._expect(self.nightly(keep_free=MUCH), "low disk", asked=False, statuses=(4,))

    def clock_back(self) -> None:
        """Let the machine's clock be three weeks behind: nothing is captured."""
        self._expect(self.nightly(at_day=-21), "clock back", asked=False, statuses=(2,))

    def clock_ahead(self) -> None:
        """Let it be more than a year ahead."""
        self._expect(self.nightly(at_day=400), "clock ahead", asked=False, statuses=(2,))

    def rebuild(self) -> None:
        """Make the catalogue anew: it is the same."""
        before = dump(self.archive, PLACES)
        self._expect(self.command("rebuild"), "rebuild", asked=False, statuses=(0,))
        self._same(before, "rebuild")

    def _same(self, before: dict[str, list[Any]], what: str) -> None:
        for table, rows in differences(before, dump(self.archive, PLACES)).items():
            self.wrong.append(f"{self.night.day} {what}: {table} differs: {str(rows)[:600]}")

    def withdraw(self) -> None:
        """Take a document out of publication that is published."""
        held = Held(self.archive / "archive.db", self.web.publishers.names)
        ids = {name: document for document, name in held.name_of.items()}
        wanted = [one.name for one in self.web.publishers.of(LIBRARY) if one.name in ids]
        name = self.chance.choice([one for one in wanted if one not in self.withdrawn])
        reason = ("--reason", "By order of a court.", "--json")
        done = self.command("withdraw", ids[name], *reason)
        self._expect(done, "withdraw", asked=False, statuses=(0,))
        self.withdrawn[name] = done.report.get("withdrawal", 0)
        self.published(done)

    def accepts(self) -> bool:
        """Tell whether a person looks at the gates this morning: at the first that is closed, and at some others."""
        return "accept" not in self.befell or self.chance.random() < 0.3

    def accept(self) -> bool:
        """Let the gates stand open that are closed, on the record; tell whether any was."""
        closing = self.truth.closing()
        if closing:
            gates = [f"counts:{source}" for source in closing]
            done = self.command(
                "release", "accept", *gates, "--reason", "Looked at it: it is so.", "--json", at="09:00:00"
            )
            self._expect(done, "accept", asked=False, statuses=(0,))
            self.befell.append("accept")
            self.published(done)
        return bool(closing)

    def undo(self) -> None:
        """Publish it again."""
        name = min(self.withdrawn, key=self.withdrawn.__getitem__)
        number = self.withdrawn.pop(name)
        done = self.command("withdraw", number, "--undo", "--reason", "The order was lifted.", "--json")
        self._expect(done, "undo", asked=False, statuses=(0,))
        self.published(done)

    def restore(self) -> None:
        """Make a backup, lose the archive, or a part of it, and bring it back."""
        before = dump(self.archive, PLACES)
        self._expect(self.command("backup", self.copy), "backup", asked=False, statuses=(0,))
        if self.chance.random() < 0.5:
            self.archive.rename(self.folder / "lost")
            shutil.rmtree(self.folder / "lost")
        else:
            lost = self.chance.choice(sorted((self.archive / "warc").glob("*.warc.gz")))
            for path in (lost, self.archive / "archive.db"):
                path.unlink()
        self._expect(self.command("restore", self.copy), "restore", asked=False, statuses=(0,))
        self._same(before, "restore")


# What befalls the machine before a night's command.
BEFORE: Mapping[str, Callable[[Play], None]] = {
    "kill": Play.kill, "power cut": Play.power_cut, "full disk": Play.full_disk, "low disk": Play.low_disk,
    "clock back": Play.clock_back, "clock ahead": Play.clock_ahead, "rebuild": Play.rebuild, "restore": Play.restore,
    "withdraw": Play.withdraw, "undo": Play.undo,
}  # fmt: skip

"""DL-01: killed at each step from the match to the mark, by mail and by webhook: nothing lost, at most one twice."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from archive.store.journal import Journal
from archive.watches.journaled import MADE
from archive.watches.outbox import Outbox
from tests.delivering import AT, TAKEN, Told, told_archive
from tests.figures import figure
from tests.forked import Forked
from tests.small_archive import make_small_archive
from tests.tracing import Fault

# Before the message that the command makes of the release there are these, so that there is an order to keep.
EARLIER = 3
WRITES = ("write", "fsync")
HOOK_POINTS, MAIL_POINTS = ("read", "answered"), ("MAIL", "RCPT", "DATA", "TAKEN", "QUIT")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


class Receivers:
    """A webhook's receiver and a mail server that keep what they got, and kill the sender at a named point."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.pid = told.folder.parent / "pid"
        self.point, self.place = "", 0
        self.passed: Counter[str] = Counter()
        told.server.default = self._post
        told.kept.does = self._reached

    def strike_at(self, point: str, place: int) -> None:
        """Kill the sender when it comes to a point for the nth time; "" for never."""
        self.point, self.place, self.passed = point, place, Counter()

    def _reached(self, point: str) -> None:
        self.passed[point] += 1
        if (point, self.passed[point]) == (self.point, self.place):
            with suppress(ProcessLookupError):
                os.kill(int(self.pid.read_text()), signal.SIGKILL)

    def _post(self, connection: socket.socket) -> None:
        self._reached("read")
        with suppress(OSError):
            connection.sendall(TAKEN)
        self._reached("answered")

    def posted(self) -> list[str]:
        """Return the ids that the webhook's receiver read, each checked against its body."""
        ids = [one.split(b"webhook-id: ")[1].split(b"\r\n")[0].decode() for one in self.told.server.requests]
        assert ids == [one["data"]["id"] for one in self.told.posted]
        return ids

    def mailed(self) -> list[str]:
        """Return the ids of the mails that were taken; the same message has the same Message-ID each time."""
        ids: list[str] = []
        headers: dict[str, str] = {}
        for mail in self.told.kept.read:
            (found,) = re.findall(r"Message ([0-9a-f]{32}),", str(mail.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
            assert headers.setdefault(found, mail["Message-ID"]) == mail["Message-ID"]
            ids.append(found)
        assert len(set(headers.values())) == len(headers)
        return ids


class Trials:
    """One archive, as it is before a night's messages are made; each trial has a copy of it."""

    def __init__(self, small: Path, folder: Path, forked: Forked, told: Told) -> None:
        self.forked, self.told, self.receivers = forked, told, Receivers(told)
        self.fresh = folder / "fresh"
        change = told.make()
        journal = told.folder / "journal"
        shutil.rmtree(journal)
        shutil.copytree(small / "journal", journal)
        told.tell_before()
        with_earlier = Journal(told.folder)
        for number in range(EARLIER):
            more = {"message": f"{number:032x}", "hits": change["hits"][:1], "changes": change["changes"][:1]}
            with_earlier.append(
                MADE, **{**{name: change[name] for name in change if name != "event"}, "release": 0, **more}
            )
        with_earlier.close()
        shutil.copytree(told.folder, self.fresh)
        self.lost = self.twice = self.most_twice = self.out_of_order = self.kills = 0

    def _run(self, **faults: object) -> int:
        """Make the messages and send them, as a night does."""
        make = (
            "from pathlib import Path\nfrom archive.watches.news import make_messages\n"
            f"Path({str(self.receivers.pid)!r}).write_text(str(os.getpid()))\n"
            f"make_messages(Path({str(self.told.folder)!r}), {AT!r})\n"
        )
        return self.told.command(self.forked, "deliver", code=make, faults=faults).status

    def try_one(self, point: str = "", place: int = 0, **faults: object) -> bool:
        """Kill once, go on, and count what became of the messages; tell whether it was killed at all."""
        shutil.rmtree(self.told.folder)
        shutil.copytree(self.fresh, self.told.folder)
        self.told.server.requests.clear()
        self.told.kept.mails.clear()
        self.receivers.strike_at(point, place)
        killed = self._run(**faults) == -signal.SIGKILL
        self.receivers.strike_at("", 0)
        assert self._run() == 0
        self.kills += killed
        outbox = Outbox.of(Journal(self.told.folder).read())
        made = list(outbox.made)
        assert len(made) == EARLIER + 1
        twice = 0
        for got in (self.receivers.posted(), self.receivers.mailed()):
            self.lost += len(set(made) - set(got))
            self.out_of_order += list(dict.fromkeys(got)) != made
            twice += len(got) - len(set(got))
        assert not outbox.due({})
        self.twice += twice
        self.most_twice = max(self.most_twice, twice)
        return killed

    def tell(self, **more: object) -> None:
        figure(
            "DL-01", kills=self.kills, lost=self.lost, twice=self.twice, most_twice_a_kill=self.most_twice,
            out_of_order=self.out_of_order, **more,
        )  # fmt: skip
        assert (self.lost, self.out_of_order) == (0, 0)
        assert self.most_twice <= 1


@pytest.fixture
def trials(small: Path, tmp_path: Path, forked: Forked) -> Iterator[Trials]:
    with told_archive(small, tmp_path) as told:
        yield Trials(small, tmp_path, forked, told)


def _points() -> list[tuple[str, int]]:
    return [(point, place) for point in (*HOOK_POINTS, *MAIL_POINTS) for place in range(1, EARLIER + 2)]


def test_dl_01_killed_by_its_receivers_at_named_points(trials: Trials) -> None:
    assert not trials.try_one()  # the control: nobody is killed, nothing comes twice
    assert trials.twice == 0
    for point in ("read", "answered", "RCPT", "TAKEN"):  # all of them in `make soak`
        # After the last answer it may be done before it is killed.
        assert trials.try_one(point, 2) or point == "answered"
    trials.tell(by="receivers")
    assert trials.kills >= 3
    assert trials.twice > 0  # where it is killed between the receiver's word and the mark, it has to


def test_dl_01_dl_13_killed_at_calls_on_the_journal(trials: Trials) -> None:
    if why := trials.forked.why_not_traced():
        pytest.skip(why)
    for at in (1, 5, 8):
        assert trials.try_one(fault=Fault("kill", at, WRITES, file="journal"))
    trials.tell(by="calls on the journal")
    assert trials.kills == 3


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_dl_01_two_hundred_kills(trials: Trials) -> None:
    """At each named point of each message, at each call on the journal, and at drawn moments until it is 200."""
    points = Counter[str]()
    for point, place in _points():
        points[point] += trials.try_one(point, place)
    at = 0
    if not trials.forked.why_not_traced():
        while trials.try_one(fault=Fault("kill", (at := at + 1), WRITES, file="journal")):
            points["journal"] += 1
    seed = random.SystemRandom().randrange(1 << 32)
    drawn = random.Random(seed)
    while trials.kills < 200:
        points["drawn"] += trials.try_one(kill_after=drawn.uniform(0, 0.4))
    trials.tell(by=dict(points), seed=seed)
    assert trials.kills >= 200


def test_dl_01_sabotage_a_mark_before_the_answer_loses_a_message(trials: Trials) -> None:
    """The defence taken away: who marks before the receiver's word is killed, and the message is lost."""
    early = (
        "import pipelines.delivery.sending as sending\n_post = sending.post\n"
        "def early(receiver, body, headers, accepted):\n"
        "    accepted()\n    _post(receiver, body, headers, lambda: None)\n"
        "sending.post = early\n"
    )
    trials.told.code = early
    trials.told.server.default = lambda connection: trials.receivers._reached("read")
    trials.receivers.strike_at("read", 1)
    assert trials._run() == -signal.SIGKILL
    sent = [event for event in Journal(trials.told.folder).read() if event["event"] == "message-sent"]
    assert any(event["to"] == "plates/webhook" for event in sent)  # and nobody has answered

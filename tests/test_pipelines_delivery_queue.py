"""The queue: what is due and when, in which order, what is set aside; the journal is the outbox (DL-05, DL-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.store.journal import Journal
from archive.watches.model import Destination, Message, Watch
from archive.watches.outbox import BACKOFF, LONGEST_WAIT, MADE, MOST_FAILURES, Outbox, next_try, stopped_in
from pipelines.delivery.queue import EVERY, Delivered, Queue, Told
from tests.figures import figure
from tests.scripted_server import Script, ScriptedServer, answer
from tests.told_messages import message, sender

START = datetime(2026, 11, 1, 3, tzinfo=UTC)
TAKEN = answer(status="204 No Content")
DOWN = answer(status="503 Down")


class World:
    """An archive of which there is only the journal, a clock that stands still, and a receiver on loopback."""

    def __init__(self, folder: Path, server: ScriptedServer) -> None:
        self.folder, self.server = folder, server
        self.time = START
        self.made = 0
        self.names = ["one"]
        self.broken: set[str] = set()
        self.unclear: set[str] = set()

    @property
    def at(self) -> str:
        return self.time.strftime("%Y-%m-%dT%H:%M:%SZ")

    def make(self, number: int = 1, **more: Any) -> list[str]:
        """Make messages, as a night does; return their ids."""
        ids = [f"{one:032x}" for one in range(self.made + 1, self.made + number + 1)]
        self.made += number
        journal = Journal(self.folder)
        for one in ids:
            facts = {"message": one, "watch": "plates", "release": 1, "at": self.at, "to": self.names, **more}
            journal.append(MADE, **facts)
        journal.close()
        return ids

    def queue(self) -> Queue:
        hooks = [Destination("webhook", one, f"{self.server.url}/{one}", "env:HOOK") for one in self.names]
        watch = Watch("plates", "Plates", ("x",), destinations=tuple(hooks))
        told = Told([] if not self.names else [watch], frozenset(self.unclear))
        journal = Journal(self.folder)
        return Queue(journal, Outbox.of(journal.read()), told, sender(seconds=5), self._render, lambda: self.at)

    def _render(self, event: Mapping[str, Any]) -> Message:
        if event["message"] in self.broken:
            raise KeyError("canary")
        return message(id=event["message"], at=event["at"])

    def send(self, only: str = "") -> Delivered:
        return self.queue().send_due(lambda *_: None, only)

    def later(self, **time: float) -> None:
        self.time += timedelta(**time)

    def taken(self, name: str = "one") -> list[str]:
        """Return the ids that came in at a receiver, in order."""
        own = [one for one in self.server.requests if one.startswith(f"POST /{name} ".encode())]
        return [one.split(b"webhook-id: ")[1].split(b"\r\n")[0].decode() for one in own]

    def lines(self, kind: str) -> list[dict[str, Any]]:
        return [dict(event) for event in Journal(self.folder).read() if event["event"] == kind]


@contextmanager
def world(folder: Path, scripts: Mapping[str, Script] | None = None) -> Iterator[World]:
    (folder / "journal").mkdir()
    with ScriptedServer(scripts or {}, default=TAKEN) as server:
        yield World(folder, server)


def test_each_message_goes_once_to_each_destination_in_order(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        one.names = ["one", "two"]
        ids = one.make(5)
        done = one.send()
        assert (done.sent, done.due, done.is_well) == (10, 0, True)
        assert one.taken("one") == one.taken("two") == ids
        assert one.send().sent == 0  # from the journal alone
        assert len(one.server.requests) == 10
        assert [line["to"] for line in one.lines("message-sent")] == ["plates/one", "plates/two"] * 5
        journal = (tmp_path / "journal" / "journal.jsonl").read_text()
        assert "127.0.0.1" not in journal
        assert "License" not in journal


def test_dl_05_a_receiver_that_was_down_for_a_week_gets_all_in_order(tmp_path: Path) -> None:
    with world(tmp_path, {"/one": DOWN}) as one:
        ids, tries = [], 0
        for _ in range(7 * 24):  # a night's messages, and `oversight deliver` by the hour
            ids += one.make(1) if one.time.hour == 3 else []
            tries += len(one.send().failures)
            one.later(hours=1)
        assert one.taken() == [ids[0]] * tries  # nothing overtakes the first
        failed = one.lines("message-failed")
        assert [line["try"] for line in failed] == list(range(1, tries + 1))
        assert tries < MOST_FAILURES
        assert stopped_in(Journal(tmp_path).read()) == ()
        one.server.scripts["/one"] = TAKEN
        one.later(days=1)
        done = one.send()
        assert (done.sent, done.due) == (len(ids), 0)
        assert one.taken()[tries:] == ids
        # Dropped without a line: what was made and is neither sent nor set aside.
        sent = {line["message"] for line in one.lines("message-sent")}
        dropped = len(set(ids) - sent)
        figure("DL-05", messages=len(ids), tries_while_down=tries, sent_afterwards=done.sent, dropped=dropped)
        assert dropped == 0


def test_receivers_that_hang_keep_no_other_waiting(tmp_path: Path) -> None:
    """What one command may take is gone after a few receivers of which each takes a minute: night after night."""
    with world(tmp_path, {"/dead": DOWN}) as one:
        one.names = ["dead", "one"]
        one.make(1)
        one.send()
        one.later(days=1)
        one.make(1)
        queue = one.queue()
        tried = []

        class Slow:
            def written(self, _destination: Destination, to: str, _message: Message) -> Any:
                tried.append(to)
                queue.until = 0.0
                return lambda accepted: accepted()

        queue.writer = Slow()
        queue.send_due(lambda *_: None)
        assert tried == ["plates/one"], "who took the last is first"


def test_the_schedule_is_kept(tmp_path: Path) -> None:
    with world(tmp_path, {"/one": DOWN}) as one:
        one.make(2)
        for place, minutes in enumerate(BACKOFF):
            (failed,) = one.send().failures
            assert (failed.failures, failed.reason) == (place + 1, "it answered 503")
            one.later(minutes=minutes - 1)
            (waiting,) = one.send().waiting
            assert (waiting.messages, waiting.again, waiting.why) == (2, failed.again, "it answered 503")
            one.later(minutes=1)
        assert len(one.taken()) == len(BACKOFF)
        one.server.scripts["/one"] = TAKEN
        assert one.send().sent == 2
        one.server.scripts["/one"] = DOWN
        one.make()
        assert one.send().failures[0].failures == 1  # a success begins anew


def test_a_receiver_that_asks_for_rest_gets_it_within_bounds(tmp_path: Path) -> None:
    with world(tmp_path, {"/one": answer(status="429 Too Many", Retry_After="7200")}) as one:
        one.make()
        (failed,) = one.send().failures
        assert failed.again == "2026-11-01T05:00:00Z"
    assert next_try("2026-11-01T03:00:00Z", 1, 1e12) == (START + LONGEST_WAIT).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert next_try("2026-11-01T03:00:00Z", 99, 0.0) == "2026-11-01T23:00:00Z"


def test_dl_02_after_so_many_failures_a_destination_is_stopped_and_says_so(tmp_path: Path) -> None:
    with world(tmp_path, {"/one": DOWN}) as one:
        one.names = ["one", "two"]
        ids = one.make(3)
        began = one.time
        for _ in range(MOST_FAILURES):
            one.send()
            one.later(days=2)
        (standing,) = stopped_in(Journal(tmp_path).read())
        assert (standing.to, standing.reason) == ("plates/one", "it answered 503")
        assert standing.stopped > began.isoformat()
        tried = len(one.taken("one"))
        done = one.send()
        assert len(one.taken("one")) == tried == MOST_FAILURES
        assert "stopped since" in done.waiting[0].why
        assert done.due == 3  # nothing is lost
        assert one.taken("two") == ids  # and nobody else is held up

        one.server.scripts["/one"] = TAKEN
        one.queue().resume("plates/one")
        assert one.send().sent == 3
        assert one.taken("one")[tried:] == ids
        assert stopped_in(Journal(tmp_path).read()) == ()
    figure("DL-02", failures_until_stopped=MOST_FAILURES, sent_after_resuming=3, lost=0)


def test_a_receiver_that_wants_no_more_is_asked_once(tmp_path: Path) -> None:
    with world(tmp_path, {"/one": answer(status="410 Gone")}) as one:
        one.make(2)
        (failed,) = one.send().failures
        assert failed.stopped
        one.later(days=30)
        assert one.send().failures == []
        assert len(one.taken()) == 1


def test_dl_10_a_message_that_cannot_be_written_is_set_aside_by_name(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        ids = one.make(4)
        one.broken = {ids[1]}
        odd = one.make(1, message="no.id")
        done = one.send()
        assert one.taken() == [ids[0], ids[2], ids[3]]
        assert [(each.message, each.reason) for each in done.set_aside] == [
            (ids[1], "it can't be written (KeyError)"),
            ("no.id", "it can't be written (ValueError)"),
        ]
        assert (done.due, one.send().set_aside) == (0, [])
        assert odd
        one.broken = set()
        events = [event for event in Journal(tmp_path).read() if event.get("message") == ids[1]]
        again = one.queue().send_again({"plates/one": events[:1]}, lambda *_: None)
        assert (again.sent, one.taken()[-1]) == (1, ids[1])
        figure("DL-10", messages=5, set_aside=len(done.set_aside), sent=done.sent)


@pytest.mark.parametrize("unclear", ["plates", EVERY])
def test_a_destination_that_no_file_names_any_more(tmp_path: Path, unclear: str) -> None:
    with world(tmp_path) as one:
        one.names = ["one", "two"]
        one.make(2)
        one.names, one.unclear = ["two"], {unclear}
        done = one.send()
        assert (done.sent, done.due) == (2, 2)
        assert "can't be understood" in done.waiting[0].why  # a slip of the pen loses nothing
        one.unclear = set()
        done = one.send()
        assert [each.reason for each in done.set_aside] == ["no watch's file names this destination any more"] * 2
        assert done.due == 0


def test_a_destination_that_was_added_later_is_told_nothing_old(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        one.make(3)
        one.send()
        one.names = ["one", "two"]
        (new,) = one.make()
        one.send()
        assert one.taken("two") == [new]


def test_dl_05_a_range_is_sent_again_with_the_same_ids_and_moves_no_schedule(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        ids = one.make(6)
        one.send()
        one.server.scripts["/one"] = DOWN
        (due,) = one.make()
        (failed,) = one.send().failures
        events = [event for event in Journal(tmp_path).read() if event["event"] == MADE]
        refused = one.queue().send_again({"plates/one": events[1:4]}, lambda *_: None)
        assert (refused.sent, len(refused.failures)) == (0, 1)
        standing = one.queue().outbox.standing("plates/one")
        assert (standing.again, standing.failures) == (failed.again, 1)
        one.server.scripts["/one"] = TAKEN
        before = len(one.taken())
        assert one.queue().send_again({"plates/one": events[1:4]}, lambda *_: None).sent == 3
        assert one.taken()[before:] == ids[1:4]
        one.later(days=1)
        assert one.send().sent == 1
        assert one.taken()[-1] == due
        figure("DL-05", replayed=3, other_ids=0)


def test_what_is_not_set_waits_and_is_held_against_nobody(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        one.make(2)
        queue = one.queue()
        queue.writer = sender({"HOOK": ""})
        done = queue.send_due(lambda *_: None)
        assert [(each.messages, each.why) for each in done.waiting] == [(2, "HOOK isn't set in the environment")]
        assert one.lines("message-failed") == []
        assert one.send().sent == 2


def test_no_command_sends_for_ever(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        one.make(3)
        queue = one.queue()
        queue.until = 0.0
        done = queue.send_due(lambda *_: None)
        assert (done.sent, done.waiting[0].messages) == (0, 3)
        assert "no time left" in done.waiting[0].why
        assert one.send().sent == 3

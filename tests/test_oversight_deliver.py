"""`oversight deliver` on a whole archive: told by what is published now, sent again, tested, stopped, and secret."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from archive.release.folder import Releases
from archive.site.server import open_archive
from archive.store.journal import Journal
from pipelines.delivery.deliver import Again, deliver_again, send_test
from tests.asking_the_site import get
from tests.delivering import PASSWORD, SECRETS, TAKEN, Told, told_archive
from tests.figures import figure
from tests.forked import Forked
from tests.scripted_server import answer
from tests.served_releases import site_of
from tests.small_archive import make_small_archive
from tests.told_messages import SECRET


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_archive(tmp_path_factory.mktemp("small") / "archive")


@pytest.fixture
def told(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setenv("HOOK", SECRET)
    with told_archive(small, tmp_path) as one:
        one.event = one.make()
        yield one


def test_what_is_due_is_told_once_by_mail_and_webhook(told: Told) -> None:
    done = told.deliver()
    assert (done.sent, done.due, done.is_well) == (2, 0, True)
    (posted,), (mail,) = told.posted, told.kept.read
    assert posted["data"]["id"] == told.event["message"]
    place = posted["data"]["hits"][0]["places"][0]
    assert "license plates" in place["words"]
    assert place["address"].startswith("https://archive.example/d/")
    assert "license plates" in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    head = told.server.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.decode().lower().split(": ", 1) for line in head[0].split(b"\r\n")[1:])
    sent_as = {
        line.split(b": ")[0].decode().lower(): line.split(b": ")[1].decode() for line in head[0].split(b"\r\n")[1:]
    }
    assert headers["webhook-id"] == told.event["message"]
    Webhook(SECRET).verify(head[2], sent_as)
    assert told.deliver().sent == 0


def test_dl_12_what_was_withdrawn_before_it_was_sent_is_not_told(told: Told, forked: Forked) -> None:
    found = forked.run(told.folder, "search", "license plates", "--json")
    document = json.loads(found.said)["results"][0]["id"]
    withdrawn = forked.run(told.folder, "withdraw", document, "--reason", "It names a witness.")
    assert withdrawn.status == 0, withdrawn.said
    done = told.deliver()
    assert (done.sent, len(done.set_aside)) == (2, 0)
    sent = json.dumps(told.posted) + told.kept.mails[0][1].decode()
    leaks = sum(words in sent for words in ("A report on", "license plates", document))
    assert told.posted[0]["data"]["hits"] == []
    assert "published no longer" in told.posted[0]["data"]["notices"][0]
    assert "published no longer" in str(told.kept.read[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert not any(hit in sent for hit in told.event["hits"])
    figure("DL-12", messages=2, leaks=leaks, notices=2)
    assert leaks == 0


def test_messages_are_sent_again_and_tests_are_sent(told: Told) -> None:
    told.deliver()
    nothing = lambda *_: None  # noqa: E731
    done, wanted = deliver_again(told.folder, told.settings, Again(since="2026-12-01", until="2026-12-01"), nothing)
    assert (done.sent, wanted) == (2, 2)
    again = Again((told.event["message"],))
    assert deliver_again(told.folder, told.settings, again, nothing, "plates/webhook")[0].sent == 1
    assert deliver_again(told.folder, told.settings, Again(since="2026-12-02", until="9"), nothing)[1] == 0
    assert {one["data"]["id"] for one in told.posted} == {told.event["message"]}
    assert len({mail["Message-ID"] for mail in told.kept.read}) == 1
    before = len(Journal(told.folder).read())
    assert send_test(told.folder, told.settings, "plates").sent == 2
    assert told.posted[-1]["type"] == "watch.test"
    assert told.kept.read[-1]["Subject"] == "Plates: a test"
    assert len(Journal(told.folder).read()) == before


def test_the_command_and_its_log(told: Told, forked: Forked) -> None:
    done = told.command(forked, "deliver", "--json")
    assert done.status == 0, done.said
    assert json.loads(done.said)["sent"] == 2
    log = forked.run(told.folder, "deliver", "--log")
    assert [line.split()[1] for line in log.said.splitlines()] == ["made", "sent", "sent"]
    only = json.loads(forked.run(told.folder, "deliver", "--log", "--to", "plates/mail", "--json").said)
    assert [one["event"] for one in only["events"]] == ["message-made", "message-sent"]
    assert [one["to"] for one in only["destinations"]] == ["plates/mail"]
    assert told.command(forked, "deliver", "--test", "plates", "--to", "plates/mail").said == "1 message sent\n"
    assert "2 messages sent" in told.command(forked, "deliver", "--replay", "2026-12-01..").said
    for wrong, says in (
        (("--test", "other"), "No watch is called 'other'. There are: plates."),
        (("--resume", "plates/other"), "There are: plates/mail, plates/webhook."),
        (("--replay", "yesterday"), "takes a range"),
        (("--replay", "..2026-11-01"), "No message is like that"),
        (("--log", "--test", "plates"), "Ask for one thing"),
    ):
        refused = told.command(forked, "deliver", *wrong)
        assert (refused.status, says in refused.said) == (2, True), refused.said


def test_a_stopped_destination_is_resumed_by_the_command(told: Told, forked: Forked) -> None:
    told.server.default = answer(status="410 Gone")
    refused = told.command(forked, "deliver")
    assert refused.status == 1
    assert "stopped: `oversight deliver --resume 'plates/webhook'` goes on" in refused.said
    site = open_archive(told.folder, working=True)
    shown = get(site, "/watches").text
    assert "plates/webhook is sent nothing since 2" in shown
    assert "plates/mail is" not in shown
    public = site_of(Releases(told.folder))
    assert public.serving is not None
    assert "plates/webhook" not in get(public, "/watches").text
    public.serving.close()
    status = json.loads(forked.run(told.folder, "status", "--json").said)
    (standing,) = status["watches"]["stopped"]
    assert (standing["to"], standing["reason"]) == ("plates/webhook", "it answered 410: it wants no more")
    assert status["watches"]["due"] == 1
    assert [one["name"] for one in status["needs"] if one["about"] == "delivery"] == ["plates/webhook"]
    told.server.default = TAKEN
    waits = told.command(forked, "deliver")
    assert (waits.status, "1 message due: stopped since" in waits.said) == (1, True)
    resumed = told.command(forked, "deliver", "--resume", "plates/webhook")
    assert (resumed.status, resumed.said) == (0, "1 message sent\n")


def test_without_a_release_all_stays_due(told: Told) -> None:
    shutil.rmtree(told.folder / "releases")
    done = told.deliver()
    assert (done.sent, done.due) == (0, 2)
    assert [one.outcome for one in done.problems] == ["not-delivered"]


@pytest.mark.parametrize("does", ["well", "refused", "wrong login", "broken"])
def test_sc_01_no_secret_is_in_the_journal_a_log_or_a_traceback(
    small: Path, tmp_path: Path, forked: Forked, does: str
) -> None:
    """Each failure echoes what it was sent; one is of the program itself, with a traceback."""
    echo = answer(f"{SECRETS}".encode(), f"500 {SECRETS['address']} {SECRET}", X_Echo=PASSWORD)
    with told_archive(small, tmp_path, TAKEN if does == "well" else echo, auth_required=does == "wrong login") as one:
        one.make()
        if does != "well":
            one.kept.answers = {"RCPT": [f"550 5.1.1 <{SECRETS['mail']}> {PASSWORD} unknown"] * 2}
        more = {"SMTP_USER": "plates"} if does == "wrong login" else {}
        broken = "import pipelines.delivery.smtp as smtp\nsmtp._require = None\n" if does == "broken" else ""
        done = one.command(forked, "deliver", code=broken, **more)
        said = [done.said, one.command(forked, "deliver", "--json", **more).said]
        said.append(forked.run(one.folder, "deliver", "--log", "--json").said)
        assert done.status == {"well": 0, "broken": 70}.get(does, 1), done.said
        files = [path for path in one.folder.rglob("*") if path.is_file() and path.suffix != ".toml"]
        written = b"".join(path.read_bytes() for path in files)
    looked = "".join(said).encode() + written
    hits = {name: secret.encode() in looked for name, secret in SECRETS.items()}
    figure("SC-01", delivery=does, places=len(said) + len(files), hits=sum(hits.values()))
    assert not any(hits.values()), (hits, said)


def test_what_is_not_set_is_said_by_the_command(told: Told, forked: Forked) -> None:
    done = told.command(forked, "deliver", SMTP_HOST="")
    assert done.status == 1
    assert "plates/mail: 1 message due: SMTP_HOST names no mail server" in done.said
    assert os.environ["HOOK"] not in done.said


def test_what_a_newer_release_told_waits_while_an_older_one_is_served(told: Told) -> None:
    """Told by the older one, all of it would be called withdrawn, and never be told again."""
    with closing(Journal(told.folder)) as journal:
        facts = {name: value for name, value in told.event.items() if name != "event"}
        journal.append("message-made", **{**facts, "message": "f" * 32, "release": 2})
    done = told.deliver()
    assert (done.sent, done.due) == (2, 2)
    assert {one.why for one in done.waiting} == {"it tells of release 2, and release 1 is served"}
    assert not done.is_well

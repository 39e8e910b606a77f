"""ntfy, Slack and the like through Apprise: few schemes, no redirect, nothing of the secret anywhere (DL-14)."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from archive.watches.model import Destination
from pipelines.delivery.apprise import SCHEMES
from pipelines.delivery.refused import NotDelivered, NotSet
from tests.figures import figure
from tests.scripted_server import ScriptedServer, answer
from tests.told_messages import SITE, hit, message, sender

PHONE = Destination("apprise", "phone", "env:PHONE")
TAKEN = answer(b'{"id":"x"}', Content_Type="application/json")
TOPIC = "canary-of-the-topic"


def sent(url: str, seconds: float = 20.0, told: Any = None, **more: object) -> list[str]:
    noted: list[str] = []
    write = sender({"PHONE": url}, seconds, **more).written(PHONE, "plates/phone", told or message())
    write(lambda: noted.append("sent"))
    return noted


def failure(url: str, **more: Any) -> NotDelivered:
    with pytest.raises(NotDelivered) as raised:
        sent(url, **more)
    assert "canary" not in repr(raised.value)
    return raised.value


def test_a_short_message_comes_in_at_ntfy() -> None:
    with ScriptedServer({}, default=TAKEN) as server:
        assert sent(f"ntfy://{server.host}/{TOPIC}", told=message(hits=(hit("<!here> @everyone"),))) == ["sent"]
        (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    posted = json.loads(body)
    assert posted["topic"] == TOPIC
    assert "＠everyone" in posted["message"]
    assert f"{SITE}/d/dhs-ice-pia-039a/diff/u..v" in posted["message"]
    assert "Sources: DHS assessments: It refused us on 20 November." in posted["message"]
    assert message().id in posted["message"]
    assert b"http" not in head  # no picture, no address of Apprise's own
    assert "http" not in json.dumps({**posted, "message": ""})


# What Apprise would do beside handing text to a person: mail, SMS, any address, a file, a command of this machine.
OTHERS = (
    "json://127.0.0.1:{port}/canary", "xml://127.0.0.1:{port}/canary", "form://127.0.0.1:{port}/canary",
    "mailto://canary:canary@127.0.0.1:{port}", "syslog://canary", "windows://canary", "dbus://canary",
    "file:///etc/hostname", "http://127.0.0.1:{port}/canary", "https://127.0.0.1:{port}/canary",
    "NTFYX://canary", "ntfy:canary", "", " ", "canary", "jsons://127.0.0.1:{port}/canary", "exec://canary",
    "hassio://127.0.0.1:{port}/canary", "apprise://127.0.0.1:{port}/canary", "slack ://canary",
    "json://127.0.0.1:{port}/?x=ntfy://canary", "\nntfy\n://canary",
)  # fmt: skip


def test_dl_14_only_the_schemes_of_the_list_are_used() -> None:
    with ScriptedServer({}, default=TAKEN) as server:
        for url in OTHERS:
            with pytest.raises(NotSet) as raised:
                sent(url.format(port=server.port))
            assert "canary" not in repr(raised.value)
        with pytest.raises(NotSet, match="doesn't understand"):
            sent("slack://")
        assert server.connections == 0
    figure("DL-14", schemes=len(SCHEMES), others_refused=len(OTHERS), connections=0)


def test_dl_14_what_the_service_answers_is_told_by_its_status_alone() -> None:
    scripts = {
        "400": answer(b"canary", "400 canary"),
        "307": answer(b"", "307 Temporary Redirect", Location="/canary-elsewhere"),
    }
    followed = 0
    for status, script in scripts.items():
        with ScriptedServer({}, default=script) as server:
            assert failure(f"ntfy://{server.host}/{TOPIC}?redirect=yes").reason == f"the service answered {status}"
            followed += len(server.requests) - 1
    with ScriptedServer({}, default=lambda _: time.sleep(2.5)) as server:
        began = time.monotonic()
        assert failure(f"ntfy://{server.host}/{TOPIC}", seconds=1.0).reason == "the service gave no answer in time"
        assert time.monotonic() - began < 2.5
    figure("DL-14", answers=len(scripts) + 1, redirects_followed=followed)
    assert followed == 0


def test_dl_14_only_the_operators_own_network_is_reached_beside_the_public_internet() -> None:
    with ScriptedServer({}, default=TAKEN) as server:
        assert "DELIVERY_NETWORKS" in failure(f"ntfy://{server.host}/{TOPIC}", DELIVERY_NETWORKS="").reason
        assert "DELIVERY_NETWORKS" in failure("ntfys://169.254.169.254/canary?verify=no").reason
        assert server.connections == 0


def test_dl_14_no_list_of_processes_shows_the_secret() -> None:
    seen: list[str] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            for one in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    told = (one / "cmdline").read_bytes()
                    if b"apprise_process" in told:
                        seen.append(f"{told!r} {(one / 'environ').read_bytes()!r}")

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    with ScriptedServer({}, default=TAKEN) as server:
        sent(f"ntfy://{server.host}/{TOPIC}")
    stop.set()
    watching.join()
    looks = len(seen)
    leaks = sum("canary" in one or "whsec_" in one for one in seen)
    figure("SC-01", looks_at_the_process=looks, leaks=leaks)
    assert looks > 0
    assert leaks == 0

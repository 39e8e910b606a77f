"""What is put into the process of a command: the night's clock, the way to the web on loopback, what is followed.

Everything else is the program's own: names, robots.txt, waiting, the wire, and each byte that is kept. Faults of the
machine (a kill, a disk that is full) are let happen here too.
"""

from __future__ import annotations

import base64
import os
import resource
import signal
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from scrapy.http import Request, Response

import pipelines.clock
import pipelines.settings
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from pipelines.address_guard import AddressGuard, Target
from pipelines.items import Expect
from pipelines.tape import Tape
from pipelines.wire import WireTransport
from spiders.dhs_pia import DhsPia
from spiders.news import News
from spiders.sam_notices import SamNotices
from spiders.usaspending import Usaspending

SOURCES: Mapping[str, Any] = {"dhs_pia": DhsPia, "news": News, "sam_notices": SamNotices, "usaspending": Usaspending}
# What a night of this small web gives at least; a source's own bounds are those of a real one.
LEAST = {"dhs_pia": 6, "news": 2, "sam_notices": 4, "usaspending": 3}
QUICK = {
    "AUTOTHROTTLE_ENABLED": False, "DOWNLOAD_TIMEOUT": 1.0, "DOWNLOAD_DEADLINE": 2.0, "DOWNLOAD_MAXSIZE": 200_000,
    "HOST_RULES": {"*": {"delay": 0, "concurrency": 4}}, "RETRY_AFTER_UNSAID": 0, "RETRY_TIMES": 1,
    "CONTACT": "https://example.org/about",
}  # fmt: skip

SECRET = "whsec_" + base64.b64encode(b"canary-of-the-webhook-secret-0001").decode()


def begin(told: Mapping[str, Any]) -> None:
    """Prepare the process of one command.

    `at` is when it is, `at_day` by how many days the machine's clock is wrong, `zone` where it stands, `port` where the
    web is; `arguments` are the sources'; `kill` is after how many captures it is killed,
    `kill_before` before which line of the journal; `file_size` the most bytes
    that a file may have, `keep_free` how much of the disk has to stay free.
    """
    os.environ["TZ"] = str(told.get("zone", "UTC"))
    time.tzset()
    at = datetime.fromisoformat(str(told["at"])).astimezone(UTC) + timedelta(days=told.get("at_day", 0))
    clock = pipelines.clock.steady_clock
    clock._began, clock._at = at, pipelines.clock.uptime()
    _follow(told, f"{at:%Y-%m-%d}")
    _lead_to(int(told["port"]))
    if told.get("kill"):
        _kill_after(int(told["kill"]))
    if told.get("kill_before"):
        _kill_before(str(told["kill_before"]))
    if told.get("file_size"):
        size = int(told["file_size"])
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _follow(told: Mapping[str, Any], day: str) -> None:
    shared = {**pipelines.settings.SHARED_ARGUMENTS, "until": day, "terms": []}
    followed = {
        **QUICK,
        "SHARED_ARGUMENTS": shared,
        "SOURCE_ARGUMENTS": dict(told["arguments"]),
        "DISABLED_SOURCES": list(told["disabled"]),
        "CLOCK": told.get("clock", ""),
        "KEEP_FREE": int(told.get("keep_free", 0)),
        "ADDRESS_GUARD_ADMIT": f"127.0.0.1:{told['port']}",
        "DELIVERY_NETWORKS": "127.0.0.0/8",
        "SITE_ADDRESS": "https://archive.example",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(told["mail_port"]),
        "SMTP_FROM": "archive@archive.example",
    }
    os.environ["HOOK"] = SECRET
    for name, value in followed.items():
        setattr(pipelines.settings, name, value)
    for name, source in SOURCES.items():
        source.expect = Expect(LEAST[name], 5000, source.expect.fields)


def _lead_to(port: int) -> None:
    """Have every address of the public web lead to one port on loopback, without TLS; it is checked as ever."""
    checked, downloaded = AddressGuard.check, WireTransport._download

    def check(self: AddressGuard, url: str) -> Target:
        found = checked(self, url)
        return found if found.admitted else Target("http", "127.0.0.1", port, admitted=True)

    async def download(self: WireTransport, request: Request, tape: Tape) -> Response | Exception:
        parts = urlsplit(request.url)
        led = request.replace(url=urlunsplit(("http", f"127.0.0.1:{port}", parts.path, parts.query, "")))
        led.headers["Host"] = parts.netloc
        result = await downloaded(self, led, tape)
        return result if isinstance(result, Exception) else result.replace(url=request.url)

    AddressGuard.check = check  # type: ignore[method-assign]
    WireTransport._download = download  # type: ignore[method-assign]


def _kill_before(line: str) -> None:
    written = Journal.append

    def append(self: Journal, event: str, **facts: object) -> None:
        if event == line:
            os.kill(os.getpid(), signal.SIGKILL)
        written(self, event, **facts)

    Journal.append = append  # type: ignore[method-assign]


def _kill_after(captures: int) -> None:
    kept, left = CaptureStore.add_all, [captures]

    def add_all(self: CaptureStore, exchanges: Any) -> Any:
        done = kept(self, exchanges)
        left[0] -= len(done)
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    CaptureStore.add_all = add_all  # type: ignore[method-assign]

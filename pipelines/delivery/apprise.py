"""Sends a short message to ntfy, Slack and the like by Apprise, in a process that is ended when it takes too long.

What Apprise can reach is much (mail, SMS, commands of this machine, files): of its schemes those stand here that hand
text to a person over HTTPS, and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.delivery.deadline import SECONDS
from pipelines.delivery.peers import Peers
from pipelines.delivery.refused import NotDelivered, NotSet
from pipelines.delivery.secrets import Hidden

SCHEMES = (
    "ntfy", "ntfys", "slack", "mmost", "mmosts", "matrix", "matrixs", "discord", "tgram", "gotify", "gotifys", "zulip",
    "pover",
)  # fmt: skip
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Service:
    """Where a short message goes: Apprise's address of it, which holds its secret."""

    url: Hidden
    peers: Peers
    app: str
    seconds: float = SECONDS


def notify(service: Service, title: str, text: str, accepted: Callable[[], None]) -> None:
    """Send a short message; `accepted` is called once the service took it. Raises NotDelivered, NotSet."""
    scheme, parted, _ = service.url.text.partition("://")
    if not parted or scheme.lower() not in SCHEMES:
        raise NotSet(f"the address for Apprise begins with none of {', '.join(SCHEMES)}")
    told = _told(service, {"url": service.url.text, "title": title, "text": text, "app": service.app})
    if told.get("refused"):
        raise NotDelivered(str(told["refused"]))
    if not told.get("understood"):
        raise NotSet("Apprise doesn't understand the address; its wiki says how one of that scheme is written")
    if not told.get("sent"):
        status = told.get("status") or 0
        raise NotDelivered(f"the service answered {status}" if status else "the service could not be reached")
    accepted()


def _told(service: Service, job: dict[str, Any]) -> dict[str, Any]:
    """Have the other process do a job, which is told to it where no list of processes shows it."""
    networks = " ".join(map(str, service.peers.networks))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pipelines.delivery.apprise_process"],
            input=json.dumps({**job, "networks": networks}).encode(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=service.seconds, check=False, cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "HOME": "/"},
        )  # fmt: skip
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise NotDelivered("the service gave no answer in time") from None
    except (ValueError, RecursionError) as error:
        raise NotDelivered("Apprise came to an end without an answer") from error
    if not isinstance(told, dict):
        raise NotDelivered("Apprise came to an end without an answer")
    return told

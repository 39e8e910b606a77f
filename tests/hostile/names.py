"""Names of hosts that resolve to nothing, to nobody or never: a script of look-ups, and who asks it."""

from __future__ import annotations

from typing import Any

from scrapy.resolver import HostResolution
from scrapy.settings import BaseSettings
from twisted.internet.address import IPv4Address

from pipelines.address_guard import AddressGuard, GuardedResolver
from tests import wire_rig

# What is answered for each name, one answer after the other: the last one from then on.
ANSWERS: dict[str, list[list[str]]] = {
    "unknown.example.com": [[]],
    "silent.example.com": [[]],
    "slow.example.com": [[]],
    "alias-of-inside.example.com": [["10.0.0.1"]],
    "only-inside-v6.example.com": [["fd00::1"]],
    "flapping.example.com": [[], ["127.0.0.1"], []],
}


class Silent(wire_rig.ScriptedLookup):
    """Never answers for the names of `never`; says of others what the script says, one answer after the other."""

    never = ("silent.example.com",)

    def resolveHostName(self, receiver: Any, name: str, *others: Any, **more: Any) -> HostResolution:  # noqa: N802
        if name in self.never:
            resolution = HostResolution(name)
            receiver.resolutionBegan(resolution)
            return resolution
        if name == "slow.example.com":
            resolution = HostResolution(name)
            receiver.resolutionBegan(resolution)
            later = wire_rig.reactor().callLater
            later(0.5, receiver.addressResolved, IPv4Address("TCP", "127.0.0.1", 80))
            later(0.6, receiver.resolutionComplete)
            return resolution
        return super().resolveHostName(receiver, name, *others, **more)


def ask_the_script(settings: BaseSettings) -> None:
    """Have this process look names up in the script, behind the production guard, which keeps to it."""
    running = wire_rig.reactor()
    GuardedResolver(running, AddressGuard.from_settings(settings), Silent(ANSWERS)).install_on_reactor()

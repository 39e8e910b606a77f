"""Reads sources.toml: what the archive follows, and how gently; it knows no source and asks nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.release.gate import LIMITS
from archive.release.policies import POLICIES
from pipelines.rhythm import EVERY_DAY, RhythmError, rhythm_of

# What a table of a source may say beside the arguments that the source takes.
OF_THE_CRAWL = {"enabled": bool, "browser": bool, "browser_hosts": list, "publish": str, "every": str, "gates": dict}
OF_A_HOST = {"delay": (int, float), "concurrency": int, "requests_a_night": int}


class FollowingError(ValueError):
    """The file can't be read as what it should be; the words say where and what to write instead."""


@dataclass(frozen=True, slots=True)
class Following:
    """What sources.toml says.

    `shared` are arguments for every source that takes them, `arguments` those of one source by its name, `hosts` the
    rules of a host by its name ("*": of all others), `disabled` sources that are not crawled, `browser` sources whose
    pages a browser opens, `browser_hosts` the hosts beside a source's own that such pages may ask, `publish` how much
    of a source a release has (archive/release/policies.py), `every` how often it is crawled (pipelines/rhythm.py),
    `gates` the limits of a release's gates that differ (archive/release/gate.py), `gates_of` those of one source.
    """

    shared: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hosts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    browser: frozenset[str] = frozenset()
    browser_hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    publish: Mapping[str, str] = field(default_factory=dict)
    every: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, float] = field(default_factory=dict)
    gates_of: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def read_following(path: Path) -> Following:
    """Read the file at `path`. Raises FollowingError for a file that isn't there, isn't TOML, or says the unknown."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise FollowingError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FollowingError(f"{path} can't be read: {error}") from error
    _only(path, "", told, {"follow": dict, "sources": dict, "hosts": dict, "gates": dict})
    sources = told.get("sources", {})
    _only(path, "sources", sources, dict.fromkeys(sources, dict))
    hosts = told.get("hosts", {})
    _only(path, "hosts", hosts, dict.fromkeys(hosts, dict))
    for name, rules in hosts.items():
        _only(path, f'hosts."{name}"', rules, OF_A_HOST)
        _positive(path, name, rules)
    _only_limits(path, "gates", told.get("gates", {}))
    for name, table in sources.items():
        _only_limits(path, f"sources.{name}.gates", table.get("gates", {}))
        _only(path, f"sources.{name}", {key: table[key] for key in OF_THE_CRAWL if key in table}, OF_THE_CRAWL)
        if table.get("publish", POLICIES[0]) not in POLICIES:
            raise FollowingError(f"{path}: [sources.{name}] publish is one of: {', '.join(POLICIES)}.")
        try:
            rhythm_of(table.get("every", EVERY_DAY))
        except RhythmError as error:
            raise FollowingError(f"{path}: [sources.{name}] {error}") from error
    return Following(
        shared=told.get("follow", {}),
        arguments={
            name: {key: value for key, value in table.items() if key not in OF_THE_CRAWL}
            for name, table in sources.items()
        },
        hosts=hosts,
        disabled=frozenset(name for name, table in sources.items() if not table.get("enabled", True)),
        browser=frozenset(name for name, table in sources.items() if table.get("browser", False)),
        browser_hosts={
            name: tuple(str(host).lower() for host in table["browser_hosts"])
            for name, table in sources.items()
            if "browser_hosts" in table
        },
        publish={name: table["publish"] for name, table in sources.items() if "publish" in table},
        gates=told.get("gates", {}),
        gates_of={name: table["gates"] for name, table in sources.items() if "gates" in table},
        every={name: table["every"] for name, table in sources.items() if "every" in table},
    )


def _only(path: Path, where: str, table: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raise FollowingError for a key that isn't known, or a value of another type than it should be."""
    for key, value in table.items():
        place = f"[{where}] {key}" if where else f"[{key}]"
        if key not in known:
            raise FollowingError(f"{path}: {place} is not known; there are: {', '.join(known)}.")
        # In Python True is a number.
        if not isinstance(value, known[key]) or (isinstance(value, bool) and known[key] is not bool):
            raise FollowingError(f"{path}: {place} can't be {value!r}.")


def _only_limits(path: Path, where: str, limits: Any) -> None:
    """Raise FollowingError for what is no limit of a gate: a share, or a number of times, days or things."""
    if isinstance(limits, dict):  # else it is refused as what it is
        _only(path, where, limits, dict.fromkeys(LIMITS, (int, float)))
        for name, value in limits.items():
            most = 1 if LIMITS[name] < 1 else 100_000
            if not 0 <= value <= most:
                raise FollowingError(f"{path}: [{where}] {name} can't be {value}: it is from 0 to {most}.")


def _positive(path: Path, host: str, rules: Mapping[str, float]) -> None:
    for key, value in rules.items():
        if value < (0 if key == "delay" else 1):
            raise FollowingError(f'{path}: [hosts."{host}"] {key} can\'t be {value}.')

"""Compares what sources.toml tells the sources with what they take; it reads no file and asks nothing of anyone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from archive.catalog.describe import DEPOSIT
from pipelines.derive import IMPORT, Sources
from pipelines.following import FollowingError
from pipelines.plan import project_settings

# Arguments that are days, wherever a source takes them; "" is none.
DAYS = ("since", "until")


def checked_settings(archive: Path) -> Settings:
    """Return the project's settings for one archive. Raises FollowingError where sources.toml tells what none takes.

    A misspelt name, or one word where a list is taken, would silently collect less.
    """
    settings = project_settings(archive)
    _refuse_untaken(Sources(settings), settings)
    return settings


def _refuse_untaken(known: Sources, settings: Settings) -> None:
    file, names = settings["SOURCES_FILE"], known.names()
    own: Mapping[str, Mapping[str, Any]] = settings.getdict("SOURCE_ARGUMENTS")
    # What is handed in is published too, and no source is told of it.
    own = {name: told for name, told in own.items() if told or name not in (DEPOSIT, IMPORT)}
    switched = {
        *settings.getlist("DISABLED_SOURCES"),
        *settings.getlist("BROWSER_SOURCES"),
        *settings.getdict("EVERY"),
        *settings.getdict("GATES_OF"),
    }
    published = {*settings.getdict("PUBLISH")} - {DEPOSIT, IMPORT}
    for name in sorted({*own, *switched, *published, *settings.getdict("BROWSER_HOSTS")} - set(names)):
        raise FollowingError(f"{file}: [sources.{name}] is not known; there are: {', '.join(names)}.")
    taken = {name: signature(known.source_class(name).__init__).parameters for name in names}
    for name in names:
        for key, value in own.get(name, {}).items():
            if key in taken[name]:  # what it doesn't take it refuses itself
                _refuse_value(f"{file}: [sources.{name}]", taken[name][key], value)
    shared = sorted({key for of_one in taken.values() for key in of_one} - {"self", "kwargs"})
    for key, value in settings.getdict("SHARED_ARGUMENTS").items():
        if key not in shared:
            raise FollowingError(f"{file}: [follow] {key} is taken by no source; taken are: {', '.join(shared)}.")
        for name in names:
            if key in taken[name]:
                _refuse_value(f"{file}: [follow]", taken[name][key], value)
    for name in names:
        _refuse_listings(f"{file}: [sources.{name}]", known.made(name), own.get(name, {}))


def _refuse_value(place: str, argument: Parameter, value: Any) -> None:
    """Raise FollowingError for a value of another type than the source's own annotation says."""
    for beginning, (is_one, words) in TAKEN.items():
        if str(argument.annotation).startswith(beginning):
            if not is_one(value):
                raise FollowingError(f"{place} {argument.name} can't be {value!r}: it takes {words}.")
            break
    if argument.name in DAYS and value:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            takes = 'it takes a day, "2018-01-26"'
            raise FollowingError(f"{place} {argument.name} can't be {value!r}: {takes}.") from error


def _refuse_listings(place: str, source: Any, told: Mapping[str, Any]) -> None:
    """Raise FollowingError for a place to begin that the source would not ask for, since it knows no such address."""
    for url in told.get("listings", ()):
        if source.request_for(url) is None:
            raise FollowingError(f"{place} listings: {source.name} knows no address like {url!r}.")


def _list_of(kind: type) -> Callable[[Any], bool]:
    # In Python True is a number.
    return lambda value: (
        isinstance(value, list) and all(isinstance(one, kind) and not isinstance(one, bool) for one in value)
    )


TAKEN: dict[str, tuple[Callable[[Any], bool], str]] = {
    "str": (lambda value: isinstance(value, str), "text in quotes"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "int": (lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0, "a whole number"),
    "Sequence[str]": (_list_of(str), "a list of texts in brackets"),
    "Sequence[int]": (_list_of(int), "a list of whole numbers in brackets"),
    "Sequence[Mapping": (_list_of(dict), "a list of tables"),
}

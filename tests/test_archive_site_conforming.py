"""Schemathesis over /openapi.json of the sample's site: whatever its routes are asked, they answer as described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

from archive.release.folder import Releases
from archive.site.api.described import DESCRIBED
from archive.site.server import ArchiveDatasette
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.served_releases import site_of

SEED = 20261130
_CHECKS = ("status_code_conformance", "content_type_conformance", "response_headers_conformance",
           "response_schema_conformance")  # fmt: skip


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Iterator[ArchiveDatasette]:
    site = site_of(Releases(demo_made.path))
    yield site
    assert site.serving is not None
    site.serving.close()


class Conforming:
    """Asks a site what Schemathesis makes up, and compares each answer with a description (the site's own, or not)."""

    def __init__(self, site: ArchiveDatasette, described: dict[str, Any]) -> None:
        load_all_checks()
        self.site, self.schema = site, schemathesis.openapi.from_dict(described)
        self.checks = CHECKS.get_by_names(list(_CHECKS))
        self.found, self.wrong = Counter[int](), dict[str, str]()

    def operation(self, path: str, examples: int) -> None:
        """Ask one path so many questions; in half of them what the path names is there."""
        strategy = self.schema[path]["GET"].as_strategy()
        known = {one.name: one for route in DESCRIBED if route.path == path for one in route.parameters}

        @seed(SEED)
        @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=strategy, sound=st.sampled_from(("path", "all", "nothing")))
        def ask(case: Any, sound: str) -> None:
            if sound != "nothing":
                case.path_parameters = {name: known[name].example for name in case.path_parameters or {}}
            if sound == "all":
                for name, one in known.items():
                    if one.place == "query" and one.example:
                        case.query[name] = one.example
            self._compare(case)

        ask()

    def _compare(self, case: Any) -> None:
        path = case.operation.path
        for name, value in (case.path_parameters or {}).items():
            path = path.replace("{" + name + "}", str(value))
        path += f"?{urlencode(case.query, doseq=True, errors='replace')}" if case.query else ""
        answer = get(self.site, path)
        self.found[answer.status_code] += 1
        told = [] if answer.status_code < 500 or answer.status_code == 503 else ["our fault"]
        try:
            case.validate_response(answer, checks=self.checks)
        except FailureGroup as failed:
            told += [f"{one.title}: {one.message}"[:700] for one in failed.exceptions]
        except Failure as one:
            told.append(f"{one.title}: {one.message}"[:700])
        if told:
            self.wrong[path[:300]] = f"{answer.status_code} {'; '.join(told)}"

    def counted(self) -> dict[str, int]:
        """Return how often each status was answered."""
        return {str(status): count for status, count in sorted(self.found.items())}


def conform(site: ArchiveDatasette, examples: int) -> None:
    """Ask every path that is described so many questions."""
    asked = Conforming(site, get(site, "/openapi.json").json())
    for one in DESCRIBED:
        asked.operation(one.path, examples)
    figure("SQ-12", paths=len(DESCRIBED), made_by="schemathesis", asked=asked.found.total(), answers=asked.counted(),
           wrong=len(asked.wrong))  # fmt: skip
    assert asked.wrong == {}, "\n".join(f"{path}\n    {told}" for path, told in asked.wrong.items())


def test_sq_12_what_is_asked_is_answered_as_described(site: ArchiveDatasette) -> None:
    conform(site, 6)


@pytest.mark.soak
def test_sq_12_many_questions_are_answered_as_described(site: ArchiveDatasette) -> None:
    conform(site, 400)


def test_another_answer_than_is_described_is_found(site: ArchiveDatasette) -> None:
    """The control: a status that isn't described, another type, a field too few."""
    described = get(site, "/openapi.json").json()
    paths = described["paths"]
    del paths["/d/{document}.json"]["get"]["responses"]["404"]
    found = paths["/about.json"]["get"]["responses"]["200"]["content"]
    found["text/html"] = found.pop("application/json")
    described["components"]["schemas"]["Sources"]["required"].append("nothing")
    for path in ("/d/{document}.json", "/about.json", "/sources.json"):
        asked = Conforming(site, described)
        asked.operation(path, 6)
        assert asked.wrong, path

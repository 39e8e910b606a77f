"""What is cited: which links and numbers lead to an address, and that nothing but official hosts is asked."""

from __future__ import annotations

import asyncio

import pytest

from spiders.references import References

SOURCE = References(
    hosts=["dhs.gov", "gao.gov"], wanted=["https://www.gao.gov/a?utm_source=x", "https://evil.example/b"]
)


@pytest.mark.parametrize(
    ("kind", "target", "url"),
    [
        ("link", "https://www.dhs.gov/sites/x.pdf", "https://www.dhs.gov/sites/x.pdf"),
        ("link", "https://www.dhs.gov/", ""),
        ("link", "https://www.dhs.gov/index.html", ""),
        ("link", "https://dhs.gov.evil.example/x.pdf", ""),
        ("link", "ftp://www.dhs.gov/x.pdf", ""),
        ("link", "https://user@www.dhs.gov/x.pdf", ""),
        ("fr-citation", "81 FR 72080", "https://www.federalregister.gov/citation/81-FR-72080"),
        ("award-id", "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-",
         "https://www.usaspending.gov/award/CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-/"),
        ("piid", "70CDCR18P00000017", ""),
    ],
)  # fmt: skip
def test_where_something_cited_is_asked_for(kind: str, target: str, url: str) -> None:
    assert SOURCE.address_of(kind, target) == url


def test_a_number_is_looked_for_in_the_library() -> None:
    assert "combine=" in SOURCE.address_of("pia", "DHS/ICE/PIA-062")


def test_starts_at_what_is_wanted_on_official_hosts() -> None:
    async def gather() -> list[str]:
        return [request.url async for request in SOURCE.start()]

    assert asyncio.run(gather()) == ["https://www.gao.gov/a"]

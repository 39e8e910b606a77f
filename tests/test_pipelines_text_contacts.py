"""How to reach an official is left out of what is kept."""

from __future__ import annotations

import pytest

from pipelines.text.contacts import without_contacts


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("(202) 555-0100", ""),
        ("Phone: 202-555-0100 ext. 12", ""),
        ("Privacy Officer, (202) 555-0100", "Privacy Officer"),
        ("Privacy Office, tel. 202.555.0100, somebody@example.gov", "Privacy Office"),
        ("E-mail: some.body@hq.example.gov", ""),
        ("+1 202 555-0100", ""),
        ("Chief Privacy Officer", "Chief Privacy Officer"),
        ("70CDCR18P00000017 of 2018-01-08", "70CDCR18P00000017 of 2018-01-08"),
        ("HSCECR-14-Q-00006", "HSCECR-14-Q-00006"),
        ("", ""),
    ],
)
def test_numbers_and_addresses_are_left_out(line: str, kept: str) -> None:
    assert without_contacts(line) == kept


@pytest.mark.parametrize("letter", ["a", "1", "(", "@", "a@", "202 ", "a.", "-"])
def test_long_lines_take_no_longer_than_they_are(letter: str) -> None:
    """A pattern that tried every start and end would not come back from this."""
    without_contacts(letter * 40_000)

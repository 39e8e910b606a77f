"""The sample's copies: the production source looks them up, fetches and verifies them, and they count in their time."""

from __future__ import annotations

from pathlib import Path

from samples import web_archive
from samples.publications import NIGHTS
from samples.recording import write_recording
from spiders.web_archive import WebArchive
from tests.demo_archive import differences, dump, oversight, rows


def test_copies_are_fetched_once_and_count_in_their_time(tmp_path: Path) -> None:
    known = [WebArchive().address_of("copy", url) for url, *_ in web_archive.COPIES]
    for night in NIGHTS:
        assert known == [answer.url for answer in web_archive.answers_on(night) if "/cdx/" in answer.url]
    metadata = {"sample": True, "arguments": {"web_archive": web_archive.ARGUMENTS}}
    recording = tmp_path / "nights.warc.gz"
    nights = {night: list(web_archive.answers_on(night)) for night in NIGHTS}
    recording.write_bytes(write_recording(metadata, nights))
    archive = tmp_path / "archive"
    done = oversight("crawl", "web_archive", "--replay", recording, "--archive", archive)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(archive, "SELECT original_at, outcome, read_by FROM captures WHERE original_at <> '' ORDER BY 1") == [
        ("2016-07-04T08:15:00Z", "document", "dhs_pia"),
        ("2018-02-01T09:30:00Z", "document", "dhs_pia"),
    ]
    assert rows(archive, "SELECT subject FROM outcomes WHERE outcome = 'not-in-recording'") == []
    assert rows(archive, "SELECT 1 FROM outcomes WHERE outcome = 'copy-unverified'") == []
    assert rows(archive, "SELECT number, source, first_seen FROM documents ORDER BY number") == [
        ("DHS/CBP/PIA-049", "dhs_pia", "2018-02-01T09:30:00Z"),
        ("DHS/USCIS/PIA-056", "dhs_pia", "2016-07-04T08:15:00Z"),
    ]
    before = dump(archive)
    assert oversight("crawl", "web_archive", "--replay", recording, "--archive", archive).returncode == 0
    assert differences(before, dump(archive)) == {}

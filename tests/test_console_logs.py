"""SC-01: the log's lines, as JSON and as words, say what they are about and no secret."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from console.logs import Lines, _secrets, set_up_logs
from pipelines.log_context import working_on
from tests.figures import figure
from tests.forked import Forked
from tests.hostile.web import GOOD
from tests.test_oversight_nightly import nightly, recorded

SECRETS = {
    "SAM_API_KEY": "sam-canary-5f1e/+&=9c",
    "OVERSIGHT_SMTP_PASSWORD": "smtp-canary-77aa01",
    "HOOK_SECRET": "whsec_Y2FuYXJ5LWhvb2stOTE",
    "OPS": "slack://TokenA-canary/TokenB-canary/TokenC",
    "BACKUP": "s3://someone:canary-key@bucket.example",
}
PLAIN = {"ARCHIVE_ADDRESS": "https://archive.example.org", "OVERSIGHT_CONTACT": "someone@example.org"}


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """Give a logger of its own, and what it writes."""
    file = io.StringIO()
    logger = logging.getLogger("oversight.of_a_test")
    handler = Lines(file, _secrets(SECRETS | PLAIN), as_json=True)
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, file
    logger.removeHandler(handler)
    logger.propagate = True


def test_sc_01_no_secret_in_any_spelling(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, file = written
    tried = 0
    for value in SECRETS.values():
        spellings = [value, quote(value, safe=""), quote(quote(value, safe=""), safe=""), value.encode().hex(),
                     base64.b64encode(value.encode()).decode(), json.dumps(value)]  # fmt: skip
        for spelling in spellings:
            logger.warning("the server said %s", spelling)
            logger.warning("asked for https://api.sam.gov/x?api_key=%s&y=1", spelling)
            try:
                hidden = spelling
                raise LookupError(f"no such thing: {hidden}")
            except LookupError:
                logger.exception("it broke")
            tried += 3
    said = file.getvalue()
    found = [value for value in SECRETS.values() if value in said or value.encode().hex() in said]
    assert found == []
    assert said.count("REDACTED") >= tried
    lines = [json.loads(line) for line in said.splitlines()]
    assert len(lines) == tried
    figure("SC-01", log_lines=tried, spellings=len(spellings), secrets=len(SECRETS), hits=len(found))


def test_what_is_no_secret_stays(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, file = written
    logger.warning("at %s by %s, of https://www.dhs.gov/a?page=2", *PLAIN.values())
    assert "https://archive.example.org by someone@example.org, of https://www.dhs.gov/a?page=2" in file.getvalue()


def test_a_line_says_what_it_is_about_and_is_one(written: tuple[logging.Logger, io.StringIO]) -> None:
    logger, file = written
    with working_on(step="crawl"), working_on(source="news", run="news-1"):
        logger.warning('a title\n{"level": "forged"}\x1b[2J')
    (line,) = file.getvalue().splitlines()
    told = json.loads(line)
    assert (told["step"], told["source"], told["run"], told["level"]) == ("crawl", "news", "news-1", "warning")
    assert told["timestamp"].endswith("Z")
    assert "\x1b" not in line


def test_an_exchange_that_failed_is_one_line_without_a_traceback(
    written: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, file = written
    try:
        raise OSError("the answer can't be decoded")
    except OSError:
        logger.exception("Error downloading <GET https://www.dhs.gov/a>")
    told = json.loads(file.getvalue())
    assert (told["level"], "exception" in told) == ("warning", False)
    assert "can't be decoded" in told["event"]


def test_words_for_people_cant_steer_a_terminal() -> None:
    file = io.StringIO()
    record = logging.LogRecord("oversight", logging.WARNING, "", 0, "a\x1b]52;c;x\x07b\nc\u202e", (), None)
    Lines(file, (), as_json=False).emit(record)
    assert file.getvalue() == "warning: a\ufffd]52;c;x\ufffdb\ufffdc\ufffd\n"


def test_a_log_that_is_full_stops_nothing() -> None:
    with io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True) as full:
        with pytest.raises(OSError, match="No space"):
            full.write("the control")
        Lines(full, (), as_json=False).emit(logging.LogRecord("x", logging.WARNING, "", 0, "said", (), None))


def test_a_night_logs_its_steps_to_a_file(forked: Forked, tmp_path: Path) -> None:
    file = tmp_path / "night.log"
    before = f"import os\nos.environ.update({SECRETS!r})\nos.environ['OVERSIGHT_LOG_FILE'] = {str(file)!r}"
    ended, _ = nightly(forked, tmp_path / "archive", recorded(tmp_path, {}), GOOD, before=before)
    assert ended.status == 0, ended.said
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["step"] for line in lines if "seconds" in line] == ["crawl", "read", "settle", "release"]
    assert file.stat().st_mode & 0o777 == 0o600
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()) + ended.said.encode()
    assert [name for name, value in SECRETS.items() if value.encode() in written] == []


def test_it_is_set_up_once() -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    level = root.level
    try:
        set_up_logs({})
        set_up_logs({})
        assert len([one for one in root.handlers if isinstance(one, Lines)]) == 1
    finally:
        root.handlers[:] = before
        root.setLevel(level)

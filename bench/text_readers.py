"""Reads files with one reader, in a process of its own, and says what it got, how long that took and its peak memory.

`python -m bench.text_readers READER OUTPUT` takes the paths as JSON on its standard input.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from archive.running_text import running_text
from pipelines.text.reading import Reading

OURS = "ours"
SECONDS_FOR_ONE = 120
# What a reader may take, so that a hostile file of the corpus costs its own reader and not the machine.
MOST_MEMORY = 3 << 30


class Answer(NamedTuple):
    """One file as a reader read it; `problem` is why it couldn't ("" if it could)."""

    pages: Sequence[str]
    flow: str
    seconds: float
    problem: str = ""

    @property
    def text(self) -> str:
        return "\f".join(self.pages)


class Answers(NamedTuple):
    """What one reader made of all files, in their order, and the most memory that it held, in MB."""

    files: Sequence[Answer]
    peak: float


Got = tuple[list[str], str]


def our_reader() -> Callable[[Path], Got]:
    """Return this project's reader."""
    from pipelines.text.pdf import read_pdf  # noqa: PLC0415 (each process loads its own reader only)

    def read(path: Path) -> Got:
        return given(read_pdf(path.read_bytes()))

    return read


def given(reading: Reading) -> Got:
    """Return a reading's pages and its running text."""
    return [page.text for page in reading.pages], running_text(reading.pages).text


def _pdfplumber() -> Callable[[Path], Got]:
    import pdfplumber  # noqa: PLC0415

    def read(path: Path) -> Got:
        with pdfplumber.open(path) as pdf:
            pages = []
            for page in pdf.pages:
                pages.append(page.extract_text())
                page.close()
        return pages, "\f".join(pages)

    return read


def _pdfminer() -> Callable[[Path], Got]:
    from pdfminer.high_level import extract_text  # noqa: PLC0415

    def read(path: Path) -> Got:
        text = extract_text(path)
        return text.removesuffix("\f").split("\f"), text

    return read


def _pdfium() -> Callable[[Path], Got]:
    import pypdfium2  # noqa: PLC0415

    def read(path: Path) -> Got:
        pages = []
        with pypdfium2.PdfDocument(path) as pdf:
            for number in range(len(pdf)):
                page = pdf[number]
                text = page.get_textpage()
                pages.append(text.get_text_bounded())
                text.close()
                page.close()
        return pages, "\f".join(pages)

    return read


def _mupdf() -> Callable[[Path], Got]:
    fitz = importlib.import_module("fitz")

    def read(path: Path) -> Got:
        with fitz.open(path) as pdf:
            pages = [page.get_text() for page in pdf]
        return pages, "\f".join(pages)

    return read


IN_PROCESS: dict[str, Callable[[], Callable[[Path], Got]]] = {
    OURS: our_reader,
    "pdfplumber": _pdfplumber,
    "pdfminer.six": _pdfminer,
    "pypdfium2": _pdfium,
    "PyMuPDF": _mupdf,
}


def readers_here(entered: str = "") -> dict[str, str]:
    """Return the readers that there are on this machine, each with its command ("" for those of Python).

    `entered` adds others: "NAME=COMMAND {pdf}", parted by ";".
    """
    here = dict.fromkeys(IN_PROCESS, "")
    if importlib.util.find_spec("fitz") is None:
        del here["PyMuPDF"]
    if shutil.which("pdftotext"):
        here["pdftotext"] = "pdftotext -enc UTF-8 {pdf} -"
    for one in filter(None, map(str.strip, entered.split(";"))):
        name, found, command = one.partition("=")
        if not found or "{pdf}" not in command:
            raise SystemExit(f"READERS wants NAME=COMMAND {{pdf}}, not {one!r}")
        here[name.strip()] = command.strip()
    return here


def read_by(name: str, command: str, paths: Sequence[Path]) -> Answers:
    """Have one reader read all files in a fresh process. Raises RuntimeError if that dies."""
    with tempfile.NamedTemporaryFile(prefix="bench-") as output:
        ran = subprocess.run(
            [sys.executable, "-m", "bench.text_readers", name, command, output.name],
            input=json.dumps([str(path) for path in paths]),
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if ran.returncode:
            raise RuntimeError(f"{name} ended with status {ran.returncode}: {ran.stderr[-2000:]}")
        told = json.loads(Path(output.name).read_text("utf-8"))
    return Answers([Answer(*one) for one in told["files"]], told["peak"])


def main() -> None:
    """Read what standard input names."""
    name, command, output = sys.argv[1:]
    paths = [Path(path) for path in json.load(sys.stdin)]
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    told = _by_command(command, paths) if command else _in_process(name, paths)
    Path(output).write_text(json.dumps(told), "utf-8")


def _in_process(name: str, paths: Sequence[Path]) -> dict[str, Any]:
    read = IN_PROCESS[name]()
    if paths:
        read(paths[0])  # What is loaded late, and once, is no page's time.
    files: list[Answer] = []
    for path in paths:
        begun, pages, flow, problem = time.process_time(), [""], "", ""
        try:
            with _limited():
                pages, flow = read(path)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"[:200]
        files.append(Answer([_whole(page) for page in pages], _whole(flow), time.process_time() - begun, problem))
    return {"files": files, "peak": _own_peak()}


@contextmanager
def _limited() -> Iterator[None]:
    """Raise TimeoutError inside what takes too long."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"more than {SECONDS_FOR_ONE} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS_FOR_ONE)
    try:
        yield
    finally:
        signal.alarm(0)


def _own_peak() -> float:
    # ru_maxrss begins with what the parent held when it forked; the kernel's own count of this process doesn't.
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _by_command(command: str, paths: Sequence[Path]) -> dict[str, Any]:
    files: list[Answer] = []
    peak = 0.0
    for path in paths:
        answer, megabytes = _one_by_command([one.replace("{pdf}", str(path)) for one in shlex.split(command)])
        files.append(answer)
        peak = max(peak, megabytes)
    return {"files": files, "peak": peak}


def _one_by_command(arguments: Sequence[str]) -> tuple[Answer, float]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.DEVNULL)
        problem = ""
        try:
            with _limited():
                _, status, used = os.wait4(process.pid, 0)
        except TimeoutError as error:
            process.kill()
            _, status, used = os.wait4(process.pid, 0)
            problem = str(error)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode and not problem:
        problem = f"status {process.returncode}"
    answer = Answer(text.removesuffix("\f").split("\f"), text, used.ru_utime + used.ru_stime, problem)
    return answer, used.ru_maxrss / 1024


def _whole(text: str) -> str:
    """Return a text without the halves of surrogates, which can't be written down."""
    return text.encode("utf-8", "replace").decode("utf-8")


if __name__ == "__main__":
    main()

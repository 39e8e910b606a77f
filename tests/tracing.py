"""Runs a function in a child process and lets a fault happen at exactly the Nth call that changes a folder.

strace counts the calls of each thread for itself; here they are counted over all threads of the process, so that
N = 1, 2, … reaches every point. Linux on x86-64; where a process may not be traced, `why_not` says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# What changes something on the disk, by the numbers of x86-64; the others go on untouched, at full speed.
CALLS = {
    1: "write", 18: "pwrite64", 20: "writev", 74: "fsync", 75: "fdatasync", 77: "ftruncate", 82: "rename",
    87: "unlink", 263: "unlinkat", 264: "renameat", 316: "renameat2",
}  # fmt: skip
# What reads is looked at only where a fault is about it.
READS = {0: "read", 17: "pread64"}
_NAMES_A_PATH = {"rename": 0, "unlink": 0, "unlinkat": 1, "renameat": 1, "renameat2": 1}
_WALL = 0x40000000
_TRACEME, _CONT, _GETREGS, _SETREGS, _SETOPTIONS = 0, 7, 12, 13, 0x4200
# Clones, forks, vforks and what they execute are followed, seccomp's marks are told; all die with the tracer.
_OPTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x100000
_EVENT_SECCOMP = 7
_REGISTERS = (
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax",
    "rip", "cs", "eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
)  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class _Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in _REGISTERS]


class _Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class _Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.POINTER(_Filter))]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the Nth of these calls: "kill", the number of an error, or "short" (a write of half of it).

    `for_good` lets every later one of these calls fail too; `file` is a part of the path that they must be about.
    """

    does: str | int
    at: int
    calls: tuple[str, ...] = tuple(CALLS.values())
    for_good: bool = False
    file: str = ""

    def strikes(self, number: int) -> bool:
        return number == self.at or (self.for_good and number > self.at)


@dataclass(slots=True)
class Traced:
    """How a traced run ended: its status, the calls that were counted, how many faults were let happen, which call on
    which file the first of them was, what `noted` returned then, and how many processes were left behind for more than
    ten seconds."""

    status: int = -1
    calls: Counter[str] = field(default_factory=Counter)
    injected: int = 0
    struck: str = ""
    noted: int = 0
    orphans: int = 0


def why_not() -> str:
    """Return why no process can be traced here, "" where it can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "faults at exact calls are let happen on Linux on x86-64 only"
    if traced(lambda: 0, Path("/nowhere"), None).status != 0:
        return "no process may be traced here: the faults at exact calls are left out"
    return ""


def traced(work: Callable[[], int], folder: Path, fault: Fault | None, noted: Callable[[], int] = lambda: 0) -> Traced:
    """Do `work` in a child, whose status is what it returns; count its calls on files in `folder`."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            _be_traced(_looked_at(fault))
            status = work()
        finally:
            os._exit(status)
    return _Tracer(child, folder, fault, noted).run()


def _looked_at(fault: Fault | None) -> dict[int, str]:
    reads = fault is not None and set(fault.calls) & set(READS.values())
    return CALLS | READS if reads else CALLS


def _be_traced(calls: dict[int, str]) -> None:
    if _libc.ptrace(_TRACEME, 0, None, None):
        os._exit(71)
    marks = len(calls)
    program = [_Filter(0x20, 0, 0, 0)]
    program += [_Filter(0x15, marks - number, 0, call) for number, call in enumerate(calls)]
    program += [_Filter(0x06, 0, 0, 0x7FFF0000), _Filter(0x06, 0, 0, 0x7FF00000)]
    filters = (_Filter * len(program))(*program)
    os.kill(os.getpid(), signal.SIGSTOP)
    if _libc.prctl(38, 1, 0, 0, 0) or _libc.prctl(22, 2, ctypes.byref(_Program(len(program), filters)), 0, 0):
        os._exit(71)


class _Tracer:
    def __init__(self, child: int, folder: Path, fault: Fault | None, noted: Callable[[], int]) -> None:
        self._noted = noted
        self._child, self._folder, self._fault = child, str(folder), fault
        self._known = {child}
        self._counted = 0
        self.found = Traced()

    def run(self) -> Traced:
        _, status = os.waitpid(self._child, _WALL)
        if not os.WIFSTOPPED(status):
            return Traced(os.waitstatus_to_exitcode(status))
        _libc.ptrace(_SETOPTIONS, self._child, None, _OPTIONS)
        _libc.ptrace(_CONT, self._child, None, None)
        ended = 0.0
        while True:
            try:
                task, status = os.waitpid(-1, _WALL | (os.WNOHANG if ended else 0))
            except ChildProcessError:
                return self.found
            if task == 0:
                if time.monotonic() > ended + 10:
                    return self._give_up()
                time.sleep(0.002)
            elif os.WIFSTOPPED(status):
                self._stopped(task, status)
            else:
                self._known.discard(task)
                if task == self._child:
                    self.found.status, ended = os.waitstatus_to_exitcode(status), time.monotonic()

    def _give_up(self) -> Traced:
        self.found.orphans = len(self._known)
        for task in self._known:
            with contextlib.suppress(ProcessLookupError):
                os.kill(task, signal.SIGKILL)
        return self.found

    def _stopped(self, task: int, status: int) -> None:
        number, event = os.WSTOPSIG(status), status >> 16
        is_new = task not in self._known
        self._known.add(task)
        if event == _EVENT_SECCOMP:
            self._called(task)
        quiet = event or (is_new and number == signal.SIGSTOP)
        _libc.ptrace(_CONT, task, None, None if quiet else number)

    def _called(self, task: int) -> None:
        registers = _Registers()
        if _libc.ptrace(_GETREGS, task, None, ctypes.byref(registers)):
            return
        call = (CALLS | READS)[registers.orig_rax]
        path = self._path(task, call, registers)
        if not path.startswith(self._folder):
            return
        self.found.calls[call] += 1
        if self._fault is None or call not in self._fault.calls or self._fault.file not in path:
            return
        self._counted += 1
        if self._fault.strikes(self._counted):
            self._strike(task, call, registers)
            self.found.struck = self.found.struck or f"{call} {path.removeprefix(self._folder)}"

    def _path(self, task: int, call: str, registers: _Registers) -> str:
        try:
            if call in _NAMES_A_PATH:
                return _string(task, (registers.rdi, registers.rsi)[_NAMES_A_PATH[call]])
            return str(Path(f"/proc/{task}/fd/{registers.rdi}").readlink())
        except OSError:
            return ""

    def _strike(self, task: int, call: str, registers: _Registers) -> None:
        assert self._fault is not None
        if self._fault.does == "short":
            if call not in ("write", "pwrite64") or registers.rdx < 2:
                return
            registers.rdx //= 2
        elif isinstance(self._fault.does, int):
            registers.orig_rax, registers.rax = (1 << 64) - 1, (1 << 64) - self._fault.does
        self.found.injected += 1
        if self.found.injected == 1:
            self.found.noted = self._noted()
        if self._fault.does == "kill":
            os.kill(self._child, signal.SIGKILL)
        else:
            _libc.ptrace(_SETREGS, task, None, ctypes.byref(registers))


def _string(task: int, address: int) -> str:
    with Path(f"/proc/{task}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(4096 - address % 4096).partition(b"\0")[0].decode("utf-8", "replace")

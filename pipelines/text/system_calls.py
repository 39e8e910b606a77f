"""Has Linux refuse a process what reading has no use for: connections, programs, other processes, files to be written.

The audit hook of the worker sees only what Python does; a library written in C that falls to its input is held by
this. It knows no reader.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from typing import NamedTuple

# linux/audit.h, linux/seccomp.h, linux/sched.h, asm/unistd.h: numbers of the kernel's own interface.
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_REFUSE, _ALLOW, _KILL = 0x0005_0000, 0x7FFF_0000, 0x8000_0000
_CLONE_THREAD = 0x0001_0000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16


class _Machine(NamedTuple):
    """One kind of processor: its name in audit.h, the call that sets a filter, and what stands where in its table."""

    audit: int
    seccomp: int
    clone: int
    # glibc falls back to the older call where one is said not to be there.
    absent: tuple[int, ...]
    # The call, and which of its arguments holds the flags.
    opens: tuple[tuple[int, int], ...]
    refused: tuple[int, ...]


_NEWER = (
    424,  # pidfd_send_signal
    425,  # io_uring_setup
    426,  # io_uring_enter
    428,  # open_tree
    429,  # move_mount
    434,  # pidfd_open
    438,  # pidfd_getfd
    452,  # fchmodat2
)
_MACHINES = {
    "x86_64": _Machine(
        0xC000_003E,
        317,
        56,
        (435, 437),  # clone3, openat2
        ((2, 1), (257, 2)),  # open, openat
        (
            *(41, 42, 43, 44, 46, 49, 50, 53, 288, 307),  # sockets
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(62, 200, 129, 297, 101, 109, 112, 310, 311),  # kill, tkill, signals, ptrace, groups, others' memory
            *(76, 82, 83, 84, 85, 86, 87, 88, 90, 92, 94, 132, 133, 188, 235),  # files by their names
            *(258, 259, 260, 261, 263, 264, 265, 266, 268, 280, 316, 319, 304),  # the same, beside a folder
            *(155, 161, 165, 166, 167, 169, 272, 308, 321, 298, 323),  # mounts, namespaces, programs in the kernel
            *_NEWER,
        ),
    ),
    "aarch64": _Machine(
        0xC000_00B7,
        277,
        220,
        (435, 437),
        ((56, 2),),
        (
            *(198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
            *(221, 281),
            *(129, 130, 138, 240, 117, 154, 157, 270, 271),
            *(5, 14, 45, 33, 34, 35, 36, 37, 38, 53, 54, 88, 276, 279, 265),
            *(39, 40, 41, 51, 97, 142, 224, 225, 268, 280, 241, 282),
            *_NEWER,
        ),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_system_calls() -> bool:
    """Take effect on all threads of this process, for good; return False where this system can't do so.

    What is refused fails as if it weren't allowed (EPERM). Raises nothing.
    """
    machine = _MACHINES.get(platform.machine()) if platform.system() == "Linux" else None
    if machine is None or struct.calcsize("P") != 8:
        return False
    code = _filter(machine)
    program = _Program(len(code) // 8, code)
    kernel = ctypes.CDLL(None)
    zero = ctypes.c_ulong(0)
    if kernel.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) != 0:
        return False
    call = (ctypes.c_long(machine.seccomp), ctypes.c_ulong(_SET_MODE_FILTER), ctypes.c_ulong(_ALL_THREADS))
    return int(kernel.syscall(*call, ctypes.byref(program))) == 0


def _filter(machine: _Machine) -> bytes:
    """Return the filter: rules of the packet filter's machine, read from top to bottom (bpf(4) of BSD)."""
    refuse = _result(_REFUSE | errno.EPERM)
    rules = [
        *(_load(_MACHINE), _if_equal(machine.audit, 1), _result(_KILL)),
        # Calls of x86's other tables have numbers from here on.
        *(_load(_NUMBER), _unless_below(0x4000_0000), refuse),
    ]
    for number in machine.absent:
        rules += [_unless_equal(number), _result(_REFUSE | errno.ENOSYS)]
    for number in machine.refused:
        rules += [_unless_equal(number), refuse]
    # A new thread is allowed, a new process is not; a file may be opened to be read.
    rules += _by_flags(machine.clone, 0, _CLONE_THREAD, allowed_with=True)
    for number, argument in machine.opens:
        rules += _by_flags(number, argument, _WRITES, allowed_with=False)
    return b"".join([*rules, _result(_ALLOW)])


def _by_flags(number: int, argument: int, flags: int, *, allowed_with: bool) -> list[bytes]:
    allowed, refused = _result(_ALLOW), _result(_REFUSE | errno.EPERM)
    with_flag, without = (allowed, refused) if allowed_with else (refused, allowed)
    return [_unless_equal(number, 4), _load(_ARGUMENTS + 8 * argument), _if_any(flags, 1), without, with_flag]


def _load(place: int) -> bytes:
    return _rule(0x20, 0, 0, place)


def _if_equal(value: int, skips: int) -> bytes:
    return _rule(0x15, skips, 0, value)


def _unless_equal(value: int, skips: int = 1) -> bytes:
    return _rule(0x15, 0, skips, value)


def _unless_below(value: int) -> bytes:
    return _rule(0x35, 0, 1, value)


def _if_any(bits: int, skips: int) -> bytes:
    return _rule(0x45, skips, 0, bits)


def _result(value: int) -> bytes:
    return _rule(0x06, 0, 0, value)


def _rule(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)

"""A process that dies with its parent, however that one died.  Linux only; elsewhere it does nothing."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)

# Loaded at import: after a fork of a process with threads it would be too late to load anything safely.
libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process as soon as its parent is gone.

    Not inherited by children: each of them has to call it.  `parent` is the parent's process id, noted before the fork,
    so that a parent that died in between is noticed too.
    """
    if libc is None:
        return
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)

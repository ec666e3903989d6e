"""Several processes as one: starts them, shows what they say, starts again what dies, and ends all of them.

One thread and one `select`: children are made by fork, and a fork of a process with threads is a gamble.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from campaigns.management import leash

QUICK = 10.0  # seconds: a child that ends sooner has failed to start
GIVE_UP_AFTER = 4  # quick failures in a row
PAUSE = 0.5  # seconds after the first quick failure; then twice as long each time
PATIENCE = 28.0  # seconds between asking to end and killing: a call to Chert under way may take nearly as long (F-06)
SILENCE = 30.0  # seconds without a sign of life after which a child is taken for hung
WAKING = 90.0  # ... and as long as it has given none yet: a busy machine would kill it in each of its starts
TICK = 1.0  # seconds at most between two looks at the children
ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KILLED = (-signal.SIGKILL, -signal.SIGTERM)


class GaveUp(Exception):
    """A child could not be kept alive; the sentence is for people."""


@dataclass(eq=False)
class Child:
    """A process to keep alive.  With `once` its end is its purpose, and its words are shown without its name."""

    name: str
    command: Sequence[str]
    sockets: Sequence[int] = ()
    once: bool = False
    pulse: Callable[[], float] | None = None  # changes as long as the child is well
    failures: int = 0
    due_at: float = 0.0

    def judge(self, code: int, age: float) -> None:
        """Count a quick failure.  Killed from outside is none: the next one may well live.  Raises GaveUp."""
        self.failures = self.failures + 1 if age < QUICK and code not in KILLED else 0
        if self.failures >= GIVE_UP_AFTER:
            raise GaveUp(f"The {self.name} ended {GIVE_UP_AFTER} times right after its start; its words stand above.")
        self.due_at = time.monotonic() + (PAUSE * 2 ** max(self.failures - 1, 0) if age < QUICK else 0.0)


class Run:
    """One life of a child: its process, its group and what it says."""

    def __init__(self, child: Child, environ: Mapping[str, str], folder: Path) -> None:
        parent = os.getpid()
        self.child = child
        self.process = subprocess.Popen(  # noqa: S603  our own commands, no shell
            child.command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=child.sockets,
            process_group=0,  # Ctrl-C reaches us alone, and a kill reaches all that the child has made
            preexec_fn=lambda: leash.die_with_parent(parent),
        )
        assert self.process.stdout is not None
        self.pipe = self.process.stdout
        os.set_blocking(self.pipe.fileno(), False)
        self.rest = b""  # of a line that is not complete yet
        self.pulse = child.pulse() if child.pulse else 0.0  # a former life's
        self.patience = WAKING
        self.started_at = self.pulse_at = time.monotonic()

    def pass_on(self) -> bool:
        """Show what has been said; False when nothing more will come."""
        data = os.read(self.pipe.fileno(), 65536)
        *lines, self.rest = (self.rest + (data or b"\n" * bool(self.rest))).split(b"\n")
        for line in filter(None, lines):
            say(line.decode(errors="replace"), "" if self.child.once else self.child.name)
        return bool(data)

    def pass_on_the_rest(self) -> None:
        """What is still in the pipe when the process has ended."""
        with self.pipe:
            try:
                while self.pass_on():
                    continue
            except BlockingIOError:
                return

    def kill_group(self) -> None:
        """End the process and whatever it left behind."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def is_hung(self) -> bool:
        """Whether the pulse has stood still for too long.  By our own clock: a laptop's sleep does not count."""
        if self.child.pulse is None:
            return False
        if (pulse := self.child.pulse()) != self.pulse:
            self.pulse, self.pulse_at, self.patience = pulse, time.monotonic(), SILENCE
        return time.monotonic() - self.pulse_at > self.patience


class Supervisor:
    """Keeps its children alive until it is asked to stop."""

    def __init__(self, children: Sequence[Child], environ: Mapping[str, str], folder: Path) -> None:
        self.children = children
        self.environ = environ
        self.folder = folder
        self.runs: dict[Child, Run] = {}
        self.selector = selectors.DefaultSelector()
        self.stopping = False

    def run(self) -> None:
        """Until a signal asks to stop.  Raises GaveUp; however it ends, no child is left."""
        with self.awake_for_signals():
            try:
                for child in self.children:
                    self.start(child)
                while not self.stopping:
                    self.hear(TICK)
                    self.look_after()
            finally:
                self.stop()

    @contextmanager
    def awake_for_signals(self) -> Iterator[None]:
        """Let signals wake `select`: the ones that ask us to stop, and the one that tells of a child's end."""
        ears, mouth = os.pipe()
        os.set_blocking(mouth, False)
        self.selector.register(ears, selectors.EVENT_READ)
        wakeup = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        handlers = {number: signal.signal(number, self.ask_to_stop) for number in ASKED_TO_STOP}
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wakeup)
            self.selector.close()
            os.close(ears)
            os.close(mouth)

    def ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def start(self, child: Child) -> None:
        run = self.runs[child] = Run(child, self.environ, self.folder)
        self.selector.register(run.pipe, selectors.EVENT_READ, run)

    def hear(self, seconds: float) -> None:
        """Pass on what the children say, and wake up for a signal."""
        for key, _ in self.selector.select(seconds):
            if key.data is None:
                os.read(key.fd, 4096)
            elif not key.data.pass_on():
                self.selector.unregister(key.fileobj)

    def look_after(self) -> None:
        """Clear away the dead, kill the hung, start what is due."""
        for run in list(self.runs.values()):
            if run.process.poll() is not None:
                self.bury(run)
            elif run.is_hung():
                say(f"The {run.child.name} has given no sign of life for a while.")
                run.kill_group()
        for child in self.children:
            if child not in self.runs and not child.once and time.monotonic() >= child.due_at:
                self.start(child)

    def bury(self, run: Run) -> None:
        code = self.clear_away(run)
        if not run.child.once:
            run.child.judge(code, time.monotonic() - run.started_at)
            say(f"The {run.child.name} ended ({ending(code)}) and is started again.")

    def clear_away(self, run: Run) -> int:
        """Leave nothing of this run, and answer how it ended."""
        run.kill_group()
        code = run.process.wait()
        if run.pipe in self.selector.get_map():
            self.selector.unregister(run.pipe)
        run.pass_on_the_rest()
        del self.runs[run.child]
        return code

    def stop(self) -> None:
        """Ask every child to end, wait for all of them together, kill what is left."""
        say("Goodword is stopping.")
        for run in self.runs.values():
            run.process.terminate()  # the child alone: what it has started, it ends in its own order
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(run.process.poll() is None for run in self.runs.values()):
            self.hear(0.1)
        for run in list(self.runs.values()):
            self.clear_away(run)


def say(line: str, name: str = "") -> None:
    """One line to the person.  A terminal that has gone away, or a log on a full disk, is no reason to end.

    Straight to the descriptor: what cannot be written now is lost, and does not stand before the next line.
    """
    with suppress(OSError):
        os.write(sys.stdout.fileno(), f"{name:8}| {line}\n".encode() if name else f"{line}\n".encode())


def ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"

"""Programs of our own at the other end of a real connection: slow ones, greedy ones, and a plain one that counts."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WORDS = b'{"phone_numbers": [], "chat": {"id": "chat-1"}, "message": {"id": "message-1"}}'
HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(WORDS) + WORDS

Behaviour = Callable[[socket.socket, threading.Event], None]


class Peer:
    """Listens on this machine, treats every connection as told, and remembers what it heard."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.connections = 0
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.threads = [threading.Thread(target=self._listen)]
        self.threads[0].start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/api/v1"

    def close(self) -> None:
        self.over.set()
        with socket.create_connection(self.listener.getsockname()):
            pass
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def _listen(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            if self.over.is_set():
                return connection.close()
            self.connections += 1
            self.threads.append(threading.Thread(target=self._treat, args=(connection,)))
            self.threads[-1].start()

    def _treat(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        with connection:
            try:
                self.behaviour(connection, self.over)
            except OSError:
                return  # the client has gone, which is what most of these are there to see


@contextmanager
def peer(behaviour: Behaviour) -> Iterator[Peer]:
    """A peer for the length of a test."""
    running = Peer(behaviour)
    try:
        yield running
    finally:
        running.close()


def answers_politely(connection: socket.socket, over: threading.Event) -> None:
    """One short answer for each request, over a connection that is kept."""
    while not over.is_set():
        try:
            heard = hear(connection)
        except TimeoutError:
            continue
        if not heard:
            return
        connection.sendall(HELLO)


def hear(connection: socket.socket) -> bytes:
    """One whole request: headers and body come in pieces of their own."""
    heard = connection.recv(65536)
    head, _, body = heard.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: ([0-9]+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return heard


def moments(over: threading.Event) -> Iterator[None]:
    """Small moments until it is over, four seconds in all: far more than a client should bear."""
    for _ in range(200):
        if over.wait(0.02):
            return
        yield


def drips_headers(connection: socket.socket, over: threading.Event) -> None:
    """Says hello, and then a header a letter at a time."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _ in moments(over):
        connection.sendall(b"z")


def drips_the_body(connection: socket.socket, over: threading.Event) -> None:
    """Promises much, and gives a letter at a time."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{")
    for _ in moments(over):
        connection.sendall(b" ")


def sips_the_upload(connection: socket.socket, over: threading.Event) -> None:
    """Takes what is uploaded so slowly that no single step ever times out."""
    for _ in moments(over):
        connection.recv(65536)


def hangs_up_after_hearing(connection: socket.socket, over: threading.Event) -> None:
    """Hears the request, and is gone."""
    connection.recv(65536)

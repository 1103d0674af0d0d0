"""Clients that mean harm: they fill a service's queue, and take its connections and the time of its HTTP thread.

The soak starts them as a process of their own and asks /healthz meanwhile.
"""

import contextlib
import itertools
import selectors
import socket
import time

LONG_DREAMS = 64
IDLE_CONNECTIONS = 200
SLOW_HEADS = 128
SLOW_UPLOADS = 140
CLOSING_UPLOADS_PER_SECOND = 200
RETURNS_PER_SECOND = 100
#: All that is done in a second is spread over so many rounds.
ROUNDS = 50

HEAD = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "


def upload_head(path, length):
    """The head of an upload whose body is a form with the boundary `soak-boundary`."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=soak-boundary\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


class Crowd:
    """Connections that send a greeting, and then a byte in each second. Those that the service closes come again."""

    def __init__(self, port, count, greeting=b"", drip=b""):
        self.port, self.count, self.greeting, self.drip = port, count, greeting, drip
        self.connections = set()
        self.closed = selectors.DefaultSelector()

    def refill(self, number):
        """The round with this number."""
        for key, _ in self.closed.select(0):
            self.drop(key.fileobj)
        for connection in list(self.connections)[number % ROUNDS :: ROUNDS] if self.drip else []:
            try:
                connection.send(self.drip)
            except OSError:
                self.drop(connection)
        with contextlib.suppress(OSError):
            for _ in range(min(RETURNS_PER_SECOND // ROUNDS, self.count - len(self.connections))):
                connection = socket.create_connection(("127.0.0.1", self.port), timeout=1)
                connection.sendall(self.greeting)
                self.connections.add(connection)
                # Whatever comes is an answer or the end.
                self.closed.register(connection, selectors.EVENT_READ)

    def drop(self, connection):
        if connection in self.connections:
            self.connections.remove(connection)
            self.closed.unregister(connection)
            connection.close()


def attack(port, long_dream, stop):
    """Attacks until `stop` is set.

    `long_dream` is the whole body of a form that asks for a dream which takes longer than the attack.
    """
    crowds = [
        Crowd(port, LONG_DREAMS, upload_head("/deepdream", len(long_dream)) + long_dream),
        Crowd(port, SLOW_UPLOADS, upload_head("/deepdream", 19_000_000), drip=b"-"),
        Crowd(port, SLOW_HEADS, HEAD, drip=b"a"),
        Crowd(port, IDLE_CONNECTIONS),
    ]
    abandoned = upload_head("/deepdream", 500_000) + bytes(50_000)
    for number in itertools.count():
        if stop.is_set():
            break
        begin = time.monotonic()
        for crowd in crowds:
            crowd.refill(number)
        for _ in range(CLOSING_UPLOADS_PER_SECOND // ROUNDS):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(abandoned)
        time.sleep(max(0, begin + 1 / ROUNDS - time.monotonic()))

"""Two entities on this machine, each in a thread's event loop, and clients that can also misbehave."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from accord.tools.keys.authority import Authority, initialise
from accord.tools.keys.client import KeyClient
from accord.tools.keys.server import Server, client_context
from accord.tools.keys.settings import ClientSettings, ServerSettings, read_settings


class Testbed:
    """Two entities, their applications, and the folder they were set up in."""

    __test__ = False

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.servers: dict[str, Server] = {}
        for kme in ("kme-a", "kme-b"):
            self.change(kme, **settings)
            self.up(kme)

    def change(self, name: str, **settings: Any) -> None:
        path = self.folder / f"{name}.yaml"
        body = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump({**body, **settings}))

    def up(self, kme: str) -> None:
        async def begin() -> Server:  # the store belongs to the thread that opens it
            server = Server(read_settings(self.folder / f"{kme}.yaml", ServerSettings), self.folder)
            await server.start()
            return server

        self.servers[kme] = self.run(begin())

    def down(self, kme: str) -> None:
        self.run(self.servers.pop(kme).stop())

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def close(self) -> None:
        for kme in list(self.servers):
            self.down(kme)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def client(self, sae: str) -> KeyClient:
        return KeyClient(read_settings(self.folder / f"{sae}.yaml", ClientSettings), self.folder)

    def port(self, kme: str) -> int:
        return int(yaml.safe_load((self.folder / f"{kme}.yaml").read_text())["port"])

    def connect(self, name: str = "alice", kme: str = "kme-a", timeout_s: float = 10.0) -> ssl.SSLSocket:
        context = client_context(
            self.folder / "authority.pem", self.folder / f"{name}.pem", self.folder / f"{name}.key"
        )
        plain = socket.create_connection(("127.0.0.1", self.port(kme)), timeout_s)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")

    def raw(self, text: bytes, name: str = "alice", kme: str = "kme-a") -> tuple[int, Any]:
        """Send bytes over a connection of their own; return status and body, (0, None) when it was just closed."""
        with self.connect(name, kme) as stream:
            stream.sendall(text)
            return answer(stream)

    def ask(
        self, method: str, path: str, body: Any = None, name: str = "alice", kme: str = "kme-a"
    ) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(raw)}\r\n\r\n"
        return self.raw(head.encode() + raw, name, kme)


def answer(stream: ssl.SSLSocket) -> tuple[int, Any]:
    raw = b""
    try:
        while b"\r\n\r\n" not in raw:
            part = stream.recv(65536)
            if not part:
                return 0, None
            raw += part
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(fields[b"content-length"]):
            body += stream.recv(65536)
    except (ConnectionError, ssl.SSLError):
        return 0, None
    return int(head.split()[1]), json.loads(body)


@pytest.fixture
def make_testbed(tmp_path: Path) -> Iterator[Callable[..., Testbed]]:
    made: list[Testbed] = []

    def make(source: str = "simulated", **settings: Any) -> Testbed:
        folder = tmp_path / f"testbed{len(made)}"
        initialise(folder, source=source)
        made.append(Testbed(folder, **settings))
        return made[-1]

    yield make
    for testbed in made:
        testbed.close()


@pytest.fixture(scope="module")
def testbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Testbed]:
    folder = tmp_path_factory.mktemp("keys") / "testbed"
    initialise(folder)
    bed = Testbed(folder)
    yield bed
    bed.close()


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    folder = tmp_path / "stranger"
    folder.mkdir()
    return Authority(folder)

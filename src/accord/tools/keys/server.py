"""The listening end: mutual TLS, one task a connection, every failure an answer without a trace of key material."""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from accord.errors import AccordError, FileError
from accord.tools.keys.api import SAE_ID, error_body
from accord.tools.keys.http import HttpError, Limits, Request, encode, read_request
from accord.tools.keys.identity import name_in
from accord.tools.keys.loading import open_store
from accord.tools.keys.peer import PeerLink
from accord.tools.keys.reserve import Reserve
from accord.tools.keys.service import COMMIT_PATH, FORGET_PATH, Service
from accord.tools.keys.settings import ServerSettings

__all__ = ["Server", "client_context", "serve"]

_LOG = logging.getLogger("accord.keys")
_SWEEP_S = 30.0
_RETRY_S = 1.0
_HANDSHAKE_S = 10.0
_METHODS = {"status": ("GET",), "enc_keys": ("GET", "POST"), "dec_keys": ("GET", "POST")}


def client_context(authority: Path, certificate: Path, private_key: Path) -> ssl.SSLContext:
    """Return the TLS settings of one who connects: own certificate, the server's checked with its name."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=_there(authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, certificate, private_key)
    return context


def _server_context(settings: ServerSettings, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(_there(folder / settings.authority))
    if settings.revoked is not None:
        context.load_verify_locations(_there(folder / settings.revoked))
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    _load(context, folder / settings.certificate, folder / settings.private_key)
    return context


def _there(path: Path) -> Path:
    if not path.is_file():
        raise FileError(f"{path}: does not exist")
    return path


def _load(context: ssl.SSLContext, certificate: Path, private_key: Path) -> None:
    try:
        context.load_cert_chain(_there(certificate), _there(private_key))
    except (ssl.SSLError, OSError) as error:
        raise FileError(f"{certificate}: does not work with {private_key.name}: {error}") from None


class Server:
    """One entity on the network.

    Parameters
    ----------
    settings : ServerSettings
    folder : Path
        That paths in the settings are relative to.
    force : bool
        Let others than this machine fetch simulated keys.

    Raises
    ------
    accord.errors.AccordError
        When simulated keys would be served to others without force, or a file does not fit.
    """

    def __init__(self, settings: ServerSettings, folder: Path, *, force: bool = False) -> None:
        if settings.source == "simulated" and not settings.loopback and not force:
            raise AccordError(
                f"{settings.kme} serves simulated keys, which protect nothing, and would listen on "
                f"{settings.host}: expected a loopback address (or force)"
            )
        self._settings, self._context = settings, _server_context(settings, folder)
        files = [folder / n for n in (settings.authority, settings.certificate, settings.private_key)]
        outward = client_context(*files)
        links = {
            name: PeerLink(name, peer.url, outward, settings.peer_timeout_s)
            for name, peer in settings.peers.items()
        }
        self.store = open_store(settings, folder)
        if self.store.holds_simulated() and not settings.loopback and not force:
            self.store.close()
            raise AccordError(
                f"{settings.kme}: the store holds key of a rehearsal and would listen on {settings.host}: "
                "expected a loopback address (or force)"
            )
        self.service, self._links = Service(settings, self.store, Reserve(self.store), links), links
        self._limits = Limits(request_s=settings.request_s, idle_s=settings.idle_s)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; return the port."""
        self.service.begin()
        await self.service.tell()
        try:
            self._server = await asyncio.start_server(
                self._connected,
                self._settings.host,
                self._settings.port,
                ssl=self._context,
                ssl_handshake_timeout=_HANDSHAKE_S,
                limit=self._limits.head_bytes,
            )
        except OSError as error:
            where = f"{self._settings.host}:{self._settings.port}"
            raise AccordError(f"{self._settings.kme}: cannot listen on {where}: {error.strerror}") from None
        self._spawn(self._sweep())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, drop connections, close the store."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for link in self._links.values():
            link.close()
        await self.service.end()
        self.store.close()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sweep(self) -> None:
        due = 0.0
        while True:
            heard = True
            with suppress(
                HttpError, sqlite3.Error
            ):  # a store that is busy or full now may not be the next time
                if time.monotonic() >= due:
                    due = time.monotonic() + _SWEEP_S
                    self.store.expire()
                    self.service.retire()
                    await self.store.disk.settled()
                heard = await self.service.tell()
            await asyncio.sleep(_SWEEP_S if heard else _RETRY_S)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if len(self._tasks) <= self._settings.most_connections:
                await self._converse(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the other end went away, or this one is stopping
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), 1.0)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = name_in(writer.get_extra_info("peercert"), self._settings.names)
        while True:
            try:
                request = await read_request(reader, self._limits)
                if request is None:
                    return
                status, body, keep = 200, await self._answer(name, request), request.keep_alive
            except HttpError as error:
                status, body, keep = error.status, error_body(error.message, error.details), not error.close
            writer.write(encode(status, body, keep_alive=keep))
            await writer.drain()
            if not keep:
                return

    async def _answer(self, name: str | None, request: Request) -> Any:
        try:
            return await self._route(name, request)
        except HttpError as error:
            if error.status == 401:
                self.store.refused(name or "", "/".join(request.parts)[:200], 401)
                await self.store.disk.settled()
            raise
        except Exception as error:
            # The message of an error could quote what it was about; its kind and place cannot.
            _LOG.error("%s: %s", self._settings.kme, _place(error))
            raise HttpError(500, "an error on the side of the server", close=True) from None

    async def _route(self, name: str | None, request: Request) -> Any:
        path = "/" + "/".join(request.parts)
        if path in (COMMIT_PATH, FORGET_PATH):
            if name not in self._settings.peers:
                raise HttpError(401, "this certificate is not that of a peer")
            if request.method != "POST":
                raise HttpError(405, "POST is expected here")
            return await (self.service.commit if path == COMMIT_PATH else self.service.forget)(name, request)
        if name not in self._settings.saes:
            raise HttpError(401, "this certificate is not that of an SAE served here")
        parts = request.parts
        if len(parts) != 5 or parts[:3] != ("api", "v1", "keys") or parts[4] not in _METHODS:
            raise HttpError(404, "no such resource")
        if request.method not in _METHODS[parts[4]]:
            raise HttpError(405, f"{' or '.join(_METHODS[parts[4]])} is expected here")
        other = parts[3]
        if not SAE_ID.match(other):
            raise HttpError(400, "the SAE_ID in the path is malformed")
        if parts[4] == "status":
            if request.query:
                raise HttpError(400, "status takes no parameters")
            return self.service.status(name, other)
        if parts[4] == "enc_keys":
            return await self.service.enc_keys(name, other, request)
        return await self.service.dec_keys(name, other, request)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"


def serve(
    settings: ServerSettings, folder: Path, *, force: bool = False, ready: Callable[[int], None] | None = None
) -> None:
    """Serve until interrupted or terminated.

    Parameters
    ----------
    ready : callable, optional
        Called with the port once it listens.
    """

    async def live() -> None:
        server = Server(settings, folder, force=force)
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # where the platform has no such handlers
                loop.add_signal_handler(number, done.set)
        try:
            port = await server.start()
            if ready is not None:
                ready(port)
            await done.wait()
        finally:
            await server.stop()

    asyncio.run(live())

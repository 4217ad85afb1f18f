"""A local certificate authority and all that a test-bed of two sites needs to start."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from accord.errors import FileError
from accord.systems.qkd.vault import create_sealing_key
from accord.tools.keys.identity import URI_PREFIX

__all__ = ["Authority", "initialise"]

_DAYS = 365


class Authority:
    """Issues certificates for entities and applications; its key lies in the folder, readable by its owner.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec

        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{folder.name} authority")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self._builder(self._name, self._key.public_key(), _DAYS)
        builder = builder.add_extension(x509.BasicConstraints(True, 0), True).add_extension(usage, True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self._certificate = builder.add_extension(identifier, False).sign(self._key, _hash())
        _write(folder / "authority.pem", _pem(self._certificate), secret=False)
        _write(folder / "authority.key", _private(self._key), secret=True)

    def _builder(self, subject: Any, public: Any, days: float) -> Any:
        from cryptography import x509

        now = datetime.now(UTC)
        begin, end = now - timedelta(hours=1), now + timedelta(days=days)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(begin, end - timedelta(hours=1)))
            .not_valid_after(end)
        )

    def issue(self, name: str, *, hosts: tuple[str, ...] = (), days: float = _DAYS, uri: bool = True) -> int:
        """Write ``NAME.pem`` and ``NAME.key``; return the serial number.

        Parameters
        ----------
        hosts : tuple of str
            Addresses and names of a server.
        days : float
            Of validity; not positive for one that has expired.
        uri : bool
            Put the name into a URI as well as into the common name.
        """
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        names: list[x509.GeneralName] = [_host(host) for host in hosts]
        if uri:
            names.append(x509.UniformResourceIdentifier(f"{URI_PREFIX}{name}"))
        builder = self._builder(subject, key.public_key(), days)
        builder = builder.add_extension(x509.BasicConstraints(False, None), True)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(identifier, False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        certificate = builder.sign(self._key, _hash())
        _write(self._folder / f"{name}.pem", _pem(certificate), secret=False)
        _write(self._folder / f"{name}.key", _private(key), secret=True)
        return int(certificate.serial_number)

    def revoke(self, *serials: int) -> None:
        """Write ``revoked.pem`` with these serial numbers."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=_DAYS))
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
            builder = builder.add_revoked_certificate(entry.build())
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        listed = builder.add_extension(identifier, False).sign(self._key, _hash())
        path = self._folder / "revoked.pem"
        path.unlink(missing_ok=True)
        _write(path, listed.public_bytes(Encoding.PEM), secret=False)


def initialise(
    folder: Path, *, kmes: tuple[str, str] = ("kme-a", "kme-b"), saes: tuple[str, str] = ("alice", "bob"),
    ports: tuple[int, int] | None = None, source: str = "simulated",
) -> list[Path]:  # fmt: skip
    """Write an authority, two entities on this machine and one application for each; return the settings files.

    Raises
    ------
    accord.errors.FileError
        When the folder holds something already.
    """
    import yaml

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileError(f"{folder}: is not empty; expected a new folder")
    except OSError as error:
        raise FileError(f"{folder}: cannot be written: {error.strerror}") from error
    authority = Authority(folder)
    authority.revoke()
    ports = ports or _free_ports()
    for name in kmes:
        authority.issue(name, hosts=("localhost", "127.0.0.1"))
        create_sealing_key(folder / f"{name}.kek")
    for name in saes:
        authority.issue(name)
    written = []
    for i in (0, 1):
        body: dict[str, Any] = {
            "kme": kmes[i],
            "host": "127.0.0.1",
            "port": ports[i],
            "certificate": f"{kmes[i]}.pem",
            "private_key": f"{kmes[i]}.key",
            "authority": "authority.pem",
            "revoked": "revoked.pem",
            "store": f"{kmes[i]}.db",
            "sealing_key": f"{kmes[i]}.kek",
            "source": source,
            "saes": {saes[i]: {"quota_kbit_per_hour": None}},
            "peers": {kmes[1 - i]: {"url": f"https://127.0.0.1:{ports[1 - i]}", "saes": [saes[1 - i]]}},
        }
        client = {
            "sae": saes[i],
            "url": f"https://127.0.0.1:{ports[i]}",
            "certificate": f"{saes[i]}.pem",
            "private_key": f"{saes[i]}.key",
            "authority": "authority.pem",
        }
        for name, text in ((kmes[i], body), (saes[i], client)):
            path = folder / f"{name}.yaml"
            _write(path, yaml.safe_dump(text, sort_keys=False).encode(), secret=False)
            written.append(path)
    return written


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def _host(host: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _hash() -> Any:
    from cryptography.hazmat.primitives.hashes import SHA256

    return SHA256()


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return bytes(certificate.public_bytes(Encoding.PEM))


def _private(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _write(path: Path, raw: bytes, *, secret: bool) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from error

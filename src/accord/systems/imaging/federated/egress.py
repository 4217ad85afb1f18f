"""The gate of a site: what may pass, and a signed record of what did.

Only floating-point or integer tensors that the agreed plan names, in the agreed shape, and counts of at least k
things pass. Every passage is a line of the log: number, name, kind, shape, bytes, sha256 of the content and of the
line before, signed with the site's Ed25519 key. The content itself is not kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import AccordError, FileError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["LEAST_COUNT", "Egress", "EgressError", "Passage", "check_log", "verify", "write_log"]

LEAST_COUNT = 20
_FIRST = "0" * 64
_FORMAT = "accord/egress/1"


class EgressError(AccordError):
    """Something that must not leave a site was about to."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One line of an egress log."""

    number: int
    site: str
    name: str
    kind: str
    shape: tuple[int, ...]
    size_bytes: int
    sha256: str
    before: str
    signature: str

    def signed(self) -> bytes:
        """Return what the signature covers."""
        row = {k: getattr(self, k) for k in self.__dataclass_fields__ if k != "signature"}
        return json.dumps(row, sort_keys=True, separators=(",", ":")).encode()

    def digest(self) -> str:
        """Return the sha256 that the next line holds."""
        return hashlib.sha256(self.signed() + bytes.fromhex(self.signature)).hexdigest()


@dataclass
class Egress:
    """The gate of one site.

    Attributes
    ----------
    site : str
    tensors : mapping of str to shape
        What the agreed plan lets pass, by name; everything else is refused.
    key : Ed25519PrivateKey
        The site's own; made anew where none is given.
    least_count : int
        k of the rule on counts.
    """

    site: str
    tensors: Mapping[str, tuple[int, ...]]
    key: Ed25519PrivateKey | None = None
    least_count: int = LEAST_COUNT
    log: list[Passage] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.key is None:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

            self.key = Ed25519PrivateKey.generate()

    @property
    def public_key(self) -> Ed25519PublicKey:
        """Return the key that `verify` needs."""
        assert self.key is not None
        return self.key.public_key()

    def tensor(self, name: str, value: NDArray[Any]) -> NDArray[Any]:
        """Let an update tensor pass and return a copy of it.

        Raises
        ------
        EgressError
            When the plan does not name it, or kind or shape differ, or it is not finite.
        """
        if name not in self.tensors:
            raise EgressError(
                f"site {self.site}: tensor {name!r} is not in the agreed plan; nothing left the site"
            )
        if type(value) is not np.ndarray or value.dtype.kind not in "fiu":
            raise EgressError(
                f"site {self.site}: {name}: {type(value).__name__} is not a plain array of numbers"
            )
        if value.shape != tuple(self.tensors[name]):
            raise EgressError(
                f"site {self.site}: {name} has shape {value.shape}; the plan allows {tuple(self.tensors[name])}"
            )
        if value.dtype.kind == "f" and not np.all(np.isfinite(value)):
            raise EgressError(f"site {self.site}: {name} is not finite; nothing left the site")
        out = np.array(value, order="C", copy=True)
        self._write(name, str(out.dtype), out.shape, out.tobytes())
        return out

    def count(self, name: str, value: int) -> int:
        """Let a count pass.

        Raises
        ------
        EgressError
            When it is below k: so few can be singled out.
        """
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < self.least_count:
            raise EgressError(
                f"site {self.site}: count {name} is below {self.least_count}; nothing left the site"
            )
        self._write(name, "count", (), int(value).to_bytes(8, "big"))
        return int(value)

    def _write(self, name: str, kind: str, shape: tuple[int, ...], content: bytes) -> None:
        assert self.key is not None
        before = self.log[-1].digest() if self.log else _FIRST
        draft = Passage(
            len(self.log), self.site, name, kind, shape, len(content), hashlib.sha256(content).hexdigest(), before, ""
        )  # fmt: skip
        signature = self.key.sign(draft.signed()).hex()
        self.log.append(
            Passage(**{**{k: getattr(draft, k) for k in draft.__dataclass_fields__}, "signature": signature})
        )


def write_log(egress: Egress, path: Path) -> None:
    """Write a site's log: its public key, then a line for each passage, beside its place and renamed.

    Raises
    ------
    FileError
        When the file cannot be written.
    """
    head = {"format": _FORMAT, "site": egress.site, "public_key": egress.public_key.public_bytes_raw().hex()}
    lines = [json.dumps(head), *(json.dumps(asdict(line)) for line in egress.log)]
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(f"{path}: cannot be written: {error}") from error


def check_log(path: Path) -> list[str]:
    """Return what is wrong with a written log, one line each.

    A log proves its own wholeness only to those who know the site's key: compare ``public_key`` with what the site
    gave you.

    Raises
    ------
    FileError
        When the file cannot be read or is no log.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        head, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if head.get("format") != _FORMAT:
            raise FileError(f"{path}: format {head.get('format')!r}, expected {_FORMAT}")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["public_key"]))
        log = [Passage(**{**row, "shape": tuple(row["shape"])}) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileError(f"{path}: not an egress log: {error!r}") from error
    return verify(log, key) + [
        f"line {line.number}: {line.kind} is neither a tensor of numbers nor a count"
        for line in log
        if line.kind != "count" and np.dtype(line.kind).kind not in "fiu"
    ]


def verify(log: Sequence[Passage], key: Ed25519PublicKey) -> list[str]:
    """Return what is wrong with a log, one line each: gaps, changed lines, signatures of another key."""
    from cryptography.exceptions import InvalidSignature

    found, before = [], _FIRST
    for number, line in enumerate(log):
        if line.number != number or line.before != before:
            found.append(f"line {number}: does not follow the line before it")
        try:
            key.verify(bytes.fromhex(line.signature), line.signed())
        except (InvalidSignature, ValueError):
            found.append(f"line {number}: the signature is not the site's")
        before = line.digest()
    return found

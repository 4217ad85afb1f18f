"""The file that sets up one key management entity, and the one of an application."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from accord.errors import FileError

__all__ = ["ClientSettings", "Peer", "Sae", "ServerSettings", "read_settings"]

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.\-]+:[0-9]{1,5}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sae(_Strict):
    """An application served here."""

    quota_kbit_per_hour: int | None = Field(None, ge=0)


class Peer(_Strict):
    """Another entity and the applications served there."""

    url: Url
    saes: tuple[Name, ...] = Field(strict=False)


class ServerSettings(_Strict):
    """One key management entity; paths are relative to the file."""

    kme: Name
    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)
    certificate: str
    private_key: str
    authority: str
    revoked: str | None = None
    store: str
    sealing_key: str
    source: Literal["simulated", "pool"]
    survives: Literal["power loss", "kill"] = "power loss"
    saes: dict[Name, Sae]
    peers: dict[Name, Peer] = Field(default_factory=dict)
    names: dict[str, Name] = Field(default_factory=dict)
    key_size_bit: int = Field(256, ge=8, multiple_of=8)
    smallest_key_bit: int = Field(64, ge=8, multiple_of=8)
    largest_key_bit: int = Field(4096, ge=8, multiple_of=8)
    most_keys_per_request: int = Field(128, ge=1, le=10_000)
    most_keys_waiting: int = Field(100_000, ge=1)
    most_keys_reserved: int = Field(128, ge=0, le=1024)
    most_keys_opened: int = Field(64, ge=0, le=1024)
    most_slaves: int = Field(8, ge=0, le=100)
    lifetime_h: float = Field(24.0, gt=0.0)
    peer_timeout_s: float = Field(3.0, gt=0.0)
    request_s: float = Field(10.0, gt=0.0)
    idle_s: float = Field(60.0, gt=0.0)
    most_connections: int = Field(256, ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> ServerSettings:
        served = [*self.saes, *(sae for peer in self.peers.values() for sae in peer.saes)]
        twice = sorted({name for name in served if served.count(name) > 1})
        if twice:
            raise ValueError(f"SAE {twice[0]} is served at two places")
        if self.kme in self.peers or self.kme in served:
            raise ValueError(f"{self.kme} is this entity's own name")
        if not self.smallest_key_bit <= self.key_size_bit <= self.largest_key_bit:
            raise ValueError("key_size_bit must lie between smallest_key_bit and largest_key_bit")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class ClientSettings(_Strict):
    """What an application needs to reach its entity; paths are relative to the file."""

    sae: Name
    url: Url
    certificate: str
    private_key: str
    authority: str


Read = TypeVar("Read", bound=_Strict)


def read_settings(path: Path, kind: type[Read]) -> Read:
    """Read a settings file.

    Raises
    ------
    accord.errors.FileError
        Naming the file and the key.
    """
    import yaml

    try:
        body: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise FileError(f"{path}: is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(body, dict):
        raise FileError(f"{path}: expected a mapping of settings")
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise FileError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None

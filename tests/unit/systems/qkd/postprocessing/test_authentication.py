"""Tags against whole-number arithmetic; pads that are used once, burnt on failure and never negative."""

from __future__ import annotations

import secrets
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.errors import AccordError, FileError
from accord.systems.qkd.postprocessing.authentication import AuthenticationError, Transcript
from accord.systems.qkd.postprocessing.pool import Pool, PoolEmptyError
from accord.systems.qkd.vault import Vault, create_sealing_key

MODULUS = (1 << 128) | 0x87


def multiplied(a: int, b: int) -> int:
    product = 0
    for i in range(128):
        if b >> i & 1:
            product ^= a << i
    for i in range(255, 127, -1):
        if product >> i & 1:
            product ^= MODULUS << (i - 128)
    return product


def reference(messages: list[bytes], number: int, point: bytes, pad: bytes) -> bytes:
    """Compute the tag with whole numbers."""
    r, state = int.from_bytes(point, "little"), 0
    text = b"".join(m + bytes(-len(m) % 16) for m in messages)
    text += struct.pack("<QQ", sum(len(m) for m in messages), number)
    for i in range(0, len(text), 16):
        state = multiplied(state ^ int.from_bytes(text[i : i + 16], "little"), r)
    return bytes(a ^ b for a, b in zip(state.to_bytes(16, "little"), pad, strict=True))


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    path = tmp_path_factory.mktemp("vault") / "kek"
    create_sealing_key(path)
    return Vault(path)


def stocked(folder: Path, vault: Vault, name: str, shared: bytes) -> Pool:
    pool = Pool(folder / name, vault)
    pool.stock(shared)
    return pool


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(st.binary(min_size=1, max_size=80), min_size=1, max_size=5))
def test_au1_the_tag_is_that_of_whole_numbers(
    messages: list[bytes], vault: Vault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, shared = tmp_path_factory.mktemp("au1"), secrets.token_bytes(32 + 64)
    one, other = (stocked(folder, vault, name, shared) for name in ("a", "b"))
    sender, receiver = Transcript(one, "alice"), Transcript(other, "alice")
    for message in messages:
        sender.absorb(message)
        receiver.absorb(message)
    tag = sender.sign()
    assert tag == struct.pack("<Q", 0) + reference(messages, 0, shared[:16], shared[32:48])
    receiver.check(tag)
    assert one.pads_left("alice") == other.pads_left("alice") == 1
    one.close()
    other.close()


def test_a_forged_tag_is_refused_and_its_pad_is_gone(tmp_path: Path, vault: Vault) -> None:
    shared = secrets.token_bytes(32 + 32 * 8)
    one, other = (stocked(tmp_path, vault, name, shared) for name in ("a", "b"))
    sender, receiver = Transcript(one, "alice"), Transcript(other, "alice")
    sender.absorb(b"pay 1")
    receiver.absorb(b"pay 2")
    tag = sender.sign()
    with pytest.raises(AuthenticationError, match="dropped and its pad is burnt"):
        receiver.check(tag)
    with pytest.raises(AccordError, match="used before"):
        receiver.check(tag)
    with pytest.raises(AccordError, match="ahead of what is due"):
        receiver.check(struct.pack("<Q", 1000) + bytes(16))
    with pytest.raises(AuthenticationError, match="3 bytes"):
        receiver.check(b"abc")
    assert other.pads_left("alice") == 7


def test_the_pool_ends_at_zero_and_says_so(tmp_path: Path, vault: Vault) -> None:
    pool = stocked(tmp_path, vault, "a", secrets.token_bytes(32 + 32 * 2))
    seen = {pool.take_pad("alice")[1] for _ in range(2)}
    assert len(seen) == 2
    for _ in range(2):
        with pytest.raises(PoolEmptyError, match="stock both ends anew"):
            pool.take_pad("alice")
    assert pool.pads_left("alice") == 0
    assert pool.pads_left("bob") == 2
    with pytest.raises(AccordError, match="stocked before"):
        pool.stock(secrets.token_bytes(128))


def test_a_pad_stays_gone_when_the_file_is_opened_again(tmp_path: Path, vault: Vault) -> None:
    pool = stocked(tmp_path, vault, "a", secrets.token_bytes(32 + 32 * 3))
    first = pool.take_pad("bob")
    pool.close()
    assert Pool(tmp_path / "a", vault).take_pad("bob")[0] == first[0] + 1


def test_delivering_twice_changes_nothing(tmp_path: Path, vault: Vault) -> None:
    pool = stocked(tmp_path, vault, "a", secrets.token_bytes(32 + 32 * 3))
    pool.prepare(b"x" * 16, 1024, bytes(range(128)), {"key_bit": 1024})
    assert pool.commit(b"x" * 16, 64)
    assert not pool.commit(b"x" * 16, 64)
    assert pool.pads_left("alice") == 5
    with pytest.raises(AccordError, match="not in doubt"):
        pool.commit(b"y" * 16, 64)
    drawn: list[bytes] = []
    assert pool.draw(lambda _, key, __: drawn.append(key)) == 1
    assert drawn == [bytes(range(64, 128))]
    assert pool.draw(lambda _, key, __: drawn.append(key)) == 0


def test_no_material_is_on_disk_in_the_clear_or_in_a_repr(tmp_path: Path, vault: Vault) -> None:
    shared = secrets.token_bytes(32 + 32 * 4)
    pool = stocked(tmp_path, vault, "a", shared)
    pool.prepare(b"x" * 16, 512, shared[:64], {})
    pool.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name != "kek")
    assert not any(shared[i : i + 16] in raw for i in range(0, len(shared), 16))
    assert "sealed" in repr(pool)
    assert "sealed" in repr(vault)


def test_sealing_keys_that_others_can_read_or_of_another_length_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    create_sealing_key(path)
    with pytest.raises(FileError, match="cannot be created"):
        create_sealing_key(path)
    path.chmod(0o644)
    with pytest.raises(FileError, match="mode 0600"):
        Vault(path)
    short = tmp_path / "short"
    short.write_bytes(b"abc")
    with pytest.raises(FileError, match="3 bytes"):
        Vault(short)
    with pytest.raises(FileError, match="cannot be read"):
        Vault(tmp_path / "absent")


def test_a_sealed_text_opens_only_under_its_label(vault: Vault) -> None:
    sealed = vault.seal(b"material", b"one")
    assert vault.open(sealed, b"one") == b"material"
    with pytest.raises(AccordError, match="does not open"):
        vault.open(sealed, b"other")
    with pytest.raises(AccordError, match="does not open"):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), b"one")

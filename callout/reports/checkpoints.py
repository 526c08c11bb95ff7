"""Copies of seals outside the database: a file that only grows, each line signed where the office has a key."""

import base64
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from callout.domain.audit import FIRST_SEAL, Finding, Seal
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant

_PUBLIC = re.compile("[0-9a-f]{64}")


class CheckpointError(CalloutError):
    """A file of checkpoints or a key that was damaged; the text names file, line and mend."""


@dataclass(frozen=True, slots=True)
class HeldSeal:
    """A seal's number and hash as they were when the copy was taken; a `Checkpoint`."""

    seq: int
    hash: str
    at: Instant
    key: str = ""
    """The public key, 64 hex digits, that the signature claims; empty where nobody signed."""
    sig: str = ""
    """Ed25519 over `signed_bytes`, base64."""

    def document(self) -> dict[str, object]:
        """As it stands in a file."""
        plain: dict[str, object] = {"seq": self.seq, "hash": self.hash, "at": self.at}
        return plain | ({"key": self.key, "sig": self.sig} if self.sig else {})


class SigningKey:
    """The key that vouches for seals. It lies in a file outside the database and is never printed."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def held(self, seal: Seal) -> HeldSeal:
        """A signed copy of the seal."""
        signature = base64.b64encode(self._key.sign(signed_bytes(seal.seq, seal.hash, seal.at))).decode()
        return HeldSeal(seal.seq, seal.hash, seal.at, self.public, signature)


def signed_bytes(seq: int, sealed: str, at: Instant) -> bytes:
    """What a signature is about: a fixed first line, then number, hash and time of the seal as a JSON array."""
    return b"callout checkpoint 1\n" + json.dumps([seq, sealed, at], separators=(",", ":")).encode()


def new_key(path: Path) -> SigningKey:
    """Make a key in a new file that its owner alone may read. Raises CheckpointError where the file exists."""
    key = Ed25519PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CheckpointError(f"{path} 已经存在，不会覆盖；请换一个文件名，旧钥匙要一直留着核对旧存证") from None
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return SigningKey(key)


def read_key(path: Path) -> SigningKey:
    """The key in the file. Raises CheckpointError where it cannot be read or others may read it."""
    try:
        if path.stat().st_mode & 0o077:
            raise CheckpointError(f"签名钥匙 {path} 别人也能读，请改成只有本账户可读（chmod 600）")
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        raise CheckpointError(f"签名钥匙 {path} 读不出来，请核对 CALLOUT_CHECKPOINT_KEY 指的文件") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise CheckpointError(f"签名钥匙 {path} 不是 Ed25519 钥匙，请用 callout audit new-key 生成")
    return SigningKey(key)


def unsigned(held: Sequence[HeldSeal], public: str) -> list[Finding]:
    """The copies that this public key did not sign. Raises CheckpointError where it is no public key."""
    if not _PUBLIC.fullmatch(public):
        raise CheckpointError("公钥应是 64 位十六进制数字（callout audit new-key 生成时显示的那一串）")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    return [
        Finding(one.seq, f"封条{one.seq}的存证不是这把钥匙签的：存证被伪造或换过钥匙。")
        for one in held
        if not _signed(key, one)
    ]


def _signed(key: Ed25519PublicKey, held: HeldSeal) -> bool:
    try:
        key.verify(base64.b64decode(held.sig, validate=True), signed_bytes(held.seq, held.hash, held.at))
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(slots=True)
class SealsHeld:
    """Copies every seal to the file of checkpoints. Any thread may seal."""

    path: Path | None = None
    key: SigningKey | None = None
    _waiting: list[Seal] = field(default_factory=list)
    """Not copied yet; oldest first."""
    _copying: Lock = field(default_factory=Lock)

    def take(self, made: Seal | None) -> None:
        """Copy the seal, after those whose copy could not be written. Raises OSError where it cannot be: it waits."""
        if self.path is None:
            return
        with self._copying:
            self._waiting += [made] if made else []
            while self._waiting:
                append_checkpoint(self.path, self._waiting[0], self.key)
                del self._waiting[0]


def append_checkpoint(path: Path, seal: Seal, key: SigningKey | None = None) -> None:
    """Add the seal to the file of checkpoints; durable when this returns. The file is only ever appended to."""
    fresh = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    held = key.held(seal) if key else HeldSeal(seal.seq, seal.hash, seal.at)
    with path.open("ab") as file:
        # What a crash left unfinished stays as a line of its own: the file may lie where nothing can be cut off.
        file.write((b"\n" if _torn(path) else b"") + json.dumps(held.document()).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        _sync_folder(path.parent)


def _torn(path: Path) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_checkpoints(path: Path) -> list[HeldSeal]:
    """The checkpoints in the file, none where it does not exist. Lines that a crash tore are left out.

    Raises CheckpointError for a complete line that is no checkpoint: such a line was damaged or edited.
    """
    if not path.exists():
        return []
    lines = enumerate(path.read_bytes().split(b"\n"), 1)
    return [_held(path.name, number, line) for number, line in lines if line.endswith(b"}")]


def _held(name: str, number: int, line: bytes) -> HeldSeal:
    try:
        doc = json.loads(line)
        held = HeldSeal(doc["seq"], doc["hash"], Instant(doc["at"]), doc.get("key", ""), doc.get("sig", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        held = HeldSeal(0, "", Instant(0))
    numbers = type(held.seq) is int and held.seq >= FIRST_SEAL and type(held.at) is int
    words = all(isinstance(each, str) for each in (held.hash, held.key, held.sig))
    if numbers and words and re.fullmatch("[0-9a-f]{64}", held.hash):
        return held
    raise CheckpointError(f"{name} 第 {number} 行不是有效的封条存证；请换用未损坏的存证副本")

"""Passwords, second steps and keys: how they are made, kept as hashes and compared."""

import secrets
from base64 import b64encode
from hashlib import sha256
from hmac import compare_digest

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callout.domain.instant import SECOND, Instant

_HASHER = PasswordHasher()


def _of_nobody() -> str:
    """Written as if of a password, but made of chance: to compute one would hold up every program that starts."""
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    salt, rest = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (_HASHER.salt_len, _HASHER.hash_len))
    return f"$argon2id$v=19${costs}${salt}${rest}"


_NOBODY = _of_nobody()
"""What a password is compared with where nobody has the name: so that both take the same time."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other."""
_STEP = 30 * SECOND
KEY_MARK = "ck"


def hashed(password: str) -> str:
    """What is kept of a password (argon2id)."""
    return _HASHER.hash(password)


def matches(secret: str | None, password: str) -> bool:
    """Whether this is the password of which `secret` was kept; None = nobody has one."""
    try:
        return _HASHER.verify(secret or _NOBODY, password) and secret is not None
    except (VerificationError, InvalidHashError):
        return False


def first_password() -> str:
    """16 letters and digits in groups of four, to be read out once."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def fresh_token() -> str:
    """What a browser holds while it is signed in: 256 bits."""
    return secrets.token_urlsafe(32)


def mark_of(token: str) -> str:
    """What is kept of a token: enough to know it again."""
    return sha256(token.encode()).hexdigest()


def form_mark(token: str) -> str:
    """What a form must bring back to prove that it is ours; nobody can tell the token from it."""
    return sha256(b"form:" + token.encode()).hexdigest()[:32]


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that tells nothing."""
    return compare_digest(one.encode(), other.encode())


def fresh_key() -> tuple[str, str]:
    """Id and whole text of a new key; only the hash of the text is kept."""
    id_ = secrets.token_hex(4)
    return id_, f"{KEY_MARK}_{id_}_{secrets.token_urlsafe(32)}"


def key_id(text: str) -> str:
    """The id in a key's text; empty where it is none."""
    mark, _, rest = text.partition("_")
    return rest.partition("_")[0] if mark == KEY_MARK else ""


def fresh_totp() -> str:
    """A shared secret for the second step, base32."""
    return pyotp.random_base32()


def totp_address(secret: str, login: str) -> str:
    """What an authenticator reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="叫应 callout")


def totp_step(secret: str, code: str, used: int, now: Instant) -> int | None:
    """The step that this code belongs to, one to either side allowed; None where it is wrong or used already."""
    current = now // _STEP
    steps = [step for step in (current - 1, current, current + 1) if step > used]
    return next((s for s in steps if same(pyotp.TOTP(secret).at(s * _STEP // SECOND), code.strip())), None)

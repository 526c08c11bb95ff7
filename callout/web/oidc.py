"""Another system that says who somebody is (OpenID Connect): the code flow with PKCE, a state and a nonce.

What it says is checked before it is believed: signature, issuer, audience, time and nonce of the ID token. Nothing of
the exchange is kept, and the secret is named in no log.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jwt import JWTClaimsRegistry, decode
from requests.exceptions import RequestException

from callout.domain.errors import CalloutError
from callout.domain.here import host_is_here

PATIENCE = 5
"""Seconds for one question to the provider."""
_KEPT = 600
"""Seconds for which its own description and keys are good."""
_LEEWAY = 60
_SIGNED = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
"""By a key of the provider: never `none`, never by a secret that both hold."""
_LONGEST = 200
_SILENT = "统一身份认证没有回应，请稍后再试，或用本系统的密码登录"
_NOT_BELIEVED = "统一身份认证的答复不可信，没有登录；请重新登录一次"
_NOT_PROVEN = "统一身份认证没有给出可以核对的身份，没有登录；请找管理员"


@dataclass(frozen=True, slots=True)
class Registration:
    """How this installation is known to the provider, and what of its word counts here."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    claim: str
    """`sub` or `email`: by which users here are known there."""
    second_steps: frozenset[str]
    """Values of `acr` or `amr` that say that a second step has been taken there."""
    name: str
    """As the sign-in page calls it."""
    back: str
    """Where it sends the browser back to."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser holds while somebody is away at the provider."""

    state: str
    nonce: str
    verifier: str
    then: str

    @property
    def text(self) -> str:
        """For a cookie."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Proven:
    """Who came back."""

    subject: str
    stepped: bool
    """With a second step that counts here."""


def begun_of(text: str) -> Begun | None:
    """The same from a cookie; None where it is none of ours."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        one = Begun(**found)
    except (ValueError, TypeError):
        return None
    return one if all(isinstance(each, str) and each for each in asdict(one).values()) else None


class IdentityProvider:
    """Asks one provider. Its description and keys are fetched when first needed, and again after ten minutes."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._known: tuple[float, Mapping[str, Any], KeySet] | None = None
        self._one = threading.Lock()

    def begin(self, then: str) -> tuple[str, Begun]:
        """Where to send the browser. Raises CalloutError where the provider does not answer."""
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), then)
        described, _ = self._described()
        asking = {"nonce": begun.nonce, "code_verifier": begun.verifier, "state": begun.state}
        with self._session() as session:
            address, _ = session.create_authorization_url(described["authorization_endpoint"], **asking)
        return str(address), begun

    def finish(self, begun: Begun, code: str, issuer: str) -> Proven:
        """Who it is that came back with this code. Raises CalloutError where that cannot be believed."""
        if issuer not in ("", self.registration.issuer):
            raise CalloutError(_NOT_BELIEVED)
        described, keys = self._described()
        try:
            with self._session() as session:
                url = described["token_endpoint"]
                given = session.fetch_token(url, code=code, code_verifier=begun.verifier, timeout=PATIENCE)
                claims = self._claims(str(given.get("id_token") or ""), keys, begun.nonce)
                if self.registration.claim not in claims and "userinfo_endpoint" in described:
                    claims = self._asked(session, described["userinfo_endpoint"], claims)
        except RequestException:
            raise CalloutError(_SILENT) from None
        except (AuthlibBaseError, JoseError, ValueError, TypeError):
            raise CalloutError(_NOT_BELIEVED) from None
        return Proven(self._subject(claims), self._stepped(claims))

    def leave(self, then: str) -> str:
        """Where to end the session there too; back to our own page where the provider knows no such thing."""
        described, _ = self._described()
        address = described.get("end_session_endpoint")
        asking = {"client_id": self.registration.client, "post_logout_redirect_uri": then}
        return f"{address}?{urlencode(asking)}" if address else then

    def _session(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415 - few offices need it

        one = self.registration
        means = "client_secret_basic" if one.secret else "none"
        return OAuth2Session(
            client_id=one.client,
            client_secret=one.secret or None,
            token_endpoint_auth_method=means,
            scope="openid email",
            redirect_uri=one.back,
            code_challenge_method="S256",
        )

    def _described(self) -> tuple[Mapping[str, Any], KeySet]:
        with self._one:
            if self._known is None or self._known[0] < time.monotonic():
                self._known = (time.monotonic() + _KEPT, *self._fetched())
            return self._known[1:]

    def _fetched(self) -> tuple[Mapping[str, Any], KeySet]:
        issuer = self.registration.issuer
        try:
            with self._session() as session:
                described = _read(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                if described.get("issuer") != issuer:
                    raise CalloutError(_NOT_BELIEVED)
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    _is_safe(described.get(name))
                return described, KeySet.import_key_set(
                    cast(KeySetSerialization, _read(session, described["jwks_uri"]))
                )
        except RequestException:
            raise CalloutError(_SILENT) from None
        except (JoseError, ValueError, TypeError, KeyError):
            raise CalloutError(_NOT_BELIEVED) from None

    def _claims(self, token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        claims = dict(decode(token, keys, algorithms=_SIGNED).claims)
        expected = {
            "iss": {"essential": True, "value": self.registration.issuer},
            "aud": {"essential": True, "value": self.registration.client},
            "nonce": {"essential": True, "value": nonce},
            **{name: {"essential": True} for name in ("sub", "exp", "iat")},
        }
        JWTClaimsRegistry(int(time.time()), _LEEWAY, **expected).validate(claims)  # type: ignore[arg-type]
        if claims.get("azp", self.registration.client) != self.registration.client:
            raise ValueError("meant for another client")
        return claims

    @staticmethod
    def _asked(session: Any, address: str, claims: dict[str, Any]) -> dict[str, Any]:
        """What the provider says besides; its word about whom must be the token's."""
        _is_safe(address)
        more = _read(session, address, withhold_token=False)
        if more.get("sub") != claims["sub"]:
            raise ValueError("speaks of somebody else")
        return {**more, **claims}

    def _subject(self, claims: Mapping[str, Any]) -> str:
        subject = claims.get(self.registration.claim)
        verified = self.registration.claim != "email" or claims.get("email_verified") is True
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST or not verified:
            raise CalloutError(_NOT_PROVEN)
        return normal(subject, self.registration.claim)

    def _stepped(self, claims: Mapping[str, Any]) -> bool:
        methods = claims.get("amr")
        said = {claims.get("acr"), *(methods if isinstance(methods, list) else [])}
        return bool(self.registration.second_steps & {one for one in said if isinstance(one, str)})


def normal(subject: str, claim: str) -> str:
    """How it is kept and compared: an address knows no capitals."""
    return subject.strip().lower() if claim == "email" else subject.strip()


def _read(session: Any, address: str, *, withhold_token: bool = True) -> dict[str, Any]:
    answer = session.get(address, timeout=PATIENCE, withhold_token=withhold_token)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError("no JSON object")
    return found


def _is_safe(address: object) -> None:
    """Raises ValueError for an address to which nothing secret may go."""
    parts = urlsplit(address if isinstance(address, str) else "")
    if parts.scheme != "https" and not (parts.scheme == "http" and host_is_here(parts.hostname or "")):
        raise ValueError("not https")

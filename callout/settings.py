"""Settings: read once at the start, from CALLOUT_… environment variables, and passed down."""

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from callout.domain.canary import Expects
from callout.domain.here import host_is_here
from callout.domain.link import SHORTEST_KEY, token
from callout.domain.retention import FEWEST_DAYS

_PACKAGE = Path(__file__).parent
_PLACES = (
    *("database_url", "copies", "channels", "rules", "templates", "inbox", "sources", "checkpoints", "outlets"),
    *("heartbeat_url", "web_host", "oidc_issuer", "public_url"),
)
_KEYS = ("inbox_key", "checkpoint_key", "oidc_client_secret", "link_key")


def _asset(name: str) -> Path:
    """Rules and templates lie beside the package in a checkout and inside it in an installed wheel."""
    beside = _PACKAGE.parent / name
    return beside if (_PACKAGE.parent / "pyproject.toml").is_file() else _PACKAGE / "_data" / name


def _is_safe(url: str) -> str:
    _leaves_safely(SecretStr(url))
    return url


def _leaves_safely(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme == "https" or (parts.scheme == "http" and host_is_here(parts.hostname or "")):
        return url
    raise ValueError("应以 https:// 开头（http:// 只能指本机）")


class Settings(BaseSettings):
    """Everything that an installation may set. Secrets are SecretStr."""

    model_config = SettingsConfigDict(env_prefix="CALLOUT_", frozen=True, extra="ignore")

    database_url: str = "sqlite:///data/callout.sqlite3"
    """SQLite file (one process) or postgresql:// URL (many)."""
    live: bool = False
    """Real providers are built only when this is true."""
    drill_live: bool = False
    """A drill (演练) may ring the real phones of its list; without it no drill starts where channels are real."""
    copies: Path | None = None
    """File that lists the offices, loudspeakers and groups that get copies; none do without it."""
    channels: Path | None = None
    """File that lists the providers; without it the phones are simulated."""
    county: str = "500156"
    """County whose rules are loaded (GB/T 2260)."""
    rules: Path = Field(default_factory=lambda: _asset("rules"))
    templates: Path = Field(default_factory=lambda: _asset("templates"))
    inbox: Path = Path("data/inbox")
    """Watched folder for incoming documents."""
    inbox_key: SecretStr | None = None
    """Key with which every file in the watched folder must be signed; none: the right to write there is the key."""
    sources: Path | None = None
    """File that lists the sources on the network; none are asked without it."""
    max_document_bytes: int = 1_048_576
    checkpoints: Path | None = None
    """File outside the database that takes a copy of every seal; default: beside an SQLite file."""
    checkpoint_key: Path | None = None
    """File with the Ed25519 key that signs every copied seal; keep it outside the database."""
    outlets: Path | None = None
    """File that lists the platforms to which events are pushed, and who gets checkpoints by mail; nobody without it."""
    slots: int = 200
    """Hand-overs to providers under way at once."""
    submit_timeout_seconds: float = 15.0
    log_json: bool = False
    """The log as one JSON document per line."""
    heartbeat_url: Annotated[SecretStr, AfterValidator(_leaves_safely)] | None = None
    """Address outside the house that is asked once a minute while the engine beats; it rings when that stops."""
    retention_days: int = Field(default=0, ge=0, le=36_500)
    """Days for which personal values are kept after the storm that used them last has closed; 0: until a command."""
    number_test_days: int = Field(default=0, ge=0, le=3_660)
    """Every number of the roster is tested by a text once in so many days (静默测试), a few each day; 0: none is."""
    canary_number: str | None = Field(default=None, pattern=r"^\+[1-9]\d{6,18}$")
    """Number that is called at set times to see that the whole way works (线路自检); none without it."""
    canary_at: str = Field(default="09:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d(,([01]\d|2[0-3]):[0-5]\d)*$")
    """Those times, Beijing, separated by commas."""
    canary_expects: Expects = Expects.DELIVERED
    """What it must come to: sent, delivered or answered."""
    web_host: str = "127.0.0.1"
    """Address that the pages listen on; anything but this machine needs HTTPS before it."""
    web_port: int = Field(default=8620, ge=0, le=65_535)
    """Port of the pages; 0 lets the machine choose."""
    oidc_issuer: Annotated[str, AfterValidator(_is_safe)] | None = None
    """Another system that vouches for users (OpenID Connect); none: sign-in by password only."""
    oidc_client_id: str | None = None
    """How this installation is known there."""
    oidc_client_secret: SecretStr | None = None
    """Its secret there; none for a public client, which PKCE alone protects."""
    oidc_claim: Literal["sub", "email"] = "sub"
    """By which users here are known there."""
    oidc_mfa: str = "mfa"
    """Values of acr or amr that stand for a second step, parted by commas; else the user's own one is asked for."""
    oidc_name: str = Field(default="统一身份认证", min_length=1, max_length=40)
    """As the sign-in page calls it."""
    link_key: SecretStr | None = Field(default=None, min_length=SHORTEST_KEY)
    """Secret with which the links in texts are signed; without it, or without a public_url, no text holds a link."""
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/\s?#]+$")
    """Address under which people and providers reach the pages, without a path; https: once they leave the house."""

    @field_validator(*_PLACES, mode="before")
    @classmethod
    def _set_or_not(cls, told: Any, info: ValidationInfo) -> Any:
        """An empty file, folder or address is none: the line was left blank."""
        if not isinstance(told, str) or not info.field_name:
            return told
        return told.strip() or cls.model_fields[info.field_name].get_default(call_default_factory=True)

    @field_validator(*_KEYS, mode="before")
    @classmethod
    def _arrived(cls, told: Any) -> Any:
        """An empty key has not arrived; were it taken for none, what it protects would stand open in silence."""
        if isinstance(told, str) and not told.strip():
            raise ValueError("是空的：密钥没有传到；不用它就删去这一行")
        return told

    @field_validator("retention_days")
    @classmethod
    def _long_enough(cls, days: int) -> int:
        if 0 < days < FEWEST_DAYS:
            raise ValueError(f"应是 0，或不小于 {FEWEST_DAYS}")
        return days

    @property
    def has_own_rules(self) -> bool:
        """Whether the folder of rules is another than the samples that come with the program."""
        return self.rules.resolve() != _asset("rules").resolve()

    @property
    def link_secret(self) -> bytes:
        """What the links in texts are signed with; empty: there are none."""
        return self.link_key.get_secret_value().encode() if self.link_key and self.public_url else b""

    def link_to(self, attempt: str) -> str:
        """The address of the page for whoever is called by this attempt; empty where there is none."""
        return f"{self.public_url}/c/{token(self.link_secret, attempt)}" if self.link_secret else ""

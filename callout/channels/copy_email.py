"""Copies by e-mail, to offices that keep a mailbox open."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from callout.domain.here import host_is_here
from callout.domain.instant import BEIJING, moment
from callout.ports import Outcome, Refusal, Submission
from callout.ports.copies import CopySetup, CopyWay, Leaflet


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The mail server, and who gets the mails."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    user: str = ""
    password_env: str = ""
    start_tls: bool = True
    timeout_seconds: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        if not self.to or not all("@" in one for one in (*self.to, self.sender)):
            raise ValueError("to 和 sender 应是邮箱地址，to 至少一个。")
        if not self.start_tls and not host_is_here(self.host):
            raise ValueError("start_tls 只有对本机才能关掉。")

    @property
    def real(self) -> bool:
        """Whether the mail server is another machine than this one."""
        return not host_is_here(self.host)


def way(setup: CopySetup) -> CopyWay:
    """The way; it opens a connection for each mail."""
    return _Email(setup.config, setup.secrets.get("password", ""))


class _Email:
    def __init__(self, config: Config, password: str) -> None:
        self._config = config
        self._password = password

    async def submit(self, leaflet: Leaflet) -> Submission:
        """One mail to all."""
        config = self._config
        try:
            refused, _ = await aiosmtplib.send(
                _mail(leaflet, config),
                recipients=list(config.to),
                hostname=config.host,
                port=config.port,
                username=config.user or None,
                password=self._password or None,
                start_tls=config.start_tls,
                timeout=config.timeout_seconds,
            )
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError) as error:
            return Submission(Outcome.REFUSED, reason=f"邮件服务器连接不上：{type(error).__name__}", kind=Refusal.DOWN)
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPNotSupported):
            return Submission(Outcome.REFUSED, reason="邮件服务器不让登录", kind=Refusal.CONFIG)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPSenderRefused):
            return Submission(Outcome.REFUSED, reason="收件人或发件人被拒", kind=Refusal.CONTACT)
        except aiosmtplib.SMTPResponseException as error:
            return Submission(Outcome.REFUSED, reason=f"SMTP {error.code}", kind=Refusal.CONTENT)
        reason = f"{len(refused)} 个收件人被拒" if refused else ""
        return Submission(Outcome.ACCEPTED, ref=leaflet.id, reason=reason)


def _mail(leaflet: Leaflet, config: Config) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = config.sender, ", ".join(config.to), leaflet.title
    mail["Date"] = format_datetime(moment(leaflet.at).astimezone(BEIJING))
    # The same for every try: a mailbox may tell a repetition by it.
    mail["Message-ID"] = f"<{leaflet.id}@{config.sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(leaflet.text)
    for paper in leaflet.documents:
        main, _, sub = paper.media.partition("/")
        if main == "text":
            mail.add_attachment(paper.body.decode(), subtype=sub, filename=paper.name)
        else:
            mail.add_attachment(paper.body, maintype=main, subtype=sub, filename=paper.name)
    return mail

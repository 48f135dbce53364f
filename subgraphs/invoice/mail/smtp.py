"""Mail through an SMTP server (RFC 5321), by aiosmtplib."""

from collections.abc import Awaitable, Callable
from email import policy
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from pydantic import SecretStr

from subgraphs.invoice.mail.letter import MailRefused, MailUncertain

__all__ = ["SmtpPostman"]

TIMEOUT_SECONDS = 20.0
SUBMISSION, SUBMISSION_TLS = 587, 465
PERMANENT = 500
FORM = "SMTP_URL is of the form smtp://user:password@host:port or smtps://…, with what is special in the password percent-encoded"


class SmtpPostman:
    """Hands mail in, a connection for each. With a password the connection must be encrypted."""

    def __init__(self, url: SecretStr, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Read `smtp://user:password@host:port` (STARTTLS where the server offers it) or `smtps://…` (TLS from the start).

        Raises:
            ValueError: the URL is another one; it is not repeated.
        """
        try:
            parts = urlsplit(url.get_secret_value())
            host, port = parts.hostname, parts.port
        except ValueError:  # its words may be the password's
            raise ValueError(FORM) from None
        if parts.scheme not in {"smtp", "smtps"} or not host:
            raise ValueError(FORM)
        self._tls = parts.scheme == "smtps"
        self._host, self._port = host, port or (SUBMISSION_TLS if self._tls else SUBMISSION)
        self._user = unquote(parts.username) if parts.username else None
        self._password = SecretStr(unquote(parts.password or ""))
        self._timeout = timeout_seconds

    async def deliver(
        self, message: EmailMessage, sender: str, recipient: str, handing_over: Callable[[], Awaitable[None]]
    ) -> None:
        smtp = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password.get_secret_value() if self._user else None,
            timeout=self._timeout,
            use_tls=self._tls,
            start_tls=None if self._tls or self._user is None else True,
        )
        await smtp.connect()
        try:
            beyond_ascii = not f"{sender}{recipient}".isascii()
            options = ["SMTPUTF8"] if beyond_ascii else []
            encoding = "utf-8" if beyond_ascii else "ascii"
            if beyond_ascii and not smtp.supports_extension("smtputf8"):
                raise MailRefused("the server takes no addresses beyond ASCII")
            content = message.as_bytes(policy=policy.SMTPUTF8 if beyond_ascii else policy.SMTP)
            try:
                await smtp.mail(sender, options=options, encoding=encoding)
                await smtp.rcpt(recipient, encoding=encoding)
                await handing_over()
                await _hand_over(smtp, content)
            except SMTPResponseException as error:
                if error.code >= PERMANENT:
                    # The address may be in the server's words; the code says enough.
                    raise MailRefused(f"refused with {error.code}") from None
                raise
        finally:
            smtp.close()


async def _hand_over(smtp: SMTP, content: bytes) -> None:
    try:
        await smtp.data(content)
    except SMTPResponseException:
        raise
    except (SMTPException, OSError, TimeoutError) as error:
        raise MailUncertain(f"no answer to the content: {type(error).__name__}") from error

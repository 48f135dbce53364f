"""Handing mail in to a real server."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtplib import SMTPException
from pydantic import SecretStr

from subgraphs.invoice.mail.letter import MailRefused, MailUncertain
from subgraphs.invoice.mail.smtp import SmtpPostman
from tests.testkit.smtp import MailServer, run_mail_server
from tests.testkit.stores import free_port


@pytest.fixture
def server() -> Iterator[MailServer]:
    with run_mail_server() as server:
        yield server


class HandedOver:
    """Counts how often content was handed over."""

    count = 0

    async def __call__(self) -> None:
        self.count += 1


async def deliver(url: str, recipient: str = "billing@hooli.example") -> HandedOver:
    message, handed_over = EmailMessage(), HandedOver()
    message["Subject"] = "Überweisung"
    message.set_content("Grüße")
    try:
        await SmtpPostman(SecretStr(url), timeout_seconds=5).deliver(message, "pay@t.example", recipient, handed_over)
    except (MailRefused, MailUncertain, SMTPException) as error:
        error.add_note(str(handed_over.count))
        raise
    return handed_over


async def test_mail_is_handed_in(server: MailServer) -> None:
    assert (await deliver(server.url)).count == 1
    [message] = server.taken
    assert (message["Subject"], message.get_content().strip()) == ("Überweisung", "Grüße")
    assert server.recipients == ["billing@hooli.example"]


async def test_an_address_beyond_ascii_is_written_to(server: MailServer) -> None:
    await deliver(server.url, "jørgen@hooli.example")
    assert server.recipients == ["jørgen@hooli.example"]


async def test_a_refused_address_is_refused_for_good_before_anything_is_handed_over(server: MailServer) -> None:
    with pytest.raises(MailRefused, match="refused with 550") as refused:
        await deliver(server.url, "nobody@hooli.example")
    assert refused.value.__notes__ == ["0"]
    assert "nobody" not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 try again", SMTPException),  # not taken in
        ("554 no", MailRefused),
        ("hang up", MailUncertain),
    ],
)
async def test_what_the_server_says_to_the_content_counts(server: MailServer, answer: str, error: type[Exception]) -> None:
    server.answers = [answer]
    with pytest.raises(error) as refused:
        await deliver(server.url)
    assert refused.value.__notes__ == ["1"]


async def test_a_server_that_is_away_has_taken_nothing_in() -> None:
    with pytest.raises(SMTPException) as refused:
        await deliver(f"smtp://127.0.0.1:{free_port()}")
    assert refused.value.__notes__ == ["0"]


@pytest.mark.parametrize(
    "url", ["http://geheim@127.0.0.1", "smtp://geheim@", "geheim:25", "smtp://ada:geheim/1@h", "smtp://ada:[geheim]@h"]
)
def test_another_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL is of the form") as refused:
        SmtpPostman(SecretStr(url))
    assert "geheim" not in str(refused.value)


async def test_a_password_is_not_sent_in_the_clear(server: MailServer) -> None:
    with pytest.raises(SMTPException, match="STARTTLS"):
        await deliver(server.url.replace("smtp://", "smtp://user:geheim@"))
    assert server.taken == []

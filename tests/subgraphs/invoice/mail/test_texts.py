"""Every kind of mail in every language that invoices are printed in."""

import re

import pytest

from subgraphs.invoice.mail.letter import MailKind
from subgraphs.invoice.mail.texts import LETTERS, text_of
from subgraphs.invoice.pdf.texts import TEXTS


def test_the_languages_are_those_of_invoices() -> None:
    assert set(LETTERS) == set(TEXTS)


@pytest.mark.parametrize("kind", MailKind)
def test_each_language_says_the_same_facts(kind: MailKind) -> None:
    facts = {language: set(re.findall(r"{(\w+)}", " ".join(letters[kind].paragraphs))) for language, letters in LETTERS.items()}
    assert len({frozenset(names) for names in facts.values()}) == 1
    assert len({letters[kind].subject for letters in LETTERS.values()}) == len(LETTERS)


def test_a_language_that_is_not_known_reads_english() -> None:
    assert text_of(MailKind.RECEIPT, "pt-BR") == LETTERS["en"][MailKind.RECEIPT]
    assert text_of(MailKind.RECEIPT, "de-AT") == LETTERS["de"][MailKind.RECEIPT]

"""What mails say, in the languages that invoices are printed in. `{…}` is filled in."""

from dataclasses import dataclass

from subgraphs.invoice.mail.letter import MailKind

__all__ = ["LETTERS", "LetterText", "text_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """Subject and paragraphs of one kind of mail."""

    subject: str
    paragraphs: tuple[str, ...]


K = MailKind
LETTERS: dict[str, dict[MailKind, LetterText]] = {
    "en": {
        K.PAYMENT_FAILED: LetterText(
            subject="Your payment for invoice {number} failed",
            paragraphs=(
                "Hello {name},",
                "we could not collect {amount} for invoice {number}.",
                "Please check your payment method, or use another one.",
            ),
        ),
        K.RETRY_SCHEDULED: LetterText(
            subject="Invoice {number}: we will try again on {retry}",
            paragraphs=(
                "Hello {name},",
                "we could not collect {amount} for invoice {number}, and will try again on {retry}.",
                "Another payment method is charged as soon as you have chosen it.",
            ),
        ),
        K.FINAL_NOTICE: LetterText(
            subject="Last reminder of invoice {number}",
            paragraphs=(
                "Hello {name},",
                "{amount} for invoice {number} is still unpaid. We will try for the last time on {retry}.",
                "If that fails, too, your subscription may end. Please use another payment method before then.",
            ),
        ),
        K.CANCELED: LetterText(
            subject="Your subscription was canceled",
            paragraphs=(
                "Hello {name},",
                "we could not collect {amount} for invoice {number}, and have canceled your subscription.",
                "The invoice is still to be paid.",
            ),
        ),
        K.UNPAID: LetterText(
            subject="Invoice {number} is unpaid",
            paragraphs=(
                "Hello {name},",
                "we could not collect {amount} for invoice {number}, and will not try again by ourselves.",
                "Please pay the invoice, or use another payment method.",
            ),
        ),
        K.RECEIPT: LetterText(
            subject="Receipt for invoice {number}",
            paragraphs=("Hello {name},", "thank you: invoice {number} over {total} is paid. You find it attached."),
        ),
        K.CARD_EXPIRING: LetterText(
            subject="Your card is about to expire",
            paragraphs=(
                "Hello {name},",
                "{card} expires on {expires}.",
                "Please give us a new payment method before then, so that your payments go on without interruption.",
            ),
        ),
        K.INVOICE: LetterText(
            subject="Invoice {number}",
            paragraphs=("Hello {name},", "you find invoice {number} attached. Please pay {amount} by {due}."),
        ),
        K.OVERDUE: LetterText(
            subject="Reminder of invoice {number}",
            paragraphs=(
                "Hello {name},",
                "invoice {number} was due on {due}, and {amount} of it is not paid yet. You find it attached.",
                "Please pay it soon. If you have just done so, there is nothing more to do.",
            ),
        ),
        K.OVERDUE_CANCELED: LetterText(
            subject="Your subscription was canceled",
            paragraphs=(
                "Hello {name},",
                "invoice {number} was due on {due}, and {amount} of it is not paid. We have canceled your subscription.",
                "The invoice is still to be paid.",
            ),
        ),
    },
    "de": {
        K.PAYMENT_FAILED: LetterText(
            subject="Ihre Zahlung für Rechnung {number} ist fehlgeschlagen",
            paragraphs=(
                "Guten Tag {name},",
                "wir konnten {amount} für Rechnung {number} nicht einziehen.",
                "Bitte prüfen Sie Ihre Zahlungsart oder verwenden Sie eine andere.",
            ),
        ),
        K.RETRY_SCHEDULED: LetterText(
            subject="Rechnung {number}: nächster Versuch am {retry}",
            paragraphs=(
                "Guten Tag {name},",
                "wir konnten {amount} für Rechnung {number} nicht einziehen und versuchen es am {retry} erneut.",
                "Eine andere Zahlungsart wird belastet, sobald Sie sie ausgewählt haben.",
            ),
        ),
        K.FINAL_NOTICE: LetterText(
            subject="Letzte Erinnerung an Rechnung {number}",
            paragraphs=(
                "Guten Tag {name},",
                "{amount} für Rechnung {number} ist noch nicht bezahlt. Wir versuchen es am {retry} zum letzten Mal.",
                "Schlägt auch das fehl, kann Ihr Abonnement enden. Bitte verwenden Sie vorher eine andere Zahlungsart.",
            ),
        ),
        K.CANCELED: LetterText(
            subject="Ihr Abonnement wurde gekündigt",
            paragraphs=(
                "Guten Tag {name},",
                "wir konnten {amount} für Rechnung {number} nicht einziehen und haben Ihr Abonnement gekündigt.",
                "Die Rechnung ist weiterhin zu zahlen.",
            ),
        ),
        K.UNPAID: LetterText(
            subject="Rechnung {number} ist nicht bezahlt",
            paragraphs=(
                "Guten Tag {name},",
                "wir konnten {amount} für Rechnung {number} nicht einziehen und versuchen es von selbst nicht erneut.",
                "Bitte bezahlen Sie die Rechnung oder verwenden Sie eine andere Zahlungsart.",
            ),
        ),
        K.RECEIPT: LetterText(
            subject="Beleg zu Rechnung {number}",
            paragraphs=("Guten Tag {name},", "vielen Dank: Rechnung {number} über {total} ist bezahlt. Sie ist angehängt."),
        ),
        K.CARD_EXPIRING: LetterText(
            subject="Ihre Karte läuft bald ab",
            paragraphs=(
                "Guten Tag {name},",
                "{card} läuft am {expires} ab.",
                "Bitte geben Sie vorher eine neue Zahlungsart an, damit Ihre Zahlungen ohne Unterbrechung weitergehen.",
            ),
        ),
        K.INVOICE: LetterText(
            subject="Rechnung {number}",
            paragraphs=("Guten Tag {name},", "anbei erhalten Sie Rechnung {number}. Bitte zahlen Sie {amount} bis zum {due}."),
        ),
        K.OVERDUE: LetterText(
            subject="Erinnerung an Rechnung {number}",
            paragraphs=(
                "Guten Tag {name},",
                "Rechnung {number} war am {due} fällig, und {amount} davon sind noch nicht bezahlt. Sie ist angehängt.",
                "Bitte zahlen Sie bald. Haben Sie das gerade getan, ist nichts weiter zu tun.",
            ),
        ),
        K.OVERDUE_CANCELED: LetterText(
            subject="Ihr Abonnement wurde gekündigt",
            paragraphs=(
                "Guten Tag {name},",
                "Rechnung {number} war am {due} fällig, {amount} davon sind nicht bezahlt. Wir haben Ihr Abonnement gekündigt.",
                "Die Rechnung ist weiterhin zu zahlen.",
            ),
        ),
    },
    "fr": {
        K.PAYMENT_FAILED: LetterText(
            subject="Votre paiement de la facture {number} a échoué",
            paragraphs=(
                "Bonjour {name},",
                "nous n'avons pas pu prélever {amount} pour la facture {number}.",
                "Veuillez vérifier votre moyen de paiement ou en utiliser un autre.",
            ),
        ),
        K.RETRY_SCHEDULED: LetterText(
            subject="Facture {number} : nouvel essai le {retry}",
            paragraphs=(
                "Bonjour {name},",
                "nous n'avons pas pu prélever {amount} pour la facture {number} et réessaierons le {retry}.",
                "Un autre moyen de paiement sera débité dès que vous l'aurez choisi.",
            ),
        ),
        K.FINAL_NOTICE: LetterText(
            subject="Dernier rappel de la facture {number}",
            paragraphs=(
                "Bonjour {name},",
                "{amount} pour la facture {number} reste impayé. Nous essaierons une dernière fois le {retry}.",
                "En cas d'échec, votre abonnement peut prendre fin. Veuillez utiliser un autre moyen de paiement d'ici là.",
            ),
        ),
        K.CANCELED: LetterText(
            subject="Votre abonnement a été résilié",
            paragraphs=(
                "Bonjour {name},",
                "nous n'avons pas pu prélever {amount} pour la facture {number} et avons résilié votre abonnement.",
                "La facture reste à payer.",
            ),
        ),
        K.UNPAID: LetterText(
            subject="La facture {number} est impayée",
            paragraphs=(
                "Bonjour {name},",
                "nous n'avons pas pu prélever {amount} pour la facture {number} et n'essaierons plus de nous-mêmes.",
                "Veuillez payer la facture ou utiliser un autre moyen de paiement.",
            ),
        ),
        K.RECEIPT: LetterText(
            subject="Reçu de la facture {number}",
            paragraphs=("Bonjour {name},", "merci : la facture {number} de {total} est payée. Vous la trouverez ci-jointe."),
        ),
        K.CARD_EXPIRING: LetterText(
            subject="Votre carte arrive à expiration",
            paragraphs=(
                "Bonjour {name},",
                "{card} expire le {expires}.",
                "Veuillez indiquer un nouveau moyen de paiement d'ici là, pour que vos paiements se poursuivent.",
            ),
        ),
        K.INVOICE: LetterText(
            subject="Facture {number}",
            paragraphs=(
                "Bonjour {name},",
                "vous trouverez ci-jointe la facture {number}. Veuillez payer {amount} avant le {due}.",
            ),
        ),
        K.OVERDUE: LetterText(
            subject="Rappel de la facture {number}",
            paragraphs=(
                "Bonjour {name},",
                "la facture {number} était à payer le {due}, et {amount} reste impayé. Vous la trouverez ci-jointe.",
                "Veuillez la payer sans tarder. Si vous venez de le faire, vous n'avez plus rien à faire.",
            ),
        ),
        K.OVERDUE_CANCELED: LetterText(
            subject="Votre abonnement a été résilié",
            paragraphs=(
                "Bonjour {name},",
                "la facture {number} était à payer le {due}, et {amount} reste impayé. Nous avons résilié votre abonnement.",
                "La facture reste à payer.",
            ),
        ),
    },
    "es": {
        K.PAYMENT_FAILED: LetterText(
            subject="Su pago de la factura {number} ha fallado",
            paragraphs=(
                "Hola, {name}:",
                "no hemos podido cobrar {amount} de la factura {number}.",
                "Compruebe su método de pago o utilice otro.",
            ),
        ),
        K.RETRY_SCHEDULED: LetterText(
            subject="Factura {number}: nuevo intento el {retry}",
            paragraphs=(
                "Hola, {name}:",
                "no hemos podido cobrar {amount} de la factura {number} y lo intentaremos de nuevo el {retry}.",
                "Otro método de pago se cobrará en cuanto lo elija.",
            ),
        ),
        K.FINAL_NOTICE: LetterText(
            subject="Último aviso de la factura {number}",
            paragraphs=(
                "Hola, {name}:",
                "{amount} de la factura {number} sigue sin pagar. Lo intentaremos por última vez el {retry}.",
                "Si también falla, su suscripción puede terminar. Utilice antes otro método de pago.",
            ),
        ),
        K.CANCELED: LetterText(
            subject="Su suscripción se ha cancelado",
            paragraphs=(
                "Hola, {name}:",
                "no hemos podido cobrar {amount} de la factura {number} y hemos cancelado su suscripción.",
                "La factura sigue pendiente de pago.",
            ),
        ),
        K.UNPAID: LetterText(
            subject="La factura {number} está sin pagar",
            paragraphs=(
                "Hola, {name}:",
                "no hemos podido cobrar {amount} de la factura {number} y no lo intentaremos más por nuestra cuenta.",
                "Pague la factura o utilice otro método de pago.",
            ),
        ),
        K.RECEIPT: LetterText(
            subject="Recibo de la factura {number}",
            paragraphs=("Hola, {name}:", "gracias: la factura {number} de {total} está pagada. La encontrará adjunta."),
        ),
        K.CARD_EXPIRING: LetterText(
            subject="Su tarjeta está a punto de caducar",
            paragraphs=(
                "Hola, {name}:",
                "{card} caduca el {expires}.",
                "Indique antes un nuevo método de pago para que sus pagos continúen sin interrupción.",
            ),
        ),
        K.INVOICE: LetterText(
            subject="Factura {number}",
            paragraphs=("Hola, {name}:", "adjuntamos la factura {number}. Pague {amount} hasta el {due}."),
        ),
        K.OVERDUE: LetterText(
            subject="Recordatorio de la factura {number}",
            paragraphs=(
                "Hola, {name}:",
                "la factura {number} venció el {due}, y {amount} sigue sin pagar. La encontrará adjunta.",
                "Páguela pronto. Si acaba de hacerlo, no tiene que hacer nada más.",
            ),
        ),
        K.OVERDUE_CANCELED: LetterText(
            subject="Su suscripción se ha cancelado",
            paragraphs=(
                "Hola, {name}:",
                "la factura {number} venció el {due}, y {amount} sigue sin pagar. Hemos cancelado su suscripción.",
                "La factura sigue pendiente de pago.",
            ),
        ),
    },
}


def text_of(kind: MailKind, language: str) -> LetterText:
    """Return the words of a BCP 47 language such as de or fr-CA, English where it is not known."""
    return LETTERS.get(language.partition("-")[0].lower(), LETTERS["en"])[kind]

"""The words of invoices and credit notes. A language that is not here reads English, with its own numbers and dates."""

from dataclasses import dataclass

__all__ = ["TEXTS", "Texts", "texts_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What is printed; `{…}` is filled in."""

    invoice: str
    draft: str
    number: str
    date: str
    due: str
    bill_to: str
    tax_id: str
    description: str
    quantity: str
    amount: str
    subtotal: str
    tax: str
    tax_included: str
    tax_on: str
    total: str
    credit: str
    credited: str
    paid: str
    amount_due: str
    paid_on: str
    void: str
    reverse_charge: str
    exempt: str
    page: str
    credit_note: str
    credited_invoice: str
    reason: str
    not_owed: str
    refunded: str
    to_balance: str
    brought_forward_from: str
    brought_forward: str
    carried_forward: str
    too_little: str
    collected_with: str


TEXTS = {
    "en": Texts(
        invoice="Invoice",
        draft="Draft",
        number="Number",
        date="Date",
        due="Due",
        bill_to="Bill to",
        tax_id="Tax ID",
        description="Description",
        quantity="Quantity",
        amount="Amount",
        subtotal="Subtotal without tax",
        tax="{name} {percentage} %",
        tax_included="{name} {percentage} %, included",
        tax_on="{tax}, of {amount}",
        total="Total",
        credit="Paid by credit",
        credited="Credit notes",
        paid="Paid",
        amount_due="Amount due",
        paid_on="Paid on {date}.",
        void="This invoice is void and not owed.",
        reverse_charge="Reverse charge: the recipient owes the tax.",
        exempt="Exempt from tax.",
        page="Page {page} of {pages}",
        credit_note="Credit note",
        credited_invoice="For invoice",
        reason="Reason",
        not_owed="No longer owed",
        refunded="Refunded",
        to_balance="Added to your credit",
        brought_forward_from="Carried forward from invoice {number}",
        brought_forward="Carried forward",
        carried_forward="Moved to your balance",
        too_little="{amount} was too little to charge: it moved to your balance and is collected with the next invoice.",
        collected_with="With this invoice, {amount} that was carried forward is collected.",
    ),
    "de": Texts(
        invoice="Rechnung",
        draft="Entwurf",
        number="Nummer",
        date="Datum",
        due="Fällig",
        bill_to="Rechnung an",
        tax_id="USt-IdNr.",
        description="Beschreibung",
        quantity="Menge",
        amount="Betrag",
        subtotal="Zwischensumme ohne Steuer",
        tax="{name} {percentage} %",
        tax_included="{name} {percentage} %, enthalten",
        tax_on="{tax}, auf {amount}",
        total="Gesamtbetrag",
        credit="Mit Guthaben bezahlt",
        credited="Gutschriften",
        paid="Bezahlt",
        amount_due="Zu zahlen",
        paid_on="Bezahlt am {date}.",
        void="Diese Rechnung ist storniert und nicht zu zahlen.",
        reverse_charge="Steuerschuldnerschaft des Leistungsempfängers.",
        exempt="Von der Steuer befreit.",
        page="Seite {page} von {pages}",
        credit_note="Rechnungskorrektur",
        credited_invoice="Zu Rechnung",
        reason="Grund",
        not_owed="Nicht mehr zu zahlen",
        refunded="Erstattet",
        to_balance="Ihrem Guthaben gutgeschrieben",
        brought_forward_from="Übertrag aus Rechnung {number}",
        brought_forward="Übertrag",
        carried_forward="Auf Ihr Kundenkonto übertragen",
        too_little="{amount} sind zu wenig für eine Abbuchung und kommen über Ihr Kundenkonto zur nächsten Rechnung.",
        collected_with="Mit dieser Rechnung werden {amount} aus einem Übertrag eingezogen.",
    ),
    "fr": Texts(
        invoice="Facture",
        draft="Brouillon",
        number="Numéro",
        date="Date",
        due="Échéance",
        bill_to="Facturé à",
        tax_id="N° de TVA",
        description="Désignation",
        quantity="Quantité",
        amount="Montant",
        subtotal="Sous-total hors taxes",
        tax="{name} {percentage} %",
        tax_included="{name} {percentage} %, comprise",
        tax_on="{tax}, sur {amount}",
        total="Total",
        credit="Payé par avoir",
        credited="Avoirs",
        paid="Payé",
        amount_due="Reste à payer",
        paid_on="Payé le {date}.",
        void="Cette facture est annulée et n'est pas due.",
        reverse_charge="Autoliquidation : la taxe est due par le preneur.",
        exempt="Exonéré de taxe.",
        page="Page {page} sur {pages}",
        credit_note="Facture d'avoir",
        credited_invoice="Sur la facture",
        reason="Motif",
        not_owed="Plus à payer",
        refunded="Remboursé",
        to_balance="Porté à votre crédit",
        brought_forward_from="Report de la facture {number}",
        brought_forward="Report",
        carried_forward="Reporté sur votre compte",
        too_little="{amount} : trop peu pour un prélèvement. Reporté sur votre compte, à régler avec la prochaine facture.",
        collected_with="Avec cette facture, {amount} reportés sont encaissés.",
    ),
    "es": Texts(
        invoice="Factura",
        draft="Borrador",
        number="Número",
        date="Fecha",
        due="Vencimiento",
        bill_to="Facturar a",
        tax_id="NIF-IVA",
        description="Descripción",
        quantity="Cantidad",
        amount="Importe",
        subtotal="Subtotal sin impuestos",
        tax="{name} {percentage} %",
        tax_included="{name} {percentage} %, incluido",
        tax_on="{tax}, sobre {amount}",
        total="Total",
        credit="Pagado con saldo",
        credited="Notas de crédito",
        paid="Pagado",
        amount_due="Importe pendiente",
        paid_on="Pagado el {date}.",
        void="Esta factura está anulada y no se debe.",
        reverse_charge="Inversión del sujeto pasivo.",
        exempt="Exento de impuestos.",
        page="Página {page} de {pages}",
        credit_note="Factura rectificativa",
        credited_invoice="De la factura",
        reason="Motivo",
        not_owed="Ya no se debe",
        refunded="Reembolsado",
        to_balance="Abonado a su saldo",
        brought_forward_from="Traspaso de la factura {number}",
        brought_forward="Traspaso",
        carried_forward="Trasladado a su saldo",
        too_little="{amount} es demasiado poco para un cobro: se traslada a su saldo y se cobra con la próxima factura.",
        collected_with="Con esta factura se cobran {amount} traspasados.",
    ),
}


def texts_for(language: str) -> Texts:
    """Return the words of a BCP 47 language such as de or fr-CA, English where it is not known."""
    return TEXTS.get(language.partition("-")[0].lower(), TEXTS["en"])

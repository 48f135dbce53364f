"""Customers as the API shows them."""

import asyncio
from datetime import date, datetime

import strawberry

from subgraphs.customer.documents import AddressValue, CustomerDocument, PaymentMethodValue, TaxIdValue
from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption
from subgraphs.customer.domain.values import CustomerStatus
from subgraphs.customer.schema.context import Info
from subgraphs.customer.schema.credit_types import CustomerBalance, Wallet, WalletConnection, WalletEdge
from subgraphs.customer.schema.loaders import load_alias, load_customer
from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.enums import described_enum
from subgraphs.kit.graphql.pagination import (
    MAXIMUM_SIZE,
    After,
    Before,
    Connection,
    Edge,
    First,
    Last,
    PageArguments,
    connection,
)
from subgraphs.kit.graphql.scalars import CurrencyCode
from subgraphs.kit.graphql.schema import reference_key

__all__ = ["Address", "Customer", "CustomerConnection", "CustomerEdge", "OAuthClient", "PaymentMethod", "TaxId"]

described_enum(
    CustomerStatus,
    {
        "ACTIVE": "It can be billed and changed.",
        "ARCHIVED": "It is given nothing new, until customerUnarchive.",
        "MERGED": "It is an alias of the customer that it was merged into; final.",
        "ERASED": "Its personal data was erased, and only the books are left; final.",
    },
    description="Whether a customer can be billed.",
)
described_enum(
    TaxIdType,
    {
        "AR_CUIT": "Argentina: Clave Única de Identificación Tributaria.",
        "AU_ABN": "Australia: Australian Business Number.",
        "BR_CNPJ": "Brazil: Cadastro Nacional da Pessoa Jurídica, of companies.",
        "BR_CPF": "Brazil: Cadastro de Pessoas Físicas, of persons.",
        "CA_BN": "Canada: Business Number.",
        "CH_VAT": "Switzerland: VAT number, CHE-….",
        "CL_TIN": "Chile: Rol Único Tributario.",
        "CN_TIN": "China: taxpayer identification number, the unified social credit code.",
        "CO_NIT": "Colombia: Número de Identificación Tributaria.",
        "DO_RCN": "Dominican Republic: Registro Nacional de Contribuyentes.",
        "EC_RUC": "Ecuador: Registro Único de Contribuyentes.",
        "EG_TIN": "Egypt: tax identification number.",
        "EU_OSS_VAT": "European Union: number of the One Stop Shop for sellers from elsewhere, EU….",
        "EU_VAT": "European Union: VAT number of a member state, with its prefix.",
        "GB_VAT": "United Kingdom: VAT number.",
        "ID_NPWP": "Indonesia: Nomor Pokok Wajib Pajak.",
        "IL_HP": "Israel: company number.",
        "IN_GST": "India: goods and services tax number.",
        "IS_VAT": "Iceland: VAT number.",
        "JP_CN": "Japan: corporate number.",
        "KE_PIN": "Kenya: personal identification number of the revenue authority.",
        "KR_BRN": "South Korea: business registration number.",
        "MX_RFC": "Mexico: Registro Federal de Contribuyentes.",
        "NO_VAT": "Norway: VAT number.",
        "NZ_GST": "New Zealand: goods and services tax number.",
        "PE_RUC": "Peru: Registro Único de Contribuyentes.",
        "RS_PIB": "Serbia: Poreski identifikacioni broj.",
        "RU_INN": "Russia: taxpayer identification number.",
        "SG_UEN": "Singapore: unique entity number.",
        "TH_VAT": "Thailand: VAT number.",
        "TR_TIN": "Türkiye: tax identification number.",
        "TW_VAT": "Taiwan: unified business number.",
        "UA_EDRPOU": "Ukraine: number in the register of enterprises, EDRPOU.",
        "US_EIN": "United States: employer identification number.",
        "UY_RUC": "Uruguay: Registro Único Tributario.",
        "VN_TIN": "Vietnam: tax identification number.",
        "ZA_TIN": "South Africa: tax reference number.",
    },
    description="Who issues a tax id, by its country's code or EU, and what it is.",
)
described_enum(
    TaxExemption,
    {
        "NONE": "Tax is charged.",
        "EXEMPT": "No tax is charged.",
        "REVERSE_CHARGE": "No tax is charged: the customer, a business with a tax id, owes it itself.",
    },
    description="Whether tax is charged.",
)


@strawberry.federation.type(
    name="OAuthClient",
    keys=[reference_key("id")],
    description="An OAuth client.",
)
class OAuthClient:
    """The auth subgraph's entity, named by its key."""

    id: strawberry.ID = strawberry.field(description="The OAuth client id.")


@strawberry.type(description="A postal address.")
class Address:
    """As the API shows it."""

    line1: str = strawberry.field(description="Street and number, or post box.")
    line2: str | None = strawberry.field(description="Floor, suite, care of.")
    city: str = strawberry.field(description="City or town.")
    postal_code: str | None = strawberry.field(description="Postal or ZIP code.")
    region: str | None = strawberry.field(description="State, province or county, as it was given.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code, such as DE.")

    @classmethod
    def of(cls, value: AddressValue) -> "Address":
        return cls(**value.model_dump())


@strawberry.type(
    description="A customer's tax id. Its format and check digits are right; whether it is registered only its issuer can tell."
)
class TaxId:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The id of this entry, `txi_…`.")
    type: TaxIdType = strawberry.field(description="Who issued it and what it is.")
    value: str = strawberry.field(description="The tax id without separators, such as DE136695976.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code of its country; EU for numbers of the whole Union.")

    @classmethod
    def of(cls, value: TaxIdValue) -> "TaxId":
        return cls(id=strawberry.ID(value.id), type=value.type, value=value.value, country=value.country)


@strawberry.type(description="A way a customer pays. Card data never reaches this API: a payment provider holds it.")
class PaymentMethod:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The payment method's id, `pm_…`.")
    provider: str = strawberry.field(description="Which payment provider holds it, such as sandbox.")
    label: str = strawberry.field(description="What its owner recognises it by, such as Visa •••• 4242.")
    expires_on: date | None = strawberry.field(
        description="The last day on which it can be charged; null where it does not expire, or that was not told."
    )

    @classmethod
    def of(cls, value: PaymentMethodValue) -> "PaymentMethod":
        expires_on = date.fromisoformat(value.expires_on) if value.expires_on else None
        return cls(id=strawberry.ID(value.id), provider=value.provider, label=value.label, expires_on=expires_on)


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=[["customers:read"]],
    description="Someone who is billed. Its currency is fixed for life.",
)
class Customer:
    """The Customer entity."""

    id: strawberry.ID = strawberry.field(description="The customer's id, `cus_…`.")
    name: str = strawberry.field(description="The name on invoices.")
    email: str | None = strawberry.field(description="Where invoices and reminders are sent.")
    status: CustomerStatus = strawberry.field(description="Whether the customer can be billed.")
    currency_code: CurrencyCode = strawberry.field(description="The currency of everything this customer is billed.")
    time_zone: str = strawberry.field(description="IANA time zone in which billing days begin and end, such as Europe/Berlin.")
    language: str = strawberry.field(description="BCP 47 tag of the language of documents, such as de or pt-BR.")
    address: Address | None = strawberry.field(description="The billing address.")
    shipping_address: Address | None = strawberry.field(description="Where goods or services go, when that is elsewhere.")
    tax_ids: list[TaxId] = strawberry.field(description="All tax ids, oldest first; at most 10.")
    tax_exemption: TaxExemption = strawberry.field(description="Whether tax is charged.")
    tax_exemption_reason: str | None = strawberry.field(description="Why no tax is charged, null when it is.")
    external_id: str | None = strawberry.field(description="Your own id of this customer, unique in your tenant.")
    payment_methods: list[PaymentMethod] = strawberry.field(description="All ways to pay, oldest first; at most 20.")
    default_payment_method: PaymentMethod | None = strawberry.field(description="What invoices are charged to.")
    created_at: datetime = strawberry.field(description="When the customer was created.")
    created_by: OAuthClient | None = strawberry.field(description="The OAuth client that created the customer.")

    merged_customer_ids: strawberry.Private[list[str]]

    @strawberry.field(
        description="Customers that were merged into this one, as they were: what was billed to them before stays with them."
    )
    async def merged_customers(self, info: Info) -> "list[Customer]":
        found = await asyncio.gather(*(load_alias(info.context, id) for id in self.merged_customer_ids))
        return [Customer.of(document) for document in found if document]

    @strawberry.field(description="Credit for coming invoices, or what they collect: a balance per currency in use.")
    async def balances(self, info: Info) -> list[CustomerBalance]:
        all_of_them = PageArguments(MAXIMUM_SIZE)
        rows = await children(info.context, info.context.deps.balance_reader, "customer_id", self.id, all_of_them)
        return [CustomerBalance.of(row) for row in rows]

    @strawberry.field(description="Prepaid wallets, newest first.")
    async def wallets(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> WalletConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.wallet_reader, "customer_id", self.id, page)
        return connection(WalletConnection, WalletEdge, page, rows, Wallet.of)

    @classmethod
    def of(cls, document: CustomerDocument) -> "Customer":
        methods = [PaymentMethod.of(value) for value in document.payment_methods]
        return cls(
            id=strawberry.ID(document.id),
            name=document.name,
            email=document.email,
            status=document.status,
            currency_code=CurrencyCode(document.currency),
            time_zone=document.time_zone,
            language=document.language,
            address=Address.of(document.address) if document.address else None,
            shipping_address=Address.of(document.shipping_address) if document.shipping_address else None,
            tax_ids=[TaxId.of(value) for value in document.tax_ids],
            tax_exemption=document.tax_exemption,
            tax_exemption_reason=document.tax_exemption_reason,
            external_id=document.external_id,
            payment_methods=methods,
            default_payment_method=next((method for method in methods if method.id == document.default_payment_method_id), None),
            created_at=document.created_at,
            created_by=OAuthClient(id=strawberry.ID(document.created_by)),
            merged_customer_ids=document.merged_customer_ids,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Customer | None":
        document = await load_customer(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One customer of a list and its place in it.")
class CustomerEdge(Edge[Customer]):
    """Edge of Customer."""


@strawberry.type(description="A page of customers, newest first.")
class CustomerConnection(Connection[Customer]):
    """Connection of Customer."""

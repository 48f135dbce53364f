"""ISO 4217 currencies in circulation and the decimal places of their minor units (list of 2025-01, amendment 177)."""

from types import MappingProxyType

from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["MINOR_UNIT_DIGITS", "check_currency", "minor_unit_digits"]

_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS "
    "KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"

MINOR_UNIT_DIGITS = MappingProxyType(
    {code: digits for digits, codes in ((0, _ZERO), (2, _TWO), (3, _THREE), (4, _FOUR)) for code in codes.split()}
)


def minor_unit_digits(currency: str) -> int:
    """Return how many decimal places the currency's minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.

    Raises:
        InvalidInput: the code is not an ISO 4217 currency.
    """
    return MINOR_UNIT_DIGITS[check_currency(currency)]


def check_currency(currency: str) -> str:
    """Return `currency` when it is an upper-case ISO 4217 code.

    Raises:
        InvalidInput: it is not.
    """
    if currency not in MINOR_UNIT_DIGITS:
        raise InvalidInput(f"{currency!r} is not an ISO 4217 currency code such as EUR or USD", field=("currencyCode",))
    return currency

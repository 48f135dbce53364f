"""Tax ids: what they are called, and whether one can exist. Formats and check digits are those of python-stdnum."""

from enum import StrEnum
from importlib import import_module
from types import MappingProxyType

from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError

from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["InvalidTaxId", "TaxIdType", "compact_tax_id"]

# Longer than any tax id with all its separators.
_LONGEST = 40


class TaxIdType(StrEnum):
    """Who issues a tax id and what it is: the country's code (`eu` for the Union), then the usual abbreviation."""

    AR_CUIT = "ar_cuit"
    AU_ABN = "au_abn"
    BR_CNPJ = "br_cnpj"
    BR_CPF = "br_cpf"
    CA_BN = "ca_bn"
    CH_VAT = "ch_vat"
    CL_TIN = "cl_tin"
    CN_TIN = "cn_tin"
    CO_NIT = "co_nit"
    DO_RCN = "do_rcn"
    EC_RUC = "ec_ruc"
    EG_TIN = "eg_tin"
    EU_OSS_VAT = "eu_oss_vat"
    EU_VAT = "eu_vat"
    GB_VAT = "gb_vat"
    ID_NPWP = "id_npwp"
    IL_HP = "il_hp"
    IN_GST = "in_gst"
    IS_VAT = "is_vat"
    JP_CN = "jp_cn"
    KE_PIN = "ke_pin"
    KR_BRN = "kr_brn"
    MX_RFC = "mx_rfc"
    NO_VAT = "no_vat"
    NZ_GST = "nz_gst"
    PE_RUC = "pe_ruc"
    RS_PIB = "rs_pib"
    RU_INN = "ru_inn"
    SG_UEN = "sg_uen"
    TH_VAT = "th_vat"
    TR_TIN = "tr_tin"
    TW_VAT = "tw_vat"
    UA_EDRPOU = "ua_edrpou"
    US_EIN = "us_ein"
    UY_RUC = "uy_ruc"
    VN_TIN = "vn_tin"
    ZA_TIN = "za_tin"


class InvalidTaxId(InvalidInput):
    """No such tax id can exist. `rule` is what it breaks: LENGTH, FORMAT, COMPONENT (a part of it means nothing) or CHECKSUM."""

    code = "INVALID_TAX_ID"

    def __init__(self, type: TaxIdType, value: str, rule: str, explanation: str) -> None:
        super().__init__(f"{value[:_LONGEST]!r} is not a valid {type.value}: {explanation} ({rule})", field=("value",))
        self.type = type
        self.value = value
        self.rule = rule


def compact_tax_id(type: TaxIdType, value: str) -> tuple[str, str]:
    """Return the tax id without separators, and its country: ISO 3166-1 alpha-2, or EU for numbers of the whole Union.

    Format and check digits are right then; whether the number is registered, only its issuer can tell.

    Raises:
        InvalidTaxId: names the number and the rule it breaks.
    """
    if len(value) > _LONGEST:
        raise InvalidTaxId(type, value, "LENGTH", f"it has more than {_LONGEST} characters")
    try:
        compact = str(import_module(f"stdnum.{_MODULES[type]}").validate(value))
    except InvalidLength as error:
        raise InvalidTaxId(type, value, "LENGTH", "it has the wrong length") from error
    except InvalidChecksum as error:
        raise InvalidTaxId(type, value, "CHECKSUM", "its check digits do not match") from error
    except InvalidComponent as error:
        raise InvalidTaxId(type, value, "COMPONENT", "a part of it, such as a prefix or a date, is not in use") from error
    except ValidationError as error:
        raise InvalidTaxId(type, value, "FORMAT", "it has characters where none of them belong") from error
    if type is TaxIdType.GB_VAT:
        compact = f"GB{compact}"
    return compact, _country(type, compact)


def _country(type: TaxIdType, compact: str) -> str:
    if type is TaxIdType.EU_OSS_VAT:
        return "EU"
    if type is not TaxIdType.EU_VAT:
        return type.value[:2].upper()
    # VAT numbers say EL for Greece, EU for companies outside the Union, and XI for Northern Ireland.
    return {"EL": "GR", "XI": "GB", "IM": "EU"}.get(compact[:2], compact[:2])


_MODULES = MappingProxyType(
    {
        TaxIdType.AR_CUIT: "ar.cuit",
        TaxIdType.AU_ABN: "au.abn",
        TaxIdType.BR_CNPJ: "br.cnpj",
        TaxIdType.BR_CPF: "br.cpf",
        TaxIdType.CA_BN: "ca.bn",
        TaxIdType.CH_VAT: "ch.vat",
        TaxIdType.CL_TIN: "cl.rut",
        TaxIdType.CN_TIN: "cn.uscc",
        TaxIdType.CO_NIT: "co.nit",
        TaxIdType.DO_RCN: "do.rnc",
        TaxIdType.EC_RUC: "ec.ruc",
        TaxIdType.EG_TIN: "eg.tn",
        TaxIdType.EU_OSS_VAT: "eu.oss",
        TaxIdType.EU_VAT: "eu.vat",
        TaxIdType.GB_VAT: "gb.vat",
        TaxIdType.ID_NPWP: "id.npwp",
        TaxIdType.IL_HP: "il.hp",
        TaxIdType.IN_GST: "in_.gstin",
        TaxIdType.IS_VAT: "is_.vsk",
        TaxIdType.JP_CN: "jp.cn",
        TaxIdType.KE_PIN: "ke.pin",
        TaxIdType.KR_BRN: "kr.brn",
        TaxIdType.MX_RFC: "mx.rfc",
        TaxIdType.NO_VAT: "no.mva",
        TaxIdType.NZ_GST: "nz.ird",
        TaxIdType.PE_RUC: "pe.ruc",
        TaxIdType.RS_PIB: "rs.pib",
        TaxIdType.RU_INN: "ru.inn",
        TaxIdType.SG_UEN: "sg.uen",
        TaxIdType.TH_VAT: "th.tin",
        TaxIdType.TR_TIN: "tr.vkn",
        TaxIdType.TW_VAT: "tw.ubn",
        TaxIdType.UA_EDRPOU: "ua.edrpou",
        TaxIdType.US_EIN: "us.ein",
        TaxIdType.UY_RUC: "uy.rut",
        TaxIdType.VN_TIN: "vn.mst",
        TaxIdType.ZA_TIN: "za.tin",
    }
)

"""Which tax ids can exist. The numbers are the published examples of their issuers and of python-stdnum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.customer.domain.tax_ids import InvalidTaxId, TaxIdType, compact_tax_id

VALID = {
    "ar_cuit": ("20-05536168-2", "20055361682", "AR"),
    "au_abn": ("83 914 571 673", "83914571673", "AU"),
    "br_cnpj": ("16.727.230/0001-97", "16727230000197", "BR"),
    "br_cpf": ("390.533.447-05", "39053344705", "BR"),
    "ca_bn": ("12302 6635 RC 0001", "123026635RC0001", "CA"),
    "ch_vat": ("CHE-107.787.577 IVA", "CHE107787577IVA", "CH"),
    "cl_tin": ("76086428-5", "760864285", "CL"),
    "cn_tin": ("91110000600037341L", "91110000600037341L", "CN"),
    "co_nit": ("213.123.432-1", "2131234321", "CO"),
    "do_rcn": ("1-01-85004-3", "101850043", "DO"),
    "ec_ruc": ("1792060346-001", "1792060346001", "EC"),
    "eg_tin": ("100-531-385", "100531385", "EG"),
    "eu_oss_vat": ("EU 372022452", "EU372022452", "EU"),
    "eu_vat": ("DE 136,695 976", "DE136695976", "DE"),
    "gb_vat": ("980 7806 84", "GB980780684", "GB"),
    "id_npwp": ("01.312.166.0-091.000", "013121660091000", "ID"),
    "il_hp": ("516179157", "516179157", "IL"),
    "in_gst": ("27AAPFU0939F1ZV", "27AAPFU0939F1ZV", "IN"),
    "is_vat": ("IS 00621", "00621", "IS"),
    "jp_cn": ("5-8356-7825-6246", "5835678256246", "JP"),
    "ke_pin": ("P051365947M", "P051365947M", "KE"),
    "kr_brn": ("116-82-00276", "1168200276", "KR"),
    "mx_rfc": ("GODE 561231 GR8", "GODE561231GR8", "MX"),
    "no_vat": ("NO 995 525 828 MVA", "995525828MVA", "NO"),
    "nz_gst": ("4909185-0", "49091850", "NZ"),
    "pe_ruc": ("20512333797", "20512333797", "PE"),
    "rs_pib": ("101134702", "101134702", "RS"),
    "ru_inn": ("1234567894", "1234567894", "RU"),
    "sg_uen": ("00192200M", "00192200M", "SG"),
    "th_vat": ("1-2345-45678-78-1", "1234545678781", "TH"),
    "tr_tin": ("4540536920", "4540536920", "TR"),
    "tw_vat": ("00501503", "00501503", "TW"),
    "ua_edrpou": ("32855961", "32855961", "UA"),
    "us_ein": ("91-1144442", "911144442", "US"),
    "uy_ruc": ("21-100342-001-7", "211003420017", "UY"),
    "vn_tin": ("0100233488", "0100233488", "VN"),
    "za_tin": ("000/133/9050", "0001339050", "ZA"),
}


@pytest.mark.parametrize("type", TaxIdType)
def test_a_valid_number_of_each_type_loses_its_separators(type: TaxIdType) -> None:
    given, compact, country = VALID[type]
    assert compact_tax_id(type, given) == (compact, country)


@pytest.mark.parametrize(
    ("value", "country"),
    [("ATU13585627", "AT"), ("EL094259216", "GR"), ("FR40303265045", "FR"), ("XI980780684", "GB"), ("EU372022452", "EU")],
)
def test_a_vat_number_of_the_union_tells_its_country(value: str, country: str) -> None:
    assert compact_tax_id(TaxIdType.EU_VAT, value) == (value, country)


@pytest.mark.parametrize(
    ("type", "value", "rule"),
    [
        (TaxIdType.EU_VAT, "DE136695977", "CHECKSUM"),
        (TaxIdType.EU_VAT, "DE12", "LENGTH"),
        (TaxIdType.EU_VAT, "US123456789", "COMPONENT"),
        (TaxIdType.EU_VAT, "DE13669597X", "FORMAT"),
        (TaxIdType.EU_VAT, "", "COMPONENT"),
        (TaxIdType.GB_VAT, "802311781", "CHECKSUM"),
        (TaxIdType.US_EIN, "07-1144442", "COMPONENT"),
        (TaxIdType.US_EIN, "9" * 41, "LENGTH"),
        (TaxIdType.BR_CNPJ, "16.727.230.0001-98", "CHECKSUM"),
    ],
)
def test_a_refusal_names_the_number_and_the_rule(type: TaxIdType, value: str, rule: str) -> None:
    with pytest.raises(InvalidTaxId) as refused:
        compact_tax_id(type, value)
    assert (refused.value.type, refused.value.value, refused.value.rule) == (type, value, rule)
    assert repr(value[:40]) in refused.value.message
    assert type.value in refused.value.message
    assert rule in refused.value.message
    assert (refused.value.code, refused.value.field) == ("INVALID_TAX_ID", ("value",))


@given(st.sampled_from(TaxIdType), st.text(max_size=30))
def test_any_text_is_taken_or_refused_and_never_breaks(type: TaxIdType, value: str) -> None:
    try:
        compact, _ = compact_tax_id(type, value)
    except InvalidTaxId as error:
        assert error.rule in {"LENGTH", "FORMAT", "COMPONENT", "CHECKSUM"}
    else:
        assert compact_tax_id(type, compact)[0] == compact

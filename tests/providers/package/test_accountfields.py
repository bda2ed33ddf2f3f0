"""Lengths of account numbers by country, and which groups are how somebody writes them."""

import pytest

from providers.package.accountfields import LENGTHS, is_written_so

SAMPLES = (
    "AD1200012030200359100100", "AE070331234567890123456", "AL47212110090000000235698741", "AT611904300234573201",
    "AZ21NABZ00000000137010001944", "BA391290079401028494", "BE68539007547034", "BG80BNBG96611020345678",
    "BH67BMAG00001299123456", "BR1800360305000010009795493C1", "BY13NBRB3600900000002Z00AB00",
    "CH9300762011623852957", "CR05015202001026284066", "CY17002001280000001200527600", "CZ6508000000192000145399",
    "DE89370400440532013000", "DK5000400440116243", "DO28BAGR00000001212453611324", "EE382200221020145685",
    "ES9121000418450200051332", "FI2112345600000785", "FO6264600001631634", "FR1420041010050500013M02606",
    "GB29NWBK60161331926819", "GE29NB0000000101904917", "GI75NWBK000000007099453", "GL8964710001000206",
    "GR1601101250000000012300695", "GT82TRAJ01020000001210029690", "HR1210010051863000160",
    "HU42117730161111101800000000", "IE29AIBK93115212345678", "IL620108000000099999999", "IS140159260076545510730339",
    "IT60X0542811101000000123456", "JO94CBJO0010000000000131000302", "KW81CBKU0000000000001234560101",
    "KZ86125KZT5004100100", "LB62099900000001001901229114", "LI21088100002324013AA", "LT121000011101001000",
    "LU280019400644750000", "LV80BANK0000435195001", "MC5811222000010123456789030", "MD24AG000225100013104168",
    "ME25505000012345678951", "MK07250120000058984", "MR1300020001010000123456753", "MT84MALT011000012345MTLCAST001S",
    "MU17BOMM0101101030300200000MUR", "NL91ABNA0417164300", "NO9386011117947", "PK36SCBL0000001123456702",
    "PL61109010140000071219812874", "PS92PALS000000000400123456702", "PT50000201231234567890154",
    "QA58DOHB00001234567890ABCDEFG", "RO49AAAA1B31007593840000", "RS35260005601001611379", "SA0380000000608010167519",
    "SE4550000000058398257466", "SI56263300012039086", "SK3112000000198742637541", "SM86U0322509800000000270100",
    "ST23000100010051845310146", "TL380080012345678910157", "TN5910006035183598478831", "TR330006100519786457841326",
    "UA213223130000026007233566001", "VA59001123000012345678", "VG96VPVG0000012345678901", "XK051212012345678906",
)  # fmt: skip
"""As the registry of IBANs shows them."""


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_number_is_as_long_as_its_fields(sample: str) -> None:
    assert LENGTHS[sample[:2]] == len(sample)
    assert int("".join(str(int(one, 36)) for one in sample[4:] + sample[:4])) % 97 == 1, "it is one"


@pytest.mark.parametrize("country", sorted(LENGTHS))
@pytest.mark.parametrize("in_table", [False, True])
def test_whole_and_in_fours_it_is_written_everywhere(country: str, in_table: bool) -> None:  # noqa: FBT001
    length = LENGTHS[country] - 2
    fours = [4] * (length // 4) + [length % 4] * (length % 4 > 0)
    apart = [2] + [4] * ((length - 2) // 4) + [(length - 2) % 4] * ((length - 2) % 4 > 0)
    for sizes in ([length], [2, length - 2], fours, apart):
        assert is_written_so(country, sizes, in_table=in_table), sizes


def test_small_and_large_groups_count_where_there_is_no_table() -> None:
    for sizes in ([2] * 10, [1] * 20, [3] * 6 + [2], [2, 5, 5, 5, 3], [2, 3, 3, 3, 3, 3, 3]):
        assert is_written_so("DE", sizes, in_table=False), sizes
        assert not is_written_so("DE", sizes, in_table=True), sizes


def test_groups_end_where_fields_end() -> None:
    for sizes in ([2, 8, 10], [10, 10], [2, 3, 3, 12], [2, 3, 3, 2, 10]):
        assert is_written_so("DE", sizes, in_table=True), sizes
    for sizes in ([4, 3, 5, 2, 6], [2, 7, 11], [5, 5, 5, 5], [4, 4, 4, 5, 3], [2, 4, 4, 4, 6], [3, 3, 3, 3, 3, 5]):
        assert not is_written_so("DE", sizes, in_table=False), sizes

"""Names of documents: any script, and nothing that harms a file system or an eye."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.package.errors import PackageRefusedError
from providers.package.names import check_name, check_names, folded, shown
from tests.providers.package.samples import refused

GOOD = [
    "contract.pdf", "a", "Rechnung über 200 €.pdf", "发票 1.pdf", "فاتورة.pdf", "חשבונית.pdf", "चालान.pdf",
    "می‌خواهم.txt", "Hóa đơn.pdf", "счёт №5.doc", "console.txt", "com10.txt", "nul_.txt", "a..b", "…", "🙂.png",
    "x" * 255, "é" * 127,
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_names_in_any_script_travel(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "empty_name"),
        ("a\\b", "backslash_in_name"),
        ("..\\..\\evil", "backslash_in_name"),
        ("/etc/passwd", "absolute_path"),
        ("//host/share", "absolute_path"),
        ("C:evil.exe", "absolute_path"),
        ("..", "path_traversal"),
        (".", "path_traversal"),
        ("../evil", "path_traversal"),
        ("a/../../evil", "path_traversal"),
        ("a/b", "nested_name"),
        ("a/", "nested_name"),
        ("a\x00.pdf", "control_character"),
        ("a\n.pdf", "control_character"),
        ("a\x7f", "control_character"),
        ("a\x85b", "control_character"),
        ("invoice\u202efdp.exe", "control_character"),
        ("a\u2066b", "control_character"),
        ("a\u200bb", "control_character"),
        ("\ufeffa", "control_character"),
        ("a\u2028b", "control_character"),
        ("a\ud800b", "control_character"),
        ("ab:stream", "forbidden_character"),
        ("what?.pdf", "forbidden_character"),
        ("a*", "forbidden_character"),
        ('a"b', "forbidden_character"),
        ("a<b", "forbidden_character"),
        ("a|b", "forbidden_character"),
        ("x" * 256, "name_too_long"),
        ("é" * 128, "name_too_long"),
        (".htaccess", "hidden_name"),
        (" a", "hidden_name"),
        ("\u3000a", "hidden_name"),
        ("a.", "trailing_dot_or_space"),
        ("a ", "trailing_dot_or_space"),
        ("a.pdf\u00a0", "trailing_dot_or_space"),
        ("CON", "reserved_name"),
        ("con.txt", "reserved_name"),
        ("Nul .pdf", "reserved_name"),
        ("lpt9", "reserved_name"),
        ("COM².tar.gz", "reserved_name"),
        ("CONIN$", "reserved_name"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_names_that_are_refused(name: str, code: str) -> None:
    with pytest.raises(PackageRefusedError) as caught:
        check_name(name)
    assert caught.value.code == code
    assert caught.value.where == shown(name)
    assert caught.value.where.isprintable()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.pdf", "A.PDF"),
        ("é.pdf", "e\u0301.pdf"),
        ("straße", "STRASSE"),
        ("Σας", "\u03c3\u03b1\u03c3"),
        ("É", "e\u0301"),
        ("x", "x"),
    ],
)
def test_names_that_a_file_system_takes_for_one(one: str, other: str) -> None:
    copy = "".join(list(other))  # equal, yet not the same object
    with refused("names_collide", f"count as one: {one}", other):
        check_names([one, "between", copy])


def test_names_that_differ_are_not_confused() -> None:
    check_names(["a.pdf", "b.pdf", "ä.pdf", "\u0430.pdf", "發票.pdf", "发票.pdf"])


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)
    assert folded(name.upper().lower()) == folded(name.lower().upper().lower())


@given(st.text(max_size=300))
def test_an_accepted_name_is_one_harmless_segment(name: str) -> None:
    try:
        check_name(name)
    except PackageRefusedError:
        return
    assert "/" not in name
    assert "\\" not in name
    assert name not in {"", ".", ".."}
    assert len(name.encode()) <= 255

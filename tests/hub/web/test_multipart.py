"""Strict multipart: what the hub asks for is read, everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import RequestError
from hub.web.multipart import boundary_of, parse_form

NAMES = frozenset({"statement", "annex"})
HEAD = b'Content-Disposition: form-data; name="%s"\r\n\r\n'


def form(*parts: tuple[bytes, bytes], boundary: bytes = b"cut") -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + HEAD % name + content + b"\r\n" for name, content in parts)
    return body + b"--" + boundary + b"--\r\n"


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_what_is_written_is_read(statement: bytes, annex: bytes) -> None:
    boundary = b"a-boundary-that-does-not-occur-0123456789"
    body = form((b"statement", statement), (b"annex", annex), boundary=boundary)
    assert parse_form(body, boundary, NAMES) == {"statement": statement, "annex": annex}


def test_headers_that_clients_add_are_accepted() -> None:
    body = (
        b'--cut\r\nContent-Disposition: form-data; name="annex"; filename="a.json"\r\n'
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}\r\n--cut--"
    )
    assert parse_form(body, b"cut", NAMES) == {"annex": b"{}"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--cut--\r\n",
        b"preamble\r\n" + form((b"annex", b"{}")),
        form((b"annex", b"{}")) + b"epilogue",
        form((b"annex", b"1"), (b"annex", b"2")),
        form((b"other", b"{}")),
        b'--cut\nContent-Disposition: form-data; name="annex"\n\n{}\n--cut--\n',
        b"--cut\r\n\r\n{}\r\n--cut--\r\n",
        b'--cut\r\nContent-Disposition: attachment; name="annex"\r\n\r\n{}\r\n--cut--\r\n',
        (
            b'--cut\r\nContent-Disposition: form-data; name="annex"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--cut--\r\n"
        ),
    ],
)
def test_everything_else_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        parse_form(body, b"cut", NAMES)
    assert caught.value.code == "bad_multipart"
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=cut", b"cut"),
        ('Multipart/Form-Data ; Boundary="a b"', None),
        ('multipart/form-data; boundary="x:y"', b"x:y"),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=cut; charset=utf-8", None),
        ("multipart/mixed; boundary=cut", None),
    ],
)
def test_boundaries(content_type: str, boundary: bytes | None) -> None:
    if boundary is not None:
        assert boundary_of(content_type) == boundary
        return
    with pytest.raises(RequestError, match="boundary"):
        boundary_of(content_type)

"""What the head of a request says of its body costs a stranger's octets, and no more of the hub's time."""

import gzip

import pytest

from hub.web.requestheads import _MEDIA_TYPE
from tests.hub.running import Hub

JOSE = "application/jose+json"
LONG = f"a/b{';' * 8000}"


async def refusal(hub: Hub, headers: dict[str, str], path: str = "/v1/statements", data: bytes = b"{}") -> str:
    """The code of a refusal, which is a problem with a number."""
    answer = await hub.client.post(path, data=data, headers=headers)
    assert answer.content_type == "application/problem+json"
    told = await answer.json()
    assert told["correlation_id"] == answer.headers["Correlation-Id"]
    return f"{answer.status} {told['code']}"


@pytest.mark.parametrize("path", ["/v1/statements", "/v1/applications", "/v1/held", "/v1/feedback/answers", "/nowhere"])
@pytest.mark.parametrize("told", [LONG, f"a/b{'(' * 150}", "a/b (comment)", "text", "a/b; c", 'a/b; c="d\\"e"'])
async def test_a_media_type_is_written_plainly(hub: Hub, path: str, told: str) -> None:
    """The standard library's parser of mail would take a second for 8 kB, and fail on nested comments."""
    assert await refusal(hub, {"Content-Type": told}, path) == "415 wrong_media_type"


@pytest.mark.parametrize(
    "told",
    [JOSE, "text/plain; charset=utf-8", "multipart/form-data; boundary=----x'()", 'multipart/form-data;boundary="a b"',
     "application/json;"],
)  # fmt: skip
def test_ordinary_media_types_are_taken(told: str) -> None:
    assert (_MEDIA_TYPE.fullmatch(told) is not None) is ("(" not in told)


@pytest.mark.parametrize("path", ["/v1/statements", "/nowhere", "/healthz"])
async def test_no_compressed_body_is_undone(hub: Hub, path: str) -> None:
    headers = {"Content-Type": JOSE, "Content-Encoding": "gzip"}
    assert await refusal(hub, headers, path, gzip.compress(bytes(1 << 20))) == "415 wrong_media_type"


async def test_octets_that_are_sent_as_they_are_may_say_so(hub: Hub) -> None:
    headers = {"Content-Type": JOSE, "Content-Encoding": "identity"}
    assert await refusal(hub, headers) == "400 bad_jws"


async def test_what_cant_be_expected_is_a_problem(hub: Hub) -> None:
    assert await refusal(hub, {"Content-Type": JOSE, "Expect": "the-unexpected"}) == "417 expectation_failed"
    answer = await hub.client.post("/v1/statements", data=b"{}", headers={"Content-Type": JOSE}, expect100=True)
    assert answer.status == 400, "who asks whether to go on goes on"

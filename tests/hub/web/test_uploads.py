"""Uploads over tus: announced, interrupted, continued, checked; each refusal by its code."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from hub.web.appkeys import DATABASE, FILES, JOBS, UPLOADS
from signing.httpsig import Request, Response, content_digest, verify_response
from tests.hub.exchange.providers import ACME, BRIO, CORA, COURT, DAY, OCTETS, Exchange, metadata, problem, sha256, urn
from tests.hub.running import URL, Hub, Running

DATA = bytes(range(256)) * 4090  # nearly 1 MiB


@pytest.fixture
async def exchange(hub: Hub) -> Exchange:
    found = Exchange(hub)
    await found.admit()
    return found


def left(hub: Hub) -> list[str]:
    return sorted(path.name for path in (hub.data / "uploads").iterdir())


def stored(hub: Hub) -> list[str]:
    return sorted(path.name for path in (hub.data / "packages").glob("??/*"))


async def test_a_file_comes_in_chunks_and_is_stored_once_whole(exchange: Exchange) -> None:
    response = await exchange.create(DATA)
    path = response.headers["Location"]
    assert response.status == 201
    assert response.headers["Tus-Resumable"] == "1.0.0"
    assert response.headers["Upload-Expires"].endswith("GMT")
    for offset in range(0, len(DATA), 400_000):
        assert not stored(exchange.hub)
        chunk = DATA[offset : offset + 400_000]
        response = await exchange.patch(path, chunk, offset)
        assert (response.status, response.headers["Upload-Offset"]) == (204, str(offset + len(chunk)))
        assert await exchange.offset(path) == offset + len(chunk)
    assert stored(exchange.hub) == [sha256(DATA)]
    assert left(exchange.hub) == []
    file = exchange.hub.client.app[FILES].path(sha256(DATA))
    assert file.read_bytes() == DATA
    assert file.stat().st_mode & 0o077 == 0


async def test_answers_are_signed_also_to_head(exchange: Exchange) -> None:
    path = await exchange.begun(DATA)
    headers = exchange.hub.signature("HEAD", path, ACME.http) | {"Tus-Resumable": "1.0.0"}
    response = await exchange.hub.client.head(path, headers=headers)
    asked = Request("HEAD", URL + path, headers)
    answer = Response(response.status, list(response.headers.items()))
    verify_response(answer, asked, exchange.hub.speaker.hub.http.public, exchange.hub.clock())
    assert (response.headers["Upload-Length"], response.headers["Cache-Control"]) == (str(len(DATA)), "no-store")


async def test_what_is_not_announced_properly(exchange: Exchange) -> None:
    good = {"sha256": sha256(DATA), "recipient": BRIO.id, "transfer": exchange.transfer, "purpose": "package"}
    one = str(len(DATA))
    pairs = metadata(**good)

    async def refused(length: str | None, described: str, **more: str) -> tuple[int, str]:
        fields = {"Upload-Metadata": described, **more} | ({"Upload-Length": length} if length else {})
        return await problem(await exchange.send("POST", "/v1/uploads", ACME, fields))

    for length in (None, "0", "-1", "1.5", "01", "9" * 16):
        assert await refused(length, pairs) == (400, "bad_upload_header")
    assert await refused(one, pairs, **{"Tus-Resumable": "0.2.2"}) == (412, "wrong_tus_version")
    for described in (
        "",
        pairs + ",more YQ==",
        pairs + "," + metadata(purpose="brief"),
        metadata(**(good | {"purpose": "award"})),
        metadata(**(good | {"transfer": "urn:odr:x:y"})),
        "sha256 ###",
        f"sha256 {base64.b64encode('é'.encode()).decode()}",
    ):
        assert await refused(one, described) == (400, "bad_metadata"), described
    assert await refused(one, metadata(**(good | {"sha256": "AB" * 32}))) == (400, "bad_parameter")
    assert await refused(one, metadata(**(good | {"recipient": "B"}))) == (400, "bad_parameter")
    for recipient in ("nobody-odr", ACME.id):
        assert await refused(one, metadata(**(good | {"recipient": recipient}))) == (422, "recipient_unknown")
    foreign = metadata(**(good | {"transfer": urn(BRIO, 1)}))
    assert await refused(one, foreign) == (403, "transfer_id_of_other_issuer")
    assert await refused(str(1_048_577), metadata(**(good | {"purpose": "brief"}))) == (413, "too_large")
    assert await refused(str(68_719_476_737), pairs) == (413, "too_large")


async def test_only_a_provider_uploads_and_signs_what_it_announces(exchange: Exchange) -> None:
    await exchange.admit(COURT)
    assert await problem(await exchange.create(DATA, actor=COURT)) == (403, "not_a_provider")
    response = await exchange.send("POST", "/v1/uploads", None)
    assert await problem(response) == (401, "signature_needed")
    assert response.headers["Tus-Resumable"] == "1.0.0"
    named = metadata(sha256=sha256(DATA), recipient=BRIO.id, transfer=exchange.transfer, purpose="package")
    fields = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": named}
    signed = exchange.hub.signature("POST", "/v1/uploads", ACME.http, fields=fields)
    for name, value in (("Upload-Length", "6"), ("Upload-Metadata", named.replace("package", "brief") + " ")):
        changed = fields | {name: value} if name == "Upload-Length" else fields | {name: value[:-9] + "YnJpZWY="}
        response = await exchange.hub.client.post("/v1/uploads", headers=changed | signed)
        assert await problem(response) == (401, "bad_http_signature"), name


async def test_others_do_not_see_an_upload(exchange: Exchange) -> None:
    path = await exchange.begun(DATA)
    assert (await exchange.send("HEAD", path, BRIO)).status == 404
    assert await problem(await exchange.patch(path, DATA, 0, BRIO)) == (404, "unknown_upload")
    assert await problem(await exchange.send("DELETE", path, BRIO)) == (404, "unknown_upload")
    assert await problem(await exchange.send("DELETE", "/v1/uploads/AAAAAAAAAAAAAAAAAAAAAA", ACME)) == (
        404, "unknown_upload",
    )  # fmt: skip
    assert await problem(await exchange.send("DELETE", path, None)) == (401, "signature_needed")
    assert await exchange.offset(path) == 0


async def test_a_chunk_counts_only_with_its_digest(exchange: Exchange) -> None:
    path = await exchange.begun(DATA)
    assert (await exchange.patch(path, DATA[:1000], 0)).status == 204
    wrong = await exchange.patch(path, DATA[1000:9000], 1000, Content_Digest=content_digest(b"other"))
    assert await problem(wrong) == (422, "chunk_mismatch")
    assert await exchange.offset(path) == 1000
    response = await exchange.send("PATCH", path, ACME, {"Content-Type": OCTETS, "Upload-Offset": "1000"}, data=b"abc")
    assert await problem(response) == (401, "digest_missing")
    response = await exchange.patch(path, DATA[1000:], 1000)
    assert (response.status, stored(exchange.hub)) == (204, [sha256(DATA)])


async def test_a_chunk_continues_what_has_arrived(exchange: Exchange) -> None:
    path = await exchange.begun(DATA)
    assert await problem(await exchange.patch(path, DATA[:10], 1)) == (409, "wrong_offset")
    assert await problem(await exchange.patch(path, DATA[:10], 0, Upload_Offset="x")) == (400, "bad_upload_header")
    wrong = await exchange.patch(path, DATA[:10], 0, Content_Type="application/octet-stream")
    assert await problem(wrong) == (415, "wrong_media_type")
    wrong = await exchange.patch(path, DATA[:10], 0, Tus_Resumable="2.0.0")
    assert (wrong.headers["Tus-Version"], await problem(wrong)) == ("1.0.0", (412, "wrong_tus_version"))
    assert await problem(await exchange.patch(path, DATA + b"x", 0)) == (413, "beyond_length")
    assert await exchange.offset(path) == 0
    assert (await exchange.patch(path, DATA, 0)).status == 204
    assert await problem(await exchange.patch(path, b"x", len(DATA))) == (413, "beyond_length")
    assert stored(exchange.hub) == [sha256(DATA)]


async def test_a_chunk_has_a_limit(start: Callable[..., Running]) -> None:
    async with start(settings="[uploads]\nchunk_bytes = 1000\n") as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        path = await exchange.begun(DATA)
        assert await problem(await exchange.patch(path, DATA[:1001], 0)) == (413, "too_large")

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield DATA[:500]

        fields = {
            "Content-Type": OCTETS, "Upload-Offset": "0", "Content-Digest": content_digest(DATA[:500] * 3),
        }  # fmt: skip
        response = await exchange.send("PATCH", path, ACME, fields, data=pieces())
        assert "at most 1000 bytes" in await response.text()
        assert await problem(response) == (413, "too_large"), "the file is longer, the request may not be"
        assert await exchange.offset(path) == 0
        assert (await exchange.patch(path, DATA[:1000], 0)).status == 204

        short = await exchange.begun(DATA[:1200])
        response = await exchange.send("PATCH", short, ACME, fields, data=pieces())
        assert await problem(response) == (413, "too_large"), "whatever comes after that, this request is too large"
        short = await exchange.begun(DATA[:900])
        response = await exchange.send("PATCH", short, ACME, fields, data=pieces())
        assert await problem(response) == (413, "beyond_length")


async def test_another_file_than_announced_is_discarded(exchange: Exchange) -> None:
    path = await exchange.begun(DATA)
    assert (await exchange.patch(path, DATA[:-1], 0)).status == 204
    assert await problem(await exchange.patch(path, b"?", len(DATA) - 1)) == (422, "hash_mismatch")
    assert (await exchange.send("HEAD", path, ACME)).status == 404
    assert (left(exchange.hub), stored(exchange.hub)) == ([], [])


async def test_a_file_may_come_along_with_its_announcement(exchange: Exchange) -> None:
    small = DATA[:20_000]
    response = await exchange.create_with(small, small)
    assert (response.status, response.headers["Upload-Offset"]) == (201, "20000")
    assert (stored(exchange.hub), left(exchange.hub)) == ([sha256(small)], [])
    path = response.headers["Location"]
    assert await exchange.offset(path) == len(small)
    assert await problem(await exchange.create_with(small, small)) == (409, "package_stored")


async def test_the_beginning_of_a_file_may_come_along(exchange: Exchange) -> None:
    response = await exchange.create_with(DATA, DATA[:10])
    assert (response.status, response.headers["Upload-Offset"]) == (201, "10")
    assert (await exchange.patch(response.headers["Location"], DATA[10:], 10)).status == 204
    assert stored(exchange.hub) == [sha256(DATA)]


async def test_an_announcement_whose_octets_are_not_taken_is_not_taken(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = DATA[:20_000]

    async def nothing_is_there() -> bool:
        rows = await exchange.hub.client.app[DATABASE].read(lambda db: db.execute(text("SELECT id FROM uploads")).all())
        return (rows, stored(exchange.hub), left(exchange.hub)) == ([], [], [])

    assert await problem(await exchange.create_with(small, small, "application/json")) == (415, "wrong_media_type")
    assert await problem(await exchange.create_with(small, small + b"?")) == (413, "beyond_length")
    assert await problem(await exchange.create_with(small, small[:-1] + b"?")) == (422, "hash_mismatch")
    fields = exchange.announced(small) | {"Content-Type": OCTETS, "Content-Digest": content_digest(b"others")}
    response = await exchange.send("POST", "/v1/uploads", ACME, fields, small)
    assert await problem(response) == (401, "digest_mismatch")
    files = type(exchange.hub.client.app[FILES])
    monkeypatch.setattr(files, "open_upload", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    assert await problem(await exchange.create_with(small, small)) == (503, "disk_full")
    assert await nothing_is_there()
    monkeypatch.undo()
    assert (await exchange.create_with(small, small)).status == 201


async def test_a_given_up_upload_is_gone_and_a_stored_package_stays(exchange: Exchange) -> None:
    path = await exchange.begun(DATA)
    await exchange.patch(path, DATA[:10], 0)
    assert (await exchange.send("DELETE", path, ACME)).status == 204
    assert (left(exchange.hub), (await exchange.send("HEAD", path, ACME)).status) == ([], 404)
    path = await exchange.upload(DATA)
    assert (await exchange.send("DELETE", path, ACME)).status == 204
    assert stored(exchange.hub) == [sha256(DATA)]


async def test_what_is_stored_is_not_taken_again(exchange: Exchange) -> None:
    await exchange.upload(DATA)
    assert await problem(await exchange.create(DATA)) == (409, "package_stored")
    await exchange.upload(DATA, transfer=urn(ACME, 7))
    assert stored(exchange.hub) == [sha256(DATA)]


@pytest.mark.parametrize("received", [0, 1, 70_000])
async def test_a_broken_connection_costs_its_chunk_at_most(exchange: Exchange, received: int) -> None:
    path = await exchange.begun(DATA)
    assert (await exchange.patch(path, DATA[:5000], 0)).status == 204
    await broken_off(exchange, path, DATA[5000:], 5000, received)
    assert await exchange.offset(path) == 5000
    assert (await exchange.patch(path, DATA[5000:], 5000)).status == 204
    assert stored(exchange.hub) == [sha256(DATA)]


async def broken_off(exchange: Exchange, path: str, chunk: bytes, offset: int, received: int) -> None:
    """Send a PATCH whose connection breaks after ``received`` octets of the body."""
    writer = await half_sent(exchange, path, chunk, offset, received)
    writer.transport.abort()
    await asyncio.sleep(0.05)


async def half_sent(
    exchange: Exchange, path: str, chunk: bytes, offset: int, received: int
) -> asyncio.StreamWriter:  # fmt: skip
    fields = {
        "Tus-Resumable": "1.0.0", "Content-Type": OCTETS, "Upload-Offset": str(offset),
        "Content-Digest": content_digest(chunk),
    }  # fmt: skip
    headers = fields | exchange.hub.signature("PATCH", path, ACME.http, fields=fields)
    headers |= {"Content-Length": str(len(chunk))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    server = exchange.hub.client.server
    _, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(f"PATCH {path} HTTP/1.1\r\n{head}\r\n".encode() + chunk[:received])
    await writer.drain()
    await asyncio.sleep(0.05)
    return writer


async def test_whoever_comes_back_takes_over(exchange: Exchange) -> None:
    """A connection that is silently dead does not keep its owner out."""
    path = await exchange.begun(DATA)
    writer = await half_sent(exchange, path, DATA, 0, 100_000)
    response = await asyncio.wait_for(exchange.patch(path, DATA, 0), 5)
    assert response.status == 204, await response.text()
    assert stored(exchange.hub) == [sha256(DATA)]
    writer.close()


async def test_a_silent_connection_is_not_waited_for(start: Callable[..., Running]) -> None:
    async with start(settings="[uploads]\nidle_seconds = 1\n") as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        path = await exchange.begun(DATA)
        fields = {"Content-Type": OCTETS, "Upload-Offset": "0", "Content-Digest": content_digest(DATA)}

        async def stalls() -> AsyncIterator[bytes]:
            yield DATA[:1000]
            await asyncio.sleep(3)

        assert await problem(await exchange.send("PATCH", path, ACME, fields, data=stalls())) == (
            408, "request_timeout",
        )  # fmt: skip
        assert await exchange.offset(path) == 0


async def test_a_connection_that_drips_is_not_waited_for(start: Callable[..., Running]) -> None:
    async with start(settings="[uploads]\nchunk_seconds = 1\n") as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        path = await exchange.begun(DATA)
        fields = {"Content-Type": OCTETS, "Upload-Offset": "0", "Content-Digest": content_digest(DATA)}

        async def drips() -> AsyncIterator[bytes]:
            for at in range(30):
                yield DATA[at : at + 1]
                await asyncio.sleep(0.1)

        response = await exchange.send("PATCH", path, ACME, fields, data=drips())
        assert await problem(response) == (408, "request_timeout")


async def test_a_restart_in_the_middle(start: Callable[..., Running]) -> None:
    running = start()
    async with running as hub:
        exchange = Exchange(hub)
        await exchange.admit()
        path = await exchange.begun(DATA)
        assert (await exchange.patch(path, DATA[:300_000], 0)).status == 204
        await broken_off(exchange, path, DATA[300_000:], 300_000, 100_000)
        exchange.hub = await running.restart(hub)
        assert await exchange.offset(path) == 300_000
        assert (await exchange.patch(path, DATA[300_000:], 300_000)).status == 204
        assert stored(exchange.hub) == [sha256(DATA)]


async def test_unfinished_uploads_expire_and_a_chunk_prolongs_them(exchange: Exchange) -> None:
    kept, lost = await exchange.begun(DATA), await exchange.begun(DATA[::-1])
    await exchange.patch(lost, DATA[::-1][:10], 0)
    exchange.hub.clock.now += DAY // 2
    await exchange.patch(kept, DATA[:10], 0)
    exchange.hub.clock.now += DAY // 2
    await exchange.hub.client.app[JOBS].run("housekeeping")
    assert await exchange.offset(kept) == 10
    assert (await exchange.send("HEAD", lost, ACME)).status == 404
    assert left(exchange.hub) == [Path(kept).name]


async def test_a_member_has_a_quota(start: Callable[..., Running]) -> None:
    async with start(settings=f"[uploads]\nquota_bytes = {2 * len(DATA)}\nopen_uploads = 2\n") as hub:
        exchange = Exchange(hub)
        await exchange.admit(ACME, BRIO, CORA)
        await exchange.upload(DATA)
        path = await exchange.begun(DATA[:-1])
        response = await exchange.create(DATA[:2])
        assert await problem(response) == (507, "quota_exceeded")
        assert int(response.headers["Retry-After"]) > 0
        assert (await exchange.create(DATA[:1])).status == 201
        response = await exchange.create(DATA[1:2])
        assert await problem(response) == (429, "too_many_uploads")
        assert response.headers["Retry-After"]
        await exchange.send("DELETE", path, ACME)
        assert (await exchange.create(DATA[2:4])).status == 201
        other = await exchange.create(DATA[::-1], actor=CORA, transfer=urn(CORA, 1))
        assert other.status == 201, "each has its own"


async def test_a_full_disk_takes_nothing_in(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await exchange.begun(DATA)
    files = exchange.hub.client.app[FILES]
    monkeypatch.setattr(type(files), "free", lambda _: 2_147_483_648 + len(DATA) + 5)
    assert (await exchange.create(DATA[:5])).status == 201
    response = await exchange.create(DATA[:6])
    assert (await problem(response), response.headers["Retry-After"]) == ((503, "disk_full"), "60")
    monkeypatch.setattr(type(files), "free", lambda _: 2_147_483_647)
    assert await problem(await exchange.patch(path, DATA, 0)) == (503, "disk_full")
    monkeypatch.undo()
    monkeypatch.setattr(type(files), "open_upload", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    assert await problem(await exchange.patch(path, DATA, 0)) == (503, "disk_full")
    monkeypatch.undo()
    assert (await exchange.patch(path, DATA, 0)).status == 204


async def test_a_database_that_finds_no_room_is_a_full_disk_too(exchange: Exchange) -> None:
    def most_pages(count: str) -> Callable[[Connection], object]:
        return lambda connection: connection.execute(text(f"PRAGMA max_page_count = {count}"))

    path, database = await exchange.begun(DATA), exchange.hub.client.app[DATABASE]
    await database.query(most_pages("1"))  # no page more than there are now
    for offset in range(0, len(DATA), 1000):
        response = await exchange.patch(path, DATA[offset : offset + 1000], offset)
        if response.status != 204:
            break
    assert (await problem(response), response.headers["Retry-After"]) == ((503, "disk_full"), "60")
    await database.query(most_pages("100000"))
    offset = await exchange.offset(path)
    assert (await exchange.patch(path, DATA[offset:], offset)).status == 204
    assert stored(exchange.hub) == [sha256(DATA)]


async def test_the_same_chunk_twice_at_once_counts_once(exchange: Exchange) -> None:
    path = await exchange.begun(DATA)
    answers = await asyncio.gather(*(exchange.patch(path, DATA[:500_000], 0) for _ in range(4)))
    assert [one.status for one in answers].count(204) == 1
    assert {one.status for one in answers} <= {204, 409, 408}
    assert await exchange.offset(path) == 500_000
    assert (await exchange.patch(path, DATA[500_000:], 500_000)).status == 204
    assert hashlib.sha256(exchange.hub.client.app[FILES].path(sha256(DATA)).read_bytes()).hexdigest() == sha256(DATA)
    assert exchange.hub.client.app[UPLOADS]._slots == {}

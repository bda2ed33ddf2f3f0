"""An officer's browser as the hub sees it: the cookie, the token in the forms, and the headers that browsers send."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from signing.encoding import canonical
from signing.secretkeys import SigningKey
from tests.hub.running import URL, Hub
from tests.hub.world import Actor

HOST = "hub.example:8600"
OURS = {"Host": HOST, "Origin": URL, "Sec-Fetch-Site": "same-origin"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COOKIE = "odr-console"


def secret_of(name: str) -> str:
    """A secret: 16 octets in base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()[:16]).rstrip(b"=").decode()


async def announce(hub: Hub, key: SigningKey, secret: str, **changes: Any) -> tuple[int, dict[str, Any]]:
    """Announce a link signed by ``key``; status and answer."""
    members = {"secret_sha256": hashlib.sha256(secret.encode()).hexdigest()} | changes
    body, fields = canonical(members), {"Content-Type": "application/json"}
    headers = fields | hub.signature("POST", "/v1/sessions", key, fields=fields, body=body)
    response = await hub.client.post("/v1/sessions", data=body, headers=headers)
    return response.status, await response.json(content_type=None)


@dataclass
class Browser:
    """One browser at a hub."""

    hub: Hub
    cookie: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def enter(self, officer: Actor, name: str = "a secret") -> "Browser":
        """Come in with a fresh link of ``officer``, which must work."""
        status, answer = await announce(self.hub, officer.http, secret_of(name))
        assert status == 201, answer
        status, _ = await self.open(answer["id"], secret_of(name))
        assert status == 204
        status, text = await self.get("/console")
        assert status == 200
        self.token = token_of(text)
        return self

    async def open(self, link: str, secret: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Hand in a link's secret as the console's script does; status and text, the cookie is kept."""
        self.hub.client.session.cookie_jar.clear()
        response = await self.hub.client.post(
            "/console/session",
            data=canonical({"id": link, "secret": secret}),
            headers={"Content-Type": "application/json", **(OURS if headers is None else headers)},
        )
        if COOKIE in response.cookies:
            self.cookie = response.cookies[COOKIE].value
        return response.status, await response.text()

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        """A page: status and text."""
        response = await self.hub.client.get(path, headers=self._headers({"Host": HOST, **headers}))
        return response.status, await response.text()

    async def send(self, path: str, fields: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[int, str]:
        """A form with the session's token: status and text; redirects are not followed."""
        given = {"token": self.token, **fields}
        pairs = [
            (name, one) for name, value in given.items() for one in (value if isinstance(value, list) else [value])
        ]
        sent = self._headers({**FORM, **(OURS if headers is None else headers)})
        response = await self.hub.client.post(path, data=pairs, headers=sent, allow_redirects=False)
        return response.status, await response.text()

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        self.hub.client.session.cookie_jar.clear()  # each browser has its own
        cookie = {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        return {**self.headers, **headers, **cookie}


def token_of(text: str) -> str:
    """The token in the first form of a page."""
    found = re.search(r'name="token" value="([A-Za-z0-9_-]+)"', text)
    assert found is not None, text
    return found[1]


def hidden(text: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, text
    return unescape(found[1])


def links_of(text: str) -> list[str]:
    """Addresses for the signing desk that a page shows."""
    return [unescape(one) for one in re.findall(r"<textarea readonly[^>]*>([^<]*)</textarea>", text)]


def told(text: str) -> str:
    """The words of a page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())

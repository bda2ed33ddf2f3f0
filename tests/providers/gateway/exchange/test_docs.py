"""docs/reference/gateway.md names every setting with its default, every event, and every reason of health."""

import re
from dataclasses import fields
from pathlib import Path

from providers.gateway.exchange.app import load_description
from providers.gateway.exchange.settings import ServeSettings
from providers.transfer.evidence import EVENTS, TIMEOUTS

PAGE = Path("docs/reference/gateway.md").read_text(encoding="utf-8")
SOURCES = [path.read_text(encoding="utf-8") for path in Path("providers/gateway/exchange").glob("*.py")]


def test_every_setting_is_there_with_its_default() -> None:
    for one in fields(ServeSettings):
        assert f"| `{one.name}` | {str(one.default).lower()} |" in PAGE


def test_every_event_is_there() -> None:
    told = {name for text in SOURCES for name in re.findall(r'\.tell\(\s*"([a-z_]+)"', text)}
    told |= {*EVENTS, *TIMEOUTS.values(), "brief", "consent_defect", "brief_unreadable", "non_retrieval_found"}
    missing = {name for name in told if f"`{name}`" not in PAGE}
    assert missing == set()


def test_every_reason_of_health_is_there() -> None:
    health = load_description()["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]
    for code in health["schema"]["properties"]["reasons"]["items"]["properties"]["code"]["enum"]:
        assert f"`{code}`" in PAGE

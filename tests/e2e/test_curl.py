"""The how-to for platforms is run as it is printed, with curl, over a real hub and two gateways."""

import json
import time
from pathlib import Path

from tests.fakes.exchangehouse import house
from tests.fakes.pages import ROOT, run, steps
from tests.interop.programs import require
from tests.providers.gateway.exchange.house import sample_case

PAGE = ROOT / "docs/how-to/connect-a-platform-with-curl.md"


def test_the_page_is_true(tmp_path: Path) -> None:
    require("curl")
    with house(tmp_path, "provider-a", "provider-b") as here:
        case, files = sample_case(int(time.time()))
        del case["custodian"], case["kind"], case["version"]
        (tmp_path / "documents").mkdir()
        for name, content in files.items():
            (tmp_path / "documents" / name).write_bytes(content)
        case["documents"] = [one for one in case["documents"] if one["name"] != "empty.bin"]
        (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")
        (tmp_path / "ours").symlink_to(here.platforms["provider-a"].directory)
        (tmp_path / "theirs").symlink_to(here.platforms["provider-b"].directory)
        printed = "".join(run(steps(PAGE.read_text(encoding="utf-8")), tmp_path))
        assert '"status": "green"' in printed
        assert '"pointer"' in printed
        assert '"state": "completed"' in printed
        assert (tmp_path / "received.pdf").read_bytes() == files["agreement.pdf"]
        assert json.loads((tmp_path / "received.json").read_text())["kind"] == "case-file"

"""What a gateway keeps of an application: a digest for every officer who may admit, for its own monitor."""

from pathlib import Path

from providers.application.form import ApplicationForm
from providers.gateway.applying import _remember
from providers.gateway.home import create_home
from providers.gateway.made import made_digests
from signing.compose import payload
from signing.secretkeys import SigningKey
from tests.fakes.world import World

NOW = 1_795_000_000


def test_whichever_officer_admits_the_entry_is_known_as_the_members_own(tmp_path: Path) -> None:
    policy = World().trust_file()
    home = create_home(tmp_path, actor="cora-odr", member_type="provider", hub="http://hub.example", policy=policy)
    officers = [SigningKey.generate().public.kid for _ in range(3)]
    own = SigningKey.generate()
    signers = [(own.public.kid, "introduced"), (officers[0], "officer")]
    octets = payload("member", "cora-odr", {}, signers, network="ab" * 32, now=NOW)
    form = ApplicationForm.signed(octets, [own], officers, NOW)
    _remember(home, form)
    assert made_digests(home) == {form.draft_for(kid).digest for kid in officers}
    assert len(made_digests(home)) == len(officers)

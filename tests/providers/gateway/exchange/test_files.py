from pathlib import Path

import pytest

from providers.gateway.exchange.files import keep_secret, open_secret
from signing.errors import SigningError
from signing.secretkeys import AgreementKey


def test_a_secret_opens_with_the_inbox_key_that_was_in_use_then(tmp_path: Path) -> None:
    secret, old, older, new = (AgreementKey.generate() for _ in range(4))
    keep_secret(tmp_path / "key.age", secret, old)
    assert open_secret(tmp_path / "key.age", (new, older, old)) == secret
    assert open_secret(tmp_path / "key.age", (old,)) == secret
    assert (tmp_path / "key.age").stat().st_mode & 0o777 == 0o600


def test_with_no_key_of_ours_it_stays_closed(tmp_path: Path) -> None:
    keep_secret(tmp_path / "key.age", AgreementKey.generate(), AgreementKey.generate())
    with pytest.raises(SigningError) as caught:
        open_secret(tmp_path / "key.age", (AgreementKey.generate(), AgreementKey.generate()))
    assert caught.value.code == "no_matching_key"


def test_what_was_changed_is_not_tried_with_another_key(tmp_path: Path) -> None:
    own = AgreementKey.generate()
    keep_secret(tmp_path / "key.age", AgreementKey.generate(), own)
    data = bytearray((tmp_path / "key.age").read_bytes())
    data[-1] ^= 1
    (tmp_path / "key.age").write_bytes(data)
    with pytest.raises(SigningError) as caught:
        open_secret(tmp_path / "key.age", (own, AgreementKey.generate()))
    assert caught.value.code == "age_chunk_forged"

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.witness.errors import WitnessError
from providers.witness.store import Head, WitnessStore, origin_hash
from signing.merkle import EMPTY_ROOT
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer, witness_signer

LOG = log_signer("log.example", SigningKey(b"l" * 32)).verifier
WITNESS = witness_signer("w", SigningKey(b"w" * 32)).verifier


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WitnessStore]:
    store = WitnessStore.create(tmp_path / "state", WITNESS)
    store.add_log(LOG)
    yield store
    store.close()


def seen(store: WitnessStore) -> tuple[Head, int]:
    found: list[tuple[Head, int]] = []

    def look(head: Head, time: int) -> tuple[Head, int]:
        found.append((head, time))
        return head, time

    store.exchange("log.example", look)
    return found[0]


def test_a_log_begins_empty(store: WitnessStore) -> None:
    assert seen(store) == (Head(0, EMPTY_ROOT, None), 0)
    assert store.published(origin_hash("log.example")) is None
    assert store.identity() == WITNESS


def test_what_was_decided_is_there_afterwards_and_in_another_process(store: WitnessStore, tmp_path: Path) -> None:
    store.exchange("log.example", lambda _head, _time: (Head(5, b"r" * 32, b"note"), 77))
    other = WitnessStore(tmp_path / "state")
    for one in (store, other):
        assert seen(one) == (Head(5, b"r" * 32, b"note"), 77)
        assert one.published(origin_hash("log.example")) == b"note"
    other.close()


def test_a_refusal_leaves_everything_as_it_was(store: WitnessStore) -> None:
    def refuse(head: Head, time: int) -> tuple[Head, int]:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.exchange("log.example", refuse)
    assert seen(store) == (Head(0, EMPTY_ROOT, None), 0)


def test_the_last_time_never_goes_back(store: WitnessStore) -> None:
    store.exchange("log.example", lambda head, _time: (head, 50))
    with pytest.raises(WitnessError, match="changed under this request"):
        store.exchange("log.example", lambda _head, _time: (Head(9, b"r" * 32, b"note"), 49))
    assert seen(store) == (Head(0, EMPTY_ROOT, None), 50)


def test_two_threads_with_two_connections_never_continue_the_same_head(store: WitnessStore, tmp_path: Path) -> None:
    def grow(own: WitnessStore) -> None:
        for _ in range(25):
            own.exchange("log.example", lambda head, time: (Head(head.size + 1, head.root, b"note"), time))

    stores = [store, WitnessStore(tmp_path / "state")]
    threads = [threading.Thread(target=grow, args=[one]) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen(store)[0].size == 50
    stores[1].close()

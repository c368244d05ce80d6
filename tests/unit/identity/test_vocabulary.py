"""The vocabulary: built once, whoever asks."""

import time
from concurrent.futures import ThreadPoolExecutor

from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.identity.terms import build_index
from pytest_distillcheck.identity.vocabulary import vocabulary


def test_threads_that_begin_together_build_it_once(monkeypatch):
    built = []

    def build(*parts):
        built.append(parts)
        time.sleep(0.02)  # while the others ask too
        return build_index(*parts)

    monkeypatch.setattr("pytest_distillcheck.identity.vocabulary.build_index", build)
    fact = IdentityFact(name="Known to this test alone", maker="Nobody")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: vocabulary(frozenset({"en"}), fact), range(8)))
    assert len(built) == len(set(map(id, found))) == 1

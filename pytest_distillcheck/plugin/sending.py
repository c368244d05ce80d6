"""The run's broker as pytest drives it: opened before the first test, told what tests will ask, stopped in time."""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pytest

from pytest_distillcheck.assembly import (
    LiveAccess,
    ModelUnderTest,
    assemble_models,
    open_broker,
    open_model,
    open_store,
)
from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.errors import ClientError, UsageError
from pytest_distillcheck.plugin.cases import SimilarityCase, case_of
from pytest_distillcheck.plugin.options import Settings
from pytest_distillcheck.running.asking import AnswerSource
from pytest_distillcheck.running.chaining import Chain
from pytest_distillcheck.running.dispatching import RunLimits
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.remote import RemoteBroker
from pytest_distillcheck.running.serving import BrokerServer
from pytest_distillcheck.running.wire import BrokerAddress
from pytest_distillcheck.stores import RunFolder, RunNote, newest_unfinished

T = TypeVar("T")

GRACE_S = 10.0
"""How long requests in flight may take to come back when a run is broken off: they may be paid for."""


class Sending:
    """The broker of a run, in the process that sends.

    Attributes:
        source: what tests ask; it is the broker.
        build: part of the key of every answer.
    """

    def __init__(
        self,
        models: Sequence[ModelUnderTest],
        settings: Settings,
        config: pytest.Config,
        *,
        others: Sequence[ModelUnderTest] = (),
    ) -> None:
        """Open the broker.

        Args:
            models: those under test, which with paths and seed tell one run from another.
            settings: the options.
            config: of pytest.
            others: what is asked beside them, as far as it is known.

        Raises:
            UsageError: two live models have one name, a key is missing, there is no run to resume, or a price that a budget needs is not known.
            StoreError: the response store cannot be used.
        """
        note = _note(models, settings, config)
        run_id = _run_id(settings, config.rootpath, note)
        self.build = settings.build or run_id
        self._broker = open_broker(
            _accesses([*models, *others]),
            RunLimits(
                concurrency=settings.concurrency,
                # With -x most of what is sent far ahead would be thrown away.
                look_ahead=2 * settings.concurrency if config.getoption("maxfail") else None,
                max_requests=settings.max_requests,
                max_cost_usd=settings.max_cost_usd,
            ),
            store=open_store(
                config.rootpath, run_id=run_id, is_new=not settings.resume, build=settings.build
            ),
            seed=settings.seed,
            offline=settings.offline,
        )
        self._settings = settings
        self._folder = RunFolder(config.rootpath, run_id, note)
        self._server: BrokerServer | None = None
        self._chain: Chain | None = None
        self.source: AnswerSource = self._broker

    @property
    def run_id(self) -> str:
        """The run's id, which names its folder."""
        return self._folder.id

    def wait(self, future: Future[T]) -> T:
        """Return what a future comes to that ends with the broker at the latest, and show progress meanwhile."""
        return self._broker.wait(future)

    def plan(self, items: Iterable[pytest.Item]) -> None:
        """Send ahead what the tests will ask, in their order, and what they will ask their judge then."""
        items = list(items)
        jobs = jobs_of(items, self.build)
        # In parts: the first requests are on their way while the digests of the others are made.
        while part := tuple(islice(jobs, self._settings.concurrency)):
            self._broker.plan(part)
        self._chain = _chain(items, self.build, self._broker)

    @property
    def progress(self) -> Progress:
        """The counts so far."""
        return self._broker.progress()

    def watch(self, look: Callable[[], object]) -> None:
        """Have a function called some times a second by each thread that waits for an answer."""
        self._broker.while_waiting = look

    def serve(self) -> dict[str, object]:
        """Let workers in other processes ask, and return what they must know."""
        self._server = self._server or BrokerServer(self._broker, add=self._add)
        return {"address": self._server.address.to_builtins(), "build": self.build}

    def _add(self, names: Sequence[str]) -> None:
        """Let the run ask live models that a suite names, which only workers have seen.

        Raises:
            UsageError: one of them cannot be had, its key included.
        """
        for name in names:
            models = assemble_models([name], self._settings.sources)
            check_models(models, self._settings)
            for access in _accesses(models):
                self._broker.add(open_model(access, offline=self._settings.offline))

    def stop(self, reason: str) -> None:
        """Send nothing more."""
        self._broker.stop_sending(reason)

    def close(self, *, finished: bool) -> None:
        """End the broker; an unfinished run can be resumed."""
        if self._chain:
            self._chain.close()
        if self._server:
            self._server.close()
        self._broker.close(GRACE_S)
        if finished:
            self._folder.finish()


class RemoteSending:
    """The broker of a run, as one of pytest-xdist's workers reaches it."""

    def __init__(self, told: dict[str, object], *, chains: bool = True) -> None:
        """Connect to the broker.

        Args:
            told: what `Sending.serve` returned.
            chains: whether this worker sends ahead what tests will ask their judge; one of them is enough.
        """
        address = told["address"]
        assert isinstance(address, dict)
        self.build = str(told["build"])
        self._broker = RemoteBroker(BrokerAddress(**address))
        self._chains = chains
        self._chain: Chain | None = None
        self.source: AnswerSource = self._broker

    def add(self, models: Iterable[ModelUnderTest]) -> None:
        """Let the run ask these live models too.

        Raises:
            DistillcheckError: one of them cannot be had.
        """
        self._broker.add(model.given for model in models)

    def plan(self, items: Iterable[pytest.Item]) -> None:
        """Have sent ahead what the tests will ask, in their order; of workers with the same plan one sends it."""
        items = list(items)
        # When the controller is gone already, the tests will say so.
        with suppress(ClientError):
            self._broker.plan(jobs_of(items, self.build))
        if self._chains:
            self._chain = _chain(items, self.build, self._broker)

    def close(self) -> None:
        """Close the connections."""
        if self._chain:
            self._chain.close()
        self._broker.close()


def _chain(items: Iterable[pytest.Item], build: str, source: AnswerSource) -> Chain | None:
    """Return what sends a judge's requests ahead, at work; None when no judge is a model."""
    cases = map(case_of, items)
    if not any(isinstance(case, SimilarityCase) and case.plan.judge_model for case in cases):
        return None
    from pytest_distillcheck.plugin.chaining import links_of

    return Chain(links_of(items, build), source)


def _accesses(models: Iterable[ModelUnderTest]) -> list[LiveAccess]:
    """Return where live models are reached, each once.

    Raises:
        UsageError: two have one name.
    """
    by_name: dict[str, ModelUnderTest] = {}
    for model in models:
        if model.live is None:
            continue
        if by_name.setdefault(model.name, model).origin != model.origin:
            raise UsageError(f"two live models are called {model.name!r}; rename one (NAME=SPEC)")
    return [model.live for model in by_name.values() if model.live]


def build_of(models: Sequence[ModelUnderTest], settings: Settings, config: pytest.Config) -> str:
    """Return the build that a run would have.

    Raises:
        UsageError: there is no run to resume.
    """
    return settings.build or _run_id(settings, config.rootpath, _note(models, settings, config))


def jobs_of(items: Iterable[pytest.Item], build: str) -> Iterator[Job]:
    """Return what the tests will ask of live models, in their order; what hooks say of it is known before the first."""
    asks = [
        (ask.model.live, ask.request)
        for item in items
        if (case := case_of(item)) and not item.get_closest_marker("skip")
        for ask in case.asks(item)
        if ask.model.live and not is_overridden(ask.fixture, item)
    ]
    return (live.addressee(build).job(request) for live, request in asks)


def is_overridden(fixture: str, item: pytest.Item) -> bool:
    """Return whether a conftest.py puts a model of its own in the place of ours: then nothing must be sent ahead."""
    info = getattr(item, "_fixtureinfo", None)
    definitions = info.name2fixturedefs.get(fixture, ()) if info else ()
    return not all(map(is_ours, definitions))


def is_ours(definition: "pytest.FixtureDef[object]") -> bool:
    """Return whether a fixture is this plugin's own."""
    return definition.func.__module__.startswith("pytest_distillcheck.")


def check_models(models: Iterable[ModelUnderTest], settings: Settings) -> None:
    """Refuse what must not be found out only after money was spent.

    Raises:
        UsageError: a key is missing, a model is replayed although live answers are required, or unpriced although a
            cost is capped.
    """
    for model in models:
        if model.live and not settings.offline:
            model.live.key(os.environ)
        if settings.require_live and model.live is None and model.spec.startswith("recorded:"):
            raise UsageError(
                f"--distill-require-live: the model {model.name!r} is replayed from {model.spec}"
            )
        if settings.max_cost_usd is not None and model.live and model.live.price is None:
            raise UsageError(
                f"--distill-max-cost: the price of {model.name!r} is not known; state it as `price` in distillcheck.yaml"
            )
    if settings.require_live and (settings.offline or settings.resume or settings.build):
        raise UsageError(
            "--distill-require-live: leave out --distill-offline, --distill-resume and --distill-build"
        )


def _note(models: Iterable[ModelUnderTest], settings: Settings, config: pytest.Config) -> RunNote:
    return RunNote(
        models={model.name: model.spec for model in models if model.live},
        paths=tuple(sorted(_shown(argument, config) for argument in config.args)),
        seed=settings.seed,
    )


def _shown(argument: str, config: pytest.Config) -> str:
    """Return a path argument in one form, wherever pytest was started."""
    path, separator, names = argument.partition("::")
    resolved = (config.invocation_params.dir / path).resolve()
    shown = resolved.relative_to(config.rootpath) if resolved.is_relative_to(config.rootpath) else resolved
    return shown.as_posix() + separator + names


def _run_id(settings: Settings, root: Path, note: RunNote) -> str:
    if settings.resume:
        unfinished = newest_unfinished(root, note)
        if unfinished is None:
            raise UsageError(
                "--distill-resume: no run with these suites, models and seed broke off here; leave the option out"
            )
        return unfinished
    return new_run_id()


def new_run_id() -> str:
    """Return the id of a run that begins now: the time, for people, and what keeps two runs of one second apart."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + "-" + secrets.token_hex(3)

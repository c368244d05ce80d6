"""The one place that turns names, options and suites into clients, judges and plans."""

import importlib
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.clients import CallableClient, EntryClient, RecordedClient
from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.scrubbing import error_line, slug
from pytest_distillcheck.errors import SourceError, UnknownFactError, UnknownModelError, UsageError
from pytest_distillcheck.identity import EmbeddedIdentityJudge
from pytest_distillcheck.identity.planning import plan_probes
from pytest_distillcheck.ports import IdentityJudge, ModelClient
from pytest_distillcheck.resources import nearest
from pytest_distillcheck.running import Examination
from pytest_distillcheck.stores import read_recording
from pytest_distillcheck.suites import Config, ModelEntry, Suite

SPEC_FORMS = "recorded:PATH or python:package.module:callable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUnderTest:
    """A model that was chosen.

    Attributes:
        name: as the suites' globs and the reports know it.
        given: NAME or NAME=SPEC, as the user gave it.
        id: its slug, which is part of test ids.
        spec: how it is reached.
        fact: what its own entry says is true of it; None when the suite or the name tells.
    """

    name: str
    given: str
    id: str
    spec: str
    client: ModelClient
    fact: IdentityFact | None


@dataclass(frozen=True)
class IdentityPlan:
    """The probes of one suite for one model, and all that it takes to run them."""

    suite: Suite
    model: ModelUnderTest
    examination: Examination
    seed: int

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe, sorted by id."""
        identity = self.suite.identity
        return plan_probes(
            identity.selection,
            own=identity.questions,
            bank=identity.bank,
            system=identity.system,
            repeat=identity.repeat,
            seed=self.seed,
        )

    def test_name(self, probe: Probe) -> str:
        """Return the name of a probe's test, without its file."""
        return f"identity[{self.model.id}-{probe.id}]"

    def request(self, probe: Probe) -> ModelRequest:
        """Return what is asked of the model."""
        return ModelRequest(
            messages=probe.messages, parameters=self.suite.identity.parameters, sample=probe.sample
        )


def assemble_models(
    names: Sequence[str], *, config: Config | None, folder: pathlib.Path
) -> tuple[ModelUnderTest, ...]:
    """Return the models that were chosen, in the order given.

    Args:
        names: NAME or NAME=SPEC.
        config: where a NAME is looked up; a SPEC given with it replaces that of its entry and nothing else.
        folder: where relative paths in a SPEC so given start.

    Raises:
        UsageError: a name is unknown or ambiguous, or a SPEC cannot be read.
    """
    models: dict[str, ModelUnderTest] = {}
    for given in names:
        model = _assemble_model(given, config, folder)
        if other := models.get(model.id):
            raise UsageError(
                f"models {other.name!r} and {model.name!r} both have the id {model.id!r}; rename one (NAME=SPEC)"
            )
        models[model.id] = model
    return tuple(models.values())


def plan_identity(
    suite: Suite, models: Iterable[ModelUnderTest], *, judge: IdentityJudge | None = None, seed: int = 0
) -> tuple[IdentityPlan, ...]:
    """Return the plan of a suite for each model that it fits.

    Raises:
        UsageError: nothing says what is true of a model.
    """
    identity = suite.identity
    return tuple(
        IdentityPlan(
            suite=suite,
            model=model,
            examination=Examination(
                suite=suite.path,
                model=model.name,
                fact=_fact_of(suite, model),
                judge=judge or EmbeddedIdentityJudge(),
                teachers=identity.teachers,
                reasoning=identity.reasoning,
            ),
            seed=seed,
        )
        for model in models
        if identity.fits(model.name)
    )


def _assemble_model(given: str, config: Config | None, folder: pathlib.Path) -> ModelUnderTest:
    name, separator, spec = given.partition("=")
    if not name or (separator and not spec):
        raise UnknownModelError(f"model {given!r} is neither NAME nor NAME=SPEC; a SPEC is {SPEC_FORMS}")
    known = config.models if config else {}
    entry = known.get(name)
    if separator:
        entry = replace(entry, spec=spec) if entry else ModelEntry(spec=spec)
    elif config and entry:
        folder = config.path.parent
    else:
        where = config.path if config else "a distillcheck.yaml"
        raise UnknownModelError(
            f"unknown model {name!r}; define it in {where} or give {name}=SPEC ({SPEC_FORMS}){nearest(name, known)}"
        )
    client = _client(entry.spec, name, folder)
    if not isinstance(client, RecordedClient) and (entry.system or entry.parameters):
        client = EntryClient(client=client, system=entry.system, parameters=entry.parameters)
    return ModelUnderTest(
        name=name, given=given, id=slug(name), spec=entry.spec, client=client, fact=entry.fact
    )


def _client(spec: str, name: str, folder: pathlib.Path) -> ModelClient:
    kind, _, target = spec.partition(":")
    if kind == "recorded" and target:
        try:
            recording = read_recording(folder / target, shown=target)
        except SourceError as error:
            raise UsageError(str(error)) from error
        return RecordedClient(path=target, find=recording.find)
    if kind == "python" and target:
        return _callable(target, name)
    raise UnknownModelError(f"model {name!r}: {spec!r} is no SPEC; write {SPEC_FORMS}")


def _callable(target: str, name: str) -> CallableClient:
    module_name, _, attribute = target.partition(":")
    try:
        function: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            function = getattr(function, part)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - the module is the user's code, and may even call sys.exit
        raise UnknownModelError(
            f"model {name!r}: python:{target} cannot be loaded ({error_line(error)});"
            " write python:package.module:callable"
        ) from None
    if not callable(function):
        raise UnknownModelError(f"model {name!r}: python:{target} is no callable")
    return CallableClient(path=target, function=function)


def _fact_of(suite: Suite, model: ModelUnderTest) -> IdentityFact:
    if fact := suite.identity.fact or model.fact:
        return fact
    try:
        return identity_fact(model.name)
    except UnknownFactError as error:
        raise UsageError(
            f"{suite.path}: nothing says what is true of the model {model.name!r}; add `fact:` ({error})"
        ) from error


def describe(models: Iterable[ModelUnderTest]) -> Mapping[str, str]:
    """Return the SPEC of each model by its name, for headers and reports."""
    return {model.name: model.spec for model in models}

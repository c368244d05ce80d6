"""The models that a run chose: from names and SPECs to clients."""

import importlib
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pytest_distillcheck.assembly.live import (
    LiveAccess,
    catalogue_access,
    catalogue_names,
    proxy_for,
    spelled_out_access,
)
from pytest_distillcheck.clients import CallableClient, EntryClient, RecordedClient
from pytest_distillcheck.domain.exchanges import digest
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.scrubbing import error_line, slug
from pytest_distillcheck.errors import SourceError, UnknownModelError, UsageError
from pytest_distillcheck.ports import ModelClient
from pytest_distillcheck.resources import nearest
from pytest_distillcheck.stores import read_recording
from pytest_distillcheck.suites import Config, ModelEntry

SPEC_FORMS = "recorded:PATH, python:package.module:callable or openai:MODEL@BASE_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUnderTest:
    """A model that was chosen.

    Attributes:
        name: as the suites' globs and the reports know it.
        given: NAME or NAME=SPEC, as the user gave it.
        id: its slug, which is part of test ids.
        spec: how it is reached.
        fact: what its own entry says is true of it; None when the suite or the name tells.
        origin: digest of what decides its answers: two models with the same one are the same under two names.
        client: None for a live model, which the run's broker asks.
        live: where a live model is reached; None for any other.
    """

    name: str
    given: str
    id: str
    spec: str
    fact: IdentityFact | None
    origin: str
    client: ModelClient | None = None
    live: LiveAccess | None = None

    @property
    def route(self) -> str:
        """The SPEC, and the proxy on the way, as headers show them."""
        via = f" via {self.live.proxy.address}" if self.live and self.live.proxy else ""
        return self.spec + via

    def is_same_as(self, other: "ModelUnderTest") -> bool:
        """Return whether both are one model, by their names or by where their answers come from."""
        return self.id == other.id or self.origin == other.origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a NAME is looked up, and who may bind keys to hosts.

    Attributes:
        folder: where relative paths in a SPEC on the command line start.
        configs: configuration files, the first that knows a name wins.
        trusted: those of them that may bind a key to a host, and set a proxy.
        allowed: environment variables by the host that `--distill-allow` lets their key be sent to.

    Raises:
        UsageError: a file sets a proxy that may not: it would see where requests go, and could stop them.
    """

    folder: pathlib.Path
    configs: tuple[Config, ...] = ()
    trusted: tuple[Config, ...] = ()
    allowed: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for config in self.configs:
            if config.sets_proxy and config not in self.trusted:
                raise UsageError(
                    f"{config.path}: sets a proxy, which only the file at the rootdir, one given by --distill-config"
                    " or your own may; move it there"
                )

    @property
    def proxy(self) -> str | None:
        """What models are reached through that do not say themselves."""
        return next((config.proxy for config in self.trusted if config.proxy), None)

    def find(self, name: str) -> tuple[Config, ModelEntry] | None:
        """Return the entry of a name, with its file."""
        return next(((config, config.models[name]) for config in self.configs if name in config.models), None)

    @property
    def names(self) -> list[str]:
        """Every name that a file knows."""
        return [name for config in self.configs for name in config.models]


def assemble_models(names: Sequence[str], sources: Sources) -> tuple[ModelUnderTest, ...]:
    """Return the models that were chosen, in the order given.

    Args:
        names: NAME or NAME=SPEC; a SPEC replaces that of the name's entry and nothing else.
        sources: where names are looked up.

    Raises:
        UsageError: a name is unknown or ambiguous, or a SPEC cannot be read.
    """
    models: dict[str, ModelUnderTest] = {}
    for given in names:
        model = _assemble_model(given, sources)
        if other := models.get(model.id):
            raise UsageError(
                f"models {other.name!r} and {model.name!r} both have the id {model.id!r}; rename one (NAME=SPEC)"
            )
        models[model.id] = model
    return tuple(models.values())


def describe(models: Iterable[ModelUnderTest]) -> Mapping[str, str]:
    """Return the SPEC of each model by its name, for headers and reports."""
    return {model.name: model.spec for model in models}


def _assemble_model(given: str, sources: Sources) -> ModelUnderTest:
    name, separator, spec = given.partition("=")
    if not name or (separator and not spec):
        raise UnknownModelError(f"model {given!r} is neither NAME nor NAME=SPEC; a SPEC is {SPEC_FORMS}")
    found = sources.find(name)
    if separator:
        folder, trusted = sources.folder, False
        entry = replace(found[1], spec=spec, key_env=None) if found else ModelEntry(spec=spec)
    elif found:
        folder, trusted = found[0].path.parent, found[0] in sources.trusted
        entry = found[1]
    elif access := catalogue_access(name):
        access = replace(access, proxy=proxy_for(access.endpoint, own=None, general=sources.proxy))
        spec = f"{access.endpoint.kind}:{access.endpoint.model}@{access.endpoint.base_url}"
        return ModelUnderTest(
            name=name,
            given=given,
            id=slug(name),
            spec=spec,
            fact=None,
            origin=_live_origin(access),
            live=access,
        )
    else:
        raise _unknown(name, sources)
    return _by_spec(name, given, entry, folder=folder, trusted=trusted, sources=sources)


def _unknown(name: str, sources: Sources) -> UnknownModelError:
    where = sources.configs[0].path if sources.configs else "a distillcheck.yaml"
    return UnknownModelError(
        f"unknown model {name!r}; define it in {where}, give {name}=SPEC ({SPEC_FORMS}),"
        f" or take one that `distillcheck models` lists{nearest(name, [*sources.names, *catalogue_names()])}"
    )


def _by_spec(
    name: str,
    given: str,
    entry: ModelEntry,
    *,
    folder: pathlib.Path,
    trusted: bool,
    sources: Sources,
) -> ModelUnderTest:
    kind, _, target = entry.spec.partition(":")
    client: ModelClient | None = None
    live: LiveAccess | None = None
    match kind:
        case "recorded" if target:
            client = _recorded(target, folder)
            origin = digest(["recorded", str((folder / target).resolve())])
        case "python" if target:
            client = _callable(target, name)
            origin = digest(["python", target, entry.system, dict(entry.parameters)])
            if entry.system or entry.parameters:
                client = EntryClient(client=client, system=entry.system, parameters=entry.parameters)
        case "openai" if target:
            live = spelled_out_access(name, target, entry, allowed=sources.allowed, trusted=trusted)
            live = replace(live, proxy=proxy_for(live.endpoint, own=entry.proxy, general=sources.proxy))
            origin = _live_origin(live)
        case _:
            raise UnknownModelError(f"model {name!r}: {entry.spec!r} is no SPEC; write {SPEC_FORMS}")
    return ModelUnderTest(
        name=name,
        given=given,
        id=slug(name),
        spec=entry.spec,
        fact=entry.fact,
        origin=origin,
        client=client,
        live=live,
    )


def _live_origin(access: LiveAccess) -> str:
    endpoint = access.endpoint
    return digest([endpoint.kind, endpoint.base_url, endpoint.model, access.system, dict(access.parameters)])


def _recorded(target: str, folder: pathlib.Path) -> RecordedClient:
    try:
        recording = read_recording(folder / target, shown=target)
    except SourceError as error:
        raise UsageError(str(error)) from error
    return RecordedClient(path=target, find=recording.find)


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

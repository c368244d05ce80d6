"""Providers that other distributions bring: their entry point names a package, whose folder holds two data files.

    [project.entry-points."distillcheck.providers"]
    acme = "acme_distillcheck"

The folder holds `providers.yaml` and `models.yaml`, in the form that those of the catalogue explain. Only data is read:
no code of the package runs. Nothing is looked at before a name is asked for that the catalogue does not have.
"""

import pathlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from pytest_distillcheck.catalog import LiveModel, live_models
from pytest_distillcheck.catalog.endpoints import load_live_models
from pytest_distillcheck.errors import UsageError

GROUP = "distillcheck.providers"


def known_models() -> tuple[LiveModel, ...]:
    """Return the catalogue's live models and then those of installed distributions.

    Raises:
        CatalogError: a data file has faults.
        UsageError: a distribution's providers cannot be used.
    """
    return (*live_models(), *installed_models().values())


def installed_models() -> Mapping[str, LiveModel]:
    """Return by name the live models that installed distributions bring.

    None may take a name that is taken, nor have a key sent elsewhere that the catalogue sends to its own hosts: which
    provider answers, and who gets a key, must not depend on what else is installed.

    Raises:
        CatalogError: a data file has faults.
        UsageError: an entry point names no package, or a model may not be called so or use that key.
    """
    shipped = live_models()
    owners = dict.fromkeys((model.name for model in shipped), "the catalogue")
    keys = {model.endpoint.key_env: model.provider for model in shipped}
    found: dict[str, LiveModel] = {}
    # Sorted, so that the same fault is told whatever the order on the path.
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        folder, owner = _folder(entry), _owner(entry)
        for model in load_live_models(folder / "providers.yaml", folder / "models.yaml"):
            if other := owners.get(model.name):
                raise UsageError(
                    f"{owner}: the model {model.name!r} is one of {other} already; call it NAME@PROVIDER"
                )
            if provider := keys.get(model.endpoint.key_env):
                raise UsageError(
                    f"{owner}: the model {model.name!r} would send {model.endpoint.key_env}, the key of {provider},"
                    f" to {model.endpoint.host}; give it a key_env of its own"
                )
            owners[model.name] = owner
            found[model.name] = model
    return found


def _folder(entry: EntryPoint) -> pathlib.Path:
    try:
        spec = find_spec(entry.value)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(f"{_owner(entry)}: there is no package {entry.value!r}; mend or uninstall it")
    return pathlib.Path(spec.submodule_search_locations[0])


def _owner(entry: EntryPoint) -> str:
    """Return what the user knows the entry point's distribution by."""
    return f"the distribution {entry.dist.name!r}" if entry.dist else f"the entry point {entry.name!r}"

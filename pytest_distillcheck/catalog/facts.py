"""Finds makers and identity facts by the names that people give them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pytest_distillcheck.catalog.loading import makers
from pytest_distillcheck.catalog.names import Key, key
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.makers import Family, Maker
from pytest_distillcheck.errors import UnknownFactError
from pytest_distillcheck.resources import nearest

_DOTTED_ORGANISATION = re.compile(r"(?:[a-z0-9]+\.)+(?=[a-z])", re.IGNORECASE)
"""As Amazon Bedrock writes it: `us.anthropic.` in `us.anthropic.claude-3-haiku`; nothing in `qwen2.5-7b`."""

_VERSION = re.compile(r"[\W_]*\d.*", re.DOTALL)

_Model = tuple[Maker, Family]


def maker(maker_id: str) -> Maker:
    """Return a maker by its catalogue id.

    Raises:
        UnknownFactError: no maker has that id.
    """
    for known in makers():
        if known.id == maker_id:
            return known
    hint = nearest(maker_id, [known.id for known in makers()])
    raise UnknownFactError(f"{maker_id!r}: the catalogue knows no maker of that id{hint}")


def maker_named(text: str) -> Maker | None:
    """Return the maker that goes by a name, such as `Alibaba Cloud` or `阿里云`; None when none does."""
    return _index().makers.get(key(text))


def known_names() -> tuple[str, ...]:
    """Return the ids of all makers and families and the beginnings of model names, sorted."""
    families = [family for known in makers() for family in known.families]
    ids = {known.id for known in makers()} | {family.id for family in families}
    return tuple(sorted(ids.union(*(family.prefixes for family in families))))


def identity_fact(name: str) -> IdentityFact:
    """Return what is true of a maker's models, of a family or of one model.

    A maker id (`alibaba`) wins over a name of a family or its assistants (`qwen`, `通义千问`), and that over a
    name of a maker (`Alibaba Cloud`). Any other name is a model's: its family is the one with the longest beginning
    in common, so that case, organisation, size, date and suffixes do not matter (`Qwen/Qwen2.5-7B-Instruct`).

    The fact of a maker has the name of its main family, and the names of all its families as aliases.

    Raises:
        UnknownFactError: the catalogue knows no such name; the message tells the nearest one.
    """
    index = _index()
    spelling = key(name)
    if by_id := index.ids.get(spelling):
        return _fact(by_id, *by_id.families)
    if model := index.families.get(spelling):
        return _fact_of_model(model)
    if by_name := index.makers.get(spelling):
        return _fact(by_name, *by_name.families)
    for candidate in _without_organisation(name):
        if model := index.model(key(candidate)):
            return _fact_of_model(model)
    hint = _hint(name) or "; write the fact out, with `name` and `maker`"
    raise UnknownFactError(f"{name!r}: the catalogue knows no such maker or model{hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """The catalogue by name.

    Attributes:
        ids: makers by id.
        makers: makers by any of their names, the id among them.
        families: families by any of their names.
        beginnings: families by what the names of their models begin with.
    """

    ids: Mapping[Key, Maker]
    makers: Mapping[Key, Maker]
    families: Mapping[Key, _Model]
    beginnings: Mapping[Key, _Model]

    def model(self, spelling: Key) -> _Model | None:
        """Return the family of a model, whose name may begin with its maker's: `meta-llama-3-8b`."""
        if model := _longest(self.beginnings, spelling):
            return model
        for end in range(len(spelling) - 1, 0, -1):
            owner = self.makers.get(spelling[:end])
            model = _longest(self.beginnings, spelling[end:]) if owner else None
            if model and model[0] is owner:
                return model
        return None


@cache
def _index() -> _Index:
    by_id: dict[Key, Maker] = {}
    by_name: dict[Key, Maker] = {}
    families: dict[Key, _Model] = {}
    beginnings: dict[Key, _Model] = {}
    for owner in makers():
        by_id[key(owner.id)] = owner
        by_name.update((key(name), owner) for name in (owner.id, owner.name, *owner.aliases))
        ambiguous = set(map(key, owner.ambiguous))
        for family in owner.families:
            ids = set(map(key, (family.id, *family.prefixes)))
            names = set(map(key, (family.name, *family.aliases)))
            families.update(dict.fromkeys(ids | names, (owner, family)))
            # Copilot is called Sydney, but a model named `sydney-7b` is no Copilot.
            beginnings.update(dict.fromkeys(ids | (names - ambiguous), (owner, family)))
    return _Index(ids=by_id, makers=by_name, families=families, beginnings=beginnings)


def _longest(beginnings: Mapping[Key, _Model], spelling: Key) -> _Model | None:
    ends = range(len(spelling), 0, -1)
    return next((beginnings[spelling[:end]] for end in ends if spelling[:end] in beginnings), None)


def _without_organisation(name: str) -> Iterator[str]:
    """Yield the last part of a path, and that without the organisation before a dot."""
    model = name.rpartition("/")[2]
    yield model
    if dotted := _DOTTED_ORGANISATION.match(model):
        yield model[dotted.end() :]


def _fact_of_model(model: _Model) -> IdentityFact:
    """Return the fact of a family, which goes by the names of a wider one too: DeepSeek-R1-Distill-Qwen is DeepSeek."""
    owner, family = model
    wider = [other for other in owner.families if other is not family and _begins(family, other)]
    return _fact(owner, family, *wider)


def _begins(family: Family, wider: Family) -> bool:
    beginning = key(wider.id)
    return key(family.id)[: len(beginning)] == beginning


def _fact(owner: Maker, main: Family, *others: Family) -> IdentityFact:
    aliases = list(main.aliases)
    for other in others:
        aliases += [other.name, *other.aliases]
    return IdentityFact(
        name=main.name,
        aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != main.name)),
        maker=owner.name,
        maker_id=owner.id,
        maker_aliases=owner.aliases,
        country=owner.country,
        headquarters=owner.headquarters,
        lineage=main.lineage,
    )


def _hint(name: str) -> str:
    """Return the known name nearest to a model's, up to its version: `gtp-4o-mini` as a whole is near to nothing."""
    model = name.rpartition("/")[2]
    unversioned = _VERSION.sub("", model)
    return nearest(unversioned, known_names()) or nearest(model, known_names())

"""Makers of models, their model families, and the places they are at home in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of models of one maker, such as Qwen or GPT.

    Attributes:
        id: ASCII, unique in the catalogue, and the prefix of its models' names, such as `qwen`.
        name: as the model says it, such as `Qwen`.
        aliases: other names of the family or its assistants, in any script, such as `通义千问`.
        prefixes: further prefixes of model names that belong to the family, such as `qwq`.
        lineage: names of families of other makers that it is openly built on, such as `Llama`.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A city or a country.

    Attributes:
        name: in English.
        aliases: spellings in other languages and scripts.
        country: the English name of the country that a city lies in; None for a country.
    """

    name: str
    aliases: tuple[str, ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who makes models.

    Attributes:
        id: the catalogue id, such as `alibaba`.
        name: such as `Alibaba Cloud`.
        aliases: legal and short forms, parent companies, research labs, other scripts.
        ambiguous: those among the aliases, the families' included, that are also ordinary words (`Meta`, `Claude`):
            they count only next to a clear cue.
        families: the most general first.
        headquarters: English names of cities in the catalogue's places.
        country: English name of a country in the catalogue's places.
        people: founders and leaders whose naming as *my maker* is a claim to this maker.
    """

    id: str
    name: str
    country: str
    aliases: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()
    headquarters: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

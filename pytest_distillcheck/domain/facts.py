"""What is true of a model: who made it, what it is called, where it comes from."""

from dataclasses import dataclass

UNKNOWN_MAKER = "unknown"
"""The maker id of a maker that the catalogue does not know, an invented one included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFact:
    """The true identity of a model.

    Attributes:
        name: the name the model goes by, such as `Qwen`.
        aliases: other names of the same model, in any language; matched as whole names, without regard to case.
        maker: the name of its maker, such as `Alibaba Cloud`.
        maker_id: the maker's catalogue id, or `unknown` for a maker that the catalogue does not know.
        maker_aliases: other names of the maker (legal and short forms, parent companies, other scripts).
        country: where the maker is at home, as an English name; None when not stated (then no claim of
            a country contradicts the fact).
        headquarters: cities that may truthfully be named as the maker's seat; empty when not stated.
        lineage: model families that the model may truthfully say it is built on, such as `Llama`.
    """

    name: str
    maker: str
    maker_id: str = UNKNOWN_MAKER
    aliases: tuple[str, ...] = ()
    maker_aliases: tuple[str, ...] = ()
    country: str | None = None
    headquarters: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()

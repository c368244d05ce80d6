"""Response similarity: the embedded judge, controls, and the nearest of several references."""

from typing import TYPE_CHECKING

from pytest_distillcheck.similarity.controls import normalised, relative, shuffled_pairs

if TYPE_CHECKING:
    from pytest_distillcheck.similarity.attribution import Attribution, attribute
    from pytest_distillcheck.similarity.judge import EmbeddedSimilarityJudge

__all__ = [
    "Attribution",
    "EmbeddedSimilarityJudge",
    "attribute",
    "normalised",
    "relative",
    "shuffled_pairs",
]

# A gate on identity needs this package's constants, and starts faster without what reads texts.
_LAZY = {"Attribution": "attribution", "attribute": "attribution", "EmbeddedSimilarityJudge": "judge"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)

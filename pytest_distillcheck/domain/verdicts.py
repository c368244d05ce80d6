"""What a judge says of a response."""

from dataclasses import dataclass
from typing import Literal

Label = Literal["consistent", "contradiction", "roleplay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a response claims about the identity of the model that gave it.

    Attributes:
        label: `contradiction` when the model's own voice claims an identity that cannot be true together
            with the fact; `roleplay` when only a persona claims it; else `consistent`.
        affirmed: whether the true identity is claimed by the model's own voice.
        makers: catalogue ids of the false makers that the deciding voice claims, `unknown` for invented
            or unnamed ones; sorted, without repeats; empty when consistent.
        quotes: exact substrings of the response that decided; empty when consistent.
    """

    label: Label
    affirmed: bool = False
    makers: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unjudged:
    """An answer came but cannot be judged. It is not a verdict and is never counted as one.

    Attributes:
        reason: such as `empty response` or `filtered by the provider`.
    """

    reason: str

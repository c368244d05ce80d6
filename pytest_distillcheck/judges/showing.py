"""Text of others as a judge is shown it: cut, made harmless, and fenced."""

import re
from functools import partial

from pytest_distillcheck.domain.exchanges import digest
from pytest_distillcheck.domain.scrubbing import scrub

_NONCE_CHARACTERS = 16  # 64 bits: no text can be tried until it holds a digest of itself

# Many servers read the marks of a chat template out of the text of a message too, as if the server had written them.
_TEMPLATE_MARK = re.compile(
    r"<(?=[|｜]|/?(?:s|bos|eos|think|start_of_turn|end_of_turn)>|</?SYS>>)|\[(?=/?INST\])", re.IGNORECASE
)


def nonce_of(*texts: str) -> str:
    """Return a code in hexadecimal for fences around these texts.

    It is a digest of them, so that equal texts are asked about in equal requests, which a store can replay. No text
    can hold it: it would have to hold its own digest, and that of texts which its author never saw.
    """
    return digest(list(texts))[:_NONCE_CHARACTERS]


def fenced(name: str, text: str, *, nonce: str, limit: int) -> str:
    """Return a text as data between two tags that hold the nonce.

    Characters that cannot be seen or encoded are spelled out, and marks of chat templates are broken by a space. Of
    a longer text the middle is cut, and a line with the nonce stands in its place.

    Args:
        name: what the text is, for the tags.
        text: any text at all.
        nonce: of `nonce_of`.
        limit: characters of the text that are shown; at least 2.
    """
    cut = partial(_cut, nonce=nonce, limit=limit)
    # Cut before, since a text may be megabytes long, and after, since what is spelled out takes the room of eight.
    shown = cut(_harmless(cut(text.replace("\r\n", "\n").strip())))
    return f"<{name}-{nonce}>\n{shown}\n</{name}-{nonce}>"


def _harmless(text: str) -> str:
    return _TEMPLATE_MARK.sub(lambda mark: f"{mark[0]} ", scrub(text))


def _cut(text: str, *, nonce: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    # An answer shows its voice at the start and where it comes to in the end.
    return f"{text[: limit - limit // 2]}\n[{nonce}: cut here]\n{text[-(limit // 2) :]}"

"""Finds the terms of a vocabulary in a sequence of tokens: a trie of tokens, longest term first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pytest_distillcheck.identity.kinds import BEING, FICTION, MADE, MINE, ORG, REFUSE, SELF, TRUTH
from pytest_distillcheck.identity.names import Name

STEM_LENGTH = 3
"""Letters that a word with an open end must have at least; the first ones are its key in the index."""

_SPEAKING = SELF | MINE
_MAKERS = ORG | MADE
_HOLDING = REFUSE | TRUTH
_TELLING = FICTION | BEING


@dataclass(slots=True)
class Node:
    """A place in the trie: what the tokens up to here mean, and what may follow.

    Attributes:
        mask: kinds of word, see `lexicon.MASK`; 0 when the term is none, or goes on.
        name: the name that the term is, if it is one.
    """

    mask: int = 0
    name: Name | None = None
    following: dict[str, "Node"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TermIndex:
    """Terms by their first token.

    Attributes:
        first: nodes of first tokens.
        stems: by the first letters of words with an open end, the words and their nodes.
        telling: longest tokens of names and of what takes the place of one in a story.
        speaking: first tokens of the words of a speaker.
        holding: first tokens of the words of somebody who is bound, or sure.
        makers: first tokens of the words for a maker.
    """

    first: dict[str, Node]
    stems: dict[str, list[tuple[str, Node]]]
    telling: frozenset[str]
    speaking: frozenset[str]
    holding: frozenset[str]
    makers: frozenset[str]

    def nodes(self, words: Sequence[str]) -> list[Node | None]:
        """Return for each token the node of the terms that it may begin, or None."""
        found = [self.first.get(word) for word in words]
        if self.stems:
            for position, node in enumerate(found):
                if node is None:
                    found[position] = self._stem(words[position])
        return found

    def _stem(self, word: str) -> Node | None:
        for stem, node in self.stems.get(word[:STEM_LENGTH], ()):
            if word.startswith(stem):
                return node
        return None


def build_index(
    words: Iterable[tuple[tuple[str, ...], int]],
    stems: Iterable[tuple[str, int]],
    names: Iterable[tuple[tuple[str, ...], Name]],
) -> TermIndex:
    """Return the index of words, words with an open end, and names; a later name replaces an equal one.

    An ambiguous name that is also one of our words stays that word.
    """
    first: dict[str, Node] = {}
    words = list(words)
    common = {token for tokens, _ in words for token in tokens}
    groups: dict[int, set[str]] = {_TELLING: set(), _SPEAKING: set(), _HOLDING: set(), _MAKERS: set()}
    for tokens, mask in words:
        _node(first, tokens).mask |= mask
        for kinds, group in groups.items():
            if mask & kinds:
                group.add(_telling(tokens, common) if kinds == _TELLING else tokens[0])
    for tokens, name in names:
        node = _node(first, tokens)
        if not (name.ambiguous and node.mask):
            node.name = name
            groups[_TELLING].add(_telling(tokens, common))
    by_letters: dict[str, dict[str, Node]] = {}
    for stem, mask in stems:
        by_letters.setdefault(stem[:STEM_LENGTH], {}).setdefault(stem, Node()).mask |= mask
    return TermIndex(
        first,
        {key: sorted(nodes.items(), key=lambda item: -len(item[0])) for key, nodes in by_letters.items()},
        *(frozenset(group) for group in groups.values()),
    )


def _telling(tokens: tuple[str, ...], common: set[str]) -> str:
    """Return the token by which a term is told: a long one that is none of our ordinary words, if it has any."""
    if len(tokens) == 1:
        return tokens[0]
    return max(tokens, key=lambda token: (token not in common, len(token)))


def _node(first: dict[str, Node], tokens: tuple[str, ...]) -> Node:
    node = first.setdefault(tokens[0], Node())
    for token in tokens[1:]:
        node = node.following.setdefault(token, Node())
    return node


def longest(node: Node, words: Sequence[str], position: int) -> tuple[Node | None, int]:
    """Return the longest term whose first token is at a position, and the position after its last token."""
    best: Node | None = node if node.mask or node.name else None
    end = position = position + 1
    while position < len(words):
        following = node.following.get(words[position])
        if following is None:
            break
        node = following
        position += 1
        if node.mask or node.name:
            best, end = node, position
    return best, end

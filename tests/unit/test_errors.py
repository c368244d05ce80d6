import unicodedata

import pytest

from pytest_distillcheck.errors import Fault, SuiteError


def fault(line=3, column=5, where="identity.fact", excerpt="    bad"):
    return Fault(line=line, column=column, where=where, message="is wrong; mend it", excerpt=excerpt)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (fault(), "a.yaml:3:5: identity.fact: is wrong; mend it\n        bad\n        ^"),
        (fault(where=""), "a.yaml:3:5: is wrong; mend it\n        bad\n        ^"),
        (fault(excerpt=""), "a.yaml:3:5: identity.fact: is wrong; mend it"),
        (fault(column=0), "a.yaml:3: identity.fact: is wrong; mend it"),
        (fault(line=0, column=0, where="", excerpt=""), "a.yaml: is wrong; mend it"),
    ],
)
def test_a_fault_is_told_with_its_place(given, text):
    assert given.render("a.yaml") == text


def test_an_error_tells_all_faults_in_their_order():
    error = SuiteError("a.yaml", [fault(line=1, excerpt=""), fault(line=2, excerpt="")])
    assert str(error).splitlines() == [
        "a.yaml:1:5: identity.fact: is wrong; mend it",
        "a.yaml:2:5: identity.fact: is wrong; mend it",
    ]


def test_the_caret_stands_under_its_character_after_wide_ones():
    line = "fact: {name: 通义, maker: 3}"
    column = line.index("3") + 1
    _, shown, caret = fault(column=column, excerpt=line).render("a").splitlines()
    before = shown[: shown.index("3")]
    # A terminal gives a wide character two cells.
    assert len(caret) - 1 == sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in before)

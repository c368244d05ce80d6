import pytest

from pytest_distillcheck.resources import nearest

KNOWN = ("openai", "anthropic", "Google")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("opnai", "; did you mean 'openai'?"),
        ("OPENAI", "; did you mean 'openai'?"),
        ("google", "; did you mean 'Google'?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_nearest_known_name_is_asked_for(name, hint):
    assert nearest(name, KNOWN) == hint

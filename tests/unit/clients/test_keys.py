import base64
import copy
import pickle
import traceback

import pytest

from pytest_distillcheck.clients.keys import MASK, Secret
from pytest_distillcheck.errors import UsageError

KEY = "sk-canary/0123456789+abc=="


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        format,
        lambda secret: f"{secret!s:>40}",
        lambda secret: f"{secret:>40}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: str({"key": secret}),
        lambda secret: str(pickle.loads(pickle.dumps(secret))),
        lambda secret: repr(pickle.dumps(secret)),
        lambda secret: str(copy.copy(secret)),
        lambda secret: str(copy.deepcopy([secret])),
    ],
)
def test_whatever_shows_a_secret_shows_a_mask(show):
    shown = show(Secret(KEY))
    assert MASK in shown
    assert "canary" not in shown


def test_a_secret_has_no_dictionary_to_look_into():
    assert not hasattr(Secret(KEY), "__dict__")


def test_a_secret_is_revealed_on_demand_without_the_line_end_that_it_was_read_with():
    assert Secret(f" {KEY}\n").reveal() == KEY


@pytest.mark.parametrize("value", ["", "  \n", "a b", "a\nb: c", "a\0", "kéy", "a\x7f"])
def test_what_no_header_can_hold_is_refused_without_being_shown(value):
    with pytest.raises(UsageError) as raised:
        Secret(value)
    assert not value.strip() or value.strip() not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        "sk-canary%2F0123456789%2Babc%3D%3D",
        base64.b64encode(KEY.encode()).decode().rstrip("="),
        KEY[:12],
        KEY[:17],
    ],
)
def test_every_form_of_a_key_is_masked_in_text(form):
    assert Secret(KEY).mask_in(f"a {form}! b {form}") == f"a {MASK}! b {MASK}"


def test_text_that_shares_less_than_twelve_characters_with_a_key_stays():
    assert Secret(KEY).mask_in("sk-canary/0 and abc==") == "sk-canary/0 and abc=="


@pytest.mark.parametrize("stand_in", ["EMPTY", "ollama", "none"])
def test_a_stand_in_for_a_key_stays_in_text(stand_in):
    assert Secret(stand_in).mask_in(f"I am {stand_in}") == f"I am {stand_in}"


def test_masking_a_long_text_takes_no_longer_than_reading_it():
    assert Secret(KEY).mask_in(KEY * 100_000) == MASK * 100_000

"""Hooks that a `conftest.py` or another plugin may implement."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_distillcheck.domain.exchanges import ModelRequest


@pytest.hookspec(firstresult=True)
def pytest_distill_request(request: "ModelRequest") -> "ModelRequest | None":
    """Change what is asked of the model under test, or return None to leave it.

    It is a hook and not a fixture because requests are sent ahead of the tests, before fixtures exist. It must return
    the same for the same request.
    """

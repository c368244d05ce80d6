"""`distillcheck models`: lists the live models that `--distill-model` knows by name."""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_distillcheck.assembly import known_models
from pytest_distillcheck.catalog import LiveModel
from pytest_distillcheck.domain.prices import Price

if TYPE_CHECKING:
    from pytest_distillcheck.cli.command import Commands

_HEADINGS = ("NAME", "PROVIDER", "KEY", "USD PER MILLION TOKENS", "REQUESTS/MIN")


def add_command(commands: "Commands") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("models", help="list the live models, their keys, prices and rates")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every live model."""
    models = known_models()
    if options.json:
        print(json.dumps([_to_builtins(model, os.environ) for model in models], indent=1))
        return 0
    rows = [_HEADINGS, *(_row(model, os.environ) for model in models)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print(_aligned(row, widths))
    return 0


def _to_builtins(model: LiveModel, environment: Mapping[str, str]) -> dict[str, Any]:
    price, key_env = model.price, model.endpoint.key_env
    return {
        "name": model.name,
        "provider": model.provider,
        "base_url": model.endpoint.base_url,
        "key_env": key_env,
        # Whether, never what.
        "key_set": bool(key_env and environment.get(key_env)),
        "price": price
        and {
            "input": price.input_usd_per_mtok,
            "output": price.output_usd_per_mtok,
            "as_of": price.as_of.isoformat() if price.as_of else None,
        },
        "requests_per_minute": model.requests_per_minute,
    }


def _row(model: LiveModel, environment: Mapping[str, str]) -> tuple[str, ...]:
    key_env = model.endpoint.key_env or ""
    return (
        model.name,
        model.provider,
        f"{key_env} {'(set)' if environment.get(key_env) else '(not set)'}",
        _price_text(model.price),
        f"{model.requests_per_minute:g}" if model.requests_per_minute else "no known limit",
    )


def _price_text(price: Price | None) -> str:
    if price is None:
        return "unpriced"
    dated = f" ({price.as_of})" if price.as_of else ""
    return f"{price.input_usd_per_mtok:.4g} in, {price.output_usd_per_mtok:.4g} out{dated}"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

"""Checks data against the shipped JSON Schemas and tells faults in the user's words."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from pytest_distillcheck.errors import Fault
from pytest_distillcheck.resources import Document, Path, nearest, wrong_type

SchemaName = Literal["suite", "config"]

_TYPES: Mapping[str, type] = {
    "string": str,
    "object": dict,
    "array": list,
    "number": float,
    "integer": int,
    "boolean": bool,
}


def schema_text(name: SchemaName) -> str:
    """Return the JSON Schema of suites or of configuration files, as it is shipped."""
    return (files(__package__) / "schemas" / f"{name}.schema.json").read_text("utf-8")


def schema_faults(document: Document, name: SchemaName) -> list[Fault]:
    """Return every fault that the schema finds, in the order of the file."""
    faults = [
        fault
        for error in _validator(name).iter_errors(document.data)
        for fault in _faults_of(error, document)
    ]
    return sorted(faults, key=lambda fault: (fault.line, fault.column))


@cache
def _validator(name: SchemaName) -> Validator:
    # JSON Schema takes 2.0 for an integer; Python's range does not.
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    schema = json.loads(schema_text(name))
    validator: Validator = extend(Draft202012Validator, type_checker=types)(  # type: ignore[no-untyped-call]  # jsonschema's own
        _without_references(schema, schema["$defs"])
    )
    return validator


def _without_references(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with what each `$ref` points to in its place.

    To look one up costs as much as to check what it says, and a suite may have thousands of questions.
    """
    match schema:
        case {"$ref": str(target), **beside}:
            definition = definitions[target.removeprefix("#/$defs/")]
            return {**_without_references(definition, definitions), **beside}
        case dict():
            return {key: _without_references(value, definitions) for key, value in schema.items()}
        case list():
            return [_without_references(value, definitions) for value in schema]
    return schema


def _faults_of(error: ValidationError, document: Document) -> Iterator[Fault]:
    path: Path = tuple(error.absolute_path)
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = schema["properties"]
            instance: Any = error.instance
            for key in instance.keys() - known.keys():
                message = _unknown_key(key, known, elsewhere=schema.get("x-elsewhere", {}))
                yield document.fault((*path, key), message, key=True)
        case "required":
            required: Any = error.validator_value
            missing = next(key for key in required if f"{key!r} is" in error.message)
            yield document.fault(path, f"the key {missing!r} is missing; add it")
        case "pattern" if "propertyNames" in error.absolute_schema_path:
            name: Any = error.instance
            yield document.fault((*path, name), f"{name!r} is no valid name; {schema['x-advice']}", key=True)
        case _:
            yield document.fault(path, _message(error, schema))


def _unknown_key(key: str, known: Mapping[str, object], *, elsewhere: Mapping[str, str]) -> str:
    if key in elsewhere:
        return f"unknown key {key!r}; {elsewhere[key]}"
    return f"unknown key {key!r}{nearest(key, known) or '; known are ' + ', '.join(known)}"


def _message(error: ValidationError, schema: Mapping[str, Any]) -> str:
    value: Any = error.instance
    wanted: Any = error.validator_value
    messages: dict[str, Callable[[], str]] = {
        "type": lambda: wrong_type(
            value, [_TYPES[name] for name in ([wanted] if isinstance(wanted, str) else wanted)]
        ),
        "enum": lambda: f"{value!r} is none of {', '.join(wanted)}{nearest(str(value), wanted)}",
        "minimum": lambda: f"{value} is too small; it must be at least {wanted}",
        "exclusiveMinimum": lambda: f"{value} is too small; it must be above {wanted}",
        "maximum": lambda: f"{value} is too large; it must be at most {wanted}",
        "exclusiveMaximum": lambda: f"{value} is too large; it must be below {wanted}",
        "pattern": lambda: f"{value!r} is not allowed here; {schema['x-advice']}",
        "anyOf": lambda: schema["x-advice"],
        "uniqueItems": lambda: "names something twice; remove one",
        **dict.fromkeys(
            ("minLength", "minItems", "minProperties"), lambda: "is empty; write something or remove the key"
        ),
    }
    message = messages.get(str(error.validator))
    return message() if message else error.message

"""Asks a client once and says what came of it."""

import asyncio
from dataclasses import dataclass

from pytest_distillcheck.clients import EndpointClient, Limits, Secret
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.errors import ClientError
from tests.faults.catalogue import KEY_ENV

KEY = "sk-canary-0123456789abcdef"
NOW = 1_790_000_000.0  # 2026-09-21 14:13:20 UTC
QUESTION = ModelRequest(messages=(Message("user", "Which company made you?"),))


@dataclass(frozen=True)
class StoppedClock:
    """Shows one time."""

    now: float = NOW

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def client_for(base_url: str, *, kind: str = "openai", key: str | None = KEY, **how) -> EndpointClient:
    how.setdefault("limits", Limits(deadline_s=how.pop("deadline_s", 5.0)))
    endpoint = Endpoint(
        name="qwen-max",
        kind=kind,
        base_url=base_url,
        model=how.pop("model", "m-1"),
        key_env=KEY_ENV if key else None,
    )
    return EndpointClient(endpoint, key=Secret(key) if key else None, clock=StoppedClock(), **how)


def outcomes(
    client: EndpointClient, *requests: ModelRequest, pause_s: float = 0.0
) -> list[Response | ClientError]:
    """Ask each request after the other on one event loop; an error is an outcome too."""

    async def run() -> list[Response | ClientError]:
        found: list[Response | ClientError] = []
        try:
            for request in requests:
                try:
                    # Where no deadline holds, a test is to fail and not to hang.
                    async with asyncio.timeout(20):
                        found.append(await client.ask(request))
                except ClientError as error:
                    found.append(error)
                await asyncio.sleep(pause_s)
        finally:
            await client.close()
        return found

    return asyncio.run(run())


def outcome(base_url: str, request: ModelRequest = QUESTION, **how) -> Response | ClientError:
    """Ask one request of a client made for the purpose."""
    return outcomes(client_for(base_url, **how), request)[0]

"""The machine's own clock behind the `Clock` port."""

import asyncio
import time


class SystemClock:
    """Real time."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; it never goes back."""
        return time.monotonic()

    def wall(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)

"""A proxy on loopback: CONNECT and plain forwarding, to one place whatever name it is asked for."""

import asyncio
from dataclasses import dataclass

from tests.faults.server import FaultServer, Seen


@dataclass(slots=True)
class ForwardProxy(FaultServer):
    """Passes everything on to one port of this machine.

    Args:
        upstream: the port.
        refusal: what it says instead, when it does not pass anything on; empty for nothing at all.
    """

    upstream: int = 0
    refusal: bytes | None = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target = self._note_request(head)
            if self.refusal is not None:
                writer.write(self.refusal)
                await (writer.drain() if self.refusal else self._stopping.wait())
                return
            there, out = await asyncio.open_connection("127.0.0.1", self.upstream)
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                # A real one drops what is meant for it.
                lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"proxy-")]
                path = "/" + target.split("/", 3)[3]
                out.write(b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *lines[1:]]))
            await asyncio.gather(_pipe(reader, out), _pipe(there, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            assert self._stopping.is_set()
        finally:
            writer.close()

    def _note_request(self, head: bytes) -> tuple[str, str]:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines if line)}
        self.seen.append(Seen(route=method, path=target, headers=headers, body=head))
        return method, target


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()

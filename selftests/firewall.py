#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Both ends of the firewall tests, long-lived: a process costs more than a connection in the test machine.

firewall.py serve NAME PORT...   on all addresses: tells each client NAME:PORT and the address that it sees, then echoes;
                                 a "proxy" may be TPROXY's
firewall.py clients              for a line of jobs on its input a line of results on its output
firewall.py flood DEVICE COUNT ADDRESS PORT
                                 COUNT plain SYNs, each from another source

A job is LABEL,SOURCE,ADDRESS,PORT,BYTES, and all jobs of a line begin at once. "-" before the label: it should fail, so
it gets a moment more than the others need, and no longer. "~": it may fail, so it gets some seconds. "+": the connection
stays open until the line "close".
A result is LABEL=WHAT:
  NAME:PORT           connected to that server, and BYTES came back intact (/ADDRESS where it sees another source)
  none, refused       no answer to the SYN; a RST
  silent, reset       the SYN was answered, and then the server said nothing; then there was a RST
  closed              then there was a FIN
  damaged             the server spoke, and then it went wrong
"""
import asyncio
import contextlib
import os
import socket
import struct
import sys
import time

IPV6_TRANSPARENT = 75   # linux/in6.h; Python has no name for it

GOOD_SECONDS, ATTEMPT_SECONDS, MORE_SECONDS, ALONE_SECONDS = 60, 10, 0.5, 1.5


def plain(address):
    return address.removeprefix("::ffff:")


def echo_as(name):
    async def echo(reader, writer):
        port = writer.get_extra_info("sockname")[1]
        source = plain(writer.get_extra_info("peername")[0])
        try:
            # A client that the firewall let in by mistake hears of it, and may say something itself.
            writer.write(f"{name}:{port} {source}\n".encode())
            await reader.readline()
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
    return echo


async def serve(name, *ports):
    for port in ports:
        sock = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
        if name == "proxy":
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
        await asyncio.start_server(echo_as(name), sock=sock, backlog=64)
    await asyncio.Event().wait()


class Client:
    """One job."""

    def __init__(self, job):
        self.label, self.source, self.address, port, count = job.split(",")
        self.doomed = self.label.startswith("-")
        self.stays = self.label.startswith("+")
        self.attempt = self.label.startswith("~")
        self.label = self.label.lstrip("-+~")
        self.port, self.count = int(port), int(count)
        self.state, self.reader, self.writer, self.task = "none", None, None, None

    async def talk(self):
        try:
            self.reader, self.writer = await asyncio.open_connection(self.address, self.port, local_addr=(self.source, 0))
            self.state = "silent"
            self.writer.write(b"hello\n")
            server, source = (await self.reader.readline()).decode().split()
            self.state = "damaged"
            data = os.urandom(self.count)
            self.writer.write(data)
            if await self.reader.readexactly(self.count) == data:
                self.state = server if source == self.source else f"{server}/{source}"
        except ConnectionRefusedError:
            self.state = "refused"
        except ConnectionResetError:
            if self.state != "damaged":
                self.state = "reset"
        except ValueError:
            self.state = "closed"
        except (OSError, asyncio.IncompleteReadError):
            pass

    async def finish(self):
        """Nothing of it is under way when this returns: the server has closed its end."""
        if self.writer and self.writer.can_write_eof():
            self.writer.write_eof()
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(self.reader.read(), GOOD_SECONDS)
        self.close()

    def close(self):
        """What has come to nothing leaves nothing that sends again and again."""
        if not self.writer:
            return
        if self.state in ("silent", "damaged"):
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                            struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        self.writer.close()


async def run(clients):
    for client in clients:
        client.task = asyncio.create_task(client.talk())
    good = [client.task for client in clients if not client.doomed]
    if good:
        attempt = any(client.attempt for client in clients)
        await asyncio.wait(good, timeout=ATTEMPT_SECONDS if attempt else GOOD_SECONDS)
    doomed = [client.task for client in clients if client.doomed]
    if doomed:
        await asyncio.wait(doomed, timeout=MORE_SECONDS if good else ALONE_SECONDS)
    for client in clients:
        client.task.cancel()
    await asyncio.gather(*(client.task for client in clients), return_exceptions=True)


async def clients():
    open_clients = []
    # The way of a packet through a veth pair ends on the CPU where it began: the handshake's ACK before the data.
    os.sched_setaffinity(0, {0})
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip() == "close":
            for client in open_clients:
                await client.finish()
            open_clients = []
            print("closed", flush=True)
            continue
        batch = [Client(job) for job in line.split()]
        await run(batch)
        for client in batch:
            if client.stays:
                open_clients.append(client)
            else:
                client.close()
        print(*(f"{client.label}={client.state}" for client in batch), flush=True)


def flood(device, count, address, port):
    from segments import frame, ip, neighbour_of, open_device, packed, tcp
    wire, mac, end = open_device(device), neighbour_of(device, address), packed(address)
    # RFC 2544's test network; the free /64s of fd00::/16.
    net = b"\xc6\x12" if len(end) == 4 else b"\xfd\x00\x77" + bytes(11)
    for number in range(int(count)):
        source = net + struct.pack("!H", number + 1)
        wire.send(frame(mac, ip(source, end, tcp(source, end, int(port)))))
        if number % 50 == 49:
            time.sleep(0.02)


def main():
    commands = {f.__name__: f for f in (serve, clients, flood)}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    done = commands[sys.argv[1]](*sys.argv[2:])
    if asyncio.iscoroutine(done):
        asyncio.run(done)


main()

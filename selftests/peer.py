#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ends of connections for the tests.

peer.py serve PORT BACKLOG            echo server on all addresses, IPv4 and IPv6
peer.py talk ADDRESS PORT BYTES       one connection; prints what was negotiated
peer.py good ADDRESS PORT COUNT WORKERS SECONDS
                                      COUNT connections by WORKERS at once, each within
                                      SECONDS; prints "ok=N failed=N p50_ms=N p99_ms=N"
peer.py quick ADDRESS PORT COUNT      COUNT connections, one after the other, closed at once;
                                      prints "ok=N failed=N per_second=N"
peer.py hold ADDRESS PORT             one connection; echoes a line for each line of input
peer.py many ADDRESS PORT COUNT       COUNT connections that stay; each line of input is echoed
                                      by all of them, "intact=N" says by how many
peer.py half ADDRESS PORT             one that has sent its FIN and waits
"""
import array
import fcntl
import os
import socket
import struct
import sys
import termios
import threading
import time

# How long to wait for what must come, in seconds: a slow machine is no failure.
PATIENCE = 60


def echo(conn):
    with conn:
        while data := conn.recv(1 << 16):
            conn.sendall(data)


def serve(port, backlog):
    with socket.create_server(("::", port), family=socket.AF_INET6, backlog=backlog,
                              dualstack_ipv6=True) as listener:
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=echo, args=(conn,), daemon=True).start()


def comes_back(conn, data):
    back = bytearray()
    while len(back) < len(data) and (part := conn.recv(1 << 16)):
        back += part
    return bytes(back) == data


def exchange(conn, data):
    """Sends data and reads it back."""
    sender = threading.Thread(target=conn.sendall, args=(data,))
    sender.start()
    intact = comes_back(conn, data)
    sender.join()
    return intact


def negotiated(conn):
    """Options of struct tcp_info: what this end's kernel believes."""
    info = conn.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    options, scales = info[5], info[6]
    advmss = struct.unpack_from("=I", info, 84)[0]
    snd_mss = struct.unpack_from("=I", info, 16)[0]
    names = [name for bit, name in ((1, "ts"), (2, "sack"), (4, "wscale"), (8, "ecn")) if options & bit]
    return (f"options={','.join(names) or 'none'} snd_wscale={scales & 15} rcv_wscale={scales >> 4} "
            f"mss={snd_mss} advmss={advmss}")


def talk(address, port, count):
    # The way of a packet through a veth pair ends on the CPU where it began: the handshake's ACK before the data.
    os.sched_setaffinity(0, {0})
    with socket.create_connection((address, port), timeout=PATIENCE) as conn:
        whole = exchange(conn, os.urandom(count))
        print(f"data={'intact' if whole else 'damaged'} {negotiated(conn)}")


def one_good(address, port, seconds, times):
    begin = time.monotonic()
    try:
        with socket.create_connection((address, port), timeout=seconds) as conn:
            connected = time.monotonic()
            conn.settimeout(max(seconds - (connected - begin), 0.1))
            if exchange(conn, b"x" * 2000):
                times.append(connected - begin)
    except OSError:
        pass


def good(address, port, count, workers, seconds):
    times = []
    left = array.array("i", [count])
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if left[0] == 0:
                    return
                left[0] -= 1
            one_good(address, port, seconds, times)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    rank = [round(1000 * times[int((len(times) - 1) * p)]) if times else 0 for p in (0.5, 0.99)]
    print(f"ok={len(times)} failed={count - len(times)} p50_ms={rank[0]} p99_ms={rank[1]}")


def quick(address, port, count):
    begin, ok = time.monotonic(), 0
    for _ in range(count):
        try:
            socket.create_connection((address, port), timeout=PATIENCE).close()
            ok += 1
        except OSError:
            pass
    print(f"ok={ok} failed={count - ok} per_second={int(count / (time.monotonic() - begin))}")


def hold(address, port):
    with socket.create_connection((address, port), timeout=PATIENCE) as conn:
        print("connected", flush=True)
        for line in sys.stdin:
            print("intact" if exchange(conn, line.encode()) else "damaged", flush=True)


def many(address, port, count):
    conns = [socket.create_connection((address, port), timeout=PATIENCE) for _ in range(count)]
    print(f"connected={len(conns)}", flush=True)
    for line in sys.stdin:
        for conn in conns:
            conn.sendall(line.encode())
        print(f"intact={sum(comes_back(conn, line.encode()) for conn in conns)}", flush=True)
    threading.Event().wait()


def unread(conn):
    """Bytes that wait to be read."""
    room = array.array("i", [0])
    fcntl.ioctl(conn, termios.FIONREAD, room)
    return room[0]


def half(address, port):
    with socket.create_connection((address, port), timeout=PATIENCE) as conn:
        conn.shutdown(socket.SHUT_WR)
        print(f"closed unread={unread(conn)}", flush=True)
        sys.stdin.read()


def main():
    commands = {f.__name__: f for f in (serve, talk, good, quick, hold, many, half)}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*(int(a) if a.isdigit() else a for a in sys.argv[2:]))


main()

#!/usr/bin/env python3
"""delay.py A B MS: two network devices without a wire; what is sent into one comes out of the other, MS milliseconds later.

For kernels without netem. The devices are of layer 3, so that packets arrive here whole and with their checksums. Ends on SIGTERM,
with the devices; whoever moved one into another namespace need not care. Writes each second how many packets have passed each way.
"""
import collections
import fcntl
import os
import select
import signal
import struct
import sys
import time

BYTES_MAX = 64 << 20  # waiting in one direction: beyond it packets are lost, as in any router


def device(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    set_device, tun, without_header = 0x400454CA, 0x0001, 0x1000
    fcntl.ioctl(fd, set_device, struct.pack("16sH22x", name.encode(), tun | without_header))
    return fd


class Way:
    """One direction: in order, each packet at its time."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.packets, self.bytes, self.passed = collections.deque(), 0, 0

    def take(self, due):
        try:
            while self.bytes < BYTES_MAX:
                packet = os.read(self.source, 65536)
                self.packets.append((due, packet))
                self.bytes += len(packet)
        except (BlockingIOError, OSError):
            pass  # empty, or down for the moment

    def give(self, now):
        while self.packets and self.packets[0][0] <= now:
            packet = self.packets.popleft()[1]
            self.bytes -= len(packet)
            try:
                os.write(self.target, packet)
                self.passed += 1
            except OSError:
                pass  # down, or full: lost


def main():
    a, b, delay = device(sys.argv[1]), device(sys.argv[2]), float(sys.argv[3]) / 1000
    ways = [Way(a, b), Way(b, a)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)
    told = 0
    while True:
        dues = [way.packets[0][0] for way in ways if way.packets]
        wait = max(0.0, min(dues) - time.monotonic()) if dues else 1.0
        ready, _, _ = select.select([a, b], [], [], min(wait, 1.0))
        now = time.monotonic()
        for way in ways:
            if way.source in ready:
                way.take(now + delay)
            way.give(now)
        if now - told > 1:
            told = now
            print(f"{ways[0].passed} {ways[1].passed}", flush=True)


main()

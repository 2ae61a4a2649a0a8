"""Many connections, many calls, and clients that are no longer there."""
import time

import h2
from harness import upsert, vacancy
from siege import APPLY, MATCH, WATCH, Attack, attack, setUpModule, tearDownModule  # noqa: F401

HIGH = ("--max-connections=6000", "--max-connections-per-address=6000")
SHORT = ("--keepalive-seconds=1", "--keepalive-wait-seconds=1", "--handshake-seconds=1")


class Crowds(Attack):
    def wait_for(self, ready, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not ready():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)  # polling; the deadline bounds it

    @attack("10,000 open streams", limit="max-streams, client-memory-mib", bound_mib=96)
    def test_open_streams(self):
        for number in range(10):
            peer = self.peer()
            path = (WATCH, APPLY, MATCH)[number % 3]
            for _ in range(10):
                peer.send(b"".join(h2.request(peer.stream(), path, b"" if path == WATCH else None, path == WATCH)
                                   for _ in range(100)))
        self.wait_for(lambda: self.stats().open_calls >= 10000, "the calls are open")
        self.serve()
        self.assertGreaterEqual(self.stats().open_calls, 10000)

    @attack("5,000 idle connections", limit="max-connections, idle-seconds", bound_mib=160, options=HIGH)
    def test_idle_connections(self):
        for _ in range(5000):
            self.peer()
        self.wait_for(lambda: self.descriptors() > 5000, "all are accepted")
        self.serve()
        self.assertGreater(self.descriptors(), 5000)

    @attack("5,000 idle connections, 1,000 may stand", limit="max-connections: idle ones yield", bound_mib=64,
            options=("--max-connections=1000", "--max-connections-per-address=0"))
    def test_idle_connections_yield(self):
        for _ in range(5000):
            self.peer()
        self.serve(9)  # on old and new connections
        self.assertLess(self.descriptors(), 1100)

    @attack("one address with calls on all its connections", limit="max-connections-per-address", bound_mib=64,
            options=("--max-connections=1000", "--max-connections-per-address=500"))
    def test_one_address(self):
        for _ in range(1500):
            peer = self.peer(source="127.0.0.2")
            peer.send(h2.request(peer.stream(), WATCH, b""))
        self.wait_for(lambda: self.descriptors() >= 500, "as many as may stand")
        self.serve(9)
        self.assertLess(self.descriptors(), 600)

    @attack("clients that vanish mid-call (RST)", limit="TCP", bound_mib=32)
    def test_vanish_with_reset(self):
        for _ in range(20):
            peers = [self.peer() for _ in range(20)]
            for peer in peers:
                peer.send(h2.request(peer.stream(), WATCH, b"") +
                          h2.request(peer.stream(), APPLY, upsert(vacancy("gone")).SerializeToString(), False) +
                          h2.request(peer.stream(), MATCH, b"\x0a\x02half"))
                peer.vanish()
            self.serve(1)
        self.wait_for(lambda: self.stats().open_calls <= 1, "their calls end")

    @attack("clients that vanish in silence", limit="keepalive-seconds", bound_mib=32, options=SHORT)
    def test_vanish_in_silence(self):
        for _ in range(300):
            peer = self.peer()  # stays open and never says anything again: pings find no answer
            peer.send(h2.request(peer.stream(), WATCH, b"") + h2.request(peer.stream(), APPLY, None, False))
        self.wait_for(lambda: self.stats().open_calls >= 600, "the calls are open")
        self.serve()
        self.wait_for(lambda: self.stats().open_calls <= 1, "they are found to have gone")

    @attack("slow loris: a byte at a time, or none", limit="handshake-seconds, keepalive-seconds", bound_mib=64,
            options=SHORT + ("--max-connections=1000", "--max-connections-per-address=0"))
    def test_slow_loris(self):
        whole = h2.PREFACE + h2.settings() + h2.request(1, MATCH, b"x" * 16000)
        silent = [self.peer(hello=b"") for _ in range(300)]
        slow = [self.peer(hello=whole[:start]) for start in range(0, 300)]
        sent = [0]

        def drip():
            sent[0] += 1
            for start, peer in enumerate(slow):
                peer.send_some(whole[start + sent[0] - 1:start + sent[0]])
            time.sleep(0.1)  # the attack's own pace
            return sent[0] < 1000
        self.flood(drip)
        self.serve()
        for peer in silent + slow:
            self.assertTrue(peer.wait_closed(60))
        self.serve()

"""Bytes, frames and headers that nobody should send."""
import random

import h2
from siege import MATCH, Attack, attack, setUpModule, tearDownModule  # noqa: F401


class Frames(Attack):
    @attack("garbage bytes", limit="HTTP/2 itself", bound_mib=32)
    def test_garbage_bytes(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        for hello in (b"", h2.PREFACE, h2.PREFACE + h2.settings()):
            for _ in range(60):
                self.peer(hello=hello).send(chance.randbytes(chance.randrange(1, 70000)))
        self.serve()
        for peer in self.peers[:60]:
            self.assertTrue(peer.wait_closed(), "no preface came, and the connection stayed")

    @attack("half frames, then silence", limit="handshake-seconds, keepalive-seconds", bound_mib=32,
            options=("--keepalive-seconds=1", "--keepalive-wait-seconds=1", "--handshake-seconds=1"))
    def test_half_frames(self):
        whole = h2.PREFACE + h2.settings() + h2.request(1, MATCH, b"x" * 3000)
        peers = [self.peer(hello=whole[:cut]) for cut in range(1, len(whole), 17)]
        self.serve()
        for peer in peers:
            self.assertTrue(peer.wait_closed(), len(peer.received))

    @attack("frames larger than allowed", limit="HTTP/2's 16 KiB", bound_mib=32)
    def test_oversized_frames(self):
        peers = [self.peer() for _ in range(50)]
        for number, peer in enumerate(peers):
            head = h2.frame(number % 10, 0, 1)[3:]
            peer.send((16385 + number * 300000).to_bytes(3, "big") + head + bytes(200000))
        self.serve()
        for peer in peers:
            self.assertTrue(peer.wait_closed())

    @attack("header lists of 20 KiB", limit="max-headers-kib", bound_mib=32)
    def test_large_header_lists(self):
        peer = self.peer()
        for _ in range(100):
            block = h2.request_block(MATCH, *[h2.field(f"x-{i}", "v" * 2000) for i in range(10)])
            stream = peer.stream()
            peer.send(h2.frame(h2.HEADERS, h2.END_STREAM, stream, block[:16000]) +
                      h2.frame(h2.CONTINUATION, h2.END_HEADERS, stream, block[16000:]))
        self.serve()

        def answered(peer):
            return sum(kind == h2.HEADERS for kind, *_ in peer.frames()) == 100
        self.assertTrue(peer.wait(answered), "each request has its own refusal")
        self.assertIsNone(peer.goaway())

    @attack("HPACK bombs: a byte for 4 KiB", limit="max-headers-kib, four times", bound_mib=32)
    def test_hpack_bombs(self):
        value = "b" * 4000
        plant = h2.request_block(MATCH, h2.field("x-bomb", value, indexed=True))
        bomb = h2.request_block(MATCH) + b"\xbe" * 16000  # index 62: the first of the dynamic table
        for _ in range(40):
            peer = self.peer()
            peer.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, peer.stream(), plant))
            peer.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, peer.stream(), bomb))
        self.serve()
        for peer in self.peers:
            self.assertTrue(peer.wait_closed())
            self.assertEqual(peer.goaway(), h2.ENHANCE_YOUR_CALM)

    @attack("CONTINUATION without end", limit="max-headers-kib, four times; nghttp2", bound_mib=32)
    def test_continuation_floods(self):
        for piece in (b"", h2.field("x", "y") * 1000):
            for _ in range(20):
                peer = self.peer()
                peer.send(h2.frame(h2.HEADERS, h2.END_STREAM, 1, h2.request_block(MATCH)))
                self.flood(lambda peer=peer, data=h2.frame(h2.CONTINUATION, 0, 1, piece) * 20: peer.send(data))
        self.serve()
        for peer in self.peers:
            self.assertTrue(peer.wait_closed())


class Floods(Attack):
    """Each flood runs on several connections until the daemon has enough of it."""

    def expect_calmed(self, frames, connections=8):
        """Sends frames(peer) again and again, reading nothing; each connection is ended."""
        peers = [self.peer(receive_bytes=4096) for _ in range(connections)]
        for peer in peers:
            self.flood(lambda peer=peer: peer.send(frames(peer)))
        self.serve()
        for thread in self.floods:
            thread.join(60)
            self.assertFalse(thread.is_alive(), "the flood goes on")
        for peer in peers:
            peer.is_closed = False  # what was said before the end can still be read
            peer.wait_closed()

    @attack("rapid resets (CVE-2023-44487)", limit="reset-burst, resets-per-second", bound_mib=32)
    def test_rapid_resets(self):
        def open_and_reset(peer):
            out = b""
            for _ in range(200):
                stream = peer.stream()
                out += h2.request(stream, MATCH, b"") + h2.reset(stream)
            return out
        self.expect_calmed(open_and_reset)

    @attack("resets that the daemon is made to send", limit="reset-burst, resets-per-second", bound_mib=32)
    def test_made_to_reset(self):
        def open_and_break(peer):
            out = b""
            for _ in range(200):
                stream = peer.stream()
                out += h2.request(stream, MATCH, b"", False) + h2.window_update(stream, 0)
            return out
        self.expect_calmed(open_and_break)

    @attack("ping flood", limit="ping-burst, pings-per-second", bound_mib=32)
    def test_pings(self):
        self.expect_calmed(lambda peer: h2.frame(h2.PING, payload=b"12345678") * 200)

    @attack("settings flood", limit="odd-frame-burst, odd-frames-per-second", bound_mib=32)
    def test_settings(self):
        self.expect_calmed(lambda peer: h2.settings((h2.INITIAL_WINDOW_SIZE, 1), (h2.INITIAL_WINDOW_SIZE, 65535)) * 200)

    @attack("empty DATA flood", limit="odd-frame-burst, odd-frames-per-second", bound_mib=32)
    def test_empty_data(self):
        def data(peer):
            opened = h2.request(peer.stream(), MATCH, None, False) if peer.next_stream == 1 else b""
            return opened + h2.frame(h2.DATA, 0, 1) * 200
        self.expect_calmed(data)

    @attack("PRIORITY and unknown frames", limit="odd-frame-burst, odd-frames-per-second", bound_mib=32)
    def test_priority_and_unknown(self):
        self.expect_calmed(lambda peer: (h2.frame(h2.PRIORITY, 0, 7, bytes(5)) + h2.frame(0xf7, 0, 0, bytes(30))) * 100)

    @attack("streams beyond the limit, refused", limit="nghttp2: bounded answers waiting", bound_mib=64)
    def test_refused_streams(self):
        def opens(peer):
            return b"".join(h2.request(peer.stream(), MATCH, None, False) for _ in range(200))
        self.expect_calmed(opens)

    @attack("window updates and padded DATA", limit="none is needed: nothing is kept", bound_mib=32)
    def test_window_updates(self):
        peers = [self.peer() for _ in range(4)]
        for peer in peers:
            peer.send(h2.request(1, MATCH, None, False))
            # A gRPC prefix without end: the padding is given back, no byte of a message comes.
            padded = h2.frame(h2.DATA, h2.PADDED, 1, b"\xff" + bytes(255))
            self.flood(lambda peer=peer, padded=padded: peer.send(
                (h2.window_update(0, 1) + h2.window_update(1, 1) + padded) * 50) and (peer.read() or True))
        self.serve()

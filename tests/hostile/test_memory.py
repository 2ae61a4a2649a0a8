"""Clients that try to make the daemon hold much, or work much, for little."""
import struct

import h2
from haihe.v1 import match_service_pb2, record_pb2
from harness import applicant
from siege import APPLY, MATCH, Attack, attack, setUpModule, tearDownModule  # noqa: F401

MIB = 1 << 20


def tag(number, payload):
    """A protobuf field of bytes."""
    return h2_varint(number << 3 | 2) + h2_varint(len(payload)) + payload


def h2_varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out) + bytes([value])


def nested(depth):
    """A field 2 in a field 2 in a .. `depth` times."""
    out = b""
    for _ in range(depth):
        out = tag(2, out)
    return out


class Messages(Attack):
    @attack("messages announced larger than allowed", limit="max-message-kib", bound_mib=32)
    def test_oversized_messages(self):
        peer = self.peer()
        sizes = [4 * MIB + 1, 1 << 31, (1 << 32) - 1] * 20
        for size in sizes:
            stream = peer.stream()
            peer.send(h2.request(stream, MATCH, None, False) +
                      h2.frame(h2.DATA, 0, stream, b"\0" + struct.pack(">I", size) + bytes(100)))
        self.serve()

        def refused(peer):
            return sum(kind == h2.HEADERS and flags & h2.END_STREAM != 0
                       for kind, flags, *_ in peer.frames()) == len(sizes)
        self.assertTrue(peer.wait(refused), "each is refused by its status")

    def ask_all(self, messages, connections):
        """Each connection asks each message; all are answered."""
        peers = [self.peer() for _ in range(connections)]
        for peer in peers:
            def talk(peer=peer):
                for message in messages:
                    stream = peer.stream()
                    peer.send(h2.request(stream, MATCH, None, False))
                    peer.upload(stream, h2.framed_message(message))
                return False
            self.flood(talk)
        self.serve()
        for thread in self.floods:
            thread.join(60)
        for peer in peers:
            def answered(peer):
                return sum(kind == h2.HEADERS and flags & h2.END_STREAM != 0
                           for kind, flags, *_ in peer.frames()) == len(messages)
            self.assertTrue(peer.wait(answered, 60))

    @attack("protobuf: fields repeated, deep, unknown, merged", bound_mib=256,
            limit="request-memory-kib, connection-memory-kib, queue-memory-mib")
    def test_costly_messages(self):
        room = 4 * MIB - 64
        empty_skill = tag(2, b"")                                # Applicant.skills: 2 bytes, a struct
        person = applicant("p").SerializeToString()
        messages = [
            tag(2, empty_skill * (room // 2)),                   # one list of two million structs
            tag(2, empty_skill) * (room // 4),                   # one person told a million times
            tag(2, person) * (room // (len(person) + 3)),        # .. with lists that merge
            nested(20000),                                       # depth
            tag(100, b"") * (room // 3),                         # unknown fields
            tag(3, tag(5, tag(1, b"p") * (room // 3))),          # a filter's platforms
            b"\x0a" + b"\xff" * 9 + b"\x01",                     # a length of 2^64
            tag(2, tag(2, b"\x0a\xff\xff\xff\xff\x0f")),         # a text longer than its message
        ]
        self.ask_all(messages, 4)

    @attack("messages never finished", limit="connection-memory-kib, client-memory-mib", bound_mib=160,
            options=("--client-memory-mib=64",))
    def test_half_messages(self):
        # 12 connections with 6 messages of 4 MiB but for a byte: 288 MiB, if all were kept.
        data = h2.framed_message(bytes(4 * MIB))[:-1]
        self.hold(lambda peer: self.upload_all(peer, [(MATCH, data, False)] * 6), 12)
        self.assertLess(sum(not peer.is_closed for peer in self.peers), 12, "somebody had to go")

    @attack("requests never asked: no half-close", limit="connection-memory-kib, client-memory-mib", bound_mib=160,
            options=("--client-memory-mib=64",))
    def test_requests_without_end(self):
        data = h2.framed_message(bytes(4 * MIB - 100))
        self.hold(lambda peer: self.upload_all(peer, [(MATCH, data, False)] * 6), 12)
        self.assertLess(sum(not peer.is_closed for peer in self.peers), 12, "somebody had to go")

    def upload_all(self, peer, requests):
        """One after the other, until the daemon closes."""
        for path, data, end in requests:
            stream = peer.stream()
            peer.send(h2.request(stream, path, None, False))
            if not peer.upload(stream, data, end, self.is_over.is_set):
                break
        return False

    def hold(self, fill, connections):
        """fill(peer) on so many connections beside each other, the honest client served meanwhile
        and while what came is held."""
        for _ in range(connections):
            peer = self.peer()
            self.flood(lambda peer=peer: fill(peer))
        self.serve()
        for thread in self.floods:
            thread.join(60)
            self.assertFalse(thread.is_alive())
        self.serve()

    @attack("requests sent and cancelled: they wait without a client", bound_mib=256,
            limit="queue-memory-mib, reset-burst", options=("--queue-memory-mib=32",))
    def test_cancelled_requests(self):
        def fill(peer):
            for path in [MATCH, APPLY] * 15:
                stream = peer.stream()
                peer.send(h2.request(stream, path, None, False))
                # Decoding takes its time: every other field is a struct of its own.
                peer.upload(stream, h2.framed_message(tag(2, tag(2, b"")) * (MIB // 2)), path == MATCH,
                            self.is_over.is_set)
                peer.send(h2.reset(stream))
            return False
        self.hold(fill, 4)


class Windows(Attack):
    REQUEST = match_service_pb2.MatchVacanciesRequest(
        applicant=applicant("w"), options=match_service_pb2.MatchOptions(k=300)).SerializeToString()

    def ask_much(self, peer, streams):
        for _ in range(streams):
            if not peer.send(h2.request(peer.stream(), MATCH, self.REQUEST)):
                break

    @attack("windows that never open", limit="connection-memory-kib, client-memory-mib", bound_mib=128,
            options=("--client-memory-mib=32", "--query-queue=100000"))
    def test_windows_that_never_open(self):
        # 40 connections ask for 100 answers of 50 KiB: 200 MiB, if all were kept.
        peers = [self.peer(hello=h2.PREFACE + h2.settings((h2.INITIAL_WINDOW_SIZE, 0))) for _ in range(40)]
        for peer in peers:
            self.ask_much(peer, 100)
        self.serve()
        while self.stats().open_calls > 0 and not any(peer.is_closed for peer in peers):
            for peer in peers:
                peer.read()
        self.assertTrue(any(peer.is_closed for peer in peers), "nobody was asked to go")
        self.serve()

    @attack("sockets that are never read", limit="connection-memory-kib, client-memory-mib", bound_mib=128,
            options=("--client-memory-mib=32", "--query-queue=100000"))
    def test_sockets_never_read(self):
        wide = h2.PREFACE + h2.settings((h2.INITIAL_WINDOW_SIZE, (1 << 31) - 1)) + h2.window_update(0, (1 << 31) - 65536)
        peers = [self.peer(hello=wide, receive_bytes=4096) for _ in range(40)]
        for peer in peers:
            self.ask_much(peer, 100)
        self.serve()

"""Bytes and frames that nobody should send."""
import random

import h2
from siege import Attack, attack, setUpModule, tearDownModule  # noqa: F401

MATCH = "/haihe.v1.MatchService/MatchVacancies"
WATCH = "/grpc.health.v1.Health/Watch"

class Frames(Attack):
    @attack("garbage bytes", limit="HTTP/2's preface", bound_mib=64)
    def test_garbage(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        for hello in (b"", h2.PREFACE, h2.PREFACE + h2.settings()):
            for _ in range(60):
                peer = self.peer(hello=hello)
                peer.send(chance.randbytes(chance.randrange(1, 70000)))
                self.assertTrue(peer.wait_closed() or peer.goaway() is not None or len(hello) > 0)
        self.serve()

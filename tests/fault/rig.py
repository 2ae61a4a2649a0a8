"""A haihed over a disk that can fail, the client that remembers what it was promised, and the comparison.

The stream of changes is written by hand (h2.py): grpcio 1.51 ends its own process now and then when a
call fails while it is being sent.
"""
import collections
import os
import pathlib
import random
import re
import struct
import subprocess
import tempfile
import time

import grpc
import h2
import power
from harness import BUILD, Stub, applicant, health_pb2, match_service_pb2, upsert, vacancy
from haihe.v1 import record_pb2, record_service_pb2

VACANCY, APPLICANT = record_pb2.RECORD_KIND_VACANCY, record_pb2.RECORD_KIND_APPLICANT
KINDS = ["write", "fsync", "open", "rename", "unlink", "truncate", "allocate", "link", "mkdir", "space"]
SECONDS = 30  # what takes longer hangs
WINDOW_BYTES = 1 << 30
PATH = "/haihe.v1.RecordService/Apply"
CHANNEL = [("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 20),
           ("grpc.min_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 50),
           ("grpc.max_receive_message_length", 64 << 20)]


class Disk:
    """A folder below which all is watched, and what belongs to power_cut.so."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="haihe-power-")
        base = pathlib.Path(self.folder.name).resolve()
        self.root, self.graves, self.data = base / "root", base / "graves", base / "root" / "data"
        self.journal, self.counts_path, self.trace = base / "journal", base / "counts", base / "trace"
        self.trouble, self.port_file, self.log_path = base / "trouble", base / "port", base / "log"
        self.root.mkdir()
        self.graves.mkdir()

    def environment(self, **more):
        settings = {"directory": self.root, "journal": self.journal, "graveyard": self.graves,
                    "counts": self.counts_path, "trace": self.trace, **more}
        return {**os.environ, "LD_PRELOAD": str(BUILD / "fault" / "power_cut.so"),
                **{"POWER_CUT_" + name.upper(): str(value) for name, value in settings.items()}}

    def counts(self):
        """Calls by kind in the life of the last process, and under "failures" those that failed."""
        data = self.counts_path.read_bytes() if self.counts_path.exists() else b""
        values = [value for value, in struct.iter_unpack("<Q", data)]
        return dict(zip([*KINDS, "failures"], values + [0] * (len(KINDS) + 1 - len(values))))

    def traced(self):
        return self.trace.read_text(errors="replace") if self.trace.exists() else ""

    def forget_traces(self):
        for path in (self.counts_path, self.trace):
            path.unlink(missing_ok=True)

    def cut(self, seed, mood=None, trust_directories=False):
        return power.cut(self.root, self.journal, self.graves, seed, mood, trust_directories)

    def close(self):
        self.folder.cleanup()


class Haihed:
    """A process on such a disk."""

    def __init__(self, disk, options=(), **faults):
        self.disk = disk
        disk.port_file.unlink(missing_ok=True)
        disk.forget_traces()
        with open(disk.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [BUILD / "haihed", "--data-dir", disk.data, "--listen", "127.0.0.1:0", "--port-file",
                 disk.port_file, "--workers", "1", *options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=disk.environment(**faults))
        self.channel = None
        self.address = self.wait_for_port()
        if self.address:
            self.channel = grpc.insecure_channel(self.address, options=CHANNEL)
            self.records = Stub(self.channel, "haihe.v1.RecordService")
            self.match = Stub(self.channel, "haihe.v1.MatchService")
            self.health = Stub(self.channel, "grpc.health.v1.Health")

    def is_alive(self):
        return self.process.poll() is None

    def is_dying(self):
        """Its connections may close a moment before its end can be seen."""
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_for_port(self):
        """Its address; None when it ended first."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            text = self.disk.port_file.read_text().strip() if self.disk.port_file.exists() else ""
            if text:
                return f"127.0.0.1:{int(text)}"
            if not self.is_alive():
                return None
            time.sleep(0.005)  # polling for the file; the deadline bounds it
        raise AssertionError("haihed writes no port")

    def is_serving(self):
        try:
            answer = self.health.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
            return answer.status == health_pb2.HealthCheckResponse.SERVING
        except grpc.RpcError:
            return False

    def wait_ready(self):
        """True: it serves; False: it has ended."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if self.address and self.is_serving():
                return True
            if not self.is_alive():
                return False
            time.sleep(0.01)  # polling; the deadline bounds it
        raise AssertionError("haihed neither serves nor ends:\n" + self.log())

    def log(self):
        return self.disk.log_path.read_text(errors="replace")

    def kill(self):
        """At once. The code with which it ended."""
        self.process.kill()
        return self.wait()

    def terminate(self):
        self.process.terminate()
        return self.wait()

    def wait(self):
        code = self.process.wait(SECONDS)
        if self.channel:
            self.channel.close()
        return code

    def everything(self):
        """(kind, id) -> (sequence, bytes as sent). Lists and gets agree, or AssertionError."""
        out = {}
        for kind in (VACANCY, APPLICANT):
            listed = self.list(kind)
            ids = sorted(listed)
            for first in range(0, len(ids), 500):
                some = ids[first:first + 500]
                answer = self.records.BatchGet(record_service_pb2.BatchGetRequest(
                    kind=kind, keys=[key_of(name) for name in some]), timeout=SECONDS)
                assert len(answer.records) == len(some), f"listed but missing: {answer.missing}"
                for name, record in zip(some, answer.records):
                    assert record.sequence == listed[name], f"{name}: listed {listed[name]}, got {record.sequence}"
                    out[kind, name] = record.sequence, content_of(kind, record)
        return out

    def list(self, kind):
        """id -> sequence."""
        out, after, more = {}, "", True
        while more:
            answer = self.records.List(record_service_pb2.ListRequest(
                kind=kind, platform="e2e", after_id=after, page_size=1000), timeout=SECONDS)
            out.update((record.id, record.sequence) for record in answer.records)
            after, more = (answer.records[-1].id if answer.records else ""), answer.more
        return out

    def search(self):
        """A search must be answered, whatever the disk does."""
        return self.match.MatchVacancies(match_service_pb2.MatchVacanciesRequest(
            applicant=applicant("seeker"), options=match_service_pb2.MatchOptions(k=5)), timeout=SECONDS)


def key_of(name):
    return record_pb2.Key(platform="e2e", id=name)


def content_of(kind, record):
    sent = record.vacancy if kind == VACANCY else record.applicant
    return sent.SerializeToString(deterministic=True)


# --- The client ------------------------------------------------------------------------------------

Change = collections.namedtuple("Change", "number key content")  # content None: deleted


class Market:
    """What the client was promised of each record, and what it was not told the end of."""

    def __init__(self, rng, key_count=200, sizes=(0, 100, 700, 5000)):
        self.random, self.key_count, self.sizes = rng, key_count, sizes
        self.kinds = [VACANCY, APPLICANT]
        self.known = {}    # key -> (sequence, content) as acknowledged
        self.open = []     # changes that may have happened, in the order sent
        self.expected = {}  # key -> content, if all that was sent is done
        self.newest = self.acknowledged = self.number = 0

    # --- Changes ----------------------------------------------------------------------------------

    def make_change(self, key=None, delete=None):
        """An ApplyRequest and what it means; a record now and then large, each one of its own."""
        if key is None:
            key = (self.random.choice(self.kinds), f"k{self.random.randrange(self.key_count)}")
        if delete is None:
            delete = self.random.random() < 0.2
        self.number += 1
        if delete and self.expected.get(key) is not None:
            request = record_service_pb2.ApplyRequest(request_id=self.number, delete=record_service_pb2.DeleteRecord(
                kind=key[0], key=key_of(key[1])))
            content = None
        else:
            record = self.make_record(*key)
            request = upsert(record, request_id=self.number)
            content = record.SerializeToString(deterministic=True)
        self.expected[key] = content
        return Change(self.number, key, content), request.SerializeToString()

    def make_record(self, kind, name):
        tag = f"version-{self.number}"
        if kind == APPLICANT:
            return applicant(name, tags=[tag])
        size = self.random.choice(self.sizes)
        return vacancy(name, title=tag, description=self.random.randbytes(size // 2).hex())

    # --- Answers ----------------------------------------------------------------------------------

    def sent(self, change):
        self.open.append(change)

    def answered(self, change, answer):
        """Applied: it and what was open before it of its key is settled."""
        assert answer.request_id == change.number, f"answer {answer.request_id} to {change.number}"
        if answer.WhichOneof("result") == "applied":
            sequence = answer.applied.sequence
            assert sequence > self.newest, f"sequence {sequence} after {self.newest} was acknowledged"
            self.newest = sequence
            self.acknowledged += 1
            self.known[change.key] = sequence, change.content
            self.open = [other for other in self.open if other.number > change.number or other.key != change.key]
            return
        if "not known" not in answer.error.message:
            self.open.remove(change)

    # --- Comparison -------------------------------------------------------------------------------

    def losses(self, found):
        """One line for each promise that `found` (Haihed.everything) breaks."""
        out, possible = [], set(range(len(self.open) + 1))
        later = collections.defaultdict(list)
        for index, change in enumerate(self.open):
            later[change.key].append((index, change))
        for key in sorted(set(self.known) | set(found) | set(later)):
            fits = self.fitting(key, found.get(key), later[key])
            if not fits:
                out.append(f"{key[1]} of kind {key[0]}: expected {tell(self.known.get(key))}"
                           f"{''.join(f' or {tell((0, c.content))}' for _, c in later[key])}, "
                           f"found {tell(found.get(key))}")
            possible &= fits or possible
        if not out and not possible:
            out.append("unanswered changes are there, and others that were sent before them are not")
        return out

    def fitting(self, key, found, later):
        """After how many of the open changes the record is as found."""
        bounds = [index for index, _ in later] + [len(self.open)]
        fits = set()
        sequence, content = self.known.get(key, (0, None))
        if (found or (0, None))[1] == content and (found is None or found[0] == sequence):
            fits.update(range(0, bounds[0] + 1))
        for at, (index, change) in enumerate(later):
            if (found or (0, None))[1] == change.content and (found is None or found[0] > sequence):
                fits.update(range(index + 1, bounds[at + 1] + 1))
        return fits

    def adopt(self, found):
        """What was found is what is known: it was seen."""
        self.known = dict(found)
        self.expected = {key: content for key, (_, content) in found.items()}
        self.open = []
        self.newest = max([self.newest, *(sequence for sequence, _ in found.values())])


def tell(state):
    """A record for a person."""
    if state is None or state[1] is None:
        return "none"
    text = re.search(rb"version-[0-9]+", state[1])[0].decode()
    return f"'{text}' of sequence {state[0]}" if state[0] else f"'{text}'"


class Applier:
    """One Apply stream; at most `ahead` changes are without an answer."""

    def __init__(self, address, market, ahead=100):
        self.market, self.ahead = market, ahead
        self.peer = h2.Peer(address, h2.PREFACE + h2.settings((h2.INITIAL_WINDOW_SIZE, WINDOW_BYTES)) +
                            h2.window_update(0, WINDOW_BYTES))
        self.peer.send(h2.request(1, PATH, None, False))
        self.waiting = collections.deque()
        self.window, self.stream_window, self.initial = 65535, 65535, 65535
        self.unsent, self.answers = b"", b""
        self.errors = []  # answers that refuse
        self.has_ended = False

    def put(self, change, request):
        self.market.sent(change)
        self.waiting.append(change)
        self.unsent += h2.framed_message(request)

    def pump(self, wait_seconds=0.0):
        """Sends what the windows allow, takes what has come. False: the connection is closed."""
        self.push()
        self.peer.read(wait_seconds)
        self.take_frames()
        return not self.peer.is_closed and not self.has_ended

    def push(self):
        room = min(self.window, self.stream_window, len(self.unsent))
        out = b"".join(h2.frame(h2.DATA, 0, 1, self.unsent[at:min(at + 16384, room)])
                       for at in range(0, room, 16384)) if room > 0 else b""
        if out:
            self.unsent = self.unsent[room:]
            self.window, self.stream_window = self.window - room, self.stream_window - room
            self.peer.send(out)

    def take_frames(self):
        for kind, flags, stream, payload in self.peer.frames():
            self.peer.received = self.peer.received[9 + len(payload):]
            if kind == h2.DATA:
                self.answers += payload
            elif kind == h2.WINDOW_UPDATE:
                self.give(stream, struct.unpack(">I", payload)[0])
            elif kind == h2.SETTINGS and not flags & h2.ACK:
                self.take_settings(payload)
            elif kind == h2.PING and not flags & h2.ACK:
                self.peer.send(h2.frame(h2.PING, h2.ACK, 0, payload))
            self.has_ended |= stream == 1 and (kind == h2.RST_STREAM or
                                               (kind in (h2.DATA, h2.HEADERS) and bool(flags & h2.END_STREAM)))
        self.take_answers()

    def give(self, stream, increment):
        if stream:
            self.stream_window += increment
        else:
            self.window += increment

    def take_settings(self, payload):
        initial = dict(struct.iter_unpack(">HI", payload)).get(h2.INITIAL_WINDOW_SIZE, self.initial)
        self.stream_window += initial - self.initial
        self.initial = initial
        self.peer.send(h2.frame(h2.SETTINGS, h2.ACK))

    def take_answers(self):
        while len(self.answers) >= 5 and len(self.answers) >= 5 + int.from_bytes(self.answers[1:5], "big"):
            end = 5 + int.from_bytes(self.answers[1:5], "big")
            answer = record_service_pb2.ApplyResponse.FromString(self.answers[5:end])
            self.answers = self.answers[end:]
            self.market.answered(self.waiting.popleft(), answer)
            if answer.WhichOneof("result") == "error":
                self.errors.append(answer.error)

    def load(self, seconds, is_over=lambda: False):
        """Changes without end, until the time is up or the daemon is gone."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not is_over():
            while len(self.waiting) < self.ahead and len(self.unsent) < 1 << 20:
                self.put(*self.market.make_change())
            if not self.pump(0.005):
                return

    def finish(self, seconds=SECONDS):
        """Waits for the answers to all that was sent; False: some never came."""
        deadline = time.monotonic() + seconds
        while self.waiting and self.pump(0.02) and time.monotonic() < deadline:
            pass
        return not self.waiting

    def drain(self):
        """What came before the end; then gone."""
        while self.peer.read(0):
            pass
        self.take_frames()
        self.peer.close()


def new_random(seed, *more):
    return random.Random(f"{seed} {' '.join(map(str, more))}")

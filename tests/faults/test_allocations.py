"""Every allocation of the daemon fails once, for each thing it does: the request may fail, nothing else.

For each scenario the n-th allocation from its beginning fails, for n = 1, 2, .. until there are no
more; once alone, and once with the 39 behind it. Each time the call must end with a status that says
so (or be answered rightly), soon; then, with memory again, the daemon must answer as before.

`make faults` runs all this against a daemon built with AddressSanitizer, which sees every use of freed
memory on the way, and at the end every block that was lost.
"""
import mmap
import os
import pathlib
import struct
import sys
import tempfile
import time
import unittest

import grpc
import h2
from harness import BUILD, Daemon, Stub, applicant, upsert, vacancy  # first: finds grpc.health
from grpc.health.v1 import health_pb2
from grpc.reflection.v1 import reflection_pb2
from haihe.v1 import admin_service_pb2, match_service_pb2, record_pb2, record_service_pb2

NEVER = 1 << 62
BURST = 40
STREAM = 1         # the first of a raw connection
QUIET = 3          # so many n without a failure end a sweep
SECONDS = 20       # a call that takes longer hangs
REST_SECONDS = 2.5 # two naps of the writer
SLACK = 40         # blocks that the daemon may hold more: its threads are never all at rest
MAY_FAIL_WITH = {grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE}
# Reconnecting at once, a connection of its own for each channel.
CHANNEL = [("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 50),
           ("grpc.min_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200)]
VACANCY, APPLICANT = record_pb2.RECORD_KIND_VACANCY, record_pb2.RECORD_KIND_APPLICANT


class Heap:
    """failing_heap.c's other end."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder, "faults")
        self.path.write_bytes(struct.pack("5q", NEVER, 0, 0, 0, 0))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)

    def arm(self, countdown, length):
        self.put(3, 0)
        self.put(1, length)
        self.put(0, countdown)

    def disarm(self):
        """How many failed."""
        self.put(0, NEVER)
        return self.get(3)

    def put(self, index, value):
        self.map[8 * index:8 * index + 8] = struct.pack("q", value)

    def get(self, index):
        return struct.unpack("q", self.map[8 * index:8 * index + 8])[0]

    def live(self):
        return self.get(4)


def key(name):
    return record_pb2.Key(platform="e2e", id=name)


def deletion(number):
    return record_service_pb2.ApplyRequest(
        delete=record_service_pb2.DeleteRecord(kind=VACANCY, key=key(f"f{number}")))


class Client:
    """All services on one channel; `with Client(address) as client:`."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address, options=CHANNEL)
        self.match = Stub(self.channel, "haihe.v1.MatchService")
        self.records = Stub(self.channel, "haihe.v1.RecordService")
        self.admin = Stub(self.channel, "haihe.v1.AdminService")
        self.health = Stub(self.channel, "grpc.health.v1.Health")
        self.reflection = Stub(self.channel, "grpc.reflection.v1.ServerReflection")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def apply(self, *changes):
        return list(self.records.Apply(iter(changes), timeout=SECONDS))


def apply_raw(address, *changes):
    """What was answered until the call ended. For calls that fail while they are sent: there grpcio
    1.51 ends its own process now and then (SIGILL in a send that races with the end of its call)."""
    peer = begin_apply(address, changes)
    wait_for_end(peer)
    answers = [record_service_pb2.ApplyResponse.FromString(message) for message in peer.messages(STREAM)]
    peer.vanish()
    return answers


def begin_apply(address, changes):
    peer = h2.Peer(address)
    data = [h2.body(STREAM, change.SerializeToString(), index == len(changes) - 1)
            for index, change in enumerate(changes)]
    peer.send(h2.request(STREAM, "/haihe.v1.RecordService/Apply", None, False) + b"".join(data))
    return peer


def wait_for_end(peer):
    def has_ended(peer):
        return any(number == STREAM and (kind == h2.RST_STREAM or flags & h2.END_STREAM)
                   for kind, flags, number, _ in peer.frames() if kind in (h2.DATA, h2.HEADERS, h2.RST_STREAM))

    if not peer.wait(has_ended, SECONDS) and not peer.is_closed:
        raise AssertionError("the call did not end, nor was its connection closed")


def certain(call, attempts=20):
    """call() by a client that tries again when its connection was closed, as gRPC advises."""
    for attempt in range(attempts):
        try:
            return call()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE or attempt == attempts - 1:
                raise
            time.sleep(0.05)  # the channel's own backoff


def start(*options, heap, **how):
    """A daemon with the failing heap under it."""
    os.environ["LD_PRELOAD"] = str(BUILD / "faults" / "failing_heap.so")
    os.environ["HAIHE_FAULTS"] = str(heap.path)
    os.environ["ASAN_OPTIONS"] = "verify_asan_link_order=0"  # its heap stands below ours
    try:
        return Daemon(*options, **how)
    finally:
        del os.environ["LD_PRELOAD"], os.environ["HAIHE_FAULTS"], os.environ["ASAN_OPTIONS"]


class Allocations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="haihe-faults-")
        cls.heap = Heap(cls.folder.name)
        # Without pings: raw peers stand and say nothing, longer than the daemon would wait.
        cls.daemon = start("--workers=1", "--keepalive-seconds=0", heap=cls.heap)
        cls.honest = Client(cls.daemon.address)
        answers = cls.honest.apply(*[upsert(vacancy(f"v{i}")) for i in range(40)],
                                   *[upsert(applicant(f"a{i}")) for i in range(40)])
        assert all(answer.WhichOneof("result") == "applied" for answer in answers), answers

    @classmethod
    def tearDownClass(cls):
        cls.honest.channel.close()
        code, log = cls.daemon.terminate(60), cls.daemon.log()
        cls.daemon.__exit__()
        cls.folder.cleanup()
        assert code == 0, f"haihed ended with {code}:\n{log}"

    def attempt(self, act, number, countdown, length):
        """act(client, number) with the countdown-th allocation of its connection and its call failing:
        its answer or its error."""
        with Client(self.daemon.address) as client:
            self.heap.arm(countdown, length)
            try:
                return act(client, number)
            except grpc.RpcError as error:
                self.assertIn(error.code(), MAY_FAIL_WITH, error.details())
                return error
            finally:
                self.failed = self.heap.disarm()

    def sweep(self, name, act, check, before=lambda number: None):
        """before(number) and, after the attempt, check(number, what before said, outcome) with memory
        enough; outcome: what act returned or raised. At first once without a failure, as the measure of
        what is held afterwards."""
        attempts, refused, held = 0, 0, None
        for length in (0, 1, BURST):
            countdown, quiet = 0, QUIET - 1 if length == 0 else 0
            while quiet < QUIET:
                countdown += 1
                attempts += 1
                prepared = before(attempts)
                outcome = self.attempt(act, attempts, countdown if length else NEVER, length)
                quiet = 0 if self.failed else quiet + 1
                refused += isinstance(outcome, grpc.RpcError) or (isinstance(outcome, list) and not outcome)
                self.assertIsNone(self.daemon.process.poll(), f"{name}: died at allocation {countdown}\n" +
                                  self.daemon.log())
                check(attempts, prepared, outcome)
            if length == 0:
                held = self.at_rest()
        print(f"faults: {name}: {countdown - QUIET} allocations, {attempts} attempts, {refused} refused",
              file=sys.stderr)
        self.assertGreater(countdown, QUIET, "something was allocated")
        self.wait_until(lambda: self.heap.live() < held + SLACK, f"{name}: blocks that nobody frees")

    def apply_raw(self, *changes):
        return apply_raw(self.daemon.address, *changes)

    def wait_until(self, is_so, what):
        deadline = time.monotonic() + SECONDS
        while not is_so():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.0005)  # polling; the deadline bounds it

    def at_rest(self):
        """Blocks held when the writer, who looks once a second while it is idle, has freed its garbage and
        tidied its index: the least, once it has not fallen for two of its naps."""
        least, since = self.heap.live(), time.monotonic()
        deadline = since + SECONDS
        while time.monotonic() < min(since + REST_SECONDS, deadline):
            time.sleep(0.01)
            live = self.heap.live()
            if live < least:
                least, since = live, time.monotonic()
        return least

    def settled(self, rounds=20):
        """Blocks held once connections have closed and garbage is freed."""
        least = self.heap.live()
        for _ in range(rounds):
            time.sleep(0.01)  # the least of a while; nothing waits for an event here
            least = min(least, self.heap.live())
        return least

    # --- Questions: the same answer with memory as before -------------------------------------------

    def ask(self, name, question):
        expected = certain(lambda: question(self.honest))

        def check(number, _, outcome):
            if not isinstance(outcome, grpc.RpcError):
                self.assertEqual(outcome, expected)
            self.assertEqual(certain(lambda: question(self.honest)), expected)
        self.sweep(name, lambda client, number: question(client), check)

    def test_match_vacancies(self):
        request = match_service_pb2.MatchVacanciesRequest(applicant_key=key("a1"),
                                                          options=match_service_pb2.MatchOptions(k=20))
        self.ask("MatchVacancies", lambda client: client.match.MatchVacancies(request, timeout=SECONDS).matches)

    def test_match_applicants(self):
        request = match_service_pb2.MatchApplicantsRequest(vacancy=vacancy("inline"),
                                                           options=match_service_pb2.MatchOptions(k=20))
        self.ask("MatchApplicants", lambda client: client.match.MatchApplicants(request, timeout=SECONDS).matches)

    def test_explain(self):
        request = match_service_pb2.ExplainRequest(vacancy_key=key("v1"), applicant_key=key("a1"))
        self.ask("Explain", lambda client: client.match.Explain(request, timeout=SECONDS))

    def test_get_batch_and_list(self):
        get = record_service_pb2.GetRequest(kind=VACANCY, key=key("v1"))
        batch = record_service_pb2.BatchGetRequest(kind=VACANCY, keys=[key("v1"), key("none")])
        list_ = record_service_pb2.ListRequest(kind=APPLICANT, platform="e2e", page_size=1000)
        self.ask("Get", lambda client: client.records.Get(get, timeout=SECONDS))
        self.ask("BatchGet", lambda client: client.records.BatchGet(batch, timeout=SECONDS))
        self.ask("List", lambda client: [r for r in client.records.List(list_, timeout=SECONDS).records
                                         if r.id[0] == "a"])

    def test_stats_health_and_reflection(self):
        check = health_pb2.HealthCheckRequest()
        services = reflection_pb2.ServerReflectionRequest(list_services="")
        file = reflection_pb2.ServerReflectionRequest(file_containing_symbol="haihe.v1.Vacancy")
        self.ask("Stats", lambda client: client.admin.Stats(
            admin_service_pb2.StatsRequest(), timeout=SECONDS).vacancy_count)
        self.ask("Check", lambda client: client.health.Check(check, timeout=SECONDS))
        self.ask("reflection", lambda client: list(client.reflection.ServerReflectionInfo(
            iter([services, file]), timeout=SECONDS)))

    # --- Changes: whole or not at all ---------------------------------------------------------------

    def change(self, name, act, wanted, before=lambda number: None):
        """act(client, number) makes one change to the vacancy f<number>, to wanted(number) (None: gone).
        What is acknowledged is there, what is refused is not, and nothing is in between."""
        def found(number):
            try:
                return certain(lambda: self.honest.records.Get(record_service_pb2.GetRequest(
                    kind=VACANCY, key=key(f"f{number}")), timeout=SECONDS))
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)
                return None

        def prepare(number):
            before(number)
            return found(number)

        def check(number, old, outcome):
            now, new = found(number), wanted(number)
            is_new = now is None if new is None else now is not None and now.vacancy.title == new.title
            if not outcome:
                self.assertTrue(is_new or now == old, "the answer was lost: one or the other")
            elif outcome[0].WhichOneof("result") == "error":
                self.assertEqual(outcome[0].error.code, grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], outcome)
                self.assertEqual(now, old)
            else:
                self.assertTrue(is_new)
                self.assertTrue(new is None or now.sequence == outcome[0].applied.sequence)
            if now is not None:
                self.forget(number)
        self.sweep(name, act, check, prepare)

    def put(self, number):
        answers = certain(lambda: self.honest.apply(upsert(vacancy(f"f{number}"))))
        self.assertEqual(answers[0].WhichOneof("result"), "applied")

    def forget(self, number):
        answers = certain(lambda: self.honest.apply(deletion(number)))
        self.assertEqual(answers[0].WhichOneof("result"), "applied")

    @staticmethod
    def titled(number):
        return vacancy(f"f{number}", title=f"title {number} " * 9)

    def test_insert(self):
        self.change("insert", lambda client, number: self.apply_raw(upsert(self.titled(number))), self.titled)

    def test_update(self):
        self.change("update", lambda client, number: self.apply_raw(upsert(self.titled(number))), self.titled,
                    self.put)

    def test_delete(self):
        self.change("delete", lambda client, number: self.apply_raw(deletion(number)), lambda number: None, self.put)

    def test_many_changes_on_one_stream(self):
        names = [f"f{index}" for index in range(20)]

        def change(client, number):
            return self.apply_raw(*[upsert(vacancy(name, title=f"title {number}")) for name in names])

        def check(number, _, outcome):
            found = certain(lambda: self.honest.records.BatchGet(record_service_pb2.BatchGetRequest(
                kind=VACANCY, keys=[key(name) for name in names]), timeout=SECONDS))
            titles = {record.vacancy.key.id: record.vacancy.title for record in found.records}
            for name, answer in zip(names, outcome):  # what was not answered may be either
                is_new = titles.get(name) == f"title {number}"
                self.assertEqual(is_new, answer.WhichOneof("result") == "applied", answer)
        # The daemon keeps what a change is held in for the next one, as many as were ever under way at once:
        # more than a sweep reaches, whose refused calls leave changes with the writer.
        self.apply_raw(*[upsert(vacancy(name)) for _ in range(20) for name in names])
        self.sweep("20 changes", change, check)
        certain(lambda: self.honest.apply(*[deletion(index) for index in range(20)]))

    # --- No memory at all ---------------------------------------------------------------------------

    def test_no_memory_for_a_while(self):
        """Nothing can be allocated while calls come in on old and new connections: all of them end, and
        with memory again everything is as it was."""
        question = match_service_pb2.MatchVacanciesRequest(applicant_key=key("a3"))
        expected = certain(lambda: self.honest.match.MatchVacancies(question, timeout=SECONDS)).matches
        refused = 0
        for number in range(30):
            with Client(self.daemon.address) as old, Client(self.daemon.address) as new:
                old.match.MatchVacancies(question, timeout=SECONDS)
                changes = begin_apply(self.daemon.address, [upsert(self.titled("w"))] * 20)
                if number % 2:  # the outage comes in the middle of the stream
                    changes.wait(lambda peer: peer.messages(STREAM), SECONDS)
                self.heap.arm(1, NEVER)
                calls = [client.match.MatchVacancies.future(question, timeout=SECONDS) for client in (old, new)]
                self.wait_until(lambda: self.heap.get(3) > 20 or all(call.done() for call in calls), "failures")
                self.heap.disarm()
                for call in calls:
                    self.assertIn(call.code(), MAY_FAIL_WITH | {grpc.StatusCode.OK}, call.details())
                    refused += call.code() != grpc.StatusCode.OK
                wait_for_end(changes)
                changes.vanish()
            self.put("w")
            self.forget("w")
            self.assertEqual(certain(lambda: self.honest.match.MatchVacancies(question, timeout=SECONDS)).matches,
                             expected)
        print(f"faults: no memory for a while: {2 * 30} calls, {refused} refused", file=sys.stderr)
        self.assertGreater(refused, 0)

    def test_the_log_and_the_counts_say_so(self):
        def calls():
            stats = certain(lambda: self.honest.admin.Stats(admin_service_pb2.StatsRequest(), timeout=SECONDS))
            return {method.method: (method.calls, method.errors) for method in stats.methods}["/haihe.v1.MatchService/Explain"]

        request = match_service_pb2.ExplainRequest(vacancy_key=key("v1"), applicant_key=key("a1"))
        began, errors, refused, countdown = calls(), 0, 0, 0
        while countdown == 0 or self.failed:
            countdown += 1
            outcome = self.attempt(lambda client, _: client.match.Explain(request, timeout=SECONDS), 0, countdown, 1)
            errors += isinstance(outcome, grpc.RpcError) and outcome.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            refused += isinstance(outcome, grpc.RpcError)
        counted = calls()[1] - began[1]
        self.assertGreater(errors, 0)
        self.assertGreaterEqual(counted, 1)
        self.assertLessEqual(counted, refused)
        self.assertIn('level=warning event="server: no memory, connections are ended" so_far=', self.daemon.log())

    # --- Connections --------------------------------------------------------------------------------

    def test_accept_while_many_stand(self):
        """Each of 140 connections that stay is accepted with every allocation failing once before: so
        what grows with the number of descriptors fails at the moment when it grows, too."""
        def sockets():
            return {target for target in map(link, os.scandir(f"/proc/{self.daemon.process.pid}/fd"))
                    if target.startswith("socket:")}

        def link(entry):
            try:
                return os.readlink(entry.path)
            except FileNotFoundError:
                return ""

        def daemons_end(peer):
            """Its socket by the name that it has among the daemon's descriptors, "" where there is none.
            Not a count: the honest client's channels come and go by themselves meanwhile."""
            port = f":{peer.socket.getsockname()[1]:04X}"
            for name in ("/proc/net/tcp", "/proc/net/tcp6"):
                for row in map(str.split, pathlib.Path(name).read_text().splitlines()):
                    if row[2].endswith(port) and row[9] != "0":
                        return f"socket:[{row[9]}]"
            return ""

        def is_established(peer):
            """The daemon has read all that it sent: no later attempt's failure can be its."""
            return any(kind == h2.SETTINGS and flags & h2.ACK for kind, flags, _, _ in peer.frames())

        standing, attempts = [], 0
        while len(standing) < 140:
            countdown, failed = 0, True
            while failed:
                countdown += 1
                attempts += 1
                self.heap.arm(countdown, 1)
                peer = h2.Peer(self.daemon.address)
                peer.wait(is_established, SECONDS)
                failed = self.heap.disarm() > 0
                self.assertIsNone(self.daemon.process.poll(), f"died at allocation {countdown} with "
                                  f"{len(standing)} connections:\n" + self.daemon.log())
                if failed:  # and gone: the next one gets the same descriptor
                    end = daemons_end(peer)
                    peer.vanish()
                    self.wait_until(lambda: end not in sockets(), "the descriptor is closed")
            self.assertTrue(is_established(peer))
            standing.append(peer)
        print(f"faults: accept: {len(standing)} stand, {attempts} attempts", file=sys.stderr)
        ends = set(map(daemons_end, standing))
        self.assertEqual(len(ends & sockets()), len(standing), "all that were accepted stand")
        for peer in standing:
            peer.vanish()
        self.wait_until(lambda: not ends & sockets(), "their descriptors are closed")

    # --- Clients that go ----------------------------------------------------------------------------

    def test_cancel_and_vanish(self):
        match = match_service_pb2.MatchVacanciesRequest(applicant_key=key("a1")).SerializeToString()

        def leave(client, number):
            peer = h2.Peer(self.daemon.address)
            peer.send(h2.request(peer.stream(), "/grpc.health.v1.Health/Watch", b"") +
                      h2.request(peer.stream(), "/haihe.v1.RecordService/Apply",
                                 upsert(vacancy("half")).SerializeToString(), False) +
                      h2.request(peer.stream(), "/haihe.v1.MatchService/MatchVacancies", match) + h2.reset(1))
            peer.wait(lambda peer: len(peer.frames()) >= 8, 0.05)
            peer.vanish()
            self.settled(2)  # while it is still armed

        expected = certain(lambda: self.honest.match.MatchVacancies(
            match_service_pb2.MatchVacanciesRequest(applicant_key=key("a2")), timeout=SECONDS)).matches

        def check(number, _, outcome):
            answer = certain(lambda: self.honest.match.MatchVacancies(
                match_service_pb2.MatchVacanciesRequest(applicant_key=key("a2")), timeout=SECONDS))
            self.assertEqual(answer.matches, expected)
        self.sweep("cancel and vanish", leave, check)


class Boot(unittest.TestCase):
    """Starting and ending: a daemon that cannot start says why, and one that ends does end."""
    SKILLS = "code,zh,en,alternative,broader,related\na,甲,first,,,\nb,乙,second,another,a,\n"
    AREAS = "code,zh,latitude,longitude\n120000,天津市,39.1,117.2\n120101,和平区,39.11,117.21\n"
    WAGES = "area,from,month_yuan,hour_yuan\n120000,2021-07-01,2180,22.6\n"

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="haihe-boot-")
        self.addCleanup(folder.cleanup)
        self.heap = Heap(folder.name)
        self.options = ["--workers=1"]
        for name, text in (("skills", self.SKILLS), ("areas", self.AREAS), ("minimum-wages", self.WAGES)):
            path = pathlib.Path(folder.name, name)
            path.write_text(text, encoding="utf-8")
            self.options.append(f"--{name}={path}")

    def test_boot(self):
        countdown, ended, sanitizer, started, quiet = 0, 0, 0, 0, 0
        while quiet < QUIET:
            countdown += 1
            self.heap.arm(countdown, 1)
            try:
                daemon = start(*self.options, heap=self.heap)
            except RuntimeError as error:
                self.heap.disarm()
                message = str(error).partition("\n")[2]
                if "AddressSanitizer: CHECK failed" in message:
                    sanitizer += 1
                    continue
                self.assertRegex(message, "no memory|out of memory|not enough memory|Cannot allocate|"
                                 "Resource temporarily unavailable")
                self.assertNotIn("Assertion", message)
                self.assertNotIn("Sanitizer", message)
                ended += 1
                continue
            quiet = 0 if self.heap.disarm() else quiet + 1
            started += 1
            code, log = daemon.terminate(60), daemon.log()
            daemon.__exit__()
            if "AddressSanitizer: CHECK failed" in log:
                sanitizer += 1  # its own thread records need memory, and it has no other answer
                continue
            self.assertEqual(code, 0, log)
        print(f"faults: boot: {countdown - QUIET} allocations, {ended} ended with a message, {started} served, "
              f"{sanitizer} ended by the sanitizer itself", file=sys.stderr)
        self.assertGreater(ended, 0)

    def test_drain(self):
        countdown, quiet = 0, 0
        while quiet < QUIET:
            countdown += 1
            daemon = start("--drain-seconds=5", *self.options, heap=self.heap)
            with Client(daemon.address) as client:
                watch = client.health.Watch(health_pb2.HealthCheckRequest(), timeout=SECONDS)
                self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
                self.heap.arm(countdown, 1)
                code, log = daemon.terminate(60), daemon.log()
            quiet = 0 if self.heap.disarm() else quiet + 1
            daemon.__exit__()
            self.assertEqual(code, 0, log)
        print(f"faults: drain: {countdown - QUIET} allocations", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()

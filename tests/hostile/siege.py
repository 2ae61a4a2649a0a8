"""A daemon under attack: its memory is measured, an honest client is served meanwhile.

  class Pings(Attack):
      @attack("ping flood", limit="ping-burst, pings-per-second", bound_mib=64)
      def test_..(self): ..

Each attack has a daemon of its own, so the peak of its resident memory (VmHWM) is that attack's. The
table of all attacks is printed at the end and left in $HAIHE_BUILD/e2e/hostile.table.
"""
import functools
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import threading
import unittest

from h2 import Peer
from harness import BUILD, Daemon, Stub, upsert, vacancy

MATCH = "/haihe.v1.MatchService/MatchVacancies"
WATCH = "/grpc.health.v1.Health/Watch"
APPLY = "/haihe.v1.RecordService/Apply"

RECORDS = 300
DESCRIPTORS = 12000  # 5,000 idle connections and then some
ROWS = []
# Shadow memory and quarantine are no measure of the daemon: sanitized builds are attacked for what
# the sanitizers find, their memory is shown and not judged.
IS_SANITIZED = "-fsanitize" in pathlib.Path(BUILD, "flags").read_text()


def setUpModule():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, DESCRIPTORS), hard))


class Honest:
    """honest.py at the other end of a pipe."""

    def __init__(self, address):
        self.process = subprocess.Popen(
            [sys.executable, "-B", pathlib.Path(__file__).with_name("honest.py")], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ask(f"connect {address}")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Attack(unittest.TestCase):
    def start(self, *options):
        """The daemon with these options, loaded; the honest client connected. Memory counts now."""
        self.daemon = Daemon(*options)
        self.addCleanup(self.daemon.__exit__)
        self.peers, self.floods, self.is_over = [], [], threading.Event()
        self.addCleanup(self.stop)
        with self.daemon.channel() as channel:
            records = Stub(channel, "haihe.v1.RecordService")
            answers = list(records.Apply(upsert(vacancy(f"v{i}")) for i in range(RECORDS)))
            self.assertEqual([a.WhichOneof("result") for a in answers], ["applied"] * RECORDS)
        self.honest = Honest(self.daemon.address)
        self.addCleanup(self.honest.close)
        self.serve(2)
        pathlib.Path(f"/proc/{self.daemon.process.pid}/clear_refs").write_text("5")  # resets VmHWM

    def peer(self, **how):
        peer = Peer(self.daemon.address, **how)
        self.peers.append(peer)
        return peer

    def flood(self, work):
        """Runs work(), which does a little, again and again beside the test until it returns False
        or the test ends."""
        def run():
            while not self.is_over.is_set() and work() is not False:
                pass

        thread = threading.Thread(target=run, daemon=True)
        self.floods.append(thread)
        thread.start()
        return thread

    def stop(self):
        self.is_over.set()
        for thread in self.floods:
            thread.join(60)
        for peer in self.peers:
            peer.close()

    def serve(self, rounds=3):
        """The honest client is served, now."""
        result = self.honest.ask(f"rounds {rounds}")
        self.assertEqual(result["failures"], [])
        self.assertGreaterEqual(result["calls"], 3 * rounds)

    def status(self, name):
        """A line of /proc/PID/status, in MiB."""
        text = pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M)[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.daemon.process.pid}/fd"))

    def stats(self):
        from haihe.v1 import admin_service_pb2
        with self.daemon.channel() as channel:
            return Stub(channel, "haihe.v1.AdminService").Stats(admin_service_pb2.StatsRequest(), timeout=60)


def attack(name, limit, bound_mib, options=()):
    """A test that starts the daemon, attacks it, and judges its memory and its life afterwards."""
    def decorate(test):
        @functools.wraps(test)
        def run(self):
            self.start(*options)
            before_mib = self.status("VmRSS")
            test(self)
            self.serve(2)
            peak_mib, after_mib = self.status("VmHWM"), self.status("VmRSS")
            self.stop()
            code, log = self.daemon.terminate(60), self.daemon.log()
            row = (name, limit, bound_mib, round(before_mib), round(peak_mib), round(after_mib))
            ROWS.append(row)
            print("hostile: %s: RSS %d MiB before, peak %d, after %d, bound %d" % (
                name, before_mib, peak_mib, after_mib, bound_mib), file=sys.stderr)
            self.assertEqual(code, 0, log)
            self.assertNotIn("Sanitizer", log)
            if not IS_SANITIZED:
                self.assertLessEqual(peak_mib, bound_mib, name)
        return run
    return decorate


def tearDownModule():
    lines = ["| attack | met by | RSS bound | peak RSS |", "| --- | --- | --- | --- |"]
    lines += ["| %s | %s | %d MiB | %d MiB |" % (name, limit, bound, peak)
              for name, limit, bound, _, peak, _ in ROWS]
    pathlib.Path(BUILD, "e2e", "hostile.table").write_text("\n".join(lines) + "\n")

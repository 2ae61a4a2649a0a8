"""Each call on the daemon's files fails once, and for a while: nothing acknowledged is lost by it.

Scenes: `new` (a start on a new directory, records put, changed, deleted), `again` (the same on what was
left by a SIGKILL, so that its log is read and written into tables), `worn` (after several of those, so
that tables are compacted in the background while it serves) and `flood` (so many that tables are
written meanwhile; slow, thus only when asked for). For each kind of call and
each n the n-th call of the scene fails. Then the daemon must live, or have ended at its start with
code 1 and a reason; refuse changes with UNAVAILABLE and nothing else; answer searches and gets; accept
changes again by itself when the disk does; and, after SIGKILL and a power cut that takes all that is
not settled, start again with every acknowledged change.

A process that aborts (RocksDB's own assertions) is listed with its call and its backtrace, and wrong
unless EXPLAINED.

  tests/fault/run.sh build test_disk.py [--every K] [--offset O] [--scene new again worn flood] [--kind write ..]
"""
import argparse
import collections
import concurrent.futures
import copy
import re
import shutil
import sys
import threading
import time

import grpc
from rig import APPLICANT, KINDS, VACANCY, Applier, Disk, Haihed, Market, key_of, new_random
from haihe.v1 import record_service_pb2
from test_power import reason_of

Case = collections.namedtuple("Case", "scene kind number error how")

# What is tried of each kind: (error, how).
TRIALS = {
    "write": [("EIO", "once"), ("SHORT", "once"), ("EIO", "on")],
    "fsync": [("EIO", "once"), ("EIO", "on")],
    "open": [("EIO", "once"), ("EIO", "on")],
    "rename": [("EIO", "once"), ("EIO", "on")],
    "unlink": [("EIO", "once")],
    "truncate": [("EIO", "once")],
    "allocate": [("EIO", "once")],
    "link": [("EIO", "once")],
    "mkdir": [("EIO", "once"), ("EIO", "on")],
    "space": [("ENOSPC", "once"), ("ENOSPC", "on")],  # a full disk
}
STEPS = 5            # of the scene, each answered before the next
STEP_CHANGES = 8
FLOOD_CHANGES = 600  # of 16 KiB in each step: more than a table's buffer of 32 MiB in all
WORN_STARTS = 3      # with the scene's own: as many tables as RocksDB compacts
RECOVER_SECONDS = 20 # tries after 1, 3, 7, 15 seconds
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]

# (kind, pattern of the file, why): aborts inside RocksDB that are known and cannot be had otherwise.
EXPLAINED = []


class Wrong(Exception):
    """What must not be."""


class Aborted(Exception):
    """The process ended by a signal."""


def expect(is_so, text):
    if not is_so:
        raise Wrong(text)


def without_names(text):
    """The same for all directories and file numbers."""
    return re.sub(r"[0-9]{6}", "N", re.sub(r"/tmp/\S*?/root", "", text)).split(": /data")[0]


class Scene:
    """One case on a disk of its own, or (kind None) the undisturbed scene."""

    def __init__(self, case, prepared=None):
        self.case, self.disk = case, Disk()
        self.step_changes = FLOOD_CHANGES if case.scene == "flood" else STEP_CHANGES
        self.notes, self.refused_count = set(), 0
        self.haihed = None
        if prepared:
            shutil.copytree(prepared.disk.root, self.disk.root, dirs_exist_ok=True)
            self.market = copy.deepcopy(prepared.market)
        else:
            self.market = Market(new_random("disk"), key_count=12)
        if case.scene == "flood":
            self.market.sizes, self.market.kinds = (16000,), [VACANCY]

    def start(self, **faults):
        self.haihed = Haihed(self.disk, **faults)
        return self.haihed.wait_ready()

    def must_live(self):
        if self.haihed.is_alive():
            return
        code = self.haihed.wait()
        if code < 0:
            raise Aborted(f"signal {-code}")
        raise Wrong(f"it ended while it served, code {code}: {reason_of(self.haihed.log())}")

    def ended_at_start(self):
        """With a reason, or by an abort."""
        code = self.haihed.wait()
        if code < 0:
            raise Aborted(f"signal {-code} at the start")
        expect(code == 1, f"a start that ended with {code}")
        reason = reason_of(self.haihed.log())
        expect(reason.startswith("haihed: "), "a start that ended without a reason")
        self.notes.add("the start ended: " + without_names(reason))

    def apply(self, count):
        """So many changes on a stream of their own: the refusals."""
        stream = Applier(self.haihed.address, self.market)
        for _ in range(count):
            stream.put(*self.market.make_change(delete=None))
        finished = stream.finish()
        stream.drain()
        if not finished:
            self.haihed.is_dying()
        self.must_live()
        if not finished:  # the whole call may be refused, in the same way
            self.notes.add("a stream that ended without all answers")
        for error in stream.errors:
            # A delete of what an earlier, refused change should have made.
            expect(error.code in (UNAVAILABLE, grpc.StatusCode.NOT_FOUND.value[0]),
                   f"a change refused with code {error.code}: {error.message}")
            expect(error.message, "a refusal without a reason")
            self.refused_count += error.code == UNAVAILABLE
        return stream.errors

    def ask(self):
        """A search, and a get of each kind: what a record says is not looked at while changes are open."""
        try:
            self.haihed.search()
        except grpc.RpcError as error:
            self.haihed.is_dying()
            self.must_live()
            raise Wrong(f"a search failed: {error.code().name}: {error.details()}") from error
        for kind in (VACANCY, APPLICANT):
            self.get(kind)

    def get(self, kind):
        known = [key[1] for key, (_, content) in self.market.known.items() if key[0] == kind and content]
        if not known:
            return
        try:
            self.haihed.records.Get(record_service_pb2.GetRequest(kind=kind, key=key_of(known[0])), timeout=20)
        except grpc.RpcError as error:
            self.haihed.is_dying()
            self.must_live()
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return  # deleted by a change whose end is not known
            expect(error.code() == grpc.StatusCode.UNAVAILABLE, f"a get failed: {error.code()}: {error.details()}")
            self.notes.add("a get was refused: " + without_names(error.details()))

    def steps(self):
        for _ in range(STEPS):
            self.apply(self.step_changes)
            self.ask()

    def recover(self):
        """The disk is sound again: so must the daemon be, soon and by itself."""
        deadline = time.monotonic() + RECOVER_SECONDS
        while self.apply(1):
            expect(time.monotonic() < deadline, "it does not recover: " + reason_of(self.haihed.log()))
            time.sleep(0.1)  # polling; the deadline bounds it
        self.compare("after recovery")
        if self.refused_count:
            self.notes.add("changes were refused, and accepted again later")

    def compare(self, when):
        lines = self.market.losses(self.haihed.everything())
        expect(not lines, f"{len(lines)} lost {when}: {lines[:2]}")

    def disturbed(self):
        """The scene with its fault; the trouble is over when it returns."""
        self.disk.trouble.touch()
        case = self.case
        fail = {"fail": f"{case.kind}:{case.number}:{case.error}:{case.how}", "fail_file": self.disk.trouble}
        try:
            if self.start(**(fail if case.kind else {})):
                self.steps()
                self.disk.trouble.unlink()
                self.recover()
            else:
                self.ended_at_start()
        finally:
            self.disk.trouble.unlink(missing_ok=True)

    def survived(self):
        """After a power cut, and without faults."""
        self.disk.cut("disk", "drop", trust_directories=True)
        if not self.start():
            raise Wrong("the next start is refused: " + reason_of(self.haihed.log()))
        lines = self.market.losses(self.haihed.everything())
        code = self.haihed.terminate()
        expect(not lines, f"{len(lines)} lost after a power cut: {lines[:2]}")
        expect(code == 0, f"the clean end had code {code}")

    def end(self):
        if self.haihed and self.haihed.is_alive():
            self.haihed.kill()

    def run(self):
        """(what is wrong or None, abort or None, where it failed)."""
        wrong, aborted, place, trace = [], None, "", ""
        try:
            self.disturbed()
        except Aborted as abort:
            aborted = str(abort)
        except (Wrong, AssertionError, grpc.RpcError) as problem:
            wrong.append(str(problem))
        if aborted is None and self.haihed.process.poll() not in (None, 0, 1):
            aborted = f"signal {-self.haihed.process.poll()}"
        self.end()
        trace = self.disk.traced()
        if aborted and self.haihed:
            trace += "".join(f"SAID {line}\n" for line in self.haihed.log().splitlines() if "Assertion" in line)
        place = next((line.split()[-1] for line in trace.splitlines() if line.startswith("FAIL")), "")
        if not self.case.kind:
            return wrong, aborted, place, trace
        try:
            self.survived()
        except (Wrong, AssertionError, grpc.RpcError) as problem:
            wrong.append(str(problem))
        self.end()
        return wrong, aborted, place, trace


def undisturbed(name, prepared=None):
    """A scene without a fault, for its calls and for what it leaves."""
    scene = Scene(Case(name, None, 0, "", ""), prepared)
    wrong, aborted, _, _ = scene.run()
    assert not wrong and not aborted, f"undisturbed: {wrong} {aborted}"
    return scene


def prepare(names):
    """name -> calls by kind; name -> what each scene starts on."""
    new = undisturbed("new")
    worn = undisturbed("worn", new)
    for _ in range(WORN_STARTS - 1):
        worn, before = undisturbed("worn", worn), worn
        before.disk.close()
    on = {"new": None, "again": new, "worn": worn, "flood": new}
    counts = {}
    for name in names:
        scene = undisturbed(name, on[name])
        counts[name] = scene.disk.counts()
        scene.disk.close()
    return counts, on


def cases_of(counts, given):
    all_cases = [Case(scene, kind, number, error, how)
                 for scene in given.scene for kind in given.kind
                 for number in range(1, counts[scene].get(kind, 0) + 1) for error, how in TRIALS[kind]]
    return all_cases[given.offset::given.every]


class Findings:
    def __init__(self):
        self.lock = threading.Lock()
        self.count = self.wrong = self.explained = self.aborted = 0
        self.notes = collections.Counter()

    def add(self, scene, wrong, aborted, place, trace):
        name = " ".join(map(str, scene.case)) + " " + re.sub(r".*/root/", "", place)
        with self.lock:
            self.count += 1
            self.notes.update(scene.notes)
            for line in wrong:
                print(f"WRONG {name}: {line}", flush=True)
            self.wrong += bool(wrong)
            if aborted:
                self.add_abort(scene.case, name, place, aborted, trace)

    def add_abort(self, case, name, place, aborted, trace):
        self.aborted += 1
        why = next((why for kind, pattern, why in EXPLAINED if kind == case.kind and re.search(pattern, place)), None)
        print(f"ABORTED {name}: {aborted}{': ' + why if why else ''}", flush=True)
        if why:
            self.explained += 1
            return
        lines = trace[max(trace.find("SIGNAL"), 0):].splitlines()
        for line in [line for line in lines if line.startswith("SAID")] + lines[:24]:
            print("   ", line)
        self.wrong += 1


def run_one(case, prepared, findings):
    scene = Scene(case, prepared[case.scene])
    findings.add(scene, *scene.run())
    scene.disk.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="only each K-th case")
    parser.add_argument("--offset", type=int, default=0, help="the first of them")
    parser.add_argument("--scene", nargs="*", default=["new", "again", "worn"])
    parser.add_argument("--kind", nargs="*", default=KINDS)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    counts, prepared = prepare(given.scene)
    cases = cases_of(counts, given)
    print(f"disk: calls {counts}; {len(cases)} cases", flush=True)
    findings = Findings()
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for future in [pool.submit(run_one, case, prepared, findings) for case in cases]:
            future.result()
    prepared["again"].disk.close()
    prepared["worn"].disk.close()
    for note, count in sorted(findings.notes.items()):
        print(f"    {count} times {note}")
    print(f"disk: {findings.count} cases, {findings.aborted} aborted, {findings.explained} of them explained, "
          f"{findings.wrong} wrong")
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

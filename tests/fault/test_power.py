"""Power cuts under a haihed that works: what it acknowledged is there afterwards, whole and in order.

Each kill is one life of the daemon: it starts on what the last cut left, everything is compared with
what the client was promised, changes run, and SIGKILL comes at a random moment or at a random call on
its files, during the start as well. Then the power goes (power.py), or, one time in four, only the
process is gone and what it never made durable waits in memory for a later cut.

  tests/fault/run.sh build test_power.py --kills 50 --seed 1 [--lie] [--trust-directories]
"""
import argparse
import subprocess
import sys
import time

import grpc
import power
from rig import Applier, Disk, Haihed, Market, new_random
from harness import BUILD

LIVES = 10           # of one directory
MOST_LOAD_SECONDS = 0.6
FLOOD = [1, 16, 300, 2000]  # changes under way at a time
GROUPS = [1, 7, 1000]
# How a new directory's first lives end, in turn: (where, mood of the cut or None for none); then it is
# left to chance. What is never made durable at the making of a store is only seen to be so here.
OPENINGS = [
    [("", "drop")],
    [("rename:1:after", None), ("", "drop")],  # MARK has its name
    [],
    [("rename:3:after", None), ("", "drop")],  # CURRENT has
    [("mkdir:2:after", None), ("", "drop")],
]
SHOWN = 5            # losses


def choose_faults(rng, counts):
    """Where this life ends by itself, among the calls that the longest one made; {}: at a moment."""
    if rng.random() < 0.3:
        return {}
    kind = rng.choice(["write", "write", "write", "fsync", "fsync", "open", "rename", "unlink"])
    most = max(counts.get(kind, 0), 10)
    number = rng.randint(1, rng.choice([most, most // 4 + 1]))
    when = rng.choice(["before", "after", "torn"] if kind == "write" else ["before", "after"])
    return {"kill": f"{kind}:{number}:{when}"}


def can_check():
    return subprocess.run([BUILD / "haihectl", "check", "--help"], capture_output=True, timeout=30).returncode == 0


class Trial:
    """One directory through its lives."""

    def __init__(self, given, number, counts):
        self.given, self.random, self.counts = given, new_random(given.seed, number), counts
        self.name = f"seed {given.seed}, directory {number}"
        self.disk, self.market = Disk(), Market(self.random)
        self.lost = 0
        self.told = []  # what was done to it since it was last compared
        self.opening = list(OPENINGS[number % len(OPENINGS)])
        if number % 2:
            self.disk.data.mkdir()  # as an installation does; otherwise the daemon makes it

    def lose(self, lines):
        self.lost += len(lines)
        print(f"LOST: {self.name}, {self.now} after {', '.join(self.told) or 'nothing'}: {len(lines)}")
        for line in lines[:SHOWN]:
            print("   ", line)
        sys.stdout.flush()

    def start(self, faults):
        group = self.given.group_limit or self.random.choice(GROUPS)
        if self.given.lie:
            faults = {**faults, "lie": 1}
        return Haihed(self.disk, ["--group-limit", str(group)], **faults)

    def compare(self, haihed):
        """False: it died meanwhile, or something was lost."""
        try:
            found = haihed.everything()
            haihed.search()
        except grpc.RpcError:
            if haihed.is_dying():
                return False
            raise
        lines = self.market.losses(found)
        if lines:
            self.lose(lines)
        self.market.adopt(found)
        self.told = []
        return not lines

    def work(self, haihed):
        """Changes until it dies or is killed."""
        stream = Applier(haihed.address, self.market, self.random.choice(FLOOD))
        try:
            stream.load(self.random.uniform(0.02, MOST_LOAD_SECONDS), lambda: not haihed.is_alive())
            haihed.process.kill()  # its time has come, whether its point was reached or not
            stream.drain()
        except AssertionError as wrong:  # an answer that cannot be
            self.lose([str(wrong)])

    def refused(self, haihed):
        """It has ended: at its point, or because it would not start on what there is."""
        code = haihed.wait()
        if code != -9:
            self.lose([f"the start was refused, exit code {code}: " + reason_of(haihed.log())])
        return code != -9

    def live(self, faults):
        """True: it was killed and nothing was lost: the directory can be used on."""
        haihed = self.start(faults)
        if not haihed.wait_ready():
            return not self.refused(haihed)
        if self.compare(haihed):
            self.work(haihed)
        haihed.process.kill()
        code = haihed.wait()
        if code != -9:
            self.lose([f"it ended by itself, exit code {code}: " + reason_of(haihed.log())])
        return self.lost == 0

    def plan(self):
        """What kills this life, and how much the power cut takes behind it; None: there is no cut."""
        if self.opening:
            where, mood = self.opening.pop(0)
            return ({"kill": where} if where else {}), mood
        mood = self.given.mood or self.random.choices(power.MOODS, power.WEIGHTS)[0]
        return choose_faults(self.random, self.counts), None if self.random.random() < 0.25 else mood

    def cut(self, seed, mood):
        if mood:
            return self.disk.cut(seed, mood, self.given.trust_directories)
        power.repair(self.disk.journal)
        return "no cut"

    def kill(self, number):
        """False: the directory is of no more use."""
        faults, mood = self.plan()
        self.now = f"kill {number}"
        goes_on = self.live(faults)
        for kind, count in self.disk.counts().items():
            self.counts[kind] = max(count, self.counts.get(kind, 0))
        cut = self.cut(f"{self.given.seed} {number}", mood)
        self.told.append(f"kill {number} ({faults.get('kill', 'at a moment')}; {cut})")
        if self.given.verbose:
            print(self.told[-1], f"acknowledged {self.market.acknowledged}", flush=True)
        return goes_on

    def end(self):
        """A clean start and a clean end."""
        self.now = "clean start"
        haihed = self.start({})
        if not haihed.wait_ready():
            self.refused(haihed)
            return
        self.compare(haihed)
        code = haihed.terminate()
        if code != 0:
            self.lose([f"it ended with {code}: " + reason_of(haihed.log())])
        elif self.given.check:
            check = subprocess.run([BUILD / "haihectl", "check", self.disk.data], capture_output=True, text=True,
                                   timeout=120)
            if check.returncode != 0:
                self.lose(["haihectl check: " + check.stdout + check.stderr])


def reason_of(log):
    lines = [line for line in log.splitlines() if line.startswith("haihed:")] or log.splitlines()[-3:]
    return lines[0] if lines else "it said nothing"


def run(given):
    """Kills, acknowledged changes, losses."""
    kills = acknowledged = lost = directories = 0
    counts = {}
    while kills < given.kills and not (given.lie and lost):
        trial, goes_on, directories = Trial(given, directories, counts), True, directories + 1
        last = min(kills + LIVES, given.kills)
        while kills < last and goes_on and not (given.lie and lost + trial.lost):
            kills += 1
            goes_on = trial.kill(kills)
        if goes_on and not (given.lie and trial.lost):
            trial.end()
        acknowledged, lost = acknowledged + trial.market.acknowledged, lost + trial.lost
        if trial.lost and given.keep:
            print("kept:", trial.disk.folder.name)
            trial.disk.folder._finalizer.detach()
        else:
            trial.disk.close()
    return kills, acknowledged, lost


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", default=None, help="any text; drawn and printed unless told")
    parser.add_argument("--lie", action="store_true", help="fsync does nothing: a loss must be found")
    parser.add_argument("--group-limit", type=int, default=0, help="0: drawn for each life")
    parser.add_argument("--mood", choices=power.MOODS, help="of each cut; drawn unless told")
    parser.add_argument("--trust-directories", action="store_true",
                        help="a new directory is durable with the first fsync of what is in it (ext4, XFS, btrfs)")
    parser.add_argument("--verbose", action="store_true", help="a line for each kill")
    parser.add_argument("--keep", action="store_true", help="directories in which something was lost")
    given = parser.parse_args()
    given.seed = given.seed or str(time.time_ns())
    given.check = can_check()
    print(f"power: seed {given.seed}", flush=True)
    kills, acknowledged, lost = run(given)
    if given.lie:
        print(f"a disk that lies: found after {kills} kills" if lost else
              f"a disk that lies: not found within {kills} kills")
        return 0 if lost else 1
    print(f"{kills} kills, {acknowledged} acknowledged, {lost} lost")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())

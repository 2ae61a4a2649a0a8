"""Makes of a directory, whose process was killed under power_cut.so, what a power cut could have left.

A disk owes nothing but what an fsync settled. Since its last one each sector of a file may hold any
version that it had, its size may be any in between, and of what happened in a directory a prefix is
there. How much of that a cut takes is its mood, drawn from the seed:

  keep     all is there: the process was killed, no more
  drop     nothing unsettled is there
  time     all before one moment, nothing after it
  sectors  each sector, each size, each directory draws for itself
  mixed    one of drop, time, sectors for each file and directory

  power.py ROOT JOURNAL GRAVEYARD [--seed S] [--mood M]
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import struct

SECTOR_BYTES = 512
HEAD = struct.Struct("<IIQQQQQII")  # struct entry of power_cut.c
CHANGE, SYNC, SYNC_FAILED, CREATE, RENAME, UNLINK, LINK, MKDIR, RMDIR, SYNC_DIRECTORY = range(1, 11)
MOODS = ["drop", "time", "sectors", "mixed", "keep"]
WEIGHTS = [3, 3, 4, 3, 1]

Entry = collections.namedtuple("Entry", "at kind inode offset touched size mark paths data")


def read_journal(path):
    """All whole entries; the last one may have been cut off with the process, before it did anything."""
    data = pathlib.Path(path).read_bytes() if os.path.exists(path) else b""
    at = 0
    while at + HEAD.size <= len(data):
        length, kind, inode, offset, touched, size, mark, path_bytes, data_bytes = HEAD.unpack_from(data, at)
        if at + length > len(data):
            break
        behind = at + HEAD.size + path_bytes
        paths = data[at + HEAD.size:behind].decode().split("\0")
        yield Entry(at, kind, inode, offset, touched, size, mark, paths, data[behind:behind + data_bytes])
        at += length


def repair(path):
    """Takes an unfinished last entry off, so that another process can append."""
    whole = 0
    for entry in read_journal(path):
        whole = entry.at + HEAD.size + sum(len(p.encode()) + 1 for p in entry.paths) - 1 + len(entry.data)
    if os.path.exists(path):
        os.truncate(path, whole)


class File:
    """What is unsettled of one inode: (at, content before) for each sector, (at, size before)."""

    def __init__(self):
        self.sectors = collections.defaultdict(list)
        self.sizes = []
        self.lost = {}  # sector -> up to where its writes were given up by a failed fsync

    def change(self, entry):
        self.sizes.append((entry.at, entry.size))
        first = entry.offset // SECTOR_BYTES
        for index in range(entry.touched // SECTOR_BYTES):
            old = entry.data[index * SECTOR_BYTES:(index + 1) * SECTOR_BYTES]
            self.sectors[first + index].append((entry.at, old.ljust(SECTOR_BYTES, b"\0")))

    def sync(self, mark):
        self.sizes = [(at, size) for at, size in self.sizes if at >= mark]
        for sector in list(self.sectors):
            versions, lost = self.sectors[sector], self.lost.get(sector)
            if lost is not None and not any(lost <= at < mark for at, _ in versions):
                continue  # the kernel holds it for clean: this fsync did not write it
            self.lost.pop(sector, None)
            kept = [(at, old) for at, old in versions if at >= mark]
            if kept:
                self.sectors[sector] = kept
            else:
                del self.sectors[sector]

    def sync_failed(self, mark):
        for sector, versions in self.sectors.items():
            if any(at < mark for at, _ in versions):
                self.lost[sector] = mark

    def is_unsettled(self):
        return bool(self.sectors or self.sizes)


def directory_of(path):
    return os.path.dirname(path)


class Unsettled:
    """What the journal leaves open."""

    def __init__(self, journal, trust_directories=False):
        self.files = collections.defaultdict(File)
        self.directories = collections.defaultdict(list)  # path -> entries
        self.end = 0
        for entry in read_journal(journal):
            self.end = entry.at + 1
            if entry.kind == CHANGE:
                self.files[entry.inode].change(entry)
            elif entry.kind == SYNC:
                self.files[entry.inode].sync(entry.mark)
            elif entry.kind == SYNC_FAILED:
                self.files[entry.inode].sync_failed(entry.mark)
            elif entry.kind == SYNC_DIRECTORY:
                self.settle(entry.paths[0], entry.mark)
            else:
                self.directories[directory_of(entry.paths[-1])].append(entry)
            if trust_directories and entry.kind in (SYNC, SYNC_DIRECTORY):
                self.settle_above(entry)

    def settle(self, path, mark):
        self.directories[path] = [entry for entry in self.directories[path] if entry.at >= mark]

    def settle_above(self, sync):
        """ext4, XFS and btrfs make a new directory durable with the first fsync of what is in it."""
        for path, entries in self.directories.items():
            self.directories[path] = [
                e for e in entries if e.kind != MKDIR or e.at >= sync.mark or
                not (sync.paths[0] + "/").startswith(e.paths[0] + "/")]


class Cut:
    """One power cut; `random` decides."""

    def __init__(self, root, graveyard, unsettled, rng, mood):
        self.root, self.graveyard, self.unsettled, self.random = root, graveyard, unsettled, rng
        self.mood = mood or rng.choices(MOODS, WEIGHTS)[0]
        self.moment = rng.randrange(unsettled.end + 1)
        self.sector_count = self.undone_count = 0

    def mood_of_one(self):
        return self.random.choice(MOODS[:3]) if self.mood == "mixed" else self.mood

    # --- Directories ------------------------------------------------------------------------------

    def surviving_count(self, entries):
        mood = self.mood_of_one()
        if mood == "keep":
            return len(entries)
        if mood == "drop":
            return 0
        if mood == "time":
            return sum(entry.at < self.moment for entry in entries)
        return self.random.randint(0, len(entries))

    def undo_directories(self):
        undone = []
        for _, entries in sorted(self.unsettled.directories.items()):
            undone += entries[self.surviving_count(entries):]
        for entry in sorted(undone, key=lambda entry: entry.at, reverse=True):
            self.undo(entry)
            self.undone_count += 1

    def undo(self, entry):
        """As the disk is, for the last one may not have been done any more."""
        path = entry.paths[-1]
        if entry.kind == CREATE and os.path.exists(path):
            os.unlink(path)
        elif entry.kind == MKDIR and os.path.isdir(path):
            shutil.rmtree(path)
        elif entry.kind == RMDIR and not os.path.exists(path):
            os.mkdir(path)
        elif entry.kind == LINK and inode_of(path) == entry.inode:
            os.unlink(path)
        elif entry.kind == UNLINK and not os.path.exists(path):
            self.exhume(entry.inode, path)
        elif entry.kind == RENAME and inode_of(path) == entry.inode:
            os.rename(path, entry.paths[0])
            if entry.mark:
                self.exhume(entry.mark, path)

    def exhume(self, inode, path):
        if os.path.isdir(directory_of(path)):
            os.link(os.path.join(self.graveyard, str(inode)), path)

    # --- Files ------------------------------------------------------------------------------------

    def undo_files(self):
        for folder, _, names in sorted(os.walk(self.root)):
            for name in sorted(names):
                path = os.path.join(folder, name)
                file = self.unsettled.files.get(inode_of(path))
                if file and file.is_unsettled():
                    self.undo_file(path, file)

    def undo_file(self, path, file):
        mood = self.mood_of_one()
        if mood == "keep":
            return
        size = self.size_of(mood, file, os.path.getsize(path))
        with open(path, "r+b") as out:
            for sector, versions in sorted(file.sectors.items()):
                old = self.version_of(mood, versions)
                if old is not None and sector * SECTOR_BYTES < size:
                    self.sector_count += 1
                    out.seek(sector * SECTOR_BYTES)
                    out.write(old)
            out.truncate(size)

    def size_of(self, mood, file, size):
        if not file.sizes:
            return size
        if mood == "drop":
            return file.sizes[0][1]
        if mood == "time":
            return next((old for at, old in file.sizes if at >= self.moment), size)
        sizes = [old for _, old in file.sizes] + [size]
        return self.random.choice([self.random.choice(sizes), self.random.randint(min(sizes), max(sizes)),
                                   sizes[0], size])

    def version_of(self, mood, versions):
        """None: the newest one, which is there."""
        if mood == "drop":
            return versions[0][1]
        if mood == "time":
            return next((old for at, old in versions if at >= self.moment), None)
        return self.random.choice([old for _, old in versions] + [None])


def inode_of(path):
    try:
        return os.lstat(path).st_ino
    except FileNotFoundError:
        return 0


def empty(folder):
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))


def cut(root, journal, graveyard, seed, mood=None, trust_directories=False):
    """Cuts, and begins a new journal: what is left is on the disk. A text that says what was taken."""
    unsettled = Unsettled(journal, trust_directories)
    one = Cut(str(root), str(graveyard), unsettled, random.Random(seed), mood)
    one.undo_directories()
    one.undo_files()
    if os.path.exists(journal):
        os.truncate(journal, 0)
    empty(graveyard)
    return f"{one.mood}: {one.sector_count} sectors, {one.undone_count} names undone"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("journal")
    parser.add_argument("graveyard")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--mood", choices=MOODS)
    given = parser.parse_args()
    print(cut(given.root, given.journal, given.graveyard, given.seed, given.mood))


if __name__ == "__main__":
    main()

"""The durable store as an operator meets it: restarts, copies, damage, and what it says of each.

The power cuts are in tests/fault; here the machine stays up and the process goes.
"""
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

import grpc
from harness import (BUILD, START_SECONDS, Daemon, DaemonCase, Stub, admin_service_pb2, applicant,
                     health_pb2, match_service_pb2, upsert, vacancy)
from haihe.v1 import record_pb2, record_service_pb2

VACANCY, APPLICANT = record_pb2.RECORD_KIND_VACANCY, record_pb2.RECORD_KIND_APPLICANT
PUT, REMOVE = admin_service_pb2.CHANGE_KIND_PUT, admin_service_pb2.CHANGE_KIND_REMOVE


def key(record_id):
    return record_pb2.Key(platform="e2e", id=record_id)


def get(kind, record_id):
    return record_service_pb2.GetRequest(kind=kind, key=key(record_id))


def delete(kind, record_id):
    return record_service_pb2.ApplyRequest(
        delete=record_service_pb2.DeleteRecord(kind=kind, key=key(record_id)))


class Shop:
    """A daemon on a directory, with its stubs; ready when it is there."""

    def __init__(self, directory, *options):
        self.daemon = Daemon("--data-dir", str(directory), *options)
        self.channel = self.daemon.channel()
        self.records = Stub(self.channel, "haihe.v1.RecordService")
        self.match = Stub(self.channel, "haihe.v1.MatchService")
        self.admin = Stub(self.channel, "haihe.v1.AdminService")
        self.health = Stub(self.channel, "grpc.health.v1.Health")
        for answer in self.health.Watch(health_pb2.HealthCheckRequest(), timeout=START_SECONDS):
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                break

    def apply(self, *changes):
        answers = list(self.records.Apply(iter(changes), timeout=20))
        for answer in answers:
            assert answer.WhichOneof("result") == "applied", answer
        return [answer.applied.sequence for answer in answers]

    def kill(self):
        self.channel.close()
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.daemon.__exit__()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        code = self.daemon.terminate()
        log = self.daemon.log()
        self.daemon.__exit__()
        assert code == 0, f"haihed ended with {code}:\n{log}"


def ctl(*arguments, server=""):
    return subprocess.run([BUILD / "haihectl", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, env={"HAIHE_SERVER": server, "TZ": "UTC"})


class StoreCase(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="haihe-store-")
        self.addCleanup(self.temporary.cleanup)
        self.home = pathlib.Path(self.temporary.name, "store")

    def start_and_fail(self):
        """Exit code and output of a daemon that must not serve."""
        run = subprocess.run([BUILD / "haihed", "--listen", "127.0.0.1:0", "--data-dir", self.home],
                             capture_output=True, text=True, timeout=START_SECONDS)
        return run.returncode, run.stderr

    def assertRaisesCode(self, code, part, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(caught.exception.code(), code)
        self.assertIn(part, caught.exception.details())


class Restarts(StoreCase):
    def test_what_was_acknowledged_is_there_after_a_kill(self):
        shop = Shop(self.home)
        shop.apply(upsert(vacancy("v1", title="old")), upsert(applicant("a1")), upsert(vacancy("v2")))
        last = shop.apply(upsert(vacancy("v1", title="new")), delete(VACANCY, "v2"))[-1]
        shop.kill()
        with Shop(self.home) as shop:
            record = shop.records.Get(get(VACANCY, "v1"), timeout=5)
            self.assertEqual(record.vacancy, vacancy("v1", title="new"))
            self.assertEqual(record.sequence, last - 1)
            self.assertRaisesCode(grpc.StatusCode.NOT_FOUND, "v2",
                                  lambda: shop.records.Get(get(VACANCY, "v2"), timeout=5))
            found = shop.match.MatchVacancies(
                match_service_pb2.MatchVacanciesRequest(applicant_key=key("a1")), timeout=5)
            self.assertEqual([match.key.id for match in found.matches], ["v1"])
            self.assertEqual(shop.apply(upsert(vacancy("v3"))), [last + 1])

    def test_if_sequence_holds_over_a_restart(self):
        with Shop(self.home) as shop:
            sequence = shop.apply(upsert(vacancy("v")))[0]
        with Shop(self.home) as shop:
            answer = list(shop.records.Apply(iter([upsert(vacancy("v"), if_sequence=sequence + 1)])))
            self.assertEqual(answer[0].error.code, grpc.StatusCode.ABORTED.value[0])
            shop.apply(upsert(vacancy("v"), if_sequence=sequence))

    def test_two_daemons_do_not_share_a_directory(self):
        with Shop(self.home):
            code, output = self.start_and_fail()
            self.assertEqual(code, 1)
            self.assertIn("is in use by another process", output)

    def test_a_list_and_a_batch_come_from_the_store(self):
        with Shop(self.home) as shop:
            shop.apply(*[upsert(vacancy(f"v{i:03}", title=f"title {i}")) for i in range(300)])
        with Shop(self.home) as shop:
            page = shop.records.List(record_service_pb2.ListRequest(
                kind=VACANCY, platform="e2e", page_size=1000), timeout=10)
            self.assertEqual(len(page.records), 300)
            batch = shop.records.BatchGet(record_service_pb2.BatchGetRequest(
                kind=VACANCY, keys=[key("v007"), key("none")]), timeout=10)
            self.assertEqual(batch.records[0].vacancy.title, "title 7")
            self.assertEqual(batch.records[0].hash, page.records[7].hash)
            self.assertEqual([k.id for k in batch.missing], ["none"])


class Starting(StoreCase):
    def test_while_records_are_read_it_says_so_and_answers_about_itself(self):
        with Shop(self.home) as shop:
            shop.apply(upsert(vacancy("v")), upsert(applicant("a")))
        # RocksDB opens this file first, and waits at a pipe for somebody who writes.
        current = self.home / "db" / "CURRENT"
        content = current.read_bytes()
        current.unlink()
        os.mkfifo(current)
        daemon = Daemon("--data-dir", str(self.home))
        self.addCleanup(daemon.__exit__)
        channel = daemon.channel()
        self.addCleanup(channel.close)
        health = Stub(channel, "grpc.health.v1.Health")
        records = Stub(channel, "haihe.v1.RecordService")
        match = Stub(channel, "haihe.v1.MatchService")
        admin = Stub(channel, "haihe.v1.AdminService")
        status = health.Check(health_pb2.HealthCheckRequest(), timeout=5).status
        self.assertEqual(status, health_pb2.HealthCheckResponse.NOT_SERVING)
        question = match_service_pb2.MatchVacanciesRequest(applicant_key=key("a"))
        for call in (lambda: records.Get(get(VACANCY, "v"), timeout=5),
                     lambda: match.MatchVacancies(question, timeout=5),
                     lambda: list(records.Apply(iter([upsert(vacancy("w"))]), timeout=5))):
            self.assertRaisesCode(grpc.StatusCode.UNAVAILABLE, "haihed is starting", call)
        stats = admin.Stats(admin_service_pb2.StatsRequest(), timeout=5)
        self.assertEqual(stats.state, "starting")
        self.assertIn("records read so far", stats.state_reason)
        watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=START_SECONDS)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.NOT_SERVING)

        with open(current, "wb") as pipe:  # returns when RocksDB is there
            aside = self.home / "CURRENT"
            aside.write_bytes(content)
            aside.rename(current)  # for the next who opens it
            pipe.write(content)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
        found = match.MatchVacancies(question, timeout=5)
        self.assertEqual([answer.key.id for answer in found.matches], ["v"])
        self.assertEqual(daemon.terminate(), 0)


class Damage(StoreCase):
    def make(self):
        with Shop(self.home) as shop:
            shop.apply(*[upsert(vacancy(f"v{i}")) for i in range(20)])

    def test_a_damaged_store_is_named_and_not_served(self):
        self.make()
        mark = self.home / "MARK"
        content = bytearray(mark.read_bytes())
        content[16] ^= 1
        mark.write_bytes(content)
        code, output = self.start_and_fail()
        self.assertEqual(code, 1)
        self.assertIn("MARK is damaged", output)
        self.assertIn("haihectl repair", output)
        checked = ctl("check", self.home)
        self.assertEqual(checked.returncode, 1)
        self.assertIn("MARK is damaged", checked.stderr)

    def test_repair_keeps_what_is_sound(self):
        self.make()
        (self.home / "MARK").write_bytes(b"nothing that we wrote")
        new = self.home.parent / "new"
        repaired = ctl("repair", self.home, new)
        self.assertEqual(repaired.returncode, 1, repaired.stderr)
        self.assertIn("kept: 20 records", repaired.stdout)
        self.assertIn("MARK", pathlib.Path(f"{new}.damage").read_text())
        self.assertEqual(ctl("check", new).returncode, 0)
        with Shop(new) as shop:
            self.assertEqual(shop.records.Get(get(VACANCY, "v3"), timeout=5).vacancy, vacancy("v3"))

    def test_a_log_that_lost_an_acknowledged_change_is_not_served(self):
        shop = Shop(self.home)
        shop.apply(upsert(vacancy("v1")))
        shop.apply(upsert(vacancy("v2")))
        shop.kill()
        log = max((self.home / "db").glob("*.log"))
        log.write_bytes(log.read_bytes()[:-10])
        code, output = self.start_and_fail()
        self.assertEqual(code, 1)
        self.assertIn("was acknowledged, and the log ends with", output)

    def test_a_directory_of_other_files_is_left_alone(self):
        self.home.mkdir()
        (self.home / "letter").write_text("dear")
        code, output = self.start_and_fail()
        self.assertEqual(code, 1)
        self.assertIn("holds other files and no store", output)
        self.assertEqual([path.name for path in self.home.iterdir()], ["letter"])
        self.assertEqual(ctl("check", self.home).returncode, 4)


class Backups(StoreCase):
    def test_a_backup_under_load_is_a_store_of_one_moment(self):
        copy = self.home.parent / "copy"
        with Shop(self.home) as shop:
            shop.apply(*[upsert(vacancy(f"v{i}", title="0")) for i in range(200)])
            over = threading.Event()

            def load():
                round_number = 0
                while not over.is_set():
                    round_number += 1
                    shop.apply(*[upsert(vacancy(f"v{i}", title=str(round_number)))
                                 for i in range(200)])
            loader = threading.Thread(target=load)
            loader.start()
            try:
                backed = ctl("backup", copy, server=shop.daemon.address)
            finally:
                over.set()
                loader.join()
            self.assertEqual(backed.returncode, 0, backed.stderr)
            again = ctl("backup", copy, server=shop.daemon.address)
            self.assertEqual(again.returncode, 1)
            self.assertIn("cannot be made", again.stderr)
        checked = ctl("check", copy)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("200 records", checked.stdout)
        sequence = int(backed.stdout.split()[-1])
        with Shop(copy) as shop:
            stats = shop.admin.Stats(admin_service_pb2.StatsRequest(), timeout=5)
            self.assertEqual((stats.sequence, stats.vacancy_count), (sequence, 200))
            titles = [int(shop.records.Get(get(VACANCY, f"v{i}"), timeout=5).vacancy.title)
                      for i in range(200)]
            # One moment: behind a record of the newer round all are of the older one.
            self.assertEqual(titles, sorted(titles, reverse=True))
            self.assertLessEqual(titles[0] - titles[-1], 1)


class History(StoreCase):
    def test_changes_come_in_order_with_their_records(self):
        with Shop(self.home) as shop:
            first = shop.apply(upsert(vacancy("v", title="one")), upsert(applicant("a")),
                               upsert(vacancy("v", title="two")), delete(APPLICANT, "a"))[0]
            page = shop.admin.History(admin_service_pb2.HistoryRequest(
                **{"from": first}, with_records=True), timeout=5)
            self.assertEqual([change.sequence for change in page.changes],
                             list(range(first, first + 4)))
            self.assertEqual([change.kind for change in page.changes], [PUT, PUT, PUT, REMOVE])
            self.assertEqual([change.before for change in page.changes], [0, 0, first, first + 1])
            self.assertEqual(page.changes[2].vacancy.title, "two")
            self.assertEqual(page.changes[3].WhichOneof("content"), None)
            self.assertEqual(page.changes[3].key.id, "a")
            self.assertEqual((page.oldest, page.newest), (1, first + 3))
            self.assertLess(abs(page.changes[0].time_ms / 1000 - time.time()), 60)
            newest = shop.admin.History(admin_service_pb2.HistoryRequest(limit=1), timeout=5)
            self.assertEqual([change.sequence for change in newest.changes], [first + 3])
            notes = shop.admin.History(admin_service_pb2.HistoryRequest(
                **{"from": 1}, limit=1), timeout=5)
            self.assertEqual(notes.changes[0].note.name, "taxonomy")
            self.assertRaisesCode(
                grpc.StatusCode.OUT_OF_RANGE, "has not been made",
                lambda: shop.admin.History(admin_service_pb2.HistoryRequest(**{"from": first + 9})))
            self.assertRaisesCode(
                grpc.StatusCode.INVALID_ARGUMENT, "limit",
                lambda: shop.admin.History(admin_service_pb2.HistoryRequest(limit=1001)))
            shown = ctl("history", "tail", "-n", "2", server=shop.daemon.address)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn("e2e:a", shown.stdout.splitlines()[-1])
            self.assertIn("remove", shown.stdout.splitlines()[-1])


class WithoutStore(DaemonCase):
    def test_there_is_no_backup_and_no_history_of_records_in_memory(self):
        for call in (lambda: self.admin.Backup(admin_service_pb2.BackupRequest(directory="/tmp/x")),
                     lambda: self.admin.History(admin_service_pb2.HistoryRequest())):
            self.assertRefused(call, grpc.StatusCode.FAILED_PRECONDITION, "memory alone")
        stats = self.admin.Stats(admin_service_pb2.StatsRequest(), timeout=5)
        self.assertEqual((stats.state, stats.durable), ("ready", False))
        self.assertRefused(lambda: self.admin.Backup(admin_service_pb2.BackupRequest()),
                           grpc.StatusCode.INVALID_ARGUMENT, "directory")

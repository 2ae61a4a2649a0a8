"""gRPC as any client expects it: health, reflection, deadlines, cancellation, limits, drain."""
import threading

import grpc
from google.protobuf import descriptor_pb2
from grpc.health.v1 import health_pb2
from grpc.reflection.v1 import reflection_pb2
from grpc.reflection.v1alpha import reflection_pb2 as reflection_alpha_pb2
from harness import Daemon, DaemonCase, Stub, applicant, upsert, vacancy
from haihe.v1 import admin_service_pb2, match_service_pb2, record_pb2, record_service_pb2

SERVICES = {"haihe.v1.MatchService", "haihe.v1.RecordService", "haihe.v1.AdminService",
            "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection"}


class Protocol(DaemonCase):
    def test_health_check(self):
        for service in ["", *sorted(SERVICES)]:
            answer = self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
            self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)
        self.assertRefused(
            lambda: self.health.Check(health_pb2.HealthCheckRequest(service="no.Such"), timeout=5),
            grpc.StatusCode.NOT_FOUND, "no.Such")

    def test_health_watch_answers_at_once_and_can_be_cancelled(self):
        watch = self.health.Watch(health_pb2.HealthCheckRequest(), timeout=10)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
        watch.cancel()
        unknown = self.health.Watch(health_pb2.HealthCheckRequest(service="no.Such"), timeout=10)
        self.assertEqual(next(unknown).status, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
        unknown.cancel()

    def test_reflection_lists_services_and_gives_files(self):
        for module, version in ((reflection_pb2, "v1"), (reflection_alpha_pb2, "v1alpha")):
            stub = Stub(self.channel, f"grpc.reflection.{version}.ServerReflection")
            ask = module.ServerReflectionRequest
            answers = list(stub.ServerReflectionInfo(iter([
                ask(list_services="*"),
                ask(file_containing_symbol="haihe.v1.MatchService"),
                ask(file_by_filename="haihe/v1/record.proto"),
                ask(file_containing_symbol="haihe.v1.MatchService.Explain"),
                ask(file_containing_symbol="no.such.Thing")]), timeout=10))
            self.assertEqual({s.name for s in answers[0].list_services_response.service}, SERVICES)
            for answer, name in zip(answers[1:4], ("haihe/v1/match_service.proto",
                                                   "haihe/v1/record.proto",
                                                   "haihe/v1/match_service.proto")):
                files = [descriptor_pb2.FileDescriptorProto.FromString(f)
                         for f in answer.file_descriptor_response.file_descriptor_proto]
                self.assertIn(name, [f.name for f in files])
            self.assertEqual(answers[4].error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])

    def test_unknown_methods_and_services_are_unimplemented(self):
        for path in ("/haihe.v1.MatchService/Guess", "/no.Such/Method"):
            call = self.channel.unary_unary(path)
            self.assertRefused(lambda: call(b"", timeout=5), grpc.StatusCode.UNIMPLEMENTED, path)

    def test_bytes_that_are_no_message_are_refused(self):
        call = self.channel.unary_unary("/haihe.v1.MatchService/MatchVacancies")
        self.assertRefused(lambda: call(b"\xff" * 40, timeout=5), grpc.StatusCode.INVALID_ARGUMENT)

    def test_an_open_stream_ends_with_its_deadline(self):
        gate = threading.Event()

        def changes():
            yield upsert(vacancy("slow"))
            gate.wait(20)

        answers = self.records.Apply(changes(), timeout=0.5)
        self.assertEqual(next(answers).WhichOneof("result"), "applied")
        with self.assertRaises(grpc.RpcError) as caught:
            next(answers)
        gate.set()
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_a_cancelled_stream_keeps_what_was_acknowledged(self):
        gate = threading.Event()

        def changes():
            yield upsert(vacancy("cancel"))
            gate.wait(20)

        answers = self.records.Apply(changes(), timeout=20)
        next(answers)
        answers.cancel()
        gate.set()
        self.records.Get(record_service_pb2.GetRequest(
            kind=record_pb2.RECORD_KIND_VACANCY, key=vacancy("cancel").key), timeout=5)

    def test_a_message_above_the_limit_is_refused_and_the_connection_lives(self):
        big = record_service_pb2.ApplyRequest(upsert_vacancy=record_pb2.Vacancy(
            description="x" * (5 << 20)))
        self.assertRefused(lambda: self.apply(big), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.put(vacancy("after-big"))

    def test_compressed_messages_are_unimplemented_and_say_so(self):
        with grpc.insecure_channel(self.daemon.address) as channel:
            call = channel.unary_unary(
                "/haihe.v1.AdminService/Stats",
                request_serializer=lambda m: m.SerializeToString() + b" " * 2000)
            self.assertRefused(lambda: call(admin_service_pb2.StatsRequest(), timeout=5,
                                            compression=grpc.Compression.Gzip),
                               grpc.StatusCode.UNIMPLEMENTED)

    def test_many_calls_at_once_on_one_connection(self):
        self.put(applicant("parallel"))
        request = match_service_pb2.MatchVacanciesRequest(
            applicant_key=record_pb2.Key(platform="e2e", id="parallel"))
        futures = [self.match.MatchVacancies.future(request, timeout=30) for _ in range(500)]
        answers = {f.result().SerializeToString() for f in futures}
        self.assertEqual(len(answers), 1)

    def test_stats_count_what_happened(self):
        before = self.admin.Stats(admin_service_pb2.StatsRequest(), timeout=5)
        self.put(vacancy("stats"), applicant("stats"))
        after = self.admin.Stats(admin_service_pb2.StatsRequest(), timeout=5)
        self.assertEqual(after.vacancy_count, before.vacancy_count + 1)
        self.assertEqual(after.applicant_count, before.applicant_count + 1)
        self.assertEqual(after.changes_applied, before.changes_applied + 2)
        self.assertEqual(after.sequence, before.sequence + 2)
        self.assertGreater(after.taxonomy_skill_count, 300)
        self.assertGreater(after.resident_bytes, 1 << 20)
        stats = {s.method: s for s in after.methods}
        self.assertGreaterEqual(stats["/haihe.v1.AdminService/Stats"].calls, 1)


class Drain(DaemonCase):
    def test_sigterm_tells_watchers_finishes_open_streams_and_exits_with_0(self):
        with Daemon("--drain-seconds", "10") as daemon, daemon.channel() as channel:
            records = Stub(channel, "haihe.v1.RecordService")
            health = Stub(channel, "grpc.health.v1.Health")
            watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=20)
            self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
            go_on = threading.Event()

            def changes():
                yield upsert(vacancy("before"))
                go_on.wait(20)
                yield upsert(vacancy("after"))

            answers = records.Apply(changes(), timeout=20)
            next(answers)
            daemon.process.terminate()
            self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.NOT_SERVING)
            watch.cancel()
            go_on.set()
            self.assertEqual(next(answers).WhichOneof("result"), "applied")
            self.assertEqual(list(answers), [])
            self.assertEqual(daemon.process.wait(timeout=15), 0)

    def test_an_idle_client_does_not_hold_up_the_end(self):
        with Daemon("--drain-seconds", "10") as daemon, daemon.channel() as channel:
            Stub(channel, "haihe.v1.AdminService").Stats(admin_service_pb2.StatsRequest(), timeout=5)
            self.assertEqual(daemon.terminate(seconds=5), 0)


class Deadline(DaemonCase):
    OPTIONS = ("--workers", "1")

    def test_calls_that_wait_past_their_deadline_are_exceeded_and_the_next_is_served(self):
        """Far more work than one worker does in 100 ms, all of it asked for at once."""
        self.put(*[vacancy(f"d{i}") for i in range(3000)], applicant("hurried"))
        request = match_service_pb2.MatchVacanciesRequest(
            applicant_key=record_pb2.Key(platform="e2e", id="hurried"),
            options=match_service_pb2.MatchOptions(k=1000))
        futures = [self.match.MatchVacancies.future(request, timeout=0.1) for _ in range(900)]
        codes = {future.code() for future in futures}
        self.assertIn(grpc.StatusCode.DEADLINE_EXCEEDED, codes)
        self.assertLessEqual(codes, {grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED})
        answer = self.match.MatchVacancies(request, timeout=20)
        self.assertEqual(len(answer.matches), 1000)


class Overload(DaemonCase):
    OPTIONS = ("--workers", "1", "--query-queue", "4")

    def test_a_full_queue_sheds_with_resource_exhausted_and_a_hint(self):
        self.put(*[vacancy(f"o{i}") for i in range(2000)], applicant("busy"))
        request = match_service_pb2.MatchVacanciesRequest(
            applicant_key=record_pb2.Key(platform="e2e", id="busy"),
            options=match_service_pb2.MatchOptions(k=1000))
        futures = [self.match.MatchVacancies.future(request, timeout=30) for _ in range(400)]
        codes = {}
        for future in futures:
            codes.setdefault(future.code(), []).append(future)
        self.assertLessEqual(set(codes), {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED})
        self.assertIn(grpc.StatusCode.OK, codes)
        shed = codes.get(grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertTrue(shed, "nothing was shed")
        self.assertIn("grpc-retry-pushback-ms", dict(shed[0].trailing_metadata()))
        stats = self.admin.Stats(admin_service_pb2.StatsRequest(), timeout=5)
        self.assertEqual(stats.calls_shed, len(shed))

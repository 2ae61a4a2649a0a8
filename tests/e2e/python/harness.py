"""The daemon as a test meets it: started on a free port, called through grpcio, stopped again.

Stubs are made from the generated descriptors, so a method that the proto gains is there at once.
"""
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, symbol_database
from google.rpc import error_details_pb2, status_pb2

# The generated grpc/health and grpc/reflection stand beside Debian's grpc package, not inside it.
for _folder in os.environ["PYTHONPATH"].split(":"):
    grpc.__path__.append(os.path.join(_folder, "grpc"))
from grpc.health.v1 import health_pb2  # noqa: E402,F401  registers the service
from grpc.reflection.v1 import reflection_pb2  # noqa: E402,F401
from grpc.reflection.v1alpha import reflection_pb2 as reflection_alpha_pb2  # noqa: E402,F401
from haihe.v1 import admin_service_pb2, match_service_pb2, record_pb2, record_service_pb2  # noqa: E402,F401

BUILD = pathlib.Path(os.environ["HAIHE_BUILD"])
START_SECONDS = 20


class Stub:
    """All methods of one service as attributes."""

    def __init__(self, channel, service_name):
        service = descriptor_pool.Default().FindServiceByName(service_name)
        symbols = symbol_database.Default()
        for method in service.methods:
            proto = next(m for m in _proto(service).method if m.name == method.name)
            kind = ("stream" if proto.client_streaming else "unary") + (
                "_stream" if proto.server_streaming else "_unary")
            call = getattr(channel, kind)(
                f"/{service_name}/{method.name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=symbols.GetPrototype(method.output_type).FromString)
            setattr(self, method.name, call)


def _proto(service):
    proto = descriptor_pb2.ServiceDescriptorProto()
    service.CopyToProto(proto)
    return proto


class Daemon:
    """A haihed process of its own; `with Daemon("--workers", "1") as daemon:`."""

    def __init__(self, *options):
        self.directory = tempfile.TemporaryDirectory(prefix="haihe-e2e-")
        port_file = pathlib.Path(self.directory.name, "port")
        self.log_path = pathlib.Path(self.directory.name, "log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [BUILD / "haihed", "--listen", "127.0.0.1:0", "--port-file", port_file, *options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not (port_file.exists() and port_file.read_text().strip()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = self.log()
                self.__exit__()
                raise RuntimeError("haihed did not start:\n" + log)
            time.sleep(0.01)  # polling for the file; the deadline bounds it
        self.address = f"127.0.0.1:{int(port_file.read_text())}"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def channel(self):
        return grpc.insecure_channel(self.address, options=[
            ("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)])

    def terminate(self, seconds=15):
        """SIGTERM and wait: the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.directory.cleanup()


class DaemonCase(unittest.TestCase):
    """One daemon for a class of tests; tests use keys of their own."""
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(*cls.OPTIONS)
        cls.channel = cls.daemon.channel()
        cls.records = Stub(cls.channel, "haihe.v1.RecordService")
        cls.match = Stub(cls.channel, "haihe.v1.MatchService")
        cls.admin = Stub(cls.channel, "haihe.v1.AdminService")
        cls.health = Stub(cls.channel, "grpc.health.v1.Health")

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        code = cls.daemon.terminate()
        log = cls.daemon.log()
        cls.daemon.__exit__()
        assert code == 0, f"haihed ended with {code}:\n{log}"

    def apply(self, *changes):
        """Sends changes on one stream; the answers."""
        return list(self.records.Apply(iter(changes), timeout=20))

    def put(self, *records):
        """Upserts that must succeed; the last sequence."""
        answers = self.apply(*[upsert(record) for record in records])
        for answer in answers:
            self.assertEqual(answer.WhichOneof("result"), "applied", answer)
        return answers[-1].applied.sequence

    def assertRefused(self, call, code, *parts):
        """The call fails with this status code; its message holds every part. The details."""
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        error = caught.exception
        self.assertEqual(error.code(), code, error)
        for part in parts:
            self.assertIn(part, error.details())
        return details_of_call(error)


def upsert(record, **more):
    field = "upsert_vacancy" if isinstance(record, record_pb2.Vacancy) else "upsert_applicant"
    return record_service_pb2.ApplyRequest(**{field: record}, **more)


def details_of_call(error):
    """field -> description, and rule, from grpc-status-details-bin."""
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            return details_of_status(status_pb2.Status.FromString(value))
    return {}, ""


def details_of_status(status):
    fields, rule = {}, ""
    for detail in status.details:
        if detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad = error_details_pb2.BadRequest()
            detail.Unpack(bad)
            fields.update({v.field: v.description for v in bad.field_violations})
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            rule = info.reason
    return fields, rule


def vacancy(key, **changes):
    """A lawful vacancy in Tianjin's Heping district."""
    record = record_pb2.Vacancy(
        key=record_pb2.Key(platform="e2e", id=key), title="数控车工 CNC operator",
        skills=[record_pb2.SkillDemand(skill="test-skill-a", importance=4, min_level=3)],
        job_locations=[record_pb2.Place(area_code="120101")],
        base_salary=record_pb2.Salary(min_amount=600000, max_amount=900000, currency="CNY",
                                      unit=record_pb2.PAY_UNIT_MONTH),
        employment_types=[record_pb2.EMPLOYMENT_TYPE_FULL_TIME],
        hiring_organization="海河精密制造有限公司", total_job_openings=3, valid_through="2099-12-31")
    return changed(record, changes)


def applicant(key, **changes):
    """A person in Heping who may be matched and seen."""
    record = record_pb2.Applicant(
        key=record_pb2.Key(platform="e2e", id=key),
        skills=[record_pb2.SkillHeld(skill="test-skill-a", level=4)],
        home=record_pb2.Place(area_code="120101"), max_distance_m=20000,
        wage=record_pb2.WageWish(min_amount=500000, desired_amount=800000, currency="CNY",
                                 unit=record_pb2.PAY_UNIT_MONTH),
        consent=record_pb2.Consent(matching=True, visible_to_employers=True, personalised=True))
    return changed(record, changes)


def changed(record, changes):
    for name, value in changes.items():
        record.ClearField(name)
        if isinstance(value, list):
            getattr(record, name).extend(value)
        elif hasattr(value, "CopyFrom"):
            getattr(record, name).CopyFrom(value)
        else:
            setattr(record, name, value)
    return record

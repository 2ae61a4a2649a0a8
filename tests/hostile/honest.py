"""The client that keeps the rules while others attack: grpcio in a process of its own.

  stdin:  "connect HOST:PORT" | "rounds N"
  stdout: one JSON line for each: {"calls": n, "failures": ["..."]}

A round is a health check, a match, an upsert with its acknowledgement, and, in every third, all of
it on a new connection.
"""
import json
import sys

import grpc
from harness import Stub, applicant, health_pb2, match_service_pb2, upsert, vacancy

DEADLINE_SECONDS = 60  # not a measure of speed: what hangs must end some time


class Honest:
    def __init__(self, address):
        self.address = address
        self.calls = 0
        self.failures = []
        self.channel = self.open()

    def open(self):
        # A pool of its own, so that a new channel is a new connection.
        return grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)])

    def attempt(self, name, call):
        try:
            call()
            self.calls += 1
        except grpc.RpcError as error:
            self.failures.append(f"{name}: {error.code().name}: {error.details()}")
        except AssertionError as error:
            self.failures.append(f"{name}: {error}")

    def once(self, channel, number):
        health = Stub(channel, "grpc.health.v1.Health")
        match = Stub(channel, "haihe.v1.MatchService")
        records = Stub(channel, "haihe.v1.RecordService")

        def check():
            answer = health.Check(health_pb2.HealthCheckRequest(), timeout=DEADLINE_SECONDS)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING, answer

        def find():
            answer = match.MatchVacancies(match_service_pb2.MatchVacanciesRequest(
                applicant=applicant("seeker"), options=match_service_pb2.MatchOptions(k=5)), timeout=DEADLINE_SECONDS)
            assert len(answer.matches) == 5, answer

        def write():
            change = upsert(vacancy(f"honest-{number % 10}"))
            answers = list(records.Apply(iter([change]), timeout=DEADLINE_SECONDS))
            assert [a.WhichOneof("result") for a in answers] == ["applied"], answers

        self.attempt("check", check)
        self.attempt("match", find)
        self.attempt("apply", write)

    def rounds(self, count):
        for number in range(count):
            self.once(self.channel, number)
            if number % 3 == 0:
                with self.open() as channel:
                    self.once(channel, number)


def main():
    honest = None
    for line in sys.stdin:
        word, argument = line.split()
        if word == "connect":
            honest = Honest(argument)
        else:
            honest.calls, honest.failures = 0, []
            honest.rounds(int(argument))
        print(json.dumps({"calls": honest.calls, "failures": honest.failures}), flush=True)


main()

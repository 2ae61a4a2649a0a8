"""RecordService as a platform uses it."""
import grpc
from harness import DaemonCase, applicant, details_of_status, upsert, vacancy
from haihe.v1 import record_pb2, record_service_pb2

VACANCY, APPLICANT = record_pb2.RECORD_KIND_VACANCY, record_pb2.RECORD_KIND_APPLICANT


def get(kind, key, platform="e2e"):
    return record_service_pb2.GetRequest(kind=kind, key=record_pb2.Key(platform=platform, id=key))


def delete(kind, key, **more):
    return record_service_pb2.ApplyRequest(delete=record_service_pb2.DeleteRecord(
        kind=kind, key=record_pb2.Key(platform="e2e", id=key)), **more)


class Records(DaemonCase):
    def test_upsert_is_given_back_as_sent_and_as_understood(self):
        sent = vacancy("roundtrip", base_salary=record_pb2.Salary(
            min_amount=3000, max_amount=4000, currency="CNY", unit=record_pb2.PAY_UNIT_HOUR))
        sequence = self.put(sent)
        record = self.records.Get(get(VACANCY, "roundtrip"), timeout=5)
        self.assertEqual(record.vacancy, sent)
        self.assertEqual(record.sequence, sequence)
        # 30.00 and 40.00 yuan an hour, 8 hours, 21.75 days.
        self.assertEqual(record.normalized_vacancy.wage_min_month_cents, 3000 * 8 * 2175 // 100)
        self.assertEqual(record.normalized_vacancy.wage_max_month_cents, 4000 * 8 * 2175 // 100)
        self.assertTrue(record.normalized_vacancy.open)
        self.assertEqual(len(record.normalized_vacancy.workplaces), 1)
        self.assertAlmostEqual(record.normalized_vacancy.workplaces[0].latitude, 39.1, delta=0.2)

    def test_chinese_skill_label_resolves_to_its_code(self):
        self.put(vacancy("label", skills=[record_pb2.SkillDemand(skill="电焊")]))
        other = applicant("label", skills=[record_pb2.SkillHeld(skill="不存在的技能", level=2)])
        answer = self.apply(upsert(other))[0]
        self.assertEqual(list(answer.applied.unresolved_skills), ["不存在的技能"])
        normalized = self.records.Get(get(APPLICANT, "label"), timeout=5).normalized_applicant
        self.assertEqual(list(normalized.unresolved_skills), ["不存在的技能"])

    def test_answers_come_in_order_and_a_refused_change_does_not_end_the_stream(self):
        bad = vacancy("order-bad", total_job_openings=0)
        answers = self.apply(upsert(vacancy("order-1"), request_id=7),
                             upsert(bad, request_id=8),
                             upsert(applicant("order-2"), request_id=9),
                             delete(VACANCY, "order-none", request_id=10))
        self.assertEqual([a.request_id for a in answers], [7, 8, 9, 10])
        self.assertEqual([a.WhichOneof("result") for a in answers],
                         ["applied", "error", "applied", "error"])
        self.assertEqual(answers[1].error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        fields, rule = details_of_status(answers[1].error)
        self.assertIn("upsert_vacancy.total_job_openings", fields)
        self.assertEqual(rule, "MISSING_HEADCOUNT")
        self.assertEqual(answers[3].error.code, grpc.StatusCode.NOT_FOUND.value[0])
        self.assertEqual(answers[2].applied.sequence, answers[0].applied.sequence + 1)

    def test_same_upsert_twice_gives_the_same_state(self):
        self.put(applicant("twice"))
        first = self.records.Get(get(APPLICANT, "twice"), timeout=5)
        self.put(applicant("twice"))
        second = self.records.Get(get(APPLICANT, "twice"), timeout=5)
        self.assertEqual(first.applicant, second.applicant)
        self.assertEqual(first.hash, second.hash)
        self.assertGreater(second.sequence, first.sequence)

    def test_upsert_replaces_the_whole_record(self):
        self.put(vacancy("whole", tags=["fair-a"], licences=["焊工证"]))
        self.put(vacancy("whole"))
        record = self.records.Get(get(VACANCY, "whole"), timeout=5).vacancy
        self.assertEqual(list(record.tags), [])
        self.assertEqual(list(record.licences), [])

    def test_delete_then_get_is_not_found_and_the_key_can_be_used_again(self):
        self.put(vacancy("gone"))
        self.assertEqual(self.apply(delete(VACANCY, "gone"))[0].WhichOneof("result"), "applied")
        self.assertRefused(lambda: self.records.Get(get(VACANCY, "gone"), timeout=5),
                           grpc.StatusCode.NOT_FOUND, "gone")
        self.put(vacancy("gone"))
        self.records.Get(get(VACANCY, "gone"), timeout=5)

    def test_set_status_changes_only_the_status(self):
        sent = vacancy("status", tags=["kept"])
        self.put(sent)
        change = record_service_pb2.SetStatus(
            key=sent.key, vacancy_status=record_pb2.VACANCY_STATUS_PAUSED)
        answer = self.apply(record_service_pb2.ApplyRequest(set_status=change))[0]
        self.assertEqual(answer.WhichOneof("result"), "applied", answer)
        record = self.records.Get(get(VACANCY, "status"), timeout=5)
        sent.status = record_pb2.VACANCY_STATUS_PAUSED
        self.assertEqual(record.vacancy, sent)
        self.assertFalse(record.normalized_vacancy.open)

    def test_if_sequence_guards_against_a_lost_update(self):
        sequence = self.put(vacancy("guard"))
        stale = self.apply(upsert(vacancy("guard"), if_sequence=sequence + 999))[0]
        self.assertEqual(stale.error.code, grpc.StatusCode.ABORTED.value[0])
        self.assertEqual(details_of_status(stale.error)[1], "SEQUENCE_MISMATCH")
        right = self.apply(upsert(vacancy("guard"), if_sequence=sequence))[0]
        self.assertEqual(right.WhichOneof("result"), "applied", right)
        exists = self.apply(upsert(vacancy("guard"), if_sequence=0))[0]
        self.assertEqual(exists.error.code, grpc.StatusCode.ABORTED.value[0])
        fresh = self.apply(upsert(vacancy("guard-new"), if_sequence=0))[0]
        self.assertEqual(fresh.WhichOneof("result"), "applied", fresh)

    def test_batch_get_keeps_the_order_and_names_what_is_missing(self):
        self.put(vacancy("batch-1"), vacancy("batch-2"))
        keys = [record_pb2.Key(platform="e2e", id=i) for i in ("batch-2", "batch-none", "batch-1")]
        answer = self.records.BatchGet(
            record_service_pb2.BatchGetRequest(kind=VACANCY, keys=keys), timeout=5)
        self.assertEqual([r.vacancy.key.id for r in answer.records], ["batch-2", "batch-1"])
        self.assertEqual([k.id for k in answer.missing], ["batch-none"])

    def test_list_pages_through_a_platform_in_key_order(self):
        wanted = sorted(f"页-{i:03}" for i in range(25))
        changes = []
        for key in wanted:
            record = vacancy(key)
            record.key.platform = "lister"
            changes.append(record)
        self.put(*changes)
        listed, after = [], ""
        while True:
            page = self.records.List(record_service_pb2.ListRequest(
                kind=VACANCY, platform="lister", after_id=after, page_size=10), timeout=5)
            listed += page.records
            if not page.more:
                break
            after = page.records[-1].id
        self.assertEqual([r.id for r in listed], sorted(wanted, key=lambda s: s.encode()))
        one = self.records.Get(get(VACANCY, wanted[3], "lister"), timeout=5)
        self.assertEqual((listed[3].sequence, listed[3].hash), (one.sequence, one.hash))

    def test_vacancies_and_applicants_have_separate_keys(self):
        self.put(vacancy("both"), applicant("both"))
        self.assertTrue(self.records.Get(get(VACANCY, "both"), timeout=5).HasField("vacancy"))
        self.assertTrue(self.records.Get(get(APPLICANT, "both"), timeout=5).HasField("applicant"))

    def test_a_thousand_changes_pipelined_are_all_applied_in_order(self):
        answers = self.apply(*[upsert(applicant(f"many-{i}"), request_id=i) for i in range(1000)])
        self.assertEqual([a.request_id for a in answers], list(range(1000)))
        sequences = [a.applied.sequence for a in answers]
        self.assertEqual(sequences, sorted(set(sequences)))

    def test_requests_without_kind_or_key_are_refused_by_name(self):
        self.assertRefused(lambda: self.records.Get(record_service_pb2.GetRequest(), timeout=5),
                           grpc.StatusCode.INVALID_ARGUMENT, "kind")
        self.assertRefused(lambda: self.records.List(
            record_service_pb2.ListRequest(kind=VACANCY, platform="x", page_size=10001), timeout=5),
            grpc.StatusCode.INVALID_ARGUMENT, "page_size", "10001")
        answer = self.apply(record_service_pb2.ApplyRequest(request_id=3))[0]
        self.assertEqual(answer.error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])


class IngestGate(DaemonCase):
    def assertRule(self, record, rule, field):
        answer = self.apply(upsert(record))[0]
        self.assertEqual(answer.WhichOneof("result"), "error", f"{rule}: was applied")
        fields, reason = details_of_status(answer.error)
        self.assertEqual(reason, rule.upper(), answer)
        self.assertTrue(any(f.startswith(field) for f in fields), fields)
        self.assertRefused(lambda: self.records.Get(get(VACANCY, record.key.id), timeout=5),
                           grpc.StatusCode.NOT_FOUND)

    def test_each_rule_refuses_by_its_id_and_stores_nothing(self):
        salary = record_pb2.Salary
        month, hour = record_pb2.PAY_UNIT_MONTH, record_pb2.PAY_UNIT_HOUR
        cases = [
            (vacancy("g1", title=""), "missing_content", "upsert_vacancy.title"),
            (vacancy("g2", hiring_organization=""), "missing_employer",
             "upsert_vacancy.hiring_organization"),
            (vacancy("g3", total_job_openings=0), "missing_headcount",
             "upsert_vacancy.total_job_openings"),
            (vacancy("g4", job_locations=[]), "missing_place", "upsert_vacancy.job_locations"),
            (vacancy("g5", base_salary=salary()), "missing_pay", "upsert_vacancy.base_salary"),
            (vacancy("g6", valid_through=""), "missing_validity", "upsert_vacancy.valid_through"),
            (vacancy("g7", valid_through="2020-01-01"), "already_expired",
             "upsert_vacancy.valid_through"),
            (vacancy("g8", base_salary=salary(min_amount=231999, max_amount=300000, currency="CNY",
                                              unit=month)),
             "wage_below_statutory_minimum", "upsert_vacancy.base_salary.min_amount"),
            (vacancy("g9", base_salary=salary(min_amount=2439, currency="CNY", unit=hour)),
             "wage_below_statutory_minimum", "upsert_vacancy.base_salary.min_amount"),
        ]
        for record, rule, field in cases:
            with self.subTest(rule=rule, key=record.key.id):
                self.assertRule(record, rule, field)

    def test_the_minimum_itself_is_lawful(self):
        self.put(vacancy("min", base_salary=record_pb2.Salary(
            min_amount=232000, currency="CNY", unit=record_pb2.PAY_UNIT_MONTH)))
        self.put(vacancy("negotiable", base_salary=record_pb2.Salary(negotiable=True)))

    def test_a_resident_identity_number_as_key_is_refused(self):
        answer = self.apply(upsert(vacancy("11010519491231002X")))[0]  # the standard's own example
        self.assertEqual(details_of_status(answer.error)[1], "IDENTITY_NUMBER")
        self.put(vacancy("110105194912310021"))  # a wrong checksum is no identity number

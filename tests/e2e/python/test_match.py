"""MatchService: ranked, explained, exact."""
import json
import random
import subprocess

import grpc
from harness import BUILD, DaemonCase, applicant, vacancy
from haihe.v1 import match_service_pb2 as m
from haihe.v1 import record_pb2, record_service_pb2


def key(identifier):
    return record_pb2.Key(platform="e2e", id=identifier)


def for_applicant(identifier, **options):
    return m.MatchVacanciesRequest(applicant_key=key(identifier), options=m.MatchOptions(**options))


def for_vacancy(identifier, **options):
    return m.MatchApplicantsRequest(vacancy_key=key(identifier), options=m.MatchOptions(**options))


class Match(DaemonCase):
    """A market of 300 vacancies and 200 people over 12 skills."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        draw = random.Random(20261123)
        names = ["电焊", "数控编程"] + [f"e2e-skill-{i}" for i in range(10)]
        month = record_pb2.PAY_UNIT_MONTH
        records = []
        for i in range(300):
            pay = draw.randrange(250000, 1500000, 10000)
            records.append(vacancy(
                f"v{i:03}", skills=[record_pb2.SkillDemand(
                    skill=name, importance=draw.randint(0, 5), min_level=draw.randint(0, 8))
                    for name in draw.sample(names, draw.randint(1, 5))],
                job_locations=[record_pb2.Place(point=record_pb2.GeoPoint(
                    latitude=39.1 + draw.uniform(-.2, .2), longitude=117.2 + draw.uniform(-.2, .2)),
                    area_code="1201%02d" % draw.randint(1, 6))],
                base_salary=record_pb2.Salary(min_amount=pay, max_amount=pay + 100000,
                                              currency="CNY", unit=month),
                hiring_organization=f"企业{i % 7}", tags=["fair"] if i % 3 == 0 else [],
                job_location_type=i % 10 == 0 and record_pb2.JOB_LOCATION_TYPE_REMOTE or 0))
        for i in range(200):
            records.append(applicant(
                f"a{i:03}", skills=[record_pb2.SkillHeld(skill=name, level=draw.randint(0, 8))
                                    for name in draw.sample(names, draw.randint(1, 6))],
                home=record_pb2.Place(point=record_pb2.GeoPoint(
                    latitude=39.1 + draw.uniform(-.2, .2), longitude=117.2 + draw.uniform(-.2, .2))),
                consent=record_pb2.Consent(matching=i % 11 != 0, visible_to_employers=i % 5 != 0,
                                           personalised=True)))
        case = cls("test_matches_come_best_first")
        cls.sequence = case.put(*records)

    def vacancies(self, identifier, **options):
        return self.match.MatchVacancies(for_applicant(identifier, **options), timeout=10)

    def applicants(self, identifier, **options):
        return self.match.MatchApplicants(for_vacancy(identifier, **options), timeout=10)

    def test_matches_come_best_first(self):
        answer = self.vacancies("a001", k=50, count_gates=True)
        order = [(-x.score, x.tie, x.key.platform, x.key.id) for x in answer.matches]
        self.assertGreater(len(order), 5)
        self.assertEqual(order, sorted(order))
        self.assertGreaterEqual(answer.candidate_count, 300)
        self.assertEqual(answer.passed_count + sum(r.removed for r in answer.removed),
                         answer.candidate_count)
        self.assertGreaterEqual(answer.sequence, self.sequence)

    def test_every_match_has_the_score_that_explain_gives_and_its_points_recombine(self):
        weights = dict(zip(("skill", "location", "wage", "occupation", "experience", "education"),
                           (550, 200, 150, 50, 30, 20)))
        for match in self.vacancies("a001", k=20).matches:
            total = sum(getattr(match.points, name) * w for name, w in weights.items())
            self.assertEqual(match.score, total)
            why = self.match.Explain(m.ExplainRequest(
                vacancy_key=match.key, applicant_key=key("a001")), timeout=5)
            self.assertEqual(why.score, match.score)
            self.assertTrue(why.passes_gates)
            self.assertEqual(sum(c.contribution for c in why.criteria), match.score)
            self.assertEqual(len(why.gates), 12)

    def test_both_directions_give_a_pair_the_same_score(self):
        best = self.vacancies("a001", k=10).matches
        for match in best:
            back = self.match.MatchApplicants(for_vacancy(match.key.id, k=1000), timeout=5)
            scores = {x.key.id: x.score for x in back.matches}
            self.assertEqual(scores["a001"], match.score)

    def test_pages_put_together_are_the_whole_list(self):
        whole = self.vacancies("a002", k=1000).matches
        paged, after = [], None
        while True:
            page = self.vacancies("a002", k=7, after=after).matches
            paged += page
            if len(page) < 7:
                break
            after = m.Cursor(score=page[-1].score, tie=page[-1].tie, key=page[-1].key)
        self.assertEqual([x.key.id for x in paged], [x.key.id for x in whole])

    def test_an_employer_sees_only_who_consents(self):
        seen = {x.key.id for x in self.applicants("v001", k=1000, soft_gates=[
            m.SoftGate(gate=g, penalty=0) for g in (4, 5, 6, 7)]).matches}
        self.assertGreater(len(seen), 100)
        for number in (int(i[1:]) for i in seen if i[1:].isdigit()):
            self.assertTrue(number % 5 != 0 and number % 11 != 0, number)

    def test_the_gates_are_counted_only_when_asked_for_and_the_matches_are_the_same(self):
        draw = random.Random(8)
        found = 0
        for _ in range(100):
            options = dict(k=draw.choice([1, 5, 20, 1000]), soft_gates=[
                m.SoftGate(gate=g, penalty=draw.randrange(0, 3000000))
                for g in draw.sample(range(4, 12), draw.randint(0, 3))])
            if draw.random() < .3:
                options["filter"] = m.Filter(area_codes=["1201%02d" % draw.randint(1, 6)])
            ask, subject = draw.choice([(self.vacancies, f"a{draw.randrange(200):03}"),
                                        (self.applicants, f"v{draw.randrange(300):03}")])
            plain, counted = ask(subject, **options), ask(subject, count_gates=True, **options)
            self.assertEqual(list(plain.matches), list(counted.matches), options)
            self.assertEqual((plain.passed_count, len(plain.removed)), (0, 0))
            self.assertLessEqual(plain.candidate_count, counted.candidate_count)
            self.assertEqual(counted.passed_count + sum(r.removed for r in counted.removed),
                             counted.candidate_count)
            found += len(plain.matches)
        self.assertGreater(found, 1000)

    def haihectl(self, *arguments):
        return subprocess.run([BUILD / "haihectl", "match", *arguments, "--server", self.daemon.address],
                              capture_output=True, text=True, timeout=20, check=True).stdout

    def test_haihectl_shows_the_counts_when_asked_for(self):
        answer = self.vacancies("a001", k=3, count_gates=True)
        plain = self.haihectl("vacancies", "e2e:a001", "-k", "3")
        self.assertNotIn("passed the gates", plain)
        self.assertEqual(self.haihectl("vacancies", "e2e:a001", "-k", "3", "--counts"), plain +
                         f"{answer.passed_count} of {answer.candidate_count} vacancies passed the gates; "
                         "removed: " + ", ".join(f"{m.Gate.Name(r.gate)[5:].lower()} {r.removed}"
                                                 for r in answer.removed) + "\n")
        plain = json.loads(self.haihectl("vacancies", "e2e:a001", "-k", "3", "--json"))
        counted = json.loads(self.haihectl("vacancies", "e2e:a001", "-k", "3", "--json", "--counts"))
        self.assertEqual(plain["removed"], [])
        self.assertEqual(len(counted["removed"]), len(answer.removed))
        self.assertEqual(plain["matches"], counted["matches"])

    def test_haihectl_says_why_there_is_no_match(self):
        count = self.vacancies("a011", count_gates=True).candidate_count
        self.assertEqual(self.haihectl("vacancies", "e2e:a011"),
                         f"no match\n0 of {count} vacancies passed the gates; removed: consent {count}\n")
        answer = json.loads(self.haihectl("vacancies", "e2e:a011", "--json"))
        self.assertEqual(answer["matches"], [])
        self.assertEqual([(r["gate"], int(r["removed"])) for r in answer["removed"]],
                         [("GATE_CONSENT", count)])

    def test_without_consent_to_matching_the_answer_is_empty_and_says_why(self):
        answer = self.vacancies("a011", count_gates=True)
        self.assertEqual(len(answer.matches), 0)
        removed = {r.gate: r.removed for r in answer.removed}
        self.assertEqual(set(removed), {m.GATE_CONSENT})
        self.assertEqual(removed[m.GATE_CONSENT], answer.candidate_count)

    def test_an_inline_person_is_ranked_like_a_stored_one(self):
        stored = self.records.Get(record_service_pb2.GetRequest(
            kind=record_pb2.RECORD_KIND_APPLICANT, key=key("a003")), timeout=5).applicant
        stored.ClearField("key")
        inline = self.match.MatchVacancies(
            m.MatchVacanciesRequest(applicant=stored, options=m.MatchOptions(k=30)), timeout=5)
        self.assertEqual([(x.key.id, x.score) for x in inline.matches],
                         [(x.key.id, x.score) for x in self.vacancies("a003", k=30).matches])

    def test_filters_keep_only_what_was_asked_for(self):
        everything = dict(k=1000, soft_gates=[m.SoftGate(gate=g, penalty=0) for g in (4, 5, 6, 7)])
        tagged = self.vacancies("a001", filter=m.Filter(tags=["FAIR"]), **everything).matches
        self.assertEqual({int(x.key.id[1:]) % 3 for x in tagged if x.key.id[1:].isdigit()}, {0})
        remote = self.vacancies("a001", filter=m.Filter(remote_only=True), **everything).matches
        self.assertEqual(len(remote), 30)
        one = self.vacancies("a001", filter=m.Filter(organizations=["企业3"]), **everything).matches
        self.assertEqual({x.hiring_organization for x in one}, {"企业3"})
        none = self.vacancies("a001", filter=m.Filter(platforms=["nobody"]),
                              count_gates=True, **everything)
        self.assertEqual(len(none.matches), 0)
        self.assertIn(m.GATE_FILTER, [r.gate for r in none.removed if r.removed])

    def test_a_softened_gate_costs_its_penalty(self):
        far = applicant("softy", home=record_pb2.Place(area_code="110000"), max_distance_m=1000)
        self.put(far)
        hard = self.vacancies("softy", k=1000)
        soft = self.vacancies("softy", k=1000, soft_gates=[
            m.SoftGate(gate=m.GATE_TOO_FAR, penalty=1000000),
            m.SoftGate(gate=m.GATE_NO_RELATED_SKILL, penalty=0)])
        self.assertGreater(len(soft.matches), len(hard.matches))
        paid = [x for x in soft.matches if m.GATE_TOO_FAR in x.softened_gates]
        self.assertTrue(paid)
        for match in paid:
            why = self.match.Explain(m.ExplainRequest(
                vacancy_key=match.key, applicant_key=key("softy"),
                options=m.MatchOptions(soft_gates=[
                    m.SoftGate(gate=m.GATE_TOO_FAR, penalty=1000000),
                    m.SoftGate(gate=m.GATE_NO_RELATED_SKILL, penalty=0)])), timeout=5)
            self.assertEqual(why.score, match.score)
            self.assertEqual(why.penalty_total, 1000000)

    def test_weights_of_the_request_replace_the_profile(self):
        only_wage = m.Weights(wage=1000)
        for match in self.vacancies("a001", k=20, weights=only_wage).matches:
            self.assertEqual(match.score, match.points.wage * 1000)
            self.assertFalse(match.HasField("fit_bp"))
            self.assertEqual(match.appeal_bp, match.points.wage)

    def test_a_change_is_seen_by_the_next_search(self):
        for round_number in range(50):
            sequence = self.put(vacancy(f"fresh-{round_number}", hiring_organization="新企业", skills=[]))
            answer = self.vacancies("a001", k=1000, min_sequence=sequence,
                                    filter=m.Filter(organizations=["新企业"]))
            self.assertEqual(len(answer.matches), round_number + 1)
        gone = [record_service_pb2.ApplyRequest(delete=record_service_pb2.DeleteRecord(
            kind=record_pb2.RECORD_KIND_VACANCY, key=key(f"fresh-{i}"))) for i in range(50)]
        self.apply(*gone)
        self.assertEqual(len(self.vacancies("a001", k=1000, filter=m.Filter(
            organizations=["新企业"])).matches), 0)

    def test_wrong_requests_name_field_and_value(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        cases = [
            (dict(k=1001), "options.k", "1001"),
            (dict(k=-1), "options.k", "-1"),
            (dict(weights=m.Weights(skill=999)), "options.weights", "999"),
            (dict(weights=m.Weights(skill=1001, wage=-1)), "options.weights.skill", "1001"),
            (dict(weights=m.Weights(skill=1000, wage=-1)), "options.weights.wage", "-1"),
            (dict(soft_gates=[m.SoftGate(gate=m.GATE_CONSENT)]), "options.soft_gates[0].gate", ""),
            (dict(soft_gates=[m.SoftGate(gate=99)]), "options.soft_gates[0].gate", "99"),
            (dict(soft_gates=[m.SoftGate(gate=5, penalty=-1)]), "options.soft_gates[0].penalty", "-1"),
            (dict(filter=m.Filter(wage_at_least_month_cents=-5)),
             "options.filter.wage_at_least_month_cents", "-5"),
        ]
        for options, field, value in cases:
            with self.subTest(field=field, value=value):
                fields, _ = self.assertRefused(lambda: self.vacancies("a001", **options), invalid,
                                               value)
                self.assertTrue(any(f.startswith(field) for f in fields), fields)
        self.assertRefused(lambda: self.vacancies("a001", profile="nope"),
                           grpc.StatusCode.NOT_FOUND, "nope")
        self.assertRefused(lambda: self.vacancies("nobody"), grpc.StatusCode.NOT_FOUND, "nobody")
        self.assertRefused(lambda: self.vacancies("a001", min_sequence=1 << 40),
                           grpc.StatusCode.FAILED_PRECONDITION, str(1 << 40))
        self.assertRefused(lambda: self.match.MatchVacancies(m.MatchVacanciesRequest(), timeout=5),
                           invalid, "subject")

    def test_explain_names_every_gate_skill_and_what_would_change(self):
        self.put(vacancy("why", skills=[
            record_pb2.SkillDemand(skill="电焊", importance=5, min_level=4, essential=True),
            record_pb2.SkillDemand(skill="e2e-skill-1", importance=2)], licences=["焊工证"]),
            applicant("why", skills=[record_pb2.SkillHeld(skill="电焊", level=2)]))
        why = self.match.Explain(m.ExplainRequest(
            vacancy_key=key("why"), applicant_key=key("why")), timeout=5)
        self.assertFalse(why.passes_gates)
        failed = {g.rule: g.reason for g in why.gates if g.failed}
        self.assertEqual(set(failed), {"essential_skill_missing", "licence_missing"})
        self.assertIn("焊工证", failed["licence_missing"])
        self.assertEqual([s.kind for s in why.skills],
                         [m.SKILL_MATCH_KIND_MATCHED, m.SKILL_MATCH_KIND_MISSING])
        self.assertEqual(why.skills[0].credit_bp, 5000)  # level 2 of 4
        skill = next(c for c in why.criteria if c.criterion == m.CRITERION_SKILL)
        self.assertEqual(skill.points_bp, 5 * 5000 // 7)
        self.assertTrue(why.counterfactuals)
        self.assertTrue(any(c.score > why.score for c in why.counterfactuals))

"""A wrong value in any field of both records: INVALID_ARGUMENT naming field and value, nothing
changed. The table is held against the descriptors, so a new field without a case fails."""
import unittest

import grpc
from harness import DaemonCase, applicant, details_of_status, upsert, vacancy
from haihe.v1 import record_pb2 as r
from haihe.v1 import record_service_pb2

LONG = "长" * 6000  # 18,000 bytes: too long for every text


def at(record, path):
    """The message that holds the last name of a path such as 'skills.level', made where absent."""
    *folders, name = path.split(".")
    for folder in folders:
        field = getattr(record, folder)
        if hasattr(field, "add"):
            record = field[0] if len(field) else field.add()
        else:
            field.SetInParent()
            record = field
    return record, name


def wrong(value, shown=None, also=None):
    """Sets the leaf to a value; `also` is done to the leaf's message before. The answer's value
    must show `shown`."""
    def change(record, path):
        message, name = at(record, path)
        if also:
            also(message)
        field = getattr(message, name)
        if hasattr(field, "append"):
            del field[:]
            field.append(value)
        else:
            setattr(message, name, value)
    return change, str(value) if shown is None else shown


def many(count, make):
    """A repeated field with too many items; the answer's value is the count."""
    def change(record, path):
        message, name = at(record, path)
        field = getattr(message, name)
        del field[:]
        for index in range(count):
            item = make(index)
            if isinstance(item, (str, int)):
                field.append(item)
            else:
                field.add().CopyFrom(item)
    return change, str(count)


def twice(*items):
    """A repeated field that names one thing twice."""
    def change(record, path):
        message, name = at(record, path)
        field = getattr(message, name)
        del field[:]
        for item in items:
            if isinstance(item, (str, int)):
                field.append(item)
            else:
                field.add().CopyFrom(item)
    return change, ""


def paid(message):
    """Makes a Salary or WageWish lawful but for what comes next."""
    message.min_amount = 600000
    message.unit = r.PAY_UNIT_MONTH
    message.currency = "CNY"


def skilled(message):
    message.skill = "焊接"


TEXT = [wrong(LONG, "长"), wrong("a\x01b", "a")]
KEY = {"key.platform": [wrong("", ""), wrong("p" * 65, "ppp"), wrong("a\x00b", "a")],
       "key.id": [wrong("", ""), wrong("i" * 65, "iii"),
                  wrong("11010519491231002X", "110105************")]}  # never repeated in full


def place(prefix):
    located = lambda message: message.SetInParent()  # noqa: E731
    return {
        f"{prefix}.point.latitude": [wrong(90.5), wrong(-91.0, "-91"), wrong(float("nan"), "nan")],
        f"{prefix}.point.longitude": [wrong(180.5), wrong(float("inf"), "inf")],
        f"{prefix}.area_code": [wrong("999999"), wrong(LONG, "长")],
        f"{prefix}.address": [wrong(LONG, "长", located)],
    }


def occupation(prefix):
    coded = lambda message: setattr(message, "code", "7212")  # noqa: E731
    return {
        f"{prefix}.system": [wrong("ISCO 08", also=coded), wrong("s" * 33, "sss", coded)],
        f"{prefix}.code": [wrong("72_12"), wrong("1" * 33, "111")],
        f"{prefix}.label": [wrong(LONG, "长", coded)],
    }


def language(prefix):
    return {
        f"{prefix}.language": [wrong(""), wrong("x"), wrong("english-uk"), wrong("z1")],
        f"{prefix}.level": [wrong(99, also=lambda m: setattr(m, "language", "en"))],
    }


TAGS = [many(17, lambda i: f"tag-{i}"), wrong("t" * 65, "ttt"), wrong("", "")]
TYPES = [wrong(99), wrong(0), many(9, lambda i: 1 + i % 8), twice(1, 1)]

VACANCY = {
    **KEY,
    "title": TEXT + [wrong("t" * 201, "ttt")],
    "description": [wrong("d" * 16385, "ddd"), wrong("a\x02", "a")],
    **occupation("occupational_category"),
    "skills": [many(65, lambda i: r.SkillDemand(skill=f"s{i}")),
               twice(r.SkillDemand(skill="焊接"), r.SkillDemand(skill="焊接"))],
    "skills.skill": [wrong(""), wrong("s" * 201, "sss")],
    "skills.importance": [wrong(6, also=skilled), wrong(-1, also=skilled)],
    "skills.min_level": [wrong(9, also=skilled), wrong(-1, also=skilled)],
    "job_locations": [many(21, lambda i: r.Place(area_code="120101"))],
    **place("job_locations"),
    "job_location_type": [wrong(99)],
    "base_salary.min_amount": [wrong(-1), wrong(10**13 + 1), wrong(9999999, also=lambda m: (
        paid(m), setattr(m, "max_amount", 700000)))],
    "base_salary.max_amount": [wrong(-1), wrong(10**13 + 1)],
    "base_salary.currency": [wrong("cny", also=paid), wrong("XXX", also=paid), wrong("CN", also=paid)],
    "base_salary.unit": [wrong(99, also=paid), wrong(0, "", also=paid)],
    "base_salary.months_per_year": [wrong(11, also=paid), wrong(25, also=paid), wrong(-1, also=paid)],
    "employment_types": TYPES,
    "hiring_organization": TEXT + [wrong("o" * 201, "ooo")],
    "total_job_openings": [wrong(-1), wrong(100001)],
    "date_posted": [wrong("2026-13-01"), wrong("yesterday"), wrong("2026-02-30")],
    "valid_through": [wrong("2026-1-1"), wrong("31.12.2099")],
    "education_level": [wrong(99)],
    "months_of_experience": [wrong(-1), wrong(721)],
    "languages": [many(9, lambda i: r.LanguageSkill(language="a" + chr(97 + i))),
                  twice(r.LanguageSkill(language="en"), r.LanguageSkill(language="EN"))],
    **language("languages"),
    "licences": [many(17, lambda i: f"licence-{i}"), wrong("l" * 101, "lll"), wrong("", "")],
    "tags": TAGS,
    "status": [wrong(99)],
}
# A boolean has no wrong value: both are accepted, which the last test shows.
VACANCY_FREE = {"skills.essential", "base_salary.negotiable"}

APPLICANT = {
    **KEY,
    "skills": [many(65, lambda i: r.SkillHeld(skill=f"s{i}")),
               twice(r.SkillHeld(skill="x1"), r.SkillHeld(skill="Ｘ1"))],
    "skills.skill": [wrong(""), wrong("s" * 201, "sss")],
    "skills.level": [wrong(9, also=skilled), wrong(-1, also=skilled)],
    **place("home"),
    "max_distance_m": [wrong(-1), wrong(20000001)],
    "wage.min_amount": [wrong(-1), wrong(10**13 + 1), wrong(700001, also=lambda m: (
        paid(m), setattr(m, "desired_amount", 700000)))],
    "wage.desired_amount": [wrong(-1), wrong(10**13 + 1)],
    "wage.currency": [wrong("cny", also=paid), wrong("XXX", also=paid)],
    "wage.unit": [wrong(99, also=paid), wrong(0, "", also=paid)],
    "desired_occupations": [many(17, lambda i: r.Occupation(code=f"{1000 + i}"))],
    **occupation("desired_occupations"),
    "employment_types": TYPES,
    "education_level": [wrong(99)],
    "months_of_experience": [wrong(-1), wrong(721)],
    "languages": [many(17, lambda i: r.LanguageSkill(language="a" + chr(97 + i)))],
    **language("languages"),
    "licences": [many(33, lambda i: f"licence-{i}"), wrong("l" * 101, "lll"), wrong("", "")],
    "available_from": [wrong("soon"), wrong("2026-02-29")],
    "priority_groups": [wrong("unheard_of"), many(9, lambda i: "graduate")],
    "tags": TAGS,
    "excluded_organizations": [many(33, lambda i: f"o{i}"), wrong("o" * 201, "ooo"), wrong("", "")],
    "status": [wrong(99)],
}
APPLICANT_FREE = {"consent.matching", "consent.visible_to_employers", "consent.personalised"}


def leaves(descriptor, prefix=""):
    """Every field path: leaves, and repeated messages as lists of their own."""
    for field in descriptor.fields:
        path = prefix + field.name
        if field.message_type:
            if field.label == field.LABEL_REPEATED:
                yield path
            yield from leaves(field.message_type, path + ".")
        else:
            yield path


class TableIsComplete(unittest.TestCase):
    def test_every_field_of_the_descriptors_has_a_case(self):
        for message, table, free in ((r.Vacancy, VACANCY, VACANCY_FREE),
                                     (r.Applicant, APPLICANT, APPLICANT_FREE)):
            self.assertEqual(set(leaves(message.DESCRIPTOR)), set(table) | free)
            for path in free:
                name = path.split(".")[-1]
                self.assertIn(name, {f.name for m in r.DESCRIPTOR.message_types_by_name.values()
                                     for f in m.fields if f.type == f.TYPE_BOOL})


class EveryField(DaemonCase):
    def check(self, make, prefix, table):
        for path, cases in table.items():
            for number, (change, shown) in enumerate(cases):
                with self.subTest(field=path, case=number):
                    self.check_one(make, prefix, path, change, shown)

    def check_one(self, make, prefix, path, change, shown):
        kept = make("kept")
        sequence = self.put(kept)
        record = make("kept")
        change(record, path)
        answer = self.apply(upsert(record))[0]
        self.assertEqual(answer.WhichOneof("result"), "error", "was applied")
        self.assertEqual(answer.error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        fields, rule = details_of_status(answer.error)
        self.assertTrue(rule, "no rule id")
        named = {"".join(part if i == 0 else part.split("]")[-1]
                         for i, part in enumerate(f.split("["))) for f in fields}
        # An error in a list may name the item's own field: skills[1].skill for a duplicate.
        self.assertTrue(any(f == f"{prefix}.{path}" or f.startswith(f"{prefix}.{path}.")
                            for f in named), f"{path} is not among {named}")
        self.assertIn(shown, answer.error.message)
        self.assertIn(shown, " ".join(fields.values()))
        kind = r.RECORD_KIND_VACANCY if prefix == "upsert_vacancy" else r.RECORD_KIND_APPLICANT
        stored = self.records.Get(record_service_pb2.GetRequest(kind=kind, key=kept.key), timeout=5)
        self.assertEqual(stored.sequence, sequence)

    def test_vacancy(self):
        self.check(vacancy, "upsert_vacancy", VACANCY)

    def test_applicant(self):
        self.check(applicant, "upsert_applicant", APPLICANT)

    def test_both_values_of_a_boolean_are_accepted(self):
        for make, free in ((vacancy, VACANCY_FREE), (applicant, APPLICANT_FREE)):
            for path in free:
                for value in (False, True):
                    record = make("free")
                    message, name = at(record, path)
                    setattr(message, name, value)
                    self.put(record)

    def test_text_that_is_no_utf8_is_refused(self):
        """grpcio cannot send it through a message, so the bytes are made by hand."""
        import grpc as transport
        good = upsert(vacancy("utf8", title="ABCDEF")).SerializeToString()
        bad = good.replace(b"ABCDEF", b"AB\xff\xfeEF")
        call = self.channel.stream_stream(
            "/haihe.v1.RecordService/Apply",
            response_deserializer=record_service_pb2.ApplyResponse.FromString)
        answer = list(call(iter([bad]), timeout=5))[0]
        self.assertEqual(answer.error.code, transport.StatusCode.INVALID_ARGUMENT.value[0])
        self.assertIn("upsert_vacancy.title", details_of_status(answer.error)[0])

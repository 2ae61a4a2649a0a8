#!/usr/bin/python3
"""Writes the seeds in tests/fuzz/corpus: a few lawful inputs for each target, from which the fuzzer
mutates. Run after a change of the protos or of a target's input: tests/fuzz/make_corpus.py"""
import gzip
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORPUS = HERE / "corpus"
SEED_LIMIT_BYTES = 4096

GENERATED = tempfile.TemporaryDirectory()
PROTOS = [str(p.relative_to(ROOT / "proto")) for p in sorted((ROOT / "proto").rglob("*.proto"))]
subprocess.run(["protoc", "--proto_path=.", f"--python_out={GENERATED.name}", *PROTOS],
               cwd=ROOT / "proto", check=True)
sys.path.insert(0, GENERATED.name)
sys.dont_write_bytecode = True

import grpc  # noqa: E402
from google.protobuf import any_pb2, json_format  # noqa: E402

# The generated grpc/health and grpc/reflection stand beside Debian's grpc package, not inside it.
grpc.__path__.append(str(pathlib.Path(GENERATED.name, "grpc")))
from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from haihe.v1 import admin_service_pb2 as d  # noqa: E402
from haihe.v1 import match_service_pb2 as m  # noqa: E402
from haihe.v1 import record_pb2 as r  # noqa: E402
from haihe.v1 import record_service_pb2 as s  # noqa: E402
from grpc.health.v1 import health_pb2  # noqa: E402
from grpc.reflection.v1 import reflection_pb2 as f  # noqa: E402

# --- Records --------------------------------------------------------------------------------------

VACANCY = r.Vacancy(
    key=r.Key(platform="tj", id="v-1"), title="数控车工 CNC operator", description="两班倒",
    occupational_category=r.Occupation(system="isco-08", code="7223", label="车工"),
    skills=[r.SkillDemand(skill="焊接", importance=4, min_level=3, essential=True),
            r.SkillDemand(skill="forklift")],
    job_locations=[r.Place(area_code="120101", address="和平路 1 号"),
                   r.Place(point=r.GeoPoint(latitude=39.1, longitude=117.2))],
    job_location_type=r.JOB_LOCATION_TYPE_ON_SITE,
    base_salary=r.Salary(min_amount=600000, max_amount=900000, currency="CNY",
                         unit=r.PAY_UNIT_MONTH, months_per_year=13),
    employment_types=[r.EMPLOYMENT_TYPE_FULL_TIME, r.EMPLOYMENT_TYPE_PART_TIME],
    hiring_organization="海河精密制造有限公司", total_job_openings=3, date_posted="2026-01-01",
    valid_through="2099-12-31", education_level=r.EDUCATION_LEVEL_UPPER_SECONDARY,
    months_of_experience=24, languages=[r.LanguageSkill(language="zh", level=r.LANGUAGE_LEVEL_B1)],
    licences=["叉车证"], tags=["job-fair-2026"], status=r.VACANCY_STATUS_OPEN)
REMOTE = r.Vacancy(
    key=r.Key(platform="tj", id="v-2"), title="程序员", hiring_organization="软件公司",
    job_location_type=r.JOB_LOCATION_TYPE_REMOTE, base_salary=r.Salary(negotiable=True),
    total_job_openings=1, valid_through="2099-12-31")
APPLICANT = r.Applicant(
    key=r.Key(platform="tj", id="a-1"),
    skills=[r.SkillHeld(skill="焊接", level=5), r.SkillHeld(skill="no such skill")],
    home=r.Place(area_code="120102"), max_distance_m=20000,
    wage=r.WageWish(min_amount=3000, desired_amount=5000, currency="CNY", unit=r.PAY_UNIT_HOUR),
    desired_occupations=[r.Occupation(code="7223"), r.Occupation(system="cn-2022", code="6-18")],
    employment_types=[r.EMPLOYMENT_TYPE_FULL_TIME], education_level=r.EDUCATION_LEVEL_BACHELOR,
    months_of_experience=0, languages=[r.LanguageSkill(language="en")], licences=["叉车证"],
    available_from="2026-10-01", priority_groups=["graduate"], tags=["t"],
    excluded_organizations=["某公司"],
    consent=r.Consent(matching=True, visible_to_employers=True, personalised=True),
    status=r.APPLICANT_STATUS_ACTIVE)
OPTIONS = m.MatchOptions(
    k=10, profile="default",
    weights=m.Weights(skill=500, location=200, wage=200, occupation=50, experience=30, education=20),
    soft_gates=[m.SoftGate(gate=m.GATE_TOO_FAR, penalty=500000)],
    filter=m.Filter(platforms=["tj"], tags=["t"], occupations=[r.Occupation(code="72")],
                    area_codes=["120000"], wage_at_least_month_cents=500000, remote_only=True),
    min_sequence=3, after=m.Cursor(score=9000000, tie=7, key=r.Key(platform="tj", id="v-9")), count_gates=True)

APPLY = {
    "vacancy": s.ApplyRequest(request_id=1, upsert_vacancy=VACANCY, if_sequence=0),
    "remote": s.ApplyRequest(request_id=2, upsert_vacancy=REMOTE),
    "applicant": s.ApplyRequest(request_id=3, upsert_applicant=APPLICANT),
    "delete": s.ApplyRequest(delete=s.DeleteRecord(kind=r.RECORD_KIND_VACANCY, key=VACANCY.key)),
    "status": s.ApplyRequest(set_status=s.SetStatus(
        key=APPLICANT.key, applicant_status=r.APPLICANT_STATUS_PLACED)),
}
MATCH = {
    "vacancies-inline": (0, m.MatchVacanciesRequest(applicant=APPLICANT, options=OPTIONS)),
    "vacancies-key": (0, m.MatchVacanciesRequest(applicant_key=APPLICANT.key)),
    "applicants-inline": (1, m.MatchApplicantsRequest(vacancy=VACANCY, options=m.MatchOptions(
        k=1000, filter=m.Filter(priority_groups=["graduate"], wage_at_most_month_cents=9)))),
    "explain": (2, m.ExplainRequest(vacancy=VACANCY, applicant=APPLICANT, options=OPTIONS,
                                    ranking=r.RECORD_KIND_APPLICANT)),
}

def bad_request():
    detail = any_pb2.Any()
    violation = error_details_pb2.BadRequest.FieldViolation(field="weights.skill", description="out of range")
    detail.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    return detail


REQUESTS = {
    "get": (0, s.GetRequest(kind=r.RECORD_KIND_VACANCY, key=VACANCY.key)),
    "batch-get": (1, s.BatchGetRequest(kind=r.RECORD_KIND_APPLICANT,
                                       keys=[APPLICANT.key, VACANCY.key])),
    "list": (2, s.ListRequest(kind=r.RECORD_KIND_VACANCY, platform="tj", after_id="v-0",
                              page_size=10)),
    "backup": (6, d.BackupRequest(directory="/var/backups/haihe")),
    "history": (7, d.HistoryRequest(limit=10, with_records=True, **{"from": 3})),
    "health": (4, health_pb2.HealthCheckRequest(service="haihe.v1.MatchService")),
    "reflect-list": (8, f.ServerReflectionRequest(list_services="*", host="h")),
    "reflect-file": (8, f.ServerReflectionRequest(file_by_filename="haihe/v1/record.proto")),
    "reflect-symbol": (8, f.ServerReflectionRequest(
        file_containing_symbol=".haihe.v1.MatchService.Explain")),
    "reflect-extension": (8, f.ServerReflectionRequest(file_containing_extension=f.ExtensionRequest(
        containing_type="haihe.v1.Vacancy", extension_number=7))),
    "reflect-numbers": (8, f.ServerReflectionRequest(
        all_extension_numbers_of_type="haihe.v1.Key")),
    "status": (5, status_pb2.Status(code=3, message="weights.skill '7': must be 0..1000", details=[bad_request()])),
}
# By the index in fuzz_json.c.
JSON = {
    "apply": (0, APPLY["vacancy"]),
    "match": (1, m.MatchVacanciesRequest(applicant=APPLICANT, options=OPTIONS)),
    "answer": (2, m.MatchResponse(
        matches=[m.Match(key=VACANCY.key, score=9, tie=2**63, fit_bp=0, distance_m=12,
                         softened_gates=[m.GATE_TOO_FAR])],
        removed=[m.GateCount(gate=m.GATE_CLOSED, removed=3)], profile_version=1)),
    "record": (4, r.Record(sequence=7, hash=2**64 - 1, vacancy=REMOTE,
                           normalized_vacancy=r.NormalizedVacancy(
                               wage_min_month_cents=1, workplaces=[r.GeoPoint(latitude=-1e-7)]))),
}


def chosen(number, message):
    return bytes([number]) + message.SerializeToString()


def as_json(number, message):
    text = json_format.MessageToJson(message, preserving_proto_field_name=True, indent=None,
                                     ensure_ascii=False)
    return bytes([number]) + text.encode()


# --- Scripts of fuzz_session.c --------------------------------------------------------------------

SERVER, CLIENT, SMALL, BARE = 0, 1, 2, 4
END = 1
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW = range(9)


def frame(kind, flags, stream, payload=b"", cut=0):
    where = b"" if kind == SETTINGS else bytes([stream])
    return bytes([0, kind, flags]) + where + bytes([len(payload)]) + payload + bytes([cut])


def raw(data, cut=0):
    return bytes([1, len(data)]) + data + bytes([cut])


def headers(stream, faults=0, flags=0, more=b"", cut=0):
    return bytes([2, stream, faults, flags]) + more + bytes([cut])


def message(stream, size, flags=0, cut=0):
    return bytes([3, stream, flags, size >> 8, size & 255, cut])


def pull(size=60000):
    return bytes([4, size >> 8, size & 255])


def wait(ms_root):
    return bytes([6, ms_root])


def act(call, action, more=b""):
    return bytes([8, call, action]) + more


def start(timeout=0, token=b"token"):
    return bytes([12, timeout]) + token


def policy(value):
    return bytes([13, value])


SEND, FINISH, CANCEL, CONSUME, WANT_ROOM, TRAILER, EMPTY, CONSUME_ALL = range(8)
ACCEPT, ECHO = 5, 5 | 16 | 32
STATUS, MESSAGE, DETAILS = 8, 16, 32
SESSION = {
    "server-unary": [SERVER, policy(ECHO | 64), headers(0), message(0, 100, END), pull()],
    "server-many": [SERVER | SMALL, policy(ECHO), *[headers(i) + message(i, 900) for i in range(9)],
                    pull(), act(3, FINISH, b"\x05"), act(2, CANCEL), pull()],
    "server-held": [SERVER | SMALL, policy(ACCEPT), headers(0), *[message(0, 3900)] * 17, pull(),
                    act(0, CONSUME_ALL), pull(), message(0, 3000, 64), frame(DATA, END, 0)],
    "server-stream": [SERVER, policy(4 | 128), headers(0, 0, END), pull(), pull(),
                      frame(WINDOW, 0, 0, b"\0\1\0\0"), pull(), act(0, TRAILER, b"123456789"),
                      act(0, FINISH, b"\x0d"), pull()],
    "server-refusals": [SERVER, policy(ACCEPT), headers(0, 1), headers(1, 4, 0, b"text/html" * 3),
                        headers(2, 8, 0, b"10x"), headers(3, 16, 0, b"\x03a,b"),
                        headers(4, 2, 0, b"/nope/"), message(4, 5, 128), pull()],
    "server-deadline": [SERVER, policy(1), headers(0, 8, END, b"10m"), wait(20), pull(),
                        act(0, FINISH, b"\0"), wait(40), pull()],
    "server-limits": [SERVER | SMALL, *[frame(PING, 0, 0xf0, b"12345678")] * 22, pull()],
    "server-resets": [SERVER | SMALL, policy(2), *[headers(i, 0, END) + frame(RST, 0, i, b"\0\0\0\x08")
                                                   for i in range(22)], pull()],
    "server-drain": [SERVER, policy(ACCEPT), headers(0), bytes([14]), pull(), headers(1),
                     bytes([15, 255]), act(0, FINISH, b"\0"), act(1, FINISH, b"\0"), pull()],
    "server-bare": [SERVER | BARE, raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0", 9),
                    frame(SETTINGS, 0, 0, b"\0\4\0\0\0\1"), wait(255), pull()],
    "server-vanished": [SERVER, policy(3), headers(0), message(0, 50, END), act(0, SEND, b"\x40\0")],
    "client-unary": [CLIENT, start(50), act(0, SEND, b"\0\x64"), act(0, FINISH), pull(),
                     headers(0), message(0, 100), headers(0, 1 | STATUS, END, b"0"), pull()],
    "client-failure": [CLIENT, start(), pull(), headers(0, STATUS | MESSAGE | DETAILS | 128, END,
                                                        b"13" + b"\x05%e6%b" + b"aGFpaGU="), pull()],
    "client-stream": [CLIENT | SMALL, policy(16), start(), start(3), pull(), headers(0), headers(1),
                      *[message(0, 2000) + message(1, 1000, 64)] * 4, wait(5), pull(),
                      frame(RST, 0, 0, b"\0\0\0\2"), frame(GOAWAY, 0, 0xf0, b"\0\0\0\0\0\0\0\0")],
    "client-odd": [CLIENT, start(), pull(), headers(0, 2, 0, b"100"), headers(0, 2, END, b"503"),
                   start(), pull(), headers(1, 4, 0, b"text/html" * 3), start(), pull(),
                   headers(2, 0, END), pull()],
    "client-cancel": [CLIENT, start(), pull(), headers(0), act(0, CANCEL),
                      headers(0, 1 | STATUS, END, b"0"), pull()],
    "client-too-large": [CLIENT | SMALL, start(), pull(), headers(0), message(0, 5000),
                         headers(0, 1 | STATUS, END, b"0"), pull()],
}


def script(steps):
    return bytes([steps[0]]) + b"".join(steps[1:])


# --- Files ----------------------------------------------------------------------------------------


def csv_text(choice, text):
    return bytes([choice]) + text.encode()


def head_of(name, lines):
    text = (ROOT / "matcher/model/builtin" / name).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(text[:lines])


CSV = {
    "plain": csv_text(3, "id,name,amount\n1,焊工,12.5\n2,\"a \"\"b\"\", c\",-3\n"),
    "crlf": csv_text(7, "\ufeffname,id,more\r\n x ,1,\"two\r\nlines\"\r\n\r\ny,2,a|b | |c\r\n"),
    "bad": csv_text(11, "id,name\n1\n2,b,c\n3,\"open\n"),
    "strict": csv_text(16, "id,amount\n9223372036854775807,0.00000001"),
}
REFERENCE = {
    "skills": csv_text(0, head_of("builtin_skills.csv", 12)),
    "occupations": csv_text(3, head_of("builtin_skills.csv", 10) + "\0" +
                            "code,zh,en,alternative,essential,optional\n"
                            "7212,焊工,Welder,电焊工,hs:welding|hs:arc-welding,hs:mig-welding\n"),
    "areas": csv_text(1, head_of("builtin_areas.csv", 20)),
    "wages": csv_text(2, head_of("builtin_minimum_wages.csv", 6)),
}

VACANCY_ROWS = (
    "platform,id,title,organization,openings,skills,area_code,lat,lon,wage_min,wage_max,wage_unit,"
    "employment_types,valid_through,negotiable,languages\n"
    'tj,v-1,焊工,海河公司,2,welding:4:3!|forklift,120101|,39.1|39.2,117.2|117.3,6000,8000.50,month,'
    "full_time|part_time,2099-12-31,no,en:B2|zh\n"
    'tj,v-2,"a, ""b""",c,x,,,,,,,,,,yes,\n')
APPLICANT_ROWS = (
    "id,skills,area_code,max_distance_m,wage_min,wage_desired,wage_unit,desired_occupations,"
    "consent,education\r\n"
    "a-1,焊接:5|excel,120102,20000,24.40,30,hour,isco-08:7212|7213,all,bachelor\r\n"
    "a-2,,,,,,,,matching|x,\r\n")
POSTING = {
    "@context": "https://schema.org", "@type": "JobPosting", "title": "护士",
    "identifier": {"@type": "PropertyValue", "name": "tj", "value": 42},
    "description": "<p>夜班</p>", "qualifications": "细心",
    "hiringOrganization": {"@type": "Organization", "legalName": "医院"},
    "jobLocation": [{"@type": "Place", "geo": {"latitude": "39.1", "longitude": 117.2},
                     "address": {"@type": "PostalAddress", "addressRegion": "天津市",
                                 "addressLocality": "和平区", "streetAddress": "1"}}],
    "jobLocationType": "TELECOMMUTE",
    "baseSalary": {"@type": "MonetaryAmount", "currency": "CNY",
                   "value": {"minValue": 6000, "maxValue": "8000", "unitText": "MONTH"}},
    "employmentType": ["FULL_TIME", "PART_TIME,INTERN"], "totalJobOpenings": 2.0,
    "datePosted": "2026-01-01T08:00:00+08:00", "validThrough": "2099-12-31",
    "occupationalCategory": "29-1141.00 Registered Nurses",
    "skills": ["护理;急救", {"@type": "DefinedTerm", "name": "采血", "termCode": "x"}],
    "experienceRequirements": {"monthsOfExperience": 24},
    "educationRequirements": {"credentialCategory": "bachelor degree"}}
VACANCY_FILE, APPLICANT_FILE = 0, 1
AS_CSV, AS_JSONL, AS_POSTING = 2, 4, 6
ANY_PLATFORM, IGNORE_UNKNOWN, ENCODED = 8, 16, 32


def one_line(message):
    return json_format.MessageToJson(message, preserving_proto_field_name=True, indent=None,
                                     ensure_ascii=False) + "\n"


def posting(**changes):
    return json.dumps({**POSTING, **changes}, ensure_ascii=False)


LOAD = {
    "vacancies-csv": csv_text(VACANCY_FILE | AS_CSV | ANY_PLATFORM, VACANCY_ROWS),
    "applicants-csv": csv_text(APPLICANT_FILE | IGNORE_UNKNOWN, "\ufeff" + APPLICANT_ROWS),
    "applicants-lone-cr": csv_text(APPLICANT_FILE | AS_CSV | ANY_PLATFORM,
                                   "platform,id\np,1\rp,2\rp\n"),
    "vacancies-jsonl": csv_text(VACANCY_FILE | AS_JSONL | ANY_PLATFORM,
                                one_line(VACANCY) + "not json\n" + one_line(REMOTE)),
    "applicants-jsonl": csv_text(APPLICANT_FILE, one_line(APPLICANT) + '[{"key": {"id": 1}}, 7]\n'),
    "posting": csv_text(VACANCY_FILE | AS_POSTING, posting()),
    "posting-graph": csv_text(VACANCY_FILE, '{"@context": "x",\n"@graph": [\n' + posting() +
                              ',\n{"@type": "Thing"}\n]}'),
    "wrong-values": csv_text(VACANCY_FILE | AS_CSV | ANY_PLATFORM, "平台;编号;招聘人数;薪资;截止日期;lat;lon\n"
                             "p;1;1,200;1.2万-1.8万元/月·13薪;2026年11月24日;117.2;39.1\n"
                             "p;'2;12.0;年薪20万以上;03/04/2026 8:30;39.1;117.2\n"
                             "p;3;#N/A;面议;46350;;\np;1.2E+17;;8-12k;24.11.2026;;\n"),
    "open-quotes": csv_text(VACANCY_FILE | AS_CSV, 'id,title\n1,"a\n2,b\n3,"c"\n4,"d"e\n5,"f\n'),
    "gb18030": bytes([VACANCY_FILE | AS_CSV | ENCODED]) + (
        "平台,编号,职位名称\np,1,电焊工（夜班）\n".encode("gb18030")),
    "gb18030-unsaid": bytes([VACANCY_FILE | AS_CSV]) + (
        "平台,编号,职位名称\np,1,电焊工（夜班）\n".encode("gb18030")),
    "utf-16": bytes([VACANCY_FILE]) + "\ufeffid\ttitle\r\n1\t焊工\r\n".encode("utf-16-le"),
    "gzip": bytes([APPLICANT_FILE | IGNORE_UNKNOWN]) + gzip.compress(APPLICANT_ROWS.encode(), mtime=0),
    "posting-odd": csv_text(VACANCY_FILE, "[" + posting(
        baseSalary="面议", salaryCurrency="USD", jobLocation="天津市和平区", identifier="a",
        occupationalCategory={"codeValue": "6-18-02-04", "name": "焊工", "inCodeSet": "职业分类"},
        experienceRequirements=12, qualifications=[{"credentialCategory": "护士执业证"}]) + ",\n" +
        posting(baseSalary=8000.5, totalJobOpenings="many") + "]"),
}

WORD_LISTS, ADDRESS, ENCODING, SETTINGS = 0, 1, 2, 3
CONFIG = {
    "settings": csv_text(SETTINGS, "listen=127.0.0.1:0\nworkers=4\nmax-message-kib=64\nlog-level=debug\n"
                         "insecure-any-address=yes\nzone=Asia/Shanghai\nno-such=1\nmax-streams=0\n"),
    "words": csv_text(WORD_LISTS, "招聘陷阱\n  Pyramid Scheme \n\n\0graduate,hard_to_employ,,\uff56\uff45\uff54"),
    "address": csv_text(ADDRESS, "127.0.0.1:50051"),
    "address-v6": csv_text(ADDRESS, "[::ffff:10.0.0.1]:65535"),
    "timeout": csv_text(ENCODING, "99999999H"),
    "base64": csv_text(ENCODING, "aGFpaGU=,5rW35rKz"),
    "percent": csv_text(ENCODING, "50%25 \u6d77%e6%b5%b7 %4"),
}



def esco(**files):
    return "\0".join(f"{name}.csv\n{content}" for name, content in files.items()).encode()


CONCEPTS = "conceptUri,preferredLabel,altLabels,hiddenLabels,status\n"
ESCO = {
    "two-languages": esco(
        skills_en=CONCEPTS + 'u/a,weld,"join\nfuse",,released\nu/b,braze,"Join\nsolder",brazing,released\n',
        skills_zh=CONCEPTS + "u/a,焊接,电焊,,\nu/c,烹饪,,,\n",
        skillGroups_en=CONCEPTS + "u/g,metalwork,,,\n",
        occupations_en="conceptUri,iscoGroup,preferredLabel,altLabels,code\nu/o,7212,welder,weld hand,7212.3\n",
        broaderRelationsSkillPillar="conceptUri,broaderUri\nu/a,u/g\nu/b,u/g\n",
        skillSkillRelations="originalSkillUri,relationType,relatedSkillUri\nu/a,optional,u/b\n",
        occupationSkillRelations="occupationUri,relationType,skillUri\nu/o,essential,u/a\nu/o,optional,u/b\n"),
    "release-1.2": esco(
        skills_en="\ufeff" + CONCEPTS + "u/a,weld,,,released\r\nu/old,rivet,,,obsolete\r\n",
        occupations_en="conceptUri,iscoGroup,preferredLabel,code,naceCode\nx/12-34,7,one,7.1,C\nx/22-34,7,two,7.1,\n",
        occupationSkillRelations_en="occupationUri,occupationLabel,relationType,skillUri\nx/12-34,one,optional,u/a\n"),
    "no-labels": esco(skills="conceptUri,preferredLabel\nu/a,\n"),
    "cycle": esco(skills=CONCEPTS + "u/a,a,,,\nu/b,b,,,\n",
                  broaderRelationsSkillPillar="conceptUri,broaderUri\nu/a,u/b\nu/b,u/a\n"),
}

NEAREST, CONTAINING, BUILTIN = 0, 1, 6
NAMES = {
    "nearest": csv_text(NEAREST, "welding\nＷＥＬＤＩＮＧ techniques\nspot welding\n焊接\n电焊\nwleding"),
    "containing": csv_text(CONTAINING, "数控车床操作\n数控铣床操作\ncustomer  service\nc++\n铣"),
    "signs": csv_text(CONTAINING, "_\x0f\x0f\x0c\n_\x0f\x0f"),
    "builtin": csv_text(CONTAINING | BUILTIN, "汉焊\n\n汉焊\n\0\x1b[1m\n汉焊"),
}

# A kind (odd: the hash is mended), the key's length, the key, the value.
STORE = {
    "record": bytes([1, 8]) + b"\x01\x02tjv001" + bytes(8) + b"\x07" + bytes(11) + b"\x01\0\0\0bytes",
    "change": bytes([0, 8]) + bytes(7) + b"\x07" + bytes(28) + b"\x01\0\x02\0kkbytes",
    "note": bytes([0, 4]) + b"note" + bytes(8) + b"text",
}

TARGETS = {
    "fuzz_config": CONFIG,
    "fuzz_apply": {name: message.SerializeToString() for name, message in APPLY.items()},
    "fuzz_match": {name: chosen(*pair) for name, pair in MATCH.items()},
    "fuzz_requests": {name: chosen(*pair) for name, pair in REQUESTS.items()},
    "fuzz_json": {name: as_json(*pair) for name, pair in JSON.items()},
    "fuzz_session": {name: script(steps) for name, steps in SESSION.items()},
    "fuzz_csv": CSV,
    "fuzz_reference_data": REFERENCE,
    "fuzz_load": LOAD,
    "fuzz_esco": ESCO,
    "fuzz_names": NAMES,
    "fuzz_store": STORE,
}


def main():
    shutil.rmtree(CORPUS, ignore_errors=True)
    for target, seeds in TARGETS.items():
        folder = CORPUS / target
        folder.mkdir(parents=True)
        for name, content in seeds.items():
            assert len(content) <= SEED_LIMIT_BYTES, (target, name, len(content))
            (folder / name).write_bytes(content)


main()

#!/usr/bin/python3
"""Checks the sample market: check_market.py PATH_TO_MARKET

Standard library only. Runs the generator and checks what others rely on: the same seed gives the
same bytes, pay follows the city's published percentiles, every record would pass the ingest gate
and names only what exists. Prints figures and one line per violation; exits 1 on a violation.
"""

import csv
import datetime
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILTIN = ROOT / "matcher" / "model" / "builtin"
TODAY = "2026-11-23"
VACANCIES, APPLICANTS = 20000, 50000

# Yuan a year, all employees of the city, reference year 2023.
PUBLISHED = {10: 39433, 25: 51600, 50: 72396, 75: 114337, 90: 185931}
APPLICANT_TOLERANCE = 0.03
VACANCY_TOLERANCE = 0.08
MONTH_FEN, HOUR_FEN = 232000, 2440
UNLISTED_LIMIT = 0.005
PRIORITY_GROUPS = {"graduate", "hard_to_employ", "disabled", "veteran", "migrant_worker",
                   "zero_employment_family"}

violations = 0


def expect(condition, text):
    global violations
    if not condition:
        violations += 1
        if violations <= 50:
            print(f"market: {text}")


def run(program, directory, *options):
    command = [program, "--out", str(directory), "--today", TODAY, *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [json.loads(line) for line in file]


def known_names():
    with open(BUILTIN / "builtin_skills.csv", encoding="utf-8") as file:
        skills = set()
        for row in csv.DictReader(file):
            skills.update([row["code"], row["zh"], row["en"]])
    with open(BUILTIN / "builtin_occupations.csv", encoding="utf-8") as file:
        occupations = {row["code"] for row in csv.DictReader(file)}
    with open(BUILTIN / "builtin_areas.csv", encoding="utf-8") as file:
        areas = {row["code"]: row for row in csv.DictReader(file)}
    proto = (ROOT / "proto" / "haihe" / "v1" / "record.proto").read_text(encoding="utf-8")
    enums = set(re.findall(r"^  ([A-Z][A-Z0-9_]+) = \d+;", proto, re.M))
    fields = {}
    for message in re.finditer(r"^message (\w+) \{(.*?)^\}", proto, re.M | re.S):
        fields[message[1]] = set(re.findall(r"(\w+) = \d+;", message[2]))
    return {"skills": skills, "occupations": occupations, "areas": areas, "enums": enums,
            "fields": fields}


def month_fen(amount, unit, months):
    """As proto/haihe/v1/record.proto normalises pay."""
    return {"PAY_UNIT_HOUR": amount * 8 * 2175 // 100, "PAY_UNIT_DAY": amount * 2175 // 100,
            "PAY_UNIT_WEEK": amount * 52 // 12, "PAY_UNIT_MONTH": amount * (months or 12) // 12,
            "PAY_UNIT_YEAR": amount // 12}[unit]


def check_key(record, seen):
    key = (record["key"]["platform"], record["key"]["id"])
    expect(key not in seen, f"key {key} stands twice")
    expect(1 <= len(key[0]) <= 64 and 1 <= len(key[1]) <= 64, f"key {key} has a wrong length")
    seen.add(key)


def check_place(place, where, known):
    expect("point" in place or "area_code" in place, f"{where}: neither point nor area")
    if "area_code" in place:
        expect(place["area_code"] in known["areas"], f"{where}: area {place['area_code']}")
    if "point" in place:
        point = place["point"]
        expect(37.5 < point["latitude"] < 40.7 and 115 < point["longitude"] < 119,
               f"{where}: point {point} is far from the city")


def check_skills(record, kind, known):
    """Counts the skills that the taxonomy does not have."""
    names = [skill["skill"] for skill in record["skills"]]
    expect(1 <= len(names) <= 64, f"{kind} {record['key']}: {len(names)} skills")
    expect(len(set(names)) == len(names), f"{kind} {record['key']}: a skill stands twice")
    return sum(name not in known["skills"] for name in names)


def check_enums(value, known):
    if isinstance(value, dict):
        for item in value.values():
            check_enums(item, known)
    elif isinstance(value, list):
        for item in value:
            check_enums(item, known)
    elif isinstance(value, str) and re.fullmatch(r"[A-Z]+_[A-Z0-9_]+", value):
        expect(value in known["enums"], f"'{value}' is no enum value of record.proto")


def check_fields(record, message, known):
    unknown = set(record) - known["fields"][message]
    expect(not unknown, f"{message} {record['key']}: fields {unknown} are not in record.proto")


def check_gate(vacancy):
    """matcher/model/ingest.h, in short."""
    name = f"vacancy {vacancy['key']['id']}"
    expect(vacancy.get("title") and vacancy.get("hiring_organization"), f"{name}: no content")
    expect(1 <= vacancy.get("total_job_openings", 0) <= 100000, f"{name}: no headcount")
    expect(vacancy.get("job_locations"), f"{name}: no place")
    posted, last = vacancy["date_posted"], vacancy["valid_through"]
    expect(posted <= last and last >= TODAY, f"{name}: dates {posted} {last}")
    salary = vacancy["base_salary"]
    low, high = salary.get("min_amount", 0), salary.get("max_amount", 0)
    expect(low or salary.get("negotiable"), f"{name}: no pay")
    if not low:
        return
    expect(not high or low <= high, f"{name}: pay {low}..{high}")
    if salary["unit"] == "PAY_UNIT_HOUR":
        expect(low >= HOUR_FEN, f"{name}: {low} fen an hour")
    else:
        month = month_fen(low, salary["unit"], 0)
        expect(month >= MONTH_FEN, f"{name}: {low} fen by {salary['unit']} is {month} a month")


def percentile(values, percent):
    return values[(len(values) - 1) * percent // 100]


def check_percentiles(who, yuan, tolerance):
    yuan.sort()
    for percent, published in PUBLISHED.items():
        measured = percentile(yuan, percent)
        off = measured / published - 1
        print(f"market: {who} p{percent} {measured:.0f} yuan a year, published {published}, "
              f"{off:+.1%}")
        expect(abs(off) <= tolerance, f"{who} p{percent} is off by {off:+.1%}")


def vacancy_yuan(vacancies):
    yuan = []
    for vacancy in vacancies:
        salary = vacancy["base_salary"]
        if salary.get("max_amount") and "EMPLOYMENT_TYPE_INTERN" not in vacancy["employment_types"]:
            middle = (salary["min_amount"] + salary["max_amount"]) // 2
            months = salary.get("months_per_year", 0)
            yuan.append(month_fen(middle, salary["unit"], months) * 12 / 100)
    return yuan


def share(what, count, whole, low, high):
    print(f"market: {what}: {count} of {whole} ({count / whole:.1%})")
    expect(low <= count / whole <= high, f"{what}: {count / whole:.1%}, {low:.0%}..{high:.0%} expected")


def check_vacancies(vacancies, known):
    seen, unlisted, asked = set(), 0, 0
    for vacancy in vacancies:
        check_key(vacancy, seen)
        check_fields(vacancy, "Vacancy", known)
        check_gate(vacancy)
        check_enums(vacancy, known)
        unlisted += check_skills(vacancy, "vacancy", known)
        asked += len(vacancy["skills"])
        expect(vacancy["occupational_category"]["code"] in known["occupations"],
               f"occupation {vacancy['occupational_category']}")
        for place in vacancy["job_locations"]:
            check_place(place, f"vacancy {vacancy['key']['id']}", known)
        expect(len(vacancy["job_locations"]) <= 20, f"{vacancy['key']}: too many workplaces")
    total = len(vacancies)
    several = sum(len(vacancy["job_locations"]) > 1 for vacancy in vacancies)
    share("vacancies with several workplaces", several, total, 0.04, 0.06)
    negotiable = sum(vacancy["base_salary"].get("negotiable", False) for vacancy in vacancies)
    share("vacancies whose pay is to be negotiated", negotiable, total, 0.18, 0.22)
    share("vacancies that are remote", sum("job_location_type" in v for v in vacancies), total,
          0.004, 0.02)
    for unit, low in (("HOUR", 0.02), ("DAY", 0.02), ("WEEK", 0.003), ("YEAR", 0.003)):
        count = sum(v["base_salary"].get("unit") == f"PAY_UNIT_{unit}" for v in vacancies)
        share(f"vacancies paid by the {unit.lower()}", count, total, low, 0.1)
    share("asked skills outside the taxonomy", unlisted, asked, 0.0001, UNLISTED_LIMIT)
    check_percentiles("vacancies", vacancy_yuan(vacancies), VACANCY_TOLERANCE)


def check_applicants(applicants, known):
    seen, levels, groups, yuan = set(), {}, set(), []
    for applicant in applicants:
        check_key(applicant, seen)
        check_fields(applicant, "Applicant", known)
        check_enums(applicant, known)
        check_place(applicant["home"], f"applicant {applicant['key']['id']}", known)
        expect(check_skills(applicant, "applicant", known) == 0, f"{applicant['key']}: skill")
        for skill in applicant["skills"]:
            levels[skill.get("level", 0)] = levels.get(skill.get("level", 0), 0) + 1
        for occupation in applicant["desired_occupations"]:
            expect(occupation["code"] in known["occupations"], f"occupation {occupation}")
        groups.update(applicant.get("priority_groups", []))
        wage = applicant.get("wage")
        if wage:
            yuan.append(month_fen(wage["desired_amount"], wage["unit"], 0) * 12 / 100)
            expect(wage.get("min_amount", 0) <= wage["desired_amount"], f"wage {wage}")
    expect(groups == PRIORITY_GROUPS, f"priority groups are {groups}")
    expect(set(levels) == set(range(9)), f"levels are {sorted(levels)}")
    print("market: held levels " + ", ".join(f"{k}: {levels[k]}" for k in sorted(levels)))
    matching = sum(applicant["consent"].get("matching", False) for applicant in applicants)
    share("applicants who may be matched", matching, len(applicants), 0.95, 0.99)
    check_percentiles("applicants", yuan, APPLICANT_TOLERANCE)


def check_csv(directory, name, records):
    with open(directory / f"{name}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    expect(len(rows) == len(records), f"{name}.csv has {len(rows)} rows of {len(records)}")
    for row, record in zip(rows, records):
        expect(None not in row and None not in row.values(), f"{name}.csv: {row['id']}: cells")
        expect((row["platform"], row["id"]) == (record["key"]["platform"], record["key"]["id"]),
               f"{name}.csv: {row['id']} in the place of {record['key']['id']}")
        expect(len(row["skills"].split("|")) == len(record["skills"]), f"{row['id']}: skills")
        places = len(record.get("job_locations", [0]))
        for column in ("area_code", "lat", "lon"):
            expect(len(row[column].split("|")) == places, f"{name}.csv: {row['id']}: {column}")


def check_same_bytes(program, base):
    counts = ["--vacancies", "500", "--applicants", "500"]
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        run(program, base / name, "--seed", seed, *counts)
    for file in ("vacancies.jsonl", "applicants.jsonl"):
        first, again, other = ((base / name / file).read_bytes() for name in "abc")
        expect(first == again, f"{file}: the same seed gave other bytes")
        expect(first != other, f"{file}: another seed gave the same bytes")
    run(program, base / "d", "--seed", "7", "--vacancies", "500", "--applicants", "50")
    fewer = (base / "d" / "applicants.jsonl").read_bytes()
    expect((base / "a" / "applicants.jsonl").read_bytes().startswith(fewer),
           "an applicant depends on how many are made")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_market.py PATH_TO_MARKET")
    program = sys.argv[1]
    known = known_names()
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        check_same_bytes(program, base)
        sizes = ["--vacancies", str(VACANCIES), "--applicants", str(APPLICANTS)]
        begin = datetime.datetime.now()
        run(program, base / "full", *sizes)
        print(f"market: {VACANCIES + APPLICANTS} records in "
              f"{(datetime.datetime.now() - begin).total_seconds():.2f} s")
        vacancies = read(base / "full" / "vacancies.jsonl")
        applicants = read(base / "full" / "applicants.jsonl")
        expect((len(vacancies), len(applicants)) == (VACANCIES, APPLICANTS), "counts are wrong")
        check_vacancies(vacancies, known)
        check_applicants(applicants, known)
        run(program, base / "full", "--format", "csv", *sizes)
        check_csv(base / "full", "vacancies", vacancies)
        check_csv(base / "full", "applicants", applicants)
    print(f"market: {violations} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())

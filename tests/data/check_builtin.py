#!/usr/bin/python3
"""Checks the data files built into the programs: matcher/model/builtin/*.csv.

Standard library only. Prints one line per violation and, at the end, one line of counts; exits 1
when there is a violation. Run from anywhere: paths are relative to this file.
"""

import csv
import datetime
import math
import pathlib
import re
import sys
import unicodedata

BUILTIN = pathlib.Path(__file__).resolve().parents[2] / "matcher" / "model" / "builtin"

SKILL_COLUMNS = ["code", "zh", "en", "alternative", "broader", "related"]
OCCUPATION_COLUMNS = ["code", "zh", "en", "alternative", "essential", "optional"]
AREA_COLUMNS = ["code", "zh", "latitude", "longitude"]
WAGE_COLUMNS = ["area", "from", "month_yuan", "hour_yuan"]

# Limits of the record schema that built-in names must respect too, in UTF-8 bytes.
LABEL_LIMIT_BYTES = 200
# More children than this and siblings count as unrelated (model/taxonomy.h).
SIBLING_LIMIT = 16
BROADER_LIMIT = 2
# Seats of prefectures lie at most this far from their province's seat (Kashgar: 1,108 km).
PREFECTURE_LIMIT_KM = 1150
DISTRICT_LIMIT_KM = 420
MUNICIPALITIES = ("11", "12", "31", "50")
TIANJIN_DISTRICTS = [f"1201{n:02d}" for n in (1, 2, 3, 4, 5, 6, *range(10, 20))]
PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 "
    "71 81 82"
).split()

violations = 0


def complain(text):
    global violations
    violations += 1
    print(f"builtin: {text}")


def fold(text):
    """What the loader compares: NFKC and case folding, no space around it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def read_rows(name, columns):
    raw = (BUILTIN / name).read_bytes()
    if raw.startswith(b"\xef\xbb\xbf") or b"\r" in raw or not raw.endswith(b"\n"):
        complain(f"{name}: must be UTF-8 without BOM, lines ended by LF")
    lines = raw.decode("utf-8").splitlines()
    reader = csv.reader(lines, strict=True)
    header = next(reader)
    if header != columns:
        complain(f"{name}: header '{','.join(header)}' instead of '{','.join(columns)}'")
    rows = []
    for number, cells in enumerate(reader, start=2):
        if len(cells) != len(columns):
            complain(f"{name}:{number}: {len(cells)} cells instead of {len(columns)}")
            continue
        for column, cell in zip(columns, cells):
            if cell != cell.strip() or "  " in cell or any(ord(c) < 32 for c in cell):
                complain(f"{name}:{number}: {column} '{cell}': stray space or control character")
        rows.append((number, dict(zip(columns, cells))))
    return rows


def split_list(name, number, column, cell):
    items = cell.split("|") if cell else []
    if any(item == "" or item != item.strip() for item in items):
        complain(f"{name}:{number}: {column} '{cell}': empty item or stray space")
    if len(set(items)) != len(items):
        complain(f"{name}:{number}: {column} '{cell}': an item stands twice")
    return items


def check_codes(name, rows, pattern):
    seen = {}
    for number, row in rows:
        code = row["code"]
        if not re.fullmatch(pattern, code):
            complain(f"{name}:{number}: code '{code}' has another form")
        if code in seen:
            complain(f"{name}:{number}: code '{code}' stands in line {seen[code]} too")
        seen[code] = number
    return seen


def check_labels(name, rows):
    """No label of one row may equal, after folding, a label or code of another."""
    seen = {fold(row["code"]): (number, row["code"]) for number, row in rows}
    for number, row in rows:
        labels = [row["zh"], row["en"], *split_list(name, number, "alternative", row["alternative"])]
        for label in labels:
            if not label:
                complain(f"{name}:{number}: '{row['code']}' has an empty label")
                continue
            if len(label.encode()) > LABEL_LIMIT_BYTES:
                complain(f"{name}:{number}: label '{label}' is longer than {LABEL_LIMIT_BYTES} bytes")
            folded = fold(label)
            if folded in seen:
                complain(f"{name}:{number}: label '{label}' clashes with line {seen[folded][0]}")
            seen[folded] = (number, label)
        if not re.search(r"[\u4e00-\u9fff]", row["zh"]):
            complain(f"{name}:{number}: zh '{row['zh']}' holds no Chinese")
        if re.search(r"[\u4e00-\u9fff]", row["en"]):
            complain(f"{name}:{number}: en '{row['en']}' holds Chinese")


def check_no_cycle(name, broader):
    done = set()
    for start in broader:
        path = []
        stack = [(start, iter(broader[start]))]
        path.append(start)
        while stack:
            code, parents = stack[-1]
            parent = next(parents, None)
            if parent is None:
                done.add(code)
                path.pop()
                stack.pop()
            elif parent in path:
                complain(f"{name}: broader has a cycle: {' > '.join(path[path.index(parent):])}")
                return
            elif parent in broader and parent not in done:
                path.append(parent)
                stack.append((parent, iter(broader[parent])))


def check_skills():
    name = "builtin_skills.csv"
    rows = read_rows(name, SKILL_COLUMNS)
    codes = check_codes(name, rows, r"hs:[a-z0-9]+(-[a-z0-9]+)*")
    check_labels(name, rows)
    broader = {}
    children = {}
    linked = set()
    for number, row in rows:
        code = row["code"]
        parents = split_list(name, number, "broader", row["broader"])
        related = split_list(name, number, "related", row["related"])
        for column, items in (("broader", parents), ("related", related)):
            for item in items:
                if item not in codes:
                    complain(f"{name}:{number}: {column} '{item}' is no skill of this file")
                if item == code:
                    complain(f"{name}:{number}: {column} names the skill itself")
        if len(parents) > BROADER_LIMIT:
            complain(f"{name}:{number}: {len(parents)} broader skills, at most {BROADER_LIMIT}")
        for both in set(parents) & set(related):
            complain(f"{name}:{number}: '{both}' is broader and related at once")
        broader[code] = parents
        for parent in parents:
            children.setdefault(parent, []).append(code)
        if parents or related:
            linked.update([code, *parents, *related])
    for parent, below in children.items():
        if len(below) > SIBLING_LIMIT:
            complain(f"{name}: '{parent}' has {len(below)} children, at most {SIBLING_LIMIT}")
    check_no_cycle(name, broader)
    return codes, len(codes) - len(linked & set(codes))


def check_occupations(skill_codes):
    name = "builtin_occupations.csv"
    rows = read_rows(name, OCCUPATION_COLUMNS)
    codes = check_codes(name, rows, r"[0-9]{4}(\.[1-9][0-9]?)?")
    check_labels(name, rows)
    used = set()
    for number, row in rows:
        if "." in row["code"] and row["code"].split(".")[0] in codes:
            complain(f"{name}:{number}: '{row['code']}' and its unit group are both occupations")
        essential = split_list(name, number, "essential", row["essential"])
        optional = split_list(name, number, "optional", row["optional"])
        if not 3 <= len(essential) <= 8:
            complain(f"{name}:{number}: {len(essential)} essential skills, 3 to 8 expected")
        if not 3 <= len(optional) <= 10:
            complain(f"{name}:{number}: {len(optional)} optional skills, 3 to 10 expected")
        for item in essential + optional:
            if item not in skill_codes:
                complain(f"{name}:{number}: skill '{item}' is not in builtin_skills.csv")
        for both in set(essential) & set(optional):
            complain(f"{name}:{number}: '{both}' is essential and optional at once")
        used.update(essential, optional)
    return codes, len(set(skill_codes) - used)


def distance_km(a, b):
    mean = math.radians((a[0] + b[0]) / 2)
    return 111.2 * math.hypot(a[0] - b[0], (a[1] - b[1]) * math.cos(mean))


def check_areas():
    name = "builtin_areas.csv"
    rows = read_rows(name, AREA_COLUMNS)
    codes = check_codes(name, rows, r"[1-9][0-9]{5}")
    points = {}
    places = {}
    for number, row in rows:
        for column in ("latitude", "longitude"):
            if not re.fullmatch(r"[0-9]{2,3}\.[0-9]{4,6}", row[column]):
                complain(f"{name}:{number}: {column} '{row[column]}': 4 to 6 decimals expected")
        point = (float(row["latitude"]), float(row["longitude"]))
        # China's box; it also catches a swapped pair, as no latitude here reaches 73.
        if not (16.0 <= point[0] <= 54.0 and 73.0 <= point[1] <= 136.0):
            complain(f"{name}:{number}: '{row['code']}' {point} lies outside China's box")
        points[row["code"]] = point
        level = row["code"][2:] == "0000"
        if (level, point) in places:
            complain(f"{name}:{number}: same centre as '{places[(level, point)]}'")
        places[(level, point)] = row["code"]
    for number, row in rows:
        code = row["code"]
        seat = points.get(code[:2] + "0000")
        if seat is None:
            complain(f"{name}:{number}: '{code}' has no province row")
            continue
        limit = DISTRICT_LIMIT_KM if code[:2] in MUNICIPALITIES else PREFECTURE_LIMIT_KM
        far = distance_km(points[code], seat)
        if far > limit:
            complain(f"{name}:{number}: '{code}' is {far:.0f} km from its province's centre")
    for code in [p + "0000" for p in PROVINCES] + TIANJIN_DISTRICTS:
        if code not in codes:
            complain(f"{name}: '{code}' is missing")
    prefectures = [c for c in codes if c[4:] == "00" and c[2:] != "0000"]
    if not 330 <= len(prefectures) <= 340:
        complain(f"{name}: {len(prefectures)} prefectures")
    return codes, len(prefectures)


def check_minimum_wages(area_codes):
    name = "builtin_minimum_wages.csv"
    rows = read_rows(name, WAGE_COLUMNS)
    last = {}
    for number, row in rows:
        if row["area"] not in area_codes:
            complain(f"{name}:{number}: area '{row['area']}' is not in builtin_areas.csv")
        day = datetime.date.fromisoformat(row["from"])
        month, hour = float(row["month_yuan"]), float(row["hour_yuan"])
        for column in ("month_yuan", "hour_yuan"):
            if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", row[column]):
                complain(f"{name}:{number}: {column} '{row[column]}': at most two decimals")
        # The hourly amount holds the employer's contributions as well: it exceeds month / 174.
        if not month / 174 < hour < month / 60:
            complain(f"{name}:{number}: month {month} and hour {hour} do not fit together")
        if row["area"] in last and not last[row["area"]] < (day, month):
            complain(f"{name}:{number}: steps of an area must rise in date")
        last[row["area"]] = (day, month)
    return len(rows)


def main():
    skills, unlinked = check_skills()
    occupations, unused = check_occupations(skills)
    areas, prefectures = check_areas()
    steps = check_minimum_wages(areas)
    if "-v" in sys.argv[1:]:
        print(f"builtin: {unlinked} skills without neighbours, {unused} in no occupation, "
              f"{prefectures} prefectures, {steps} minimum wage steps")
    if violations:
        print(f"builtin: {violations} violations")
    print(f"builtin: {len(skills)} skills, {len(occupations)} occupations, {len(areas)} areas")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())

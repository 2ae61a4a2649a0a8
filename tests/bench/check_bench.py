#!/usr/bin/python3
"""Checks the benchmarks themselves: check_bench.py FOLDER_OF_BENCH_SEARCH_AND_BENCH_UPDATE

Standard library only. Small files and a small market: the printed figures are there, answers are
written in order and equal a plain computation of the same score, every variant agrees with the
exhaustive search, wrong input is named by file and line. Changes arrive while searches go on, and answers stay the exhaustive ones.
Exits 1 on a violation.
"""

import math
import pathlib
import random
import subprocess
import sys
import tempfile

SEED, VACANCIES, APPLICANTS, QUERIES, K = 1, 700, 900, 25, 10
FIGURES = ("machine cores revision seed direction k threads profile variant records queries "
           "load_seconds record_bytes build_seconds bytes_per_record mean_us p50_us p90_us p99_us "
           "max_us searches_per_second tiles_visited pairs_scored mismatches").split()

checks = violations = 0


def expect(condition, text):
    global checks, violations
    checks += 1
    if not condition:
        violations += 1
        print(f"bench: {text}")


def run(program, *options):
    done = subprocess.run([program, *map(str, options)], capture_output=True, text=True)
    figures = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return done.returncode, figures, done.stderr


def draw(rng, kind, count):
    """Records as dictionaries; few skills and places, so that many match."""
    records = []
    for i in range(count):
        low = rng.randrange(3000, 9000, 100)
        record = {"id": f"{kind}{i}", "lat": round(39 + rng.random() / 5, 5),
                  "lon": round(117 + rng.random() / 5, 5), "low": low,
                  "high": low + rng.randrange(0, 4000, 100), "occupation": rng.randrange(5),
                  "radius": rng.choice([5, 10, 20]), "skills": {}}
        for skill in rng.sample(range(40), rng.randrange(1, 9)):
            record["skills"][skill] = (rng.choice([1, 3]), rng.randrange(1, 6))
        records.append(record)
    return records


def write(path, records, vacancies):
    with open(path, "w", encoding="ascii") as file:
        for r in records:
            skills = ",".join(f"{s}:{i}:{l}" if vacancies else f"{s}:{l}"
                              for s, (i, l) in r["skills"].items())
            columns = [r["id"], f"{r['lat']:.5f}", f"{r['lon']:.5f}"]
            columns += [] if vacancies else [r["radius"]]
            columns += [r["low"], r["high"], r["occupation"], skills]
            file.write("\t".join(map(str, columns)) + "\n")


def plain_score(vacancy, applicant):
    """The yardstick's score in floats, 0..1; None when a gate fails."""
    north = (vacancy["lat"] - applicant["lat"]) * 111195.08
    middle = math.radians((vacancy["lat"] + applicant["lat"]) / 2)
    east = (vacancy["lon"] - applicant["lon"]) * 111195.08 * math.cos(middle)
    distance, radius = math.hypot(north, east), applicant["radius"] * 1000
    if distance > radius or vacancy["high"] < applicant["low"]:
        return None
    credit = sum(i * min(applicant["skills"][s][1] / l, 1)
                 for s, (i, l) in vacancy["skills"].items() if s in applicant["skills"])
    if credit == 0:
        return None
    span = applicant["high"] - applicant["low"]
    wage = min(max((vacancy["high"] - applicant["low"]) / span, 0), 1) if span else 1
    asked = sum(i for i, _ in vacancy["skills"].values())
    return 0.6 * credit / asked + 0.25 * (1 - distance / radius) + 0.15 * wage


def check_answers(path, candidates, queries, pair):
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    by_query = {}
    for query, rank, identity, score in lines:
        by_query.setdefault(query, []).append((int(rank), identity, int(score)))
    for query in queries:
        scores = {c["id"]: pair(c, query) for c in candidates}
        passing = sorted((s for s in scores.values() if s is not None), reverse=True)
        answer = by_query.get(query["id"], [])
        where = f"{path.name}, query {query['id']}"
        expect([a[0] for a in answer] == list(range(1, min(K, len(passing)) + 1)),
               f"{where}: {len(answer)} ranks for {len(passing)} candidates")
        for (rank, identity, score), best in zip(answer, passing):
            own = scores[identity]
            # Flooring of the integers, the cosine's polynomial: below a thousandth.
            expect(own is not None and abs(score / 1e7 - own) < 1e-3 and abs(own - best) < 1e-3,
                   f"{where}, rank {rank}: '{identity}' has {score}, plainly {own}, best {best}")


def check_files(program, folder):
    rng = random.Random(SEED)
    data = {"vacancies": draw(rng, "v", VACANCIES), "applicants": draw(rng, "a", APPLICANTS)}
    for kind, records in data.items():
        write(folder / f"{kind}.tsv", records, kind == "vacancies")
    for direction, other in (("vacancies", "applicants"), ("applicants", "vacancies")):
        out = folder / f"{direction}.out"
        status, figures, errors = run(
            program, "--direction", direction, f"--tsv-{direction}", folder / f"{direction}.tsv",
            "--tsv-queries", folder / f"{other}.tsv", "--queries", QUERIES, "--k", K,
            "--profile", "lab", "--threads", 2, "--check", QUERIES, "--out", out)
        expect(status == 0, f"{direction}: status {status}: {errors}")
        for name in FIGURES:
            expect(figures.get(name, "") != "", f"{direction}: figure '{name}' is missing")
        expect(figures.get("mismatches") == "0" and figures.get("checked") == str(QUERIES),
               f"{direction}: {figures.get('mismatches')} mismatches")
        pair = (lambda c, q: plain_score(c, q)) if direction == "vacancies" else (
            lambda c, q: plain_score(q, c))
        check_answers(out, data[direction], data[other][:QUERIES], pair)


def check_market(program):
    help_text = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
    variants, filters = (
        [line.split(":")[0].strip() for line in part.splitlines()
         if line.startswith("  ") and ":" in line]
        for part in help_text.split("Variants:")[1].split("Filters, "))
    expect(len(variants) == 9, f"variants {variants}")
    for i, variant in enumerate(variants):
        direction = "vacancies" if i % 2 else "applicants"
        status, figures, errors = run(program, "--market", "3,600,800", "--direction", direction,
                                      "--variant", variant, "--queries", 8, "--check", 8)
        expect(status == 0 and figures.get("mismatches") == "0",
               f"{variant}: status {status}: {errors}")
    expect(len(filters) == 4, f"filters {filters}")
    for name in filters:
        status, figures, errors = run(program, "--market", "3,600,800", "--direction", "vacancies",
                                      "--filter", f"{name}:40", "--queries", 8, "--check", 8)
        expect(status == 0 and figures.get("mismatches") == "0",
               f"{name}: status {status}: {errors}")
        expect(0 < int(figures.get("filter_passes", 0)) < 100, f"{name}: {figures}")


def check_batch(program, folder):
    """A batch gives what single searches give: the same number of matches from the same tiles."""
    alone, together = (run(program, "--direction", "vacancies", "--tsv-vacancies",
                           folder / "vacancies.tsv", "--tsv-queries", folder / "applicants.tsv",
                           *options)[1] for options in ((), ("--batch", "--threads", 2)))
    expect(float(together.get("seconds", 0)) > 0, "batch: figure 'seconds' is missing")
    for name in ("matches", "empty_answers", "tiles_visited", "pairs_scored"):
        expect(alone.get(name) and alone.get(name) == together.get(name),
               f"batch: {name} {together.get(name)}, of single searches {alone.get(name)}")


def check_refusals(program, folder):
    bad = folder / "bad.tsv"
    lines = (folder / "vacancies.tsv").read_text().splitlines()
    lines[41] = lines[41].replace("\t", " ")
    bad.write_text("\n".join(lines))
    queries = folder / "applicants.tsv"
    for wanted, options in (
            (f"{bad}:42:", ["-d", "vacancies", "--tsv-vacancies", bad, "--tsv-queries", queries]),
            ("nowhere.tsv", ["-d", "vacancies", "--tsv-vacancies", folder / "nowhere.tsv",
                             "--tsv-queries", queries]),
            ("--direction is missing", ["--market", "1,2,3"]),
            ("--market '1,2'", ["-d", "vacancies", "--market", "1,2"]),
            ("--filter 'tag:0'", ["-d", "vacancies", "--market", "1,2,3", "--filter", "tag:0"]),
            ("'wage' is one of vacancies", ["-d", "applicants", "--market", "1,20,20",
                                            "--filter", "wage:2"]),
            ("--yardstick", ["-d", "vacancies", "--market", "1,2,3", "--yardstick", "/bin/true"]),
            ("printed no times", ["-d", "vacancies", "--tsv-vacancies", folder / "vacancies.tsv",
                                  "--tsv-queries", queries, "--yardstick", "/bin/true"])):
        status, _, errors = run(program, *options)
        expect(status != 0 and wanted in errors, f"{options}: '{wanted}' not in: {errors}")


def check_update(program):
    for direction in ("vacancies", "applicants"):
        status, figures, errors = run(program, "--market", "2,300,300", "--rate", 2000,
                                      "--seconds", 0.2, "--direction", direction, "--check", 20)
        expect(status == 0, f"bench_update: status {status}: {errors}")
        expect(figures.get("mismatches") == "0" and figures.get("checked") == "20",
               f"bench_update: {figures.get('mismatches')} mismatches")
        expect(figures.get("changes_refused") == "0" and int(figures.get("changes", 0)) > 0,
               f"bench_update: {figures.get('changes')} changes, "
               f"{figures.get('changes_refused')} refused")
        for name in ("idle_p99_us", "loaded_p99_us", "settled_p99_us", "visible_p99_us",
                     "changes_per_second", "bytes_per_record"):
            expect(float(figures.get(name, 0)) > 0, f"bench_update: figure '{name}' is missing")
    status, _, errors = run(program, "--market", "2,300,9")
    expect(status != 0 and "--market '2,300,9'" in errors, f"bench_update: {errors}")


def main():
    program = f"{sys.argv[1]}/bench_search"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_files(program, folder)
        check_batch(program, folder)
        check_market(program)
        check_refusals(program, folder)
    check_update(f"{sys.argv[1]}/bench_update")
    print(f"bench: {checks - violations} of {checks} checks of the benchmarks hold, seed {SEED}")
    sys.exit(1 if violations else 0)


main()

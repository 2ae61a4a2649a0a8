#!/usr/bin/python3
"""Compares answers and figures: compare.py NAME OUR_FIGURES OUR_ANSWERS FIGURES ANSWERS

Figures are files of name=value lines, answers files of query, rank, id, score. Prints, as name=value
lines that end in _NAME: ratios (above 1 when we are faster), and how much of the answers is the same:
by the list of scores, and by the ids. Among equal scores every engine has its own order, so of the
last score in a full answer each may show other records: ids can differ there, scores cannot.
Exits 1 when a list of scores differs.
"""

import collections
import sys


def figures_of(path):
    with open(path, encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("=", 1) for line in lines if "=" in line)


def answers_of(path):
    """{query: [(id, score), ..]}, best first."""
    answers = collections.defaultdict(list)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            query, rank, identity, score = line.split("\t")
            answers[query].append((identity, int(score)))
            if int(rank) != len(answers[query]):
                sys.exit(f"compare: {path}: query {query}: rank {rank} is out of order")
    return answers


def overlap(ours, theirs):
    """(queries, of these with the same scores, matches of ours, of these with an id of theirs)."""
    queries = ours.keys() | theirs.keys()
    same = sum([s for _, s in ours[q]] == [s for _, s in theirs[q]] for q in queries)
    matches = sum(len(ours[q]) for q in queries)
    shared = sum(len({i for i, _ in ours[q]} & {i for i, _ in theirs[q]}) for q in queries)
    return len(queries), same, matches, shared


def main():
    name, our_figures, our_answers, their_figures, their_answers = sys.argv[1:]
    ours, theirs = figures_of(our_figures), figures_of(their_figures)

    def ratio(figure, upside_down=False):
        value = float(theirs[figure]) / float(ours[figure])
        return 1 / value if upside_down else value

    print(f"ratio_throughput_{name}={ratio('searches_per_second', upside_down=True):.1f}")
    for figure in ("mean", "p50", "p99"):
        print(f"ratio_{figure}_{name}={ratio(figure + '_us'):.1f}")
    queries, same, matches, shared = overlap(answers_of(our_answers), answers_of(their_answers))
    print(f"same_scores_{name}={same}/{queries}")
    print(f"overlap_scores_percent_{name}={100 * same / queries:.2f}")
    print(f"overlap_ids_percent_{name}={100 * shared / matches:.3f}")
    return 0 if same == queries else 1


if __name__ == "__main__":
    sys.exit(main())

"""A classification from its published files to a match: import, check, search, haihed, load."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import BUILD, Daemon, Stub
from haihe.v1 import match_service_pb2, record_pb2, record_service_pb2

ESCO = {
    "skills_en.csv": "conceptType,conceptUri,preferredLabel,altLabels\n"
                     "KnowledgeSkillCompetence,x/weld,weld pipes,\"join pipes\nＴＩＧ welding\"\n"
                     "KnowledgeSkillCompetence,x/cut,cut pipes,\n"
                     "KnowledgeSkillCompetence,x/read,read drawings,weld pipes\n",
    "skills_zh.csv": "conceptType,conceptUri,preferredLabel,altLabels\n"
                     "KnowledgeSkillCompetence,x/weld,焊接管道,\n",
    "occupations_en.csv": "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,code\n"
                          "Occupation,x/welder,7212,pipe welder,,7212.3.3\n",
    "occupationSkillRelations.csv": "occupationUri,relationType,skillType,skillUri\n"
                                    "x/welder,essential,skill,x/weld\nx/welder,optional,skill,x/read\n",
    "skillSkillRelations.csv": "originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri\n"
                               "x/weld,skill,optional,skill,x/cut\n",
}
# China's occupational classification as a city would write it down; the second file is optional.
OWN = {
    "skills.csv": "code,zh,alternative,broader\n6-18,机械制造,,\n6-18-02-04,焊接,电焊|气焊,6-18\n",
    "occupations.csv": "code,zh,essential\n6-18-02-04,焊工,6-18-02-04\n",
}
VACANCIES = ("platform,id,title,organization,openings,skills,area_code,wage_min,wage_max,wage_unit,valid_through\n"
             "e2e,t-1,{0},港,1,{0},120116,7500,11000,month,2099-12-31\n"
             "e2e,t-2,{1},港,1,{1},120116,7500,11000,month,2099-12-31\n")


class Taxonomies(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="haihe-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def put(self, files, folder):
        for name, content in files.items():
            path = self.folder / folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return self.folder / folder

    def run_tool(self, *arguments, code=0, server=""):
        """haihectl's standard output and error."""
        done = subprocess.run([BUILD / "haihectl", *arguments], capture_output=True, text=True, timeout=60,
                              check=False, env={**os.environ, "HAIHE_SERVER": server, "LANG": "en_US.UTF-8"})
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout, done.stderr

    def load(self, server, taxonomy, *skills):
        """Vacancies that ask for one skill each; the names that the server does not know, with the labels
        that are like them."""
        path, unresolved = self.folder / "vacancies.csv", self.folder / "unresolved.jsonl"
        path.write_text(VACANCIES.format(*skills), encoding="utf-8")
        self.run_tool("load", "vacancies", path, "--taxonomy", taxonomy, "--unresolved", unresolved, server=server)
        rows = map(json.loads, unresolved.read_text(encoding="utf-8").splitlines())
        return {row["skill"]: [near["code"] for near in row["nearest"]] for row in rows}

    def matches(self, daemon, skill):
        """Keys and skill points of vacancies for a person who holds it."""
        person = record_pb2.Applicant(skills=[record_pb2.SkillHeld(skill=skill, level=5)],
                                      consent=record_pb2.Consent(matching=True))
        with daemon.channel() as channel:
            answer = Stub(channel, "haihe.v1.MatchService").MatchVacancies(
                match_service_pb2.MatchVacanciesRequest(applicant=person), timeout=20)
        return {m.key.id: m.points.skill for m in answer.matches}

    def test_esco_comes_in_and_its_labels_are_understood(self):
        source, taxonomy = self.put(ESCO, "esco"), self.folder / "taxonomy"
        out, _ = self.run_tool("import", "esco", source, "--out", taxonomy)
        self.assertIn("3 skills, 0 groups of skills, 1 occupations; languages: zh en", out)
        self.assertIn("1 essential and 1 optional of occupations; of skills 0 broader, 1 related", out)
        self.assertIn("is another concept's preferred label: 'weld pipes'", out)
        out, _ = self.run_tool("taxonomy", "check", taxonomy)
        self.assertIn("sound: 3 skills, 1 occupations\n", out)
        self.assertIn("skills with a label: zh 1 en 3; without any: 0 skills", out)
        out, _ = self.run_tool("taxonomy", "search", taxonomy, "pipe", "--kind", "skills", "-k", "2")
        self.assertEqual({line.split()[-1] for line in out.splitlines()[1:]}, {"x/weld", "x/cut"})
        with Daemon("--skills", taxonomy / "skills.csv", "--occupations", taxonomy / "occupations.csv") as daemon:
            unresolved = self.load(daemon.address, taxonomy, "Weld ＰＩＰＥＳ", "weld a pipe")
            self.assertEqual(list(unresolved), ["weld a pipe"])
            self.assertEqual(unresolved["weld a pipe"][0], "x/weld")
            for name in ("x/weld", "焊接管道", "tig WELDING", "join pipes"):
                self.assertEqual(self.matches(daemon, name), {"t-1": 10000}, name)
            self.assertEqual(self.matches(daemon, "cut pipes"), {"t-1": 7000})
            self.assertEqual(self.matches(daemon, "weld a pipe"), {"t-2": 10000})
            self.assertEqual(self.matches(daemon, "read drawings"), {})

    def test_a_list_of_ones_own_is_loaded(self):
        own = self.put(OWN, "own")
        self.assertIn("skills with a label: zh 2; without any: 0", self.run_tool("taxonomy", "check", own)[0])
        with Daemon("--skills", own / "skills.csv", "--occupations", own / "occupations.csv") as daemon:
            unresolved = self.load(daemon.address, own, "电焊", "电焊工")
            self.assertEqual(list(unresolved), ["电焊工"])
            self.assertEqual(unresolved["电焊工"][0], "6-18-02-04")
            self.assertEqual(self.matches(daemon, "６-18-02-04"), {"t-1": 10000})
            self.assertEqual(self.matches(daemon, "机械制造"), {"t-1": 5000})
            with daemon.channel() as channel:
                record = Stub(channel, "haihe.v1.RecordService").Get(record_service_pb2.GetRequest(
                    kind=record_pb2.RECORD_KIND_VACANCY, key=record_pb2.Key(platform="e2e", id="t-1")), timeout=20)
            self.assertEqual(record.vacancy.skills[0].skill, "电焊")  # as it was sent

    def test_a_wrong_file_is_named_by_line_column_and_value(self):
        own = self.put({**OWN, "skills.csv": "code,zh,broader\na,甲,b\nc,乙,\n"}, "own")
        _, err = self.run_tool("taxonomy", "check", own, code=4)
        self.assertIn("skills: line 2, column 'broader' 'b': no skill has this code", err)
        with self.assertRaisesRegex(RuntimeError, "line 2, column 'broader' 'b'"):
            Daemon("--skills", own / "skills.csv")

    def test_help_keeps_its_columns(self):
        done = subprocess.run([BUILD / "haihed", "--help"], capture_output=True, text=True, timeout=60, check=True)
        options = done.stdout.partition("\n\n")[2].partition("\n\nEvery option")[0].splitlines()
        self.assertGreater(len(options), 40)
        for line in options:
            self.assertRegex(line, r"^(      --[a-z-]+|  -., --[a-z]+|  {20,}\S)")


if __name__ == "__main__":
    unittest.main()

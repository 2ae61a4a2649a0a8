"""haihectl load, the real binary, with files as portals export them."""
import gzip
import json
import os
import pathlib
import subprocess
import tempfile

from harness import BUILD, DaemonCase
from haihe.v1 import record_pb2, record_service_pb2

EXPORT = """平台,职位编号,职位名称,公司名称,招聘人数,技能,地区代码,薪资,工作性质,截止日期
e2e,file-1,电焊工,天津港口机械有限公司,"1,200",焊接:5,120116,8千-1.2万/月,全职,2099/12/31
e2e,file-2,养老护理员,和平区颐养中心,12,养老护理,120101,"6,000-8,000元/月·13薪",全职,2099年12月31日
e2e,file-3,厨师,河西食品有限公司,3,烹饪,120103,5000,全职,03/04/2099
"""


class Files(DaemonCase):
    def load(self, content, name, *options):
        """Exit code, standard output, standard error, refused rows."""
        with tempfile.TemporaryDirectory(prefix="haihe-e2e-") as folder:
            path, refused = pathlib.Path(folder, name), pathlib.Path(folder, "refused.jsonl")
            path.write_bytes(content)
            done = subprocess.run(
                [BUILD / "haihectl", "load", "vacancies", path, "--refused", refused, *options],
                env={**os.environ, "HAIHE_SERVER": self.daemon.address}, capture_output=True,
                text=True, timeout=60, check=False)
            rows = refused.read_text(encoding="utf-8") if refused.exists() else ""
            return done.returncode, done.stdout, done.stderr, [json.loads(r) for r in rows.splitlines()]

    def vacancy(self, key):
        return self.records.Get(record_service_pb2.GetRequest(
            kind=record_pb2.RECORD_KIND_VACANCY,
            key=record_pb2.Key(platform="e2e", id=key)), timeout=5).vacancy

    def assertLoaded(self, result):
        code, out, err, refused = result
        self.assertEqual(code, 1, err)
        self.assertIn("loaded 2 vacancies", out)
        self.assertEqual([(row["line"], row["field"], row["value"]) for row in refused],
                         [(4, "valid_through", "03/04/2099")])
        self.assertIn("2099-04-03 or 2099-03-04", refused[0]["reason"])
        first, second = self.vacancy("file-1"), self.vacancy("file-2")
        self.assertEqual(first.title, "电焊工")
        self.assertEqual(first.total_job_openings, 1200)
        self.assertEqual(first.valid_through, "2099-12-31")
        self.assertEqual((first.base_salary.min_amount, first.base_salary.max_amount),
                         (800000, 1200000))
        self.assertEqual(second.base_salary.months_per_year, 13)
        self.assertEqual(second.base_salary.unit, record_pb2.PAY_UNIT_MONTH)

    def test_gb18030_is_named_and_then_read(self):
        content = EXPORT.encode("gb18030")
        code, _, err, _ = self.load(content, "export.csv")
        self.assertNotEqual(code, 0)
        self.assertIn("it looks like GB18030", err)
        self.assertIn("use --encoding GB18030", err)
        self.assertLoaded(self.load(content, "export.csv", "--encoding", "GB18030"))

    def test_utf16_and_gzip_are_read_and_told(self):
        result = self.load(gzip.compress(EXPORT.replace("\n", "\r\n").encode("utf-16")),
                           "export.csv.gz")
        self.assertLoaded(result)
        self.assertIn("unpacked (gzip), as UTF-16LE, by its byte order mark", result[2])

    def test_workbook_and_unknown_encoding_are_refused(self):
        code, _, err, _ = self.load(b"PK\3\4" + bytes(100), "export.csv")
        self.assertNotEqual(code, 0)
        self.assertIn("Excel workbook", err)
        code, _, err, _ = self.load(b"id\n", "export.csv", "--encoding", "KLINGON")
        self.assertNotEqual(code, 0)
        self.assertIn("UTF-8, GB18030 (also GBK, GB2312)", err)

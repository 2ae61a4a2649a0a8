#!/usr/bin/python3
"""check_compatible.py must notice every way to break a client: test_check_compatible.py DESCRIPTORS"""
import copy
import pathlib
import sys
import unittest

import check_compatible as check
from google.protobuf import descriptor_pb2


def find(items, name):
    return next(item for item in items if item.name == name)


class Compatibility(unittest.TestCase):
    FILES = None  # the build's FileDescriptorSet

    def setUp(self):
        self.files = copy.deepcopy(self.FILES)
        self.golden = check.entries_of(self.FILES)

    def file(self, name):
        return find(self.files.file, f"haihe/v1/{name}.proto")

    def message(self, name):
        return find(self.file("record").message_type, name)

    def assertBreaks(self, *parts):
        problems = check.incompatibilities(self.golden, check.entries_of(self.files))
        self.assertTrue(any(all(part in p for part in parts) for p in problems), problems)

    def test_the_same_api_is_compatible(self):
        current = check.entries_of(self.files)
        self.assertEqual(check.incompatibilities(self.golden, current), [])
        self.assertEqual(check.additions(self.golden, current), [])

    def test_the_golden_file_can_be_read_back(self):
        lines = "\n".join(check.additions({}, self.golden))
        self.assertEqual(check.read_golden(lines), self.golden)

    def test_a_removed_field_breaks(self):
        del self.message("Vacancy").field[3]
        self.assertBreaks("removed", "occupational_category")

    def test_a_renumbered_field_breaks(self):
        self.message("Key").field[0].number = 7
        self.assertBreaks("changed", "Key.platform", "'7 ")

    def test_a_renamed_field_breaks(self):
        self.message("Key").field[0].name = "portal"
        self.assertBreaks("removed", "Key.platform")

    def test_a_retyped_field_breaks(self):
        find(self.message("Salary").field, "min_amount").type = check.Field.TYPE_INT32
        self.assertBreaks("changed", "Salary.min_amount", "int32")

    def test_another_message_type_breaks(self):
        find(self.message("Vacancy").field, "base_salary").type_name = ".haihe.v1.WageWish"
        self.assertBreaks("changed", "Vacancy.base_salary")

    def test_a_field_made_repeated_breaks(self):
        find(self.message("Vacancy").field, "title").label = check.Field.LABEL_REPEATED
        self.assertBreaks("changed", "Vacancy.title", "repeated")

    def test_a_field_taken_out_of_its_oneof_breaks(self):
        find(self.message("Record").field, "vacancy").ClearField("oneof_index")
        self.assertBreaks("changed", "Record.vacancy")

    def test_a_removed_or_renumbered_enum_value_breaks(self):
        enum = find(self.file("record").enum_type, "PayUnit")
        enum.value[1].number = 9
        self.assertBreaks("changed", "PAY_UNIT_HOUR")
        del enum.value[1]
        self.assertBreaks("removed", "PAY_UNIT_HOUR")

    def test_a_removed_method_or_another_streaming_breaks(self):
        service = self.file("record_service").service[0]
        service.method[0].client_streaming = False
        self.assertBreaks("changed", "RecordService.Apply")
        del service.method[0]
        self.assertBreaks("removed", "RecordService.Apply")

    def test_a_reserved_number_that_becomes_free_breaks(self):
        self.message("Vacancy").reserved_range[0].start += 1
        self.assertBreaks("no longer reserved", "haihe.v1.Vacancy 20")

    def test_a_reserved_range_may_grow(self):
        self.message("Vacancy").reserved_range[0].end += 5
        current = check.entries_of(self.files)
        self.assertEqual(check.incompatibilities(self.golden, current), [])

    def test_an_enum_without_unspecified_is_refused(self):
        self.file("record").enum_type.add(name="New").value.add(name="NEW_FIRST", number=0)
        self.assertBreaks("unspecified", "NEW_FIRST")

    def test_what_is_new_is_named(self):
        self.message("Key").field.add(name="extra", number=3, type=check.Field.TYPE_STRING,
                                      label=check.Field.LABEL_OPTIONAL)
        self.assertEqual(check.additions(self.golden, check.entries_of(self.files)),
                         ["field haihe.v1.Key.extra 3 string optional"])


if __name__ == "__main__":
    Compatibility.FILES = descriptor_pb2.FileDescriptorSet.FromString(
        pathlib.Path(sys.argv.pop(1)).read_bytes())
    unittest.main(verbosity=0)

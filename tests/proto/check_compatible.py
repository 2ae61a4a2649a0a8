#!/usr/bin/python3
"""Compares the API with what was promised: check_compatible.py DESCRIPTORS [--update]

DESCRIPTORS is the FileDescriptorSet of the build; v1.golden beside this file has one line for each
field, oneof, enum value, method and reserved range of package haihe.v1 that was ever published:

    field haihe.v1.Key.platform 1 string optional
    field haihe.v1.Record.vacancy 3 haihe.v1.Vacancy optional oneof=original
    value haihe.v1.PayUnit.PAY_UNIT_HOUR 1
    method haihe.v1.RecordService.Apply stream haihe.v1.ApplyRequest stream haihe.v1.ApplyResponse
    reserved haihe.v1.Vacancy 20 29

A line that is gone or different is a client that breaks: that fails. A reserved number may never
be free again. What is new fails as well, until --update has appended it to the golden file.
"""
import pathlib
import sys

from google.protobuf import descriptor_pb2

PACKAGE = "haihe.v1"
GOLDEN = pathlib.Path(__file__).with_name("v1.golden")
Field = descriptor_pb2.FieldDescriptorProto


def type_name(field):
    if field.type_name:
        return field.type_name.lstrip(".")
    return Field.Type.Name(field.type).removeprefix("TYPE_").lower()


def message_lines(message, name):
    """Name of the entry -> its whole line."""
    for field in message.field:
        label = Field.Label.Name(field.label).removeprefix("LABEL_").lower()
        oneof = f" oneof={message.oneof_decl[field.oneof_index].name}" if field.HasField(
            "oneof_index") else ""
        yield f"field {name}.{field.name}", f"{field.number} {type_name(field)} {label}{oneof}"
    for reserved in message.reserved_range:
        yield f"reserved {name} {reserved.start} {reserved.end - 1}", ""
    for reserved in message.reserved_name:
        yield f"reserved_name {name} {reserved}", ""
    for nested in message.nested_type:
        yield from message_lines(nested, f"{name}.{nested.name}")
    for enum in message.enum_type:
        yield from enum_lines(enum, f"{name}.{enum.name}")


def enum_lines(enum, name):
    for value in enum.value:
        yield f"value {name}.{value.name}", str(value.number)
    for reserved in enum.reserved_range:  # unlike a message's, it ends with its last number
        yield f"reserved {name} {reserved.start} {reserved.end}", ""


def service_lines(service, name):
    for method in service.method:
        takes = "stream " if method.client_streaming else ""
        gives = "stream " if method.server_streaming else ""
        yield (f"method {name}.{method.name}",
               f"{takes}{method.input_type.lstrip('.')} {gives}{method.output_type.lstrip('.')}")


def entries_of(file_set):
    entries = {}
    for file in file_set.file:
        if file.package != PACKAGE:
            continue
        for message in file.message_type:
            entries.update(message_lines(message, f"{PACKAGE}.{message.name}"))
        for enum in file.enum_type:
            entries.update(enum_lines(enum, f"{PACKAGE}.{enum.name}"))
        for service in file.service:
            entries.update(service_lines(service, f"{PACKAGE}.{service.name}"))
    return entries


def read_golden(text):
    """A reserved entry is its whole line; the others are named by their first two words."""
    entries = {}
    for line in text.splitlines():
        words = line.split(" ")
        if words[0].startswith("reserved"):
            entries[line] = ""
        elif line:
            entries[" ".join(words[:2])] = " ".join(words[2:])
    return entries


def reserved_numbers(entries):
    """(message, number) for everything reserved; ranges to the maximum are cut at 100000."""
    numbers = set()
    for entry in entries:
        words = entry.split(" ")
        if words[0] == "reserved":
            numbers.update((words[1], n)
                           for n in range(int(words[2]), min(int(words[3]), 100000) + 1))
    return numbers


def incompatibilities(golden, current):
    problems = []
    for entry, was in golden.items():
        if entry.startswith("reserved "):
            continue
        if entry not in current:
            problems.append(f"removed: {entry} {was}".rstrip())
        elif current[entry] != was:
            problems.append(f"changed: {entry}: was '{was}', is '{current[entry]}'")
    for message, number in sorted(reserved_numbers(golden) - reserved_numbers(current)):
        problems.append(f"no longer reserved: {message} {number}")
    for entry, is_now in current.items():
        name = entry.rsplit(".", 1)[-1]
        if entry.startswith("value ") and is_now == "0" and not name.endswith("_UNSPECIFIED"):
            problems.append(f"number 0 must be unspecified: {entry}")
    return problems


def additions(golden, current):
    return [f"{entry} {text}".rstrip() for entry, text in current.items() if entry not in golden]


def main(arguments):
    update = "--update" in arguments
    paths = [a for a in arguments if a != "--update"]
    if len(paths) != 1:
        sys.exit(__doc__.splitlines()[0])
    file_set = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(paths[0]).read_bytes())
    current = entries_of(file_set)
    text = GOLDEN.read_text() if GOLDEN.exists() else ""
    golden = read_golden(text)
    problems, new = incompatibilities(golden, current), additions(golden, current)
    if new and update and not problems:
        GOLDEN.write_text(text + "\n".join(new) + "\n")
        print(f"proto: {len(new)} entries added to {GOLDEN.name}")
        return
    problems += [f"new, see --update: {line}" for line in new]
    for problem in problems:
        print(f"proto: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f"proto: {len(current)} entries of {PACKAGE} are as promised")


if __name__ == "__main__":
    main(sys.argv[1:])

#include "topologies/recorded_library.h"

#include <fmt/format.h>

#include <string>

#include "harness/base/file.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMaxRecordBytes = 16 << 20;

Result<RecordedFacts> read_recorded_file(const std::string& path) {
  const Result<std::string> text = read_file(path, kMaxRecordBytes);
  if (!text) return fail(text.error());
  return parse_recorded_facts(*text, one_line(path));
}

}  // namespace

Result<RecordedFacts> find_recorded(std::string_view name_or_path) {
  if (name_or_path.ends_with(".json")) return read_recorded_file(std::string(name_or_path));
  std::string names;
  for (const RecordedText& record : recorded_records()) {
    if (record.name == name_or_path) return parse_recorded_facts(record.text, record.name);
    names += fmt::format("{}, ", record.name);
  }
  return invalid_input(
      fmt::format("found {}, want {}or the path of a .json file", quote(name_or_path), names));
}

}  // namespace fusesweep

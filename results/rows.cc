#include "results/rows.h"

#include <algorithm>

#include "harness/base/hash.h"

namespace fusesweep {
namespace {

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

// The hashes are stored: a field that is added must not change those of rows that lack it.
std::string hash_of(const Provenance& provenance) {
  const Json json = {{"program_version", provenance.program_version},
                     {"git_revision", or_null(provenance.git_revision)},
                     {"git_dirty", or_null(provenance.git_dirty)},
                     {"compiler", provenance.compiler},
                     {"compiler_flags", provenance.compiler_flags},
                     {"build_type", provenance.build_type},
                     {"host", or_null(provenance.host)},
                     {"cpu", or_null(provenance.cpu)},
                     {"os", or_null(provenance.os)},
                     {"kernel", or_null(provenance.kernel)},
                     {"machine", provenance.machine}};
  return to_hex(hash128(to_text(json)));
}

std::string fingerprint_of(const RunnerRow& runner) {
  const Json json = {{"name", runner.name},          {"version", runner.version},
                     {"device", runner.device},      {"device_kind", runner.device_kind},
                     {"evidence", runner.evidence},  {"emulated", runner.emulated},
                     {"toolchain", runner.toolchain}};
  return to_hex(hash128(to_text(json)));
}

std::string kind_of(const SweepRow& sweep) {
  const auto kind = sweep.spec.find("kind");
  if (kind == sweep.spec.end() || kind->is_null()) return "sweep";
  return kind->is_string() ? kind->get<std::string>() : to_text(*kind);
}

bool is_journal_name(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  const auto may_stand = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kLongest && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), may_stand);
}

std::string hash_of(const JournalIntent& intent, std::int64_t began_unix_ms) {
  const Json json = {{"name", intent.name},           {"intent", intent.intent},
                     {"setup", intent.setup},         {"hypotheses", intent.hypotheses},
                     {"stop_rule", intent.stop_rule}, {"began_unix_ms", began_unix_ms}};
  return to_hex(hash128(to_text(json)));
}

}  // namespace fusesweep

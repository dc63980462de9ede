#include "results/rows.h"

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

}  // namespace fusesweep

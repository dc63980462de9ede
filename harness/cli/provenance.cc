#include "harness/cli/provenance.h"

#include <unistd.h>

#include <array>
#include <optional>
#include <string>

#include "harness/base/version.h"
#include "harness/measure/machine.h"

namespace fusesweep {
namespace {

std::optional<std::string> host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return std::nullopt;
  return std::string(name.data());
}

// What is not known has no member.
template <typename T>
void add(Json& json, const char* name, const std::optional<T>& value) {
  if (value) json[name] = *value;
}

Json json_of(const MachineFacts& machine) {
  Json json = {{"instruction_sets", machine.instruction_sets}, {"governors", machine.governors}};
  add(json, "cpus_online", machine.cpus_online);
  add(json, "cpus_usable", machine.cpus_usable);
  add(json, "smt", machine.smt);
  add(json, "hypervisor", machine.hypervisor);
  add(json, "memory_bytes", machine.memory_bytes);
  add(json, "swap_bytes", machine.swap_bytes);
  add(json, "huge_page_setting", machine.huge_page_setting);
  add(json, "frequency_max_hz", machine.frequency_max_hz);
  add(json, "boost", machine.boost);
  add(json, "cpu_quota", machine.cpu_quota);
  add(json, "memory_limit_bytes", machine.memory_limit_bytes);
  return json;
}

}  // namespace

Provenance gather_provenance(const std::filesystem::path& work) {
  const BuildFacts build = build_facts();
  const MachineFacts machine = read_machine("/", work);
  Provenance provenance{.program_version = std::string(version()),
                        .git_dirty = build.git_dirty,
                        .compiler = std::string(build.compiler),
                        .compiler_flags = std::string(build.compiler_flags),
                        .build_type = std::string(build.build_type),
                        .host = host_name(),
                        .cpu = machine.cpu_model,
                        .os = machine.os,
                        .kernel = machine.kernel,
                        .machine = json_of(machine)};
  if (build.git_revision) provenance.git_revision = std::string(*build.git_revision);
  return provenance;
}

}  // namespace fusesweep

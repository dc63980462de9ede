// The file that names a user's own tools: which commands convert, compile, inspect, compare, export and run, in
// which form they answer, and how long they may take. harness/docs/TOOLCHAIN.md is the page for people.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/core/shard_identity.h"
#include "runners/toolchain/command_line.h"

namespace fusesweep {

struct ToolCommand {
  CommandTemplate command;
  std::chrono::seconds limit{0};
};

enum class ReportForm { kJson, kLines };  // of the residency report
enum class RuntimeForm {
  kResident,
  kOnce
};  // a service that answers in lines, or a program for each decoding

struct ToolchainConfig {
  std::string name;  // of the toolchain: a file name, a part of the runner's name
  std::string device;
  std::string device_kind;  // "ane"
  std::optional<std::uint64_t> device_memory_bytes;
  std::filesystem::path folder;  // where the commands run: absolute
  ShardIdentity shape;  // tokens, context, encoding and kv_form: the one that the tools make
  std::optional<CommandTemplate> version;  // tells one version of the tools from another
  ToolCommand convert;
  std::optional<ToolCommand> compile;
  ToolCommand inspect;
  ReportForm report = ReportForm::kJson;
  std::optional<ToolCommand> golden;
  ToolCommand export_manifest;
  ToolCommand run;
  RuntimeForm runtime = RuntimeForm::kResident;
  std::chrono::seconds ready_limit{0};  // of a resident one: warming up is part of it
  // Hashes of commands and of the files that they name, since a script that was altered is another tool: of those
  // that build, and of all.
  std::string build_fingerprint;
  std::string fingerprint;
};

// Reads the file, taken for hostile. Errors name the file and the place.
Result<ToolchainConfig> read_toolchain(const std::filesystem::path& file);

// The same from text, for a file that lies in `folder`; without the fingerprints. `where` begins the message of an
// error.
Result<ToolchainConfig> parse_toolchain(std::string_view text, std::string_view where,
                                        const std::filesystem::path& folder);

}  // namespace fusesweep

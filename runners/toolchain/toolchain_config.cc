#include "runners/toolchain/toolchain_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/program_path.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::string_view kFormat = "fusesweep-toolchain";
constexpr std::size_t kLongestName = 60;

// What a caller of the runner waits for at most (harness/docs/RUNNERS.md), less what stopping a tool takes: a tool
// that hangs is to be ended by us and not with us.
constexpr std::chrono::seconds kMostBuild{3500};  // convert and compile together
constexpr std::chrono::seconds kMostInspect{1700};
constexpr std::chrono::seconds kMostOpen{1700};  // export, and until it is ready
constexpr std::chrono::seconds kMostRun{1700};   // golden
constexpr std::chrono::seconds kMostDecode{3500};

template <typename T>
T read_parsed(const JsonField& field, Result<T> (*parse)(std::string_view)) {
  Result<T> value = parse(field.text());
  if (value) return *std::move(value);
  field.reject_with(value.error().message);
  return {};
}

int read_count(const JsonField& field) {
  return static_cast<int>(field.integer(1, std::numeric_limits<int>::max()));
}

std::string read_name(const JsonField& field) {
  std::string name = field.text();
  const auto may_stand = [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  const bool is_good = !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
                       name.front() != '-' && std::all_of(name.begin(), name.end(), may_stand);
  if (!is_good)
    field.reject(quote(name),
                 fmt::format("1 to {} letters, digits, '-', '_' and '.'", kLongestName));
  return name;
}

std::chrono::seconds read_limit(const JsonField& tool, std::string_view key,
                                std::chrono::seconds otherwise, std::chrono::seconds most) {
  const std::optional<JsonField> limit = tool.find(key);
  return limit ? std::chrono::seconds(limit->integer(1, most.count())) : otherwise;
}

// How long a command may take where the file does not say, and at most.
struct Limits {
  std::chrono::seconds usual;
  std::chrono::seconds most;
};

ToolCommand read_tool(const JsonField& tool, const Placeholders& placeholders, Limits limits) {
  return {.command = read_command(tool.at("command"), placeholders),
          .limit = read_limit(tool, "limit_s", limits.usual, limits.most)};
}

// One of two words.
template <typename T>
T read_choice(const JsonField& field, std::string_view one, T is_one, std::string_view other,
              T is_other) {
  const std::string text = field.text();
  if (text == other) return is_other;
  if (text != one) field.reject(quote(text), fmt::format("{} or {}", one, other));
  return is_one;
}

void read_shape(const JsonField& shape, ToolchainConfig& config) {
  shape.allow_only({"tokens", "context", "encoding", "kv"});
  config.shape.tokens = read_count(shape.at("tokens"));
  config.shape.context = read_count(shape.at("context"));
  config.shape.encoding = read_parsed(shape.at("encoding"), parse_encoding);
  config.shape.kv_form = read_parsed(shape.at("kv"), parse_kv_form);
}

void read_device(const JsonField& device, ToolchainConfig& config) {
  device.allow_only({"name", "kind", "memory_bytes"});
  config.device = device.at("name").text();
  config.device_kind = device.at("kind").text();
  if (const auto memory = device.find("memory_bytes")) {
    config.device_memory_bytes =
        static_cast<std::uint64_t>(memory->integer(1, std::numeric_limits<std::int64_t>::max()));
  }
}

void read_build(const JsonField& root, ToolchainConfig& config) {
  const JsonField convert = root.at("convert");
  convert.allow_only({"command", "limit_s"});
  config.convert = read_tool(convert,
                             {.once = {"model", "start", "end", "out", "name", "package"},
                              .for_each_shard = {},
                              .wanted = {"model", "start", "end", "out|package"}},
                             {std::chrono::seconds(2400), kMostBuild});
  const std::optional<JsonField> compile = root.find("compile");
  if (!compile) return;
  compile->allow_only({"command", "limit_s"});
  config.compile = read_tool(*compile,
                             {.once = {"package", "out", "name", "compiled"},
                              .for_each_shard = {},
                              .wanted = {"package", "out|compiled"}},
                             {std::chrono::seconds(1000), kMostBuild});
  if (config.convert.limit + config.compile->limit > kMostBuild) {
    compile->reject(
        fmt::format("{} s with convert", (config.convert.limit + config.compile->limit).count()),
        fmt::format("limits of {} s together", kMostBuild.count()));
  }
}

void read_gates(const JsonField& root, ToolchainConfig& config) {
  const JsonField inspect = root.at("inspect");
  inspect.allow_only({"command", "report", "limit_s"});
  config.report =
      read_choice(inspect.at("report"), "json", ReportForm::kJson, "lines", ReportForm::kLines);
  config.inspect = read_tool(inspect,
                             {.once = {"model", "start", "end", "package", "compiled", "report"},
                              .for_each_shard = {},
                              .wanted = {"package|compiled"}},
                             {std::chrono::seconds(600), kMostInspect});
  const std::optional<JsonField> golden = root.find("golden");
  if (!golden) return;
  golden->allow_only({"command", "limit_s"});
  config.golden = read_tool(*golden,
                            {.once = {"model", "start", "end", "package", "compiled"},
                             .for_each_shard = {},
                             .wanted = {"package|compiled"}},
                            {std::chrono::seconds(1500), kMostRun});
}

void read_runtime(const JsonField& root, ToolchainConfig& config) {
  const JsonField exported = root.at("export");
  exported.allow_only({"command", "limit_s"});
  config.export_manifest =
      read_tool(exported,
                {.once = {"model", "out", "name", "manifest"},
                 .for_each_shard = {"start", "end", "package", "compiled"},
                 .wanted = {"start", "end", "package|compiled", "manifest|name"}},
                {std::chrono::seconds(900), kMostOpen});
  const JsonField run = root.at("run");
  run.allow_only({"command", "form", "ready_limit_s", "limit_s"});
  config.runtime =
      read_choice(run.at("form"), "resident", RuntimeForm::kResident, "once", RuntimeForm::kOnce);
  const bool is_once = config.runtime == RuntimeForm::kOnce;
  const Placeholders once{.once = {"manifest", "ids", "tokens"},
                          .for_each_shard = {},
                          .wanted = {"manifest", "ids", "tokens"}};
  const Placeholders resident{.once = {"manifest"}, .for_each_shard = {}, .wanted = {"manifest"}};
  config.run = read_tool(run, is_once ? once : resident, {std::chrono::seconds(600), kMostDecode});
  if (is_once) return;
  config.ready_limit = read_limit(run, "ready_limit_s", std::chrono::seconds(600), kMostOpen);
  if (config.export_manifest.limit + config.ready_limit > kMostOpen) {
    run.reject(fmt::format("{} s with export until it is ready",
                           (config.export_manifest.limit + config.ready_limit).count()),
               fmt::format("limits of {} s together", kMostOpen.count()));
  }
}

// The file that a word means, if it means one.
std::filesystem::path file_of(const std::string& word, bool is_program,
                              const std::filesystem::path& folder) {
  if (is_program && word.find('/') == std::string::npos) return find_on_path(word).value_or("");
  return folder / word;
}

// Of the commands, and of every file that they name.
Result<std::string> fingerprint_of(const std::vector<const CommandTemplate*>& commands,
                                   const ToolchainConfig& config) {
  Json all = {{"name", config.name},
              {"shape",
               {config.shape.tokens, config.shape.context, to_text(config.shape.encoding),
                to_text(config.shape.kv_form)}},
              {"commands", Json::array()}};
  for (const CommandTemplate* command : commands) {
    Json parts = Json::array();
    for (const CommandPart& part : command->parts)
      parts.push_back({{"words", part.words}, {"for_each_shard", part.is_for_each_shard}});
    bool is_program = true;
    for (const std::string& word : plain_words(*command)) {
      const std::filesystem::path path =
          file_of(word, std::exchange(is_program, false), config.folder);
      std::error_code error;
      if (path.empty() || !std::filesystem::is_regular_file(path, error)) continue;
      const Result<Hash128> hash = hash_file(path, 1);
      if (!hash) return fail(hash.error());
      parts.push_back(to_hex(*hash));
    }
    all["commands"].push_back(std::move(parts));
  }
  return to_hex(hash128(to_text(all)));
}

Result<void> add_fingerprints(ToolchainConfig& config) {
  std::vector<const CommandTemplate*> commands = {&config.convert.command};
  if (config.compile) commands.push_back(&config.compile->command);
  Result<std::string> build = fingerprint_of(commands, config);
  if (!build) return fail(std::move(build).error());
  config.build_fingerprint = *std::move(build);
  for (const ToolCommand* tool : {&config.inspect, &config.export_manifest, &config.run})
    commands.push_back(&tool->command);
  if (config.golden) commands.push_back(&config.golden->command);
  if (config.version) commands.push_back(&*config.version);
  Result<std::string> all = fingerprint_of(commands, config);
  if (!all) return fail(std::move(all).error());
  config.fingerprint = *std::move(all);
  return {};
}

}  // namespace

Result<ToolchainConfig> parse_toolchain(std::string_view text, std::string_view where,
                                        const std::filesystem::path& folder) {
  const Result<Json> json = parse_json(text, where);
  if (!json) return fail(json.error());
  JsonReader reader(*json, std::string(where));
  const JsonField root = reader.root();
  root.allow_only({"format", "format_version", "about", "name", "device", "folder", "shape",
                   "version", "convert", "compile", "inspect", "golden", "export", "run"});
  const JsonField format = root.at("format");
  if (const std::string found = format.text(); found != kFormat)
    format.reject(quote(found), kFormat);
  root.at("format_version").integer(1, 1);
  ToolchainConfig config{.name = read_name(root.at("name")), .folder = folder};
  if (const auto own = root.find("folder")) config.folder = folder / own->text();
  config.folder = config.folder.lexically_normal();
  read_device(root.at("device"), config);
  read_shape(root.at("shape"), config);
  if (const auto version = root.find("version"))
    config.version = read_command(*version, {.once = {}, .for_each_shard = {}, .wanted = {}});
  read_build(root, config);
  read_gates(root, config);
  read_runtime(root, config);
  if (reader.error()) return fail(*reader.error());
  return config;
}

Result<ToolchainConfig> read_toolchain(const std::filesystem::path& file) {
  const Result<std::string> text = read_file(file, kMostBytes);
  if (!text) return fail(text.error());
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(file, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(file.string()), error.message()));
  Result<ToolchainConfig> config =
      parse_toolchain(*text, one_line(file.string()), absolute.parent_path());
  if (!config) return config;
  if (!std::filesystem::is_directory(config->folder, error)) {
    return invalid_input(
        fmt::format("{}: folder: found no folder {}, want the one that the commands run in",
                    one_line(file.string()), quote(config->folder.string())));
  }
  if (auto added = add_fingerprints(*config); !added) return fail(std::move(added).error());
  return config;
}

}  // namespace fusesweep

#include "results/baseline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/new_file.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
// What is read is copied and written again level by level: deep ones would take the stack.
constexpr int kMostLevels = 32;
constexpr int kMost = std::numeric_limits<int>::max();
constexpr std::int64_t kMostBytes = std::numeric_limits<std::int64_t>::max();
constexpr double kMostMsPerToken = 1e9;

Failure system_failure(const std::filesystem::path& path, const std::error_code& error) {
  return unavailable(fmt::format("{}: {}", one_line(path.string()), error.message()));
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// Written.

Json to_json(const PlacedKind& kind) {
  return {{"type", kind.type},
          {"place", kind.place},
          {"implementation", or_null(kind.implementation)},
          {"count", kind.count}};
}

Json to_json(const std::vector<GateVerdict>& verdicts) {
  Json list = Json::array();
  for (const GateVerdict& verdict : verdicts) list.push_back(fusesweep::to_json(verdict));
  return list;
}

Json to_json(const BaselineShard& shard) {
  Json kinds = Json::array();
  for (const PlacedKind& kind : shard.kinds) kinds.push_back(to_json(kind));
  return {{"hash", hash_of(shard.identity)},     {"identity", fusesweep::to_json(shard.identity)},
          {"content_hash", shard.content_hash},  {"bytes", shard.bytes},
          {"build_ns", or_null(shard.build_ns)}, {"kinds", std::move(kinds)},
          {"verdicts", to_json(shard.verdicts)}};
}

Json to_json(const BaselineSplit& split) {
  return {{"name", split.name},
          {"split", split.split},
          {"split_key", split.split_key},
          {"tokens", split.shape.tokens},
          {"context", split.shape.context},
          {"encoding", to_text(split.shape.encoding)},
          {"kv_form", to_text(split.shape.kv_form)},
          {"head_shards", split.head_shards},
          {"threads", split.threads},
          {"shards", split.shards},
          {"verdicts", to_json(split.verdicts)},
          {"ms_per_token", split.ms_per_token},
          {"ids", split.ids}};
}

Json to_json(const Provenance& made_by) {
  return {{"program_version", made_by.program_version},
          {"git_revision", or_null(made_by.git_revision)},
          {"git_dirty", or_null(made_by.git_dirty)},
          {"compiler", made_by.compiler},
          {"compiler_flags", made_by.compiler_flags},
          {"build_type", made_by.build_type},
          {"host", or_null(made_by.host)},
          {"cpu", or_null(made_by.cpu)},
          {"os", or_null(made_by.os)},
          {"kernel", or_null(made_by.kernel)},
          {"machine", made_by.machine}};
}

Json to_json(const BaselineRunner& runner) {
  return {{"kind", runner.kind},
          {"words", runner.words},
          {"program_hash", or_null(runner.program_hash)},
          {"copied", runner.is_copied},
          {"may_start", runner.may_start},
          {"name", runner.row.name},
          {"version", runner.row.version},
          {"device", runner.row.device},
          {"device_kind", runner.row.device_kind},
          {"evidence", runner.row.evidence},
          {"emulated", runner.row.emulated},
          {"toolchain", runner.row.toolchain}};
}

// Read. After the first error everything is empty, see JsonReader.

bool nests_deeper(const Json& json, int levels) {
  if (!json.is_structured()) return false;
  return levels == 0 || std::any_of(json.begin(), json.end(), [levels](const Json& inner) {
           return nests_deeper(inner, levels - 1);
         });
}

int read_int(const JsonField& field, int low) {
  return static_cast<int>(field.integer(low, kMost));
}

std::uint64_t read_count(const JsonField& field) {
  return static_cast<std::uint64_t>(field.integer(0, kMostBytes));
}

std::string read_hash(const JsonField& field) {
  std::string hash = field.text();
  const bool good = hash.size() == 32 && std::all_of(hash.begin(), hash.end(), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                    });
  if (!good) field.reject(quote(hash), "32 hexadecimal digits");
  return hash;
}

std::string read_named(const JsonField& field) {
  std::string text = field.text();
  if (text.empty()) field.reject("an empty text", "one that says something");
  return text;
}

// A path, or a word of a command: the system takes a zero byte for its end.
std::string read_word(const JsonField& field) {
  std::string word = field.text();
  if (word.find('\0') != std::string::npos) field.reject(quote(word), "a text without zero bytes");
  return word;
}

Uuid read_uuid(const JsonField& field) {
  const Result<Uuid> id = parse_uuid(field.text());
  if (id) return *id;
  field.reject_with(id.error().message);
  return {};
}

// A value of an enumeration by its text.
template <typename T>
T read_parsed(const JsonField& field, Result<T> (*parse)(std::string_view)) {
  const Result<T> value = parse(field.text());
  if (value) return *value;
  field.reject_with(value.error().message);
  return {};
}

template <typename Read>
auto read_list(const JsonField& field, Read&& read) {
  std::vector<decltype(read(field))> list;
  for (const JsonField& item : field.items()) list.push_back(read(item));
  return list;
}

template <typename Read>
auto read_optional(const JsonField& of, std::string_view key, Read&& read)
    -> std::optional<decltype(read(of))> {
  const std::optional<JsonField> field = of.find(key);
  if (!field) return std::nullopt;
  return read(*field);
}

std::string read_text(const JsonField& field) { return field.text(); }

std::optional<std::string> read_optional_text(const JsonField& of, std::string_view key) {
  return read_optional(of, key, read_text);
}

PlacedKind read_placed_kind(const JsonField& field) {
  field.allow_only({"type", "place", "implementation", "count"});
  return {.type = field.at("type").text(),
          .place = field.at("place").text(),
          .implementation = read_optional_text(field, "implementation").value_or(""),
          .count = read_count(field.at("count"))};
}

BaselineShard read_shard(const JsonField& field) {
  field.allow_only({"hash", "identity", "content_hash", "bytes", "build_ns", "kinds", "verdicts"});
  BaselineShard shard{.identity = read_shard_identity(field.at("identity")),
                      .content_hash = read_hash(field.at("content_hash")),
                      .bytes = read_count(field.at("bytes")),
                      .kinds = read_list(field.at("kinds"), read_placed_kind),
                      .verdicts = read_list(field.at("verdicts"), read_gate_verdict)};
  shard.build_ns = read_optional(field, "build_ns",
                                 [](const JsonField& ns) { return ns.integer(0, kMostBytes); });
  if (const std::string hash = field.at("hash").text(); hash != hash_of(shard.identity))
    field.at("hash").reject(quote(hash),
                            fmt::format("that of the identity, {}", hash_of(shard.identity)));
  return shard;
}

BaselineSplit read_split(const JsonField& field) {
  field.allow_only({"name", "split", "split_key", "tokens", "context", "encoding", "kv_form",
                    "head_shards", "threads", "shards", "verdicts", "ms_per_token", "ids"});
  BaselineSplit split{.name = read_named(field.at("name")),
                      .split = field.at("split").text(),
                      .split_key = read_hash(field.at("split_key"))};
  split.shape.tokens = read_int(field.at("tokens"), 1);
  split.shape.context = read_int(field.at("context"), 1);
  split.shape.encoding = read_parsed(field.at("encoding"), parse_encoding);
  split.shape.kv_form = read_parsed(field.at("kv_form"), parse_kv_form);
  split.head_shards = read_int(field.at("head_shards"), 1);
  split.threads = read_int(field.at("threads"), 0);
  split.shards = read_list(field.at("shards"), read_hash);
  split.verdicts = read_list(field.at("verdicts"), read_gate_verdict);
  split.ms_per_token = field.at("ms_per_token").number(0, kMostMsPerToken);
  split.ids = read_list(field.at("ids"), [](const JsonField& id) {
    return static_cast<int>(id.integer(std::numeric_limits<int>::min(), kMost));
  });
  if (split.ms_per_token <= 0) field.at("ms_per_token").reject("0", "more");
  return split;
}

ModelRow read_model(const JsonField& field) {
  field.allow_only({"hash", "name", "contract"});
  return {.hash = read_hash(field.at("hash")),
          .name = field.at("name").text(),
          .contract = read_contract(field.at("contract"))};
}

Provenance read_provenance(const JsonField& field) {
  field.allow_only({"program_version", "git_revision", "git_dirty", "compiler", "compiler_flags",
                    "build_type", "host", "cpu", "os", "kernel", "machine"});
  Provenance made_by{.program_version = field.at("program_version").text(),
                     .git_revision = read_optional_text(field, "git_revision"),
                     .compiler = field.at("compiler").text(),
                     .compiler_flags = field.at("compiler_flags").text(),
                     .build_type = field.at("build_type").text(),
                     .host = read_optional_text(field, "host"),
                     .cpu = read_optional_text(field, "cpu"),
                     .os = read_optional_text(field, "os"),
                     .kernel = read_optional_text(field, "kernel")};
  made_by.git_dirty =
      read_optional(field, "git_dirty", [](const JsonField& dirty) { return dirty.boolean(); });
  const JsonField machine = field.at("machine");
  static_cast<void>(machine.members());  // an object
  made_by.machine = machine.json();
  return made_by;
}

BaselineRunner read_runner(const JsonField& field) {
  field.allow_only({"kind", "words", "program_hash", "copied", "may_start", "name", "version",
                    "device", "device_kind", "evidence", "emulated", "toolchain"});
  BaselineRunner runner{
      .kind = read_named(field.at("kind")),
      .words = read_list(field.at("words"), read_word),
      .program_hash = read_optional(field, "program_hash", read_hash).value_or(""),
      .row = {.name = field.at("name").text(),
              .version = field.at("version").text(),
              .device = field.at("device").text(),
              .device_kind = field.at("device_kind").text(),
              .evidence = field.at("evidence").text(),
              .emulated = read_list(field.at("emulated"), read_text),
              .toolchain = field.at("toolchain").text()},
      .is_copied = field.at("copied").boolean(),
      .may_start = field.at("may_start").boolean()};
  if (runner.words.empty()) field.at("words").reject("none", "a command");
  const std::string& evidence = runner.row.evidence;
  if (evidence != "measured" && evidence != "recorded")
    field.at("evidence").reject(quote(evidence), "measured or recorded");
  if (runner.is_copied && runner.program_hash.empty())
    field.at("program_hash").reject("nothing", "that of the copied program");
  return runner;
}

using IdentityByHash = std::map<std::string, const ShardIdentity*>;

// Its shards must be there, and be those of the split.
void check_split(const JsonField& field, const BaselineSplit& split, const Contract& contract,
                 const IdentityByHash& shards) {
  const Result<Split> parsed = parse_split(split.split, contract.n_layers);
  if (!parsed) return field.at("split").reject_with(parsed.error().message);
  if (to_text(*parsed) != split.split)
    return field.at("split").reject(quote(split.split), to_text(*parsed));
  std::vector<Segment> segments;
  int heads = 0;
  for (const JsonField& item : field.at("shards").items()) {
    const auto found = shards.find(item.text());
    if (found == shards.end()) return item.reject(item.text(), "one of the baseline's shards");
    const ShardIdentity& shard = *found->second;
    if (const auto* segment = std::get_if<Segment>(&shard.kind)) segments.push_back(*segment);
    if (std::holds_alternative<HeadSlice>(shard.kind)) ++heads;
    ShardIdentity wanted = shard;
    if (!std::holds_alternative<EmbeddingTable>(shard.kind)) {
      wanted.tokens = split.shape.tokens;
      wanted.encoding = split.shape.encoding;
    }
    if (std::holds_alternative<Segment>(shard.kind)) {
      wanted.context = split.shape.context;
      wanted.kv_form = split.shape.kv_form;
    }
    if (wanted != shard) item.reject(to_text(shard.kind) + " of another form", "the split's");
  }
  if (segments != parsed->segments())
    field.at("shards").reject("other layers", "those of " + split.split);
  if (heads != split.head_shards)
    field.at("shards").reject(fmt::format("{} slices of the head", heads),
                              fmt::format("{}", split.head_shards));
}

// That the parts belong together.  REQUIRES: all of them could be read.
void check_whole(const JsonField& root, const Baseline& baseline) {
  const std::string contract_hash = hash_of(baseline.model.contract);
  IdentityByHash shards;
  const std::vector<JsonField> shard_fields = root.at("shards").items();
  for (std::size_t i = 0; i < baseline.shards.size(); ++i) {
    const ShardIdentity& shard = baseline.shards[i].identity;
    if (!shards.emplace(hash_of(shard), &shard).second)
      shard_fields[i].reject("a shard for the second time", "each once");
    if (shard.model_hash != baseline.model.hash || shard.contract_hash != contract_hash)
      shard_fields[i].reject("a shard of another model", "one of the baseline's");
  }
  std::set<std::string> used;
  const auto look_at = [&](const JsonField& field, const BaselineSplit& split) {
    check_split(field, split, baseline.model.contract, shards);
    used.insert(split.shards.begin(), split.shards.end());
  };
  const std::vector<JsonField> split_fields = root.at("splits").items();
  if (split_fields.empty()) root.at("splits").reject("none", "at least one");
  for (std::size_t i = 0; i < split_fields.size(); ++i)
    look_at(split_fields[i], baseline.splits[i]);
  if (baseline.control) look_at(root.at("control"), *baseline.control);
  if (used.size() != shards.size())
    root.at("shards").reject("one that no split runs", "those that a split runs");
}

// Of folders.

std::filesystem::file_type type_of(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::symlink_status(path, error).type();  // none: it cannot be looked at
}

std::vector<std::string> names_in(const std::filesystem::path& baselines) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator at(baselines, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::string name = at->path().filename().string();
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The folder of a baseline that is there, damaged or not. What a link leads to is somebody else's.
Result<std::filesystem::path> existing_folder(const std::filesystem::path& baselines,
                                              std::string_view name) {
  if (!is_baseline_name(name)) {
    return invalid_input(
        fmt::format("found {}, want the name of a baseline: letters, digits, '-', '_' and '.', "
                    "which is not the first",
                    quote(name)));
  }
  std::filesystem::path folder = baseline_folder(baselines, name);
  switch (type_of(folder)) {
    case std::filesystem::file_type::directory:
      return folder;
    case std::filesystem::file_type::not_found:
      break;
    default:
      return invalid_input(
          fmt::format("{}: found no folder, want a baseline's", one_line(folder.string())));
  }
  constexpr std::size_t kNamed = 20;
  std::vector<std::string> known;
  for (const std::string& other : names_in(baselines)) known.push_back(one_line(other));
  if (known.empty()) {
    return invalid_input(
        fmt::format("found no baseline {}, and no other: fusesweep baseline set", quote(name)));
  }
  const bool is_cut = known.size() > kNamed;
  if (is_cut) known.resize(kNamed);
  return invalid_input(fmt::format("found no baseline {}, want one of {}{}", quote(name),
                                   fmt::join(known, ", "), is_cut ? ", ..." : ""));
}

}  // namespace

bool is_baseline_name(std::string_view name) { return is_journal_name(name); }

Json to_json(const Baseline& baseline) {
  Json json = json_document(kSchemaVersion);
  json["id"] = to_text(baseline.id);
  json["name"] = baseline.name;
  json["set_unix_ms"] = baseline.set_unix_ms;
  json["sweep"] = to_text(baseline.sweep);
  json["model"] = {{"hash", baseline.model.hash},
                   {"name", baseline.model.name},
                   {"contract", fusesweep::to_json(baseline.model.contract)}};
  json["model_file"] = or_null(baseline.model_file);
  json["provenance"] = to_json(baseline.provenance);
  json["runner"] = to_json(baseline.runner);
  json["options_hash"] = baseline.options_hash;
  json["residency_limit_bytes"] = or_null(baseline.residency_limit_bytes);
  json["workload"] = {{"prompt_tokens", baseline.prompt_tokens},
                      {"decode_tokens", baseline.decode_tokens},
                      {"decodings", baseline.decodings},
                      {"turn_tokens", baseline.turn_tokens}};
  json["gates"] = {{"positions", baseline.positions},
                   {"prompts", baseline.prompts},
                   {"prompt_tokens", baseline.gate_prompt_tokens},
                   {"greedy_tokens", baseline.greedy_tokens}};
  Json& splits = json["splits"] = Json::array();
  for (const BaselineSplit& split : baseline.splits) splits.push_back(to_json(split));
  json["control"] = baseline.control ? to_json(*baseline.control) : Json(nullptr);
  Json& shards = json["shards"] = Json::array();
  for (const BaselineShard& shard : baseline.shards) shards.push_back(to_json(shard));
  return json;
}

Result<Baseline> read_baseline(const Json& json, std::string_view where) {
  if (nests_deeper(json, kMostLevels)) {
    return invalid_input(
        fmt::format("{}: found more than {} levels, want at most that", where, kMostLevels));
  }
  JsonReader reader(json, std::string(where));
  const JsonField root = reader.root();
  root.allow_only({"schema_version", "id", "name", "set_unix_ms", "sweep", "model", "model_file",
                   "provenance", "runner", "options_hash", "residency_limit_bytes", "workload",
                   "gates", "splits", "control", "shards"});
  root.at("schema_version").integer(kSchemaVersion, kSchemaVersion);
  Baseline baseline{.id = read_uuid(root.at("id")),
                    .name = root.at("name").text(),
                    .set_unix_ms = root.at("set_unix_ms").integer(0, kMostBytes),
                    .sweep = read_uuid(root.at("sweep")),
                    .model = read_model(root.at("model")),
                    .model_file = read_optional(root, "model_file", read_word).value_or(""),
                    .provenance = read_provenance(root.at("provenance")),
                    .runner = read_runner(root.at("runner")),
                    .options_hash = read_hash(root.at("options_hash"))};
  if (!is_baseline_name(baseline.name))
    root.at("name").reject(quote(baseline.name), "the name of a baseline");
  if (!baseline.model_file.empty() && !std::filesystem::path(baseline.model_file).is_absolute())
    root.at("model_file").reject(quote(baseline.model_file), "an absolute path");
  baseline.residency_limit_bytes = read_optional(root, "residency_limit_bytes", read_count);
  const JsonField workload = root.at("workload");
  workload.allow_only({"prompt_tokens", "decode_tokens", "decodings", "turn_tokens"});
  baseline.prompt_tokens = read_int(workload.at("prompt_tokens"), 0);
  baseline.decode_tokens = read_int(workload.at("decode_tokens"), 0);
  baseline.decodings = read_int(workload.at("decodings"), 0);
  baseline.turn_tokens = read_int(workload.at("turn_tokens"), 0);
  const JsonField gates = root.at("gates");
  gates.allow_only({"positions", "prompts", "prompt_tokens", "greedy_tokens"});
  baseline.positions = read_int(gates.at("positions"), 0);
  baseline.prompts = read_int(gates.at("prompts"), 0);
  baseline.gate_prompt_tokens = read_int(gates.at("prompt_tokens"), 0);
  baseline.greedy_tokens = read_int(gates.at("greedy_tokens"), 0);
  baseline.splits = read_list(root.at("splits"), read_split);
  baseline.control = read_optional(root, "control", read_split);
  baseline.shards = read_list(root.at("shards"), read_shard);
  if (!reader.error()) check_whole(root, baseline);
  if (reader.error()) return fail(*reader.error());
  return baseline;
}

std::filesystem::path baseline_folder(const std::filesystem::path& baselines,
                                      std::string_view name) {
  return baselines / name;
}

std::filesystem::path baseline_document(const std::filesystem::path& folder) {
  return folder / "baseline.json";
}

std::filesystem::path baseline_store(const std::filesystem::path& folder) {
  return folder / "store.db";
}

std::filesystem::path baseline_artifacts(const std::filesystem::path& folder) {
  return folder / "artifacts";
}

std::filesystem::path baseline_program(const std::filesystem::path& folder) {
  return folder / "runner" / "fusesweep";
}

Result<void> write_baseline(const Baseline& baseline, const std::filesystem::path& folder) {
  return write_new_file(baseline_document(folder), to_text(to_json(baseline)) + '\n');
}

Result<Baseline> read_baseline_folder(const std::filesystem::path& folder) {
  const std::filesystem::path file = baseline_document(folder);
  const std::string where = one_line(file.string());
  if (type_of(file) == std::filesystem::file_type::symlink)
    return invalid_input(fmt::format("{}: found a link, want a file", where));
  const Result<std::string> text = read_file(file, kMaxBaselineBytes);
  if (!text) return fail(text.error());
  return parse_baseline(*text, where);
}

Result<Baseline> parse_baseline(std::string_view text, std::string_view where) {
  const Result<Json> json = parse_json(text, where);
  if (!json) return fail(json.error());
  return read_baseline(*json, where);
}

Result<Baseline> find_baseline(const std::filesystem::path& baselines, std::string_view name) {
  const Result<std::filesystem::path> folder = existing_folder(baselines, name);
  if (!folder) return fail(folder.error());
  Result<Baseline> baseline = read_baseline_folder(*folder);
  if (baseline && baseline->name != name) {
    return invalid_input(fmt::format("{}: name: found {}, want that of the folder",
                                     one_line(baseline_document(*folder).string()),
                                     quote(baseline->name)));
  }
  return baseline;
}

std::vector<ListedBaseline> list_baselines(const std::filesystem::path& baselines) {
  std::vector<ListedBaseline> listed;
  for (std::string& name : names_in(baselines)) {
    Result<Baseline> baseline = find_baseline(baselines, name);
    listed.push_back({std::move(name), std::move(baseline)});
  }
  return listed;
}

Result<void> remove_baseline(const std::filesystem::path& baselines, std::string_view name) {
  const Result<std::filesystem::path> folder = existing_folder(baselines, name);
  if (!folder) return fail(folder.error());
  std::string gone = (baselines / fmt::format(".{}.gone-XXXXXX", name)).string();
  if (mkdtemp(gone.data()) == nullptr)
    return system_failure(*folder, {errno, std::generic_category()});
  std::error_code error;
  std::filesystem::rename(*folder, gone, error);  // replaces the empty one
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(gone, ignored);
    return system_failure(*folder, error);
  }
  std::filesystem::remove_all(gone, error);
  if (error) return system_failure(gone, error);
  return {};
}

Result<BaselineBytes> bytes_of_folder(const std::filesystem::path& folder) {
  struct File {
    std::uint64_t bytes = 0;
    std::uint64_t links = 0;
    std::uint64_t seen = 0;
  };
  std::map<std::pair<dev_t, ino_t>, File> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    struct stat facts {};
    if (lstat(at->path().c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    File& file = files[{facts.st_dev, facts.st_ino}];
    file.bytes = static_cast<std::uint64_t>(facts.st_size);
    file.links = static_cast<std::uint64_t>(facts.st_nlink);
    ++file.seen;
  }
  if (error) return system_failure(folder, error);
  BaselineBytes sum;
  for (const auto& [key, file] : files) {
    sum.all += file.bytes;
    if (file.seen >= file.links) sum.alone += file.bytes;
  }
  return sum;
}

}  // namespace fusesweep

#include "runners/toolchain/toolchain_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/new_folder.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "runners/mlprogram/artifact.h"
#include "runners/model/gguf_contract.h"
#include "runners/toolchain/resident_service.h"
#include "runners/toolchain/tool_outputs.h"
#include "runners/toolchain/tool_run.h"
#include "topologies/runtime_manifest.h"

namespace fusesweep {
namespace {

constexpr std::chrono::seconds kVersionLimit{20};
constexpr std::uint64_t kMostReportBytes = 16 << 20;
constexpr std::string_view kReport = "residency.json";
constexpr std::string_view kModelNote = "model_path";
constexpr std::uint64_t kMostNoteBytes = 4096;
// What every manifest in the existing runtime's form states of the model. Its max_seq_len is its own.
constexpr std::string_view kStated[] = {"n_layers",     "d_model",       "n_heads", "n_kv_heads",
                                        "d_head",       "rope_dim",      "d_ff",    "vocab_size",
                                        "rms_norm_eps", "rope_freq_base"};

std::string stem_of(const Artifact& artifact) { return artifact.path().stem().string(); }

std::filesystem::path compiled_in(const std::filesystem::path& folder, const std::string& stem) {
  return folder / (stem + ".mlmodelc");
}

// Tools have neither an emulated limit nor a way to be slowed down.
Result<void> check_options(const RunnerOptions& options) {
  if (options.residency_limit_bytes) {
    return invalid_input(fmt::format(
        "options.residency_limit_bytes: found {}, want none: the tools have no emulated limit",
        *options.residency_limit_bytes));
  }
  if (!options.inject_ns.empty())
    return unavailable(
        "options.inject_ns: found delays, want none: the tools cannot be slowed down");
  return {};
}

// Who reads and who runs an artifact must know that it is whole. One that is not ours has no compiled form.
Result<Artifact> find_artifact(const std::filesystem::path& folder) {
  Result<Artifact> artifact = read_artifact(folder);
  if (!artifact) return artifact;
  if (!std::holds_alternative<Segment>(artifact->identity.kind)) {
    return invalid_input(fmt::format("{}: found {}, want layers", one_line(folder.string()),
                                     to_text(artifact->identity.kind)));
  }
  return artifact;
}

// With the model where it is noted.
PlaceholderValues values_of(const Artifact& artifact) {
  const auto& segment = std::get<Segment>(artifact.identity.kind);
  PlaceholderValues values = {{"start", fmt::format("{}", segment.begin)},
                              {"end", fmt::format("{}", segment.end)},
                              {"package", artifact.path().string()},
                              {"name", stem_of(artifact)}};
  if (artifact.compiled) values["compiled"] = (artifact.folder / artifact.compiled->name).string();
  if (Result<std::string> model = read_file(artifact.folder / kModelNote, kMostNoteBytes))
    values["model"] = *std::move(model);
  return values;
}

Result<void> run_step(const std::string& name, const ToolCommand& tool,
                      const PlaceholderValues& values, const ToolchainConfig& config,
                      const std::vector<PlaceholderValues>& shards = {}) {
  const Result<std::vector<std::string>> words = fill_command(tool.command, values, shards);
  if (!words) return fail_with_context(words.error(), name);
  return run_to_success(name, *words, config.folder, tool.limit);
}

Result<TreeHash> hash_made(const std::string& step, const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return unavailable(
        fmt::format("{}: it ended well and made no {}", step, quote(path.filename().string())));
  }
  return hash_tree(path, available_threads());
}

// Beside every artifact stands where its model lies, for commands that come after want it, in another process.
Result<void> note_model(const Artifact& artifact, const std::filesystem::path& model) {
  const std::filesystem::path note = artifact.folder / kModelNote;
  const std::string text = std::filesystem::absolute(model).string();
  if (const Result<std::string> noted = read_file(note, kMostNoteBytes); noted && *noted == text)
    return {};
  return write_new_file(note, text);
}

class Maker {
 public:
  Maker(const ToolchainConfig& config, const BuildRequest& request, Contract contract)
      : config_(config), request_(request) {
    artifact_ = {.folder = request.artifacts / ("toolchain-" + config.build_fingerprint) /
                           hash_of(request.identity),
                 .identity = request.identity,
                 .contract = std::move(contract),
                 .model = request.model.filename().string(),
                 .name = name_of(request.identity.kind)};
  }

  // Nothing where it is not there, or not what was built.
  std::optional<Artifact> find() const {
    Result<Artifact> there = find_artifact(artifact_.folder);
    const int threads = available_threads();
    if (!there || !there->has_package || there->compiled.has_value() != config_.compile.has_value())
      return std::nullopt;
    if (!check_content(*there, threads) || (there->compiled && !check_compiled(*there, threads)))
      return std::nullopt;
    return *std::move(there);
  }

  Result<Artifact> make(Progress& progress) {
    Result<NewFolder> making = NewFolder::create(artifact_.folder, WhenBusy::kWait);
    if (!making) return fail(std::move(making).error());
    if (std::optional<Artifact> there = find()) return *std::move(there);
    const std::filesystem::path out = making->path();
    Artifact temporary = artifact_;
    temporary.folder = out;
    PlaceholderValues values = values_of(temporary);
    values["model"] = std::filesystem::absolute(request_.model).string();
    values["out"] = out.string();
    values["compiled"] = compiled_in(out, values["name"]).string();
    if (auto done = convert(values, temporary, progress); !done) return fail(done.error());
    if (auto done = compile(values, progress); !done) return fail(done.error());
    if (auto written = write_artifact(artifact_, out); !written) return fail(written.error());
    if (auto committed = (*std::move(making)).commit(); !committed) return fail(committed.error());
    return artifact_;
  }

 private:
  Result<void> convert(const PlaceholderValues& values, const Artifact& temporary,
                       Progress& progress) {
    progress.begin_stage("converting", 0);
    progress.set_item(to_text(artifact_.identity.kind));
    if (auto ran = run_step("convert", config_.convert, values, config_); !ran) return ran;
    const Result<TreeHash> made = hash_made("convert", temporary.path());
    if (!made) return fail(made.error());
    artifact_.bytes = made->bytes;
    artifact_.content_hash = to_hex(made->hash);
    return {};
  }

  Result<void> compile(const PlaceholderValues& values, Progress& progress) {
    if (!config_.compile) return {};
    progress.begin_stage("compiling", 0);
    progress.set_item(to_text(artifact_.identity.kind));
    if (auto ran = run_step("compile", *config_.compile, values, config_); !ran) return ran;
    const std::filesystem::path path = values.at("compiled");
    const Result<TreeHash> made = hash_made("compile", path);
    if (!made) return fail(made.error());
    artifact_.compiled = CompiledForm{
        .name = path.filename().string(), .bytes = made->bytes, .content_hash = to_hex(made->hash)};
    return {};
  }

  const ToolchainConfig& config_;
  const BuildRequest& request_;
  Artifact artifact_;
};

// The golden tool's word on shards, one after the other.
class ComparingSession final : public Session {
 public:
  ComparingSession(const ToolchainConfig& config, std::vector<Artifact> artifacts)
      : config_(config), artifacts_(std::move(artifacts)) {}

  Result<std::vector<GroupOutput>> run(const RunRequest&) override {
    if (!config_.golden)
      return unavailable("run: found no golden command, want one in the toolchain's file");
    std::vector<GroupOutput> outputs;
    for (const Artifact& artifact : artifacts_) {
      Result<RecordedComparison> compared = compare(artifact);
      if (!compared) return fail(std::move(compared).error());
      outputs.push_back({.group = to_text(std::get<Segment>(artifact.identity.kind)),
                         .recorded = *std::move(compared),
                         .notes = {"compared by the toolchain's own golden tool"}});
    }
    return outputs;
  }

  Result<DecodeResult> decode(const DecodeRequest&) override {
    return unavailable("decode: found artifacts alone, want a manifest: only that runs");
  }

  Result<std::vector<std::int64_t>> time(const TimeRequest&) override {
    return unavailable("time: the tools tell no times of one group alone");
  }

 private:
  // It may exit with 1 because it holds its figures to limits of its own; ours are what counts.
  Result<RecordedComparison> compare(const Artifact& artifact) const {
    const Result<std::vector<std::string>> words =
        fill_command(config_.golden->command, values_of(artifact));
    if (!words) return fail_with_context(words.error(), "golden");
    const Result<ToolRun> run = run_tool("golden", *words, config_.folder, config_.golden->limit);
    if (!run) return fail(run.error());
    Result<RecordedComparison> compared = parse_golden_lines(run->output, "golden");
    if (!compared && !run->succeeded)
      return unavailable(fmt::format("{}; it {}", compared.error().message, run->end));
    return compared;
  }

  const ToolchainConfig& config_;
  const std::vector<Artifact> artifacts_;
};

// Decodes with the user's runtime, resident or started for each decoding.
class DecodingSession final : public Session {
 public:
  DecodingSession(const ToolchainConfig& config, std::filesystem::path manifest,
                  std::optional<ResidentService> service)
      : config_(config), manifest_(std::move(manifest)), service_(std::move(service)) {}

  Result<std::vector<GroupOutput>> run(const RunRequest&) override {
    return unavailable("run: the runtime gives no outputs of its shards");
  }

  Result<DecodeResult> decode(const DecodeRequest& request) override {
    if (request.prompt.empty())
      return unavailable("decode: found no prompt, want one: the runtime does not go on");
    const int tokens = request.decode_tokens + 1;
    Result<DecodeResult> result = service_
                                      ? service_->decode(request.prompt, tokens, config_.run.limit)
                                      : decode_once(request.prompt, tokens);
    if (result && (result->ids.empty() || result->ids.size() > static_cast<std::size_t>(tokens)))
      return unavailable(
          fmt::format("decode: found {} generated ids, want 1 to {}", result->ids.size(), tokens));
    return result;
  }

  Result<std::vector<std::int64_t>> time(const TimeRequest&) override {
    return unavailable("time: the runtime tells no times of one group alone");
  }

 private:
  Result<DecodeResult> decode_once(const std::vector<int>& prompt, int tokens) const {
    const Result<std::vector<std::string>> words =
        fill_command(config_.run.command, {{"manifest", manifest_.string()},
                                           {"ids", fmt::format("{}", fmt::join(prompt, ","))},
                                           {"tokens", fmt::format("{}", tokens)}});
    if (!words) return fail_with_context(words.error(), "run");
    const Result<ToolRun> run = run_tool("run", *words, config_.folder, config_.run.limit);
    if (!run) return fail(run.error());
    if (!run->succeeded) return unavailable(fmt::format("run: it {}", run->end));
    return parse_one_shot(run->output, "run");
  }

  const ToolchainConfig& config_;
  const std::filesystem::path manifest_;
  std::optional<ResidentService> service_;
};

// A manifest that is in our words must say what the shards are: a runtime that rotates other dimensions than its
// shards talks garbage. One that is not in our words cannot be looked at.
Result<void> check_manifest(const std::filesystem::path& path,
                            const std::vector<Artifact>& artifacts) {
  const Result<std::string> text = read_file(path, kMostReportBytes);
  if (!text) return fail(text.error());
  const std::string where = one_line(path.string());
  if (const Result<Json> json = parse_json(*text, where); !json) return fail(json.error());
  const Result<RuntimeManifest> manifest = parse_runtime_manifest(*text, where);
  if (!manifest || artifacts.empty()) return {};
  for (const ContractDifference& difference :
       compare_contracts(manifest->contract, artifacts.front().contract)) {
    if (std::find(std::begin(kStated), std::end(kStated), difference.field) == std::end(kStated))
      continue;
    return unavailable(fmt::format("{}: {}: found {}, want {} as the model has it", where,
                                   difference.field, difference.found, difference.wanted));
  }
  std::vector<ShardKind> wanted;
  for (const Artifact& artifact : artifacts) wanted.push_back(artifact.identity.kind);
  std::vector<ShardKind> found;
  for (const ManifestShard& shard : manifest->layers) found.push_back(shard.kind);
  if (found != wanted) {
    return unavailable(fmt::format("{}: layers: found {} shards {}, want those that it was made of",
                                   where, found.size(), lengths_of(*manifest)));
  }
  return {};
}

Result<void> export_manifest(const ToolchainConfig& config, const std::filesystem::path& manifest,
                             const std::vector<Artifact>& artifacts, Progress& progress) {
  progress.begin_stage("exporting", 0);
  progress.set_item(manifest.filename().string());
  std::error_code error;
  std::filesystem::create_directories(manifest.parent_path(), error);
  if (error)
    return unavailable(fmt::format("{}: {}", one_line(manifest.string()), error.message()));
  std::vector<PlaceholderValues> shards;
  for (const Artifact& artifact : artifacts) shards.push_back(values_of(artifact));
  PlaceholderValues values = {{"manifest", manifest.string()},
                              {"out", manifest.parent_path().string()},
                              {"name", manifest.filename().string()}};
  if (const auto model = shards.front().find("model"); model != shards.front().end())
    values.insert(*model);
  if (auto ran = run_step("export", config.export_manifest, values, config, shards); !ran)
    return ran;
  if (!std::filesystem::is_regular_file(manifest, error)) {
    return unavailable(
        fmt::format("export: it ended well and made no {}", quote(manifest.filename().string())));
  }
  return {};
}

Result<std::vector<Artifact>> find_artifacts(const std::vector<std::filesystem::path>& folders) {
  std::vector<Artifact> artifacts;
  for (const std::filesystem::path& folder : folders) {
    Result<Artifact> artifact = find_artifact(folder);
    if (!artifact) return fail(std::move(artifact).error());
    artifacts.push_back(*std::move(artifact));
  }
  return artifacts;
}

Result<Contract> contract_of_file(const std::filesystem::path& model) {
  const Result<GgufFile> file = GgufFile::open(model);
  if (!file) return fail(file.error());
  return read_contract(*file);
}

}  // namespace

Result<RunnerDescription> ToolchainRunner::describe(const RunnerOptions&) {
  RunnerDescription description{
      .name = "toolchain:" + config_.name,
      .version = std::string(version()),
      .device = config_.device,
      .device_kind = config_.device_kind,
      .device_memory_bytes = config_.device_memory_bytes,
      .capabilities = {"build", "inspect", "open", "decode", std::string(kExportCapability)},
      .toolchain = "toolchain " + config_.fingerprint};
  if (config_.golden) description.capabilities.emplace_back(kCompareCapability);
  if (!config_.version) return description;
  const Result<std::vector<std::string>> words = fill_command(*config_.version, {});
  if (!words) return fail_with_context(words.error(), "version");
  const Result<ToolRun> run = run_tool("version", *words, config_.folder, kVersionLimit);
  if (!run) return fail(run.error());
  if (!run->succeeded) return unavailable(fmt::format("version: it {}", run->end));
  description.toolchain += ", " + one_line(run->output.substr(0, run->output.find('\n')));
  return description;
}

Result<BuiltShard> ToolchainRunner::build(const BuildRequest& request, Progress& progress) {
  const ShardIdentity& identity = request.identity;
  const std::string what = to_text(identity.kind);
  if (!std::holds_alternative<Segment>(identity.kind)) {
    return unavailable(fmt::format(
        "{}: found no layers, want layers: head and table come with the manifest", what));
  }
  ShardIdentity shape = config_.shape;
  shape.model_hash = identity.model_hash;
  shape.contract_hash = identity.contract_hash;
  shape.builder_version = identity.builder_version;
  shape.kind = identity.kind;
  if (shape != identity) {
    return invalid_input(fmt::format(
        "{}: found T={} S={} {} {}, want T={} S={} {} {} as the toolchain's file has it", what,
        identity.tokens, identity.context, to_text(identity.encoding), to_text(identity.kv_form),
        shape.tokens, shape.context, to_text(shape.encoding), to_text(shape.kv_form)));
  }
  Result<Contract> contract = contract_of_file(request.model);
  if (!contract) return fail(std::move(contract).error());
  if (hash_of(*contract) != identity.contract_hash) {
    return invalid_input(fmt::format("{}: contract_hash: found {}, want {} of the model file", what,
                                     quote(identity.contract_hash), hash_of(*contract)));
  }
  if (const auto& segment = std::get<Segment>(identity.kind); segment.end > contract->n_layers) {
    return invalid_input(fmt::format("{}: layers: found {}, want 1 to {} as the model has it", what,
                                     segment.end, contract->n_layers));
  }
  Maker maker(config_, request, *std::move(contract));
  const auto built = [](const Artifact& artifact, std::optional<std::int64_t> build_ns) {
    std::uint64_t bytes = artifact.bytes;
    if (artifact.compiled) bytes += artifact.compiled->bytes;
    return BuiltShard{.artifact = artifact.folder,
                      .bytes = bytes,
                      .build_ns = build_ns,
                      .content_hash = artifact.content_hash};
  };
  const std::optional<Artifact> there = maker.find();
  const SystemClock clock;
  const auto begin = clock.steady_now();
  const Result<Artifact> artifact = there ? Result<Artifact>(*there) : maker.make(progress);
  if (!artifact) return fail_with_context(artifact.error(), what);
  const std::int64_t build_ns = (clock.steady_now() - begin).count();
  if (auto noted = note_model(*artifact, request.model); !noted) return fail(noted.error());
  return built(*artifact, there ? std::nullopt : std::optional(build_ns));
}

Result<Placement> ToolchainRunner::inspect(const InspectRequest& request) {
  if (auto checked = check_options(request.options); !checked) return fail(checked.error());
  const Result<Artifact> artifact = find_artifact(request.artifact);
  if (!artifact) return fail(artifact.error());
  const std::filesystem::path report = artifact->folder / kReport;
  std::error_code error;
  std::filesystem::remove(report, error);  // what is found there afterwards is this run's
  PlaceholderValues values = values_of(*artifact);
  values["report"] = report.string();
  const Result<std::vector<std::string>> words = fill_command(config_.inspect.command, values);
  if (!words) return fail_with_context(words.error(), "inspect");
  const Result<ToolRun> run = run_tool("inspect", *words, config_.folder, config_.inspect.limit);
  if (!run) return fail(run.error());
  std::string text = run->output;
  if (std::filesystem::exists(report, error)) {
    Result<std::string> written = read_file(report, kMostReportBytes);
    if (!written) return fail_with_context(written.error(), "inspect");
    text = *std::move(written);
  }
  Result<Placement> placement = config_.report == ReportForm::kJson
                                    ? parse_residency_report(text, "inspect")
                                    : parse_residency_lines(text, "inspect");
  // A checker that says no exits with 1, and has a report all the same.
  if (!placement && !run->succeeded)
    return unavailable(fmt::format("{}; it {}", placement.error().message, run->end));
  return placement;
}

Result<Opened> ToolchainRunner::open(const OpenRequest& request, Progress& progress) {
  if (auto checked = check_options(request.options); !checked) return fail(checked.error());
  Result<std::vector<Artifact>> artifacts = find_artifacts(request.artifacts);
  if (!artifacts) return fail(std::move(artifacts).error());
  Opened opened;
  for (const Artifact& artifact : *artifacts)
    opened.groups.push_back({.group = to_text(std::get<Segment>(artifact.identity.kind))});
  if (request.manifest.empty()) {
    if (artifacts->empty())
      return invalid_input("open: found neither a manifest nor artifacts, want one of them");
    opened.session = std::make_unique<ComparingSession>(config_, *std::move(artifacts));
    return opened;
  }
  if (auto there = check_manifest(request.manifest, *artifacts); !there) {
    if (artifacts->empty()) return fail(there.error());
    auto made = export_manifest(config_, request.manifest, *artifacts, progress);
    if (!made) return fail(made.error());
    if (auto checked = check_manifest(request.manifest, *artifacts); !checked)
      return fail_with_context(checked.error(), "export");
  }
  std::optional<ResidentService> service;
  if (config_.runtime == RuntimeForm::kResident) {
    progress.begin_stage("warming up the runtime, which may take minutes", 0);
    const Result<std::vector<std::string>> words =
        fill_command(config_.run.command, {{"manifest", request.manifest.string()}});
    if (!words) return fail_with_context(words.error(), "run");
    const SystemClock clock;
    const auto begin = clock.steady_now();
    Result<ResidentService> started =
        ResidentService::start(*words, config_.folder, config_.ready_limit);
    if (!started) return fail(std::move(started).error());
    opened.load_ns = (clock.steady_now() - begin).count();
    service.emplace(*std::move(started));
  }
  opened.session = std::make_unique<DecodingSession>(config_, request.manifest, std::move(service));
  return opened;
}

}  // namespace fusesweep

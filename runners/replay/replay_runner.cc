#include "runners/replay/replay_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/file.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"
#include "runners/replay/recorded_answers.h"
#include "runners/replay/stand_in.h"
#include "topologies/runtime_manifest.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMaxManifestBytes = 4 << 20;
constexpr std::string_view kHeadGroup = "head";

// One shard of a session, or the whole head of a manifest.
struct Group {
  std::string name;
  RecordedQuestion question;
  bool whole_head = false;
};

struct Shards {
  std::vector<Group> groups;
  int rope_dim = 0;            // of their contract
  std::optional<Split> split;  // when they cover all layers
};

// The shape must be the record's. rope_dim may differ: it is what tells the old contract from the
// right one; and what manifests of other tools leave out is not looked at.
Result<void> check_model(const Contract& found, const RecordedFacts& facts, const Contract& wanted,
                         const std::string& where) {
  for (const ContractDifference& difference : compare_contracts(found, wanted)) {
    if (difference.field.starts_with("rope_scaling") || difference.field == "rope_dim" ||
        difference.field == "max_seq_len")
      continue;
    return invalid_input(fmt::format("{}: {}: found {}, want {} as {} has, whose record this is",
                                     where, difference.field, difference.found, difference.wanted,
                                     facts.model));
  }
  return {};
}

std::string group_name(const ShardKind& kind) {
  if (const auto* segment = std::get_if<Segment>(&kind)) return to_text(*segment);
  if (const auto* slice = std::get_if<HeadSlice>(&kind); slice != nullptr && slice->of == 1)
    return std::string(kHeadGroup);
  return to_text(kind);
}

Result<Shards> shards_of_manifest(const std::filesystem::path& path, const RecordedFacts& facts,
                                  const Contract& contract) {
  const Result<std::string> text = read_file(path, kMaxManifestBytes);
  if (!text) return fail(text.error());
  const std::string where = one_line(path.string());
  const Result<RuntimeManifest> manifest = parse_runtime_manifest(*text, where);
  if (!manifest) return fail(manifest.error());
  if (auto checked = check_model(manifest->contract, facts, contract, where); !checked)
    return fail(checked.error());
  Shards shards{.rope_dim = manifest->contract.rope_dim};
  const auto question = [&](const ShardKind& kind) {
    return RecordedQuestion{.kind = kind,
                            .tokens = 1,
                            .encoding = manifest->encoding,
                            .rope_dim = manifest->contract.rope_dim};
  };
  std::vector<int> lengths;
  for (const ManifestShard& shard : manifest->layers) {
    shards.groups.push_back({group_name(shard.kind), question(shard.kind)});
    lengths.push_back(std::get<Segment>(shard.kind).layers());
  }
  shards.groups.push_back(
      {std::string(kHeadGroup), question(manifest->head.front().kind), /*whole_head=*/true});
  shards.split = Split(std::move(lengths));
  return shards;
}

Result<Shards> shards_of_artifacts(const std::vector<std::filesystem::path>& artifacts,
                                   const RecordedFacts& facts, const Contract& contract) {
  if (artifacts.empty())
    return invalid_input("open: found neither a manifest nor artifacts, want one of them");
  Shards shards{.rope_dim = contract.rope_dim};
  std::vector<int> lengths;
  int next = 0;  // the layer at which the next one has to begin, -1 once there was a gap
  for (const std::filesystem::path& folder : artifacts) {
    const Result<StandIn> shard = read_stand_in(folder);
    if (!shard) return fail(shard.error());
    const std::string where = one_line(folder.string());
    if (auto checked = check_model(shard->contract, facts, contract, where); !checked)
      return fail(checked.error());
    const ShardIdentity& identity = shard->identity;
    if (!shards.groups.empty() && shard->contract.rope_dim != shards.rope_dim) {
      return invalid_input(fmt::format("{}: rope_dim: found {}, want {} as the shards before it",
                                       where, shard->contract.rope_dim, shards.rope_dim));
    }
    shards.rope_dim = shard->contract.rope_dim;
    if (std::holds_alternative<EmbeddingTable>(identity.kind)) continue;  // nothing that runs
    shards.groups.push_back({group_name(identity.kind),
                             {.kind = identity.kind,
                              .tokens = identity.tokens,
                              .encoding = identity.encoding,
                              .rope_dim = shard->contract.rope_dim}});
    const auto* segment = std::get_if<Segment>(&identity.kind);
    if (segment == nullptr) continue;
    const bool goes_on =
        segment->begin == next && identity.tokens == 1 && identity.encoding == facts.encoding;
    next = goes_on ? segment->end : -1;
    lengths.push_back(segment->layers());
  }
  if (next == facts.n_layers) shards.split = Split(std::move(lengths));
  return shards;
}

// {"replay": {"run": 2}} among a call's options: the run to begin with.
Result<std::optional<std::size_t>> asked_run(const RunnerOptions& options) {
  JsonReader reader(options.own, "options.own");
  std::optional<std::size_t> run;
  if (const std::optional<JsonField> replay = reader.root().find("replay")) {
    replay->allow_only({"run"});
    if (const std::optional<JsonField> index = replay->find("run"))
      run = static_cast<std::size_t>(index->integer(0, std::numeric_limits<int>::max()));
  }
  if (reader.error()) return fail(*reader.error());
  return run;
}

class ReplaySession final : public Session {
 public:
  ReplaySession(const RecordedFacts& facts, Shards shards, std::map<Split, std::size_t>& served,
                std::optional<std::size_t> first_run)
      : facts_(facts), shards_(std::move(shards)), served_(served), first_run_(first_run) {}

  Result<std::vector<GroupOutput>> run(const RunRequest&) override {
    std::vector<GroupOutput> outputs;
    for (const Group& group : shards_.groups) {
      Result<GroupOutput> output = recorded_output(facts_, group.question);
      if (!output) return fail(std::move(output).error());
      output->group = group.name;
      outputs.push_back(*std::move(output));
    }
    return outputs;
  }

  Result<DecodeResult> decode(const DecodeRequest&) override {
    if (!shards_.split) {
      return invalid_input(fmt::format(
          "decode: found shards that are no split, want all {} layers in order, as {} at one token "
          "per call",
          facts_.n_layers, to_text(facts_.encoding)));
    }
    std::size_t& served = served_[*shards_.split];
    const std::size_t index = first_run_.value_or(served);
    Result<DecodeResult> result = recorded_run(facts_, *shards_.split, index, shards_.rope_dim);
    if (!result && !first_run_ && served > 0) {
      return not_recorded(fmt::format("not recorded: all {} runs of {} were served", served,
                                      to_text(*shards_.split)));
    }
    if (!result) return result;
    served = std::max(served, index + 1);
    first_run_.reset();
    return result;
  }

  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override {
    const auto group =
        std::find_if(shards_.groups.begin(), shards_.groups.end(),
                     [&](const Group& candidate) { return candidate.name == request.group; });
    if (group == shards_.groups.end())
      return invalid_input(
          fmt::format("time: found the group {}, want one of the session's", quote(request.group)));
    if (request.calls < 1)
      return invalid_input(fmt::format("time: calls: found {}, want 1 or more", request.calls));
    std::vector<std::int64_t> times_ns = times_of(*group);
    const auto calls = static_cast<std::size_t>(request.calls);
    if (times_ns.size() < calls) {
      return not_recorded(fmt::format("not recorded: {} times of {}, of which {} has {}", calls,
                                      request.group, facts_.name, times_ns.size()));
    }
    times_ns.resize(calls);
    return times_ns;
  }

 private:
  std::vector<std::int64_t> times_of(const Group& group) const {
    const RecordedQuestion& question = group.question;
    if (question.encoding != facts_.encoding || question.tokens != 1) return {};
    if (const auto* segment = std::get_if<Segment>(&question.kind))
      return recorded_group_times_ns(facts_, *segment, question.rope_dim);
    const auto* slice = std::get_if<HeadSlice>(&question.kind);
    if (slice == nullptr || !(group.whole_head || slice->of == 1)) return {};
    return recorded_head_times_ns(facts_, slice->of);
  }

  const RecordedFacts& facts_;
  const Shards shards_;
  std::map<Split, std::size_t>& served_;
  std::optional<std::size_t> first_run_;  // until it was served
};

// What of the seam the record has anything to say to.
std::vector<std::string> capabilities_of(const RecordedFacts& facts) {
  const auto any = [](const auto& entries, auto tells) {
    return std::any_of(entries.begin(), entries.end(), tells);
  };
  const auto has_golden = [](const auto& entry) { return entry.golden.has_value(); };
  std::vector<std::string> capabilities = {"build", "inspect", "open"};
  if (any(facts.shards, has_golden) || any(facts.heads, has_golden))
    capabilities.emplace_back("run");
  if (any(facts.splits, [](const RecordedSplit& split) { return !split.runs.empty(); }))
    capabilities.emplace_back("decode");
  const bool has_groups = any(facts.splits, [&](const RecordedSplit& split) {
    return any(split.runs, [](const RecordedRun& run) { return !run.groups.empty(); });
  });
  if (has_groups ||
      any(facts.heads, [](const RecordedHead& head) { return head.ms_per_token.has_value(); }))
    capabilities.emplace_back("time");
  return capabilities;
}

Result<Contract> contract_of_file(const std::filesystem::path& model) {
  const Result<GgufFile> file = GgufFile::open(model);
  if (!file) return fail(file.error());
  return read_contract(*file);
}

}  // namespace

ReplayRunner::ReplayRunner(RecordedFacts facts)
    : facts_(std::move(facts)), contract_(known_model(facts_.model).value_or(Contract{})) {
  FUSESWEEP_CHECK(contract_.n_layers == facts_.n_layers && facts_.n_layers > 0);
}

Result<RunnerDescription> ReplayRunner::describe(const RunnerOptions&) {
  return RunnerDescription{
      .name = "replay:" + facts_.name,
      .version = std::string(version()),
      .device = facts_.device,
      .device_kind = facts_.accelerator,
      .evidence = Evidence::kRecorded,
      .capabilities = capabilities_of(facts_),
      .toolchain = fmt::format("{}, record {}", facts_.os, facts_.content_hash),
      .own_model = facts_.model};
}

Result<BuiltShard> ReplayRunner::build(const BuildRequest& request, Progress& progress) {
  const ShardIdentity& identity = request.identity;
  const std::string what = to_text(identity.kind);
  progress.begin_stage("looking up", 1);
  Result<Contract> contract = contract_;
  if (!request.model.empty()) contract = contract_of_file(request.model);
  if (!contract) return fail(std::move(contract).error());
  if (auto checked = check_model(*contract, facts_, contract_, what); !checked)
    return fail(checked.error());
  if (const auto* segment = std::get_if<Segment>(&identity.kind);
      segment != nullptr && segment->end > facts_.n_layers) {
    return invalid_input(fmt::format("{}: layers: found {}, want 1 to {} as the model has it", what,
                                     segment->end, facts_.n_layers));
  }
  if (hash_of(*contract) != identity.contract_hash) {
    return invalid_input(fmt::format("{}: contract_hash: found {}, want {} of {}", what,
                                     quote(identity.contract_hash), hash_of(*contract),
                                     request.model.empty() ? facts_.model : "the model file"));
  }
  Result<StandIn> made = make_stand_in(identity, *contract, request.artifacts);
  if (!made) return fail(std::move(made).error());
  progress.advance();
  return BuiltShard{
      .artifact = made->folder, .bytes = made->bytes, .content_hash = made->content_hash};
}

Result<Placement> ReplayRunner::inspect(const InspectRequest& request) {
  const Result<StandIn> shard = read_stand_in(request.artifact);
  if (!shard) return fail(shard.error());
  if (auto checked =
          check_model(shard->contract, facts_, contract_, one_line(request.artifact.string()));
      !checked)
    return fail(checked.error());
  const ShardIdentity& identity = shard->identity;
  return recorded_placement(facts_, {.kind = identity.kind,
                                     .tokens = identity.tokens,
                                     .encoding = identity.encoding,
                                     .rope_dim = shard->contract.rope_dim});
}

Result<Opened> ReplayRunner::open(const OpenRequest& request, Progress& progress) {
  progress.begin_stage("looking up", 1);
  const Result<std::optional<std::size_t>> first_run = asked_run(request.options);
  if (!first_run) return fail(first_run.error());
  Result<Shards> shards = request.manifest.empty()
                              ? shards_of_artifacts(request.artifacts, facts_, contract_)
                              : shards_of_manifest(request.manifest, facts_, contract_);
  if (!shards) return fail(std::move(shards).error());
  Opened opened;
  for (const Group& group : shards->groups) opened.groups.push_back({.group = group.name});
  opened.session = std::make_unique<ReplaySession>(facts_, *std::move(shards), served_, *first_run);
  progress.advance();
  return opened;
}

}  // namespace fusesweep

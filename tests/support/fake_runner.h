// A runner without shards: what it was asked comes back in what it answers, and it works at once.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "runners/runner.h"

namespace fusesweep {

class FakeSession final : public Session {
 public:
  explicit FakeSession(std::vector<std::string> groups) : groups_(std::move(groups)) {}

  // Of what ran the first group alone tells.
  Result<std::vector<GroupOutput>> run(const RunRequest& request) override {
    std::vector<GroupOutput> outputs;
    for (const std::string& group : groups_)
      outputs.push_back({group, request.folder / (group + ".npy"), std::nullopt});
    outputs.front().placement = Placement{.evidence = PlacementEvidence::kRun,
                                          .conv = ResidentCount{2, 2},
                                          .compute = ResidentCount{3, 1}};
    return outputs;
  }

  // Counts on from the prompt's end; step i takes i ns, all of it in the first group.
  Result<DecodeResult> decode(const DecodeRequest& request) override {
    if (request.prompt.empty()) return invalid_input("prompt: found no ids, want one or more");
    DecodeResult result{.prefill_ns = 100, .groups = groups_, .prefill_group_ns = {}};
    result.prefill_group_ns.assign(groups_.size(), 1);
    result.ids.resize(static_cast<std::size_t>(request.decode_tokens) + 1);
    std::iota(result.ids.begin(), result.ids.end(), request.prompt.back() + 1);
    for (int step = 0; step < request.decode_tokens; ++step) {
      result.token_ns.push_back(step);
      result.group_ns.emplace_back(groups_.size(), 0).front() = step;
    }
    result.decode_counters.minor_faults = 5;
    return result;
  }

  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override {
    return std::vector<std::int64_t>(static_cast<std::size_t>(request.calls), 7);
  }

 private:
  std::vector<std::string> groups_;
};

class FakeRunner final : public Runner {
 public:
  Result<RunnerDescription> describe(const RunnerOptions& options) override {
    std::optional<std::uint64_t> compiles;
    if (options.own.contains("compiles")) compiles = options.own["compiles"].get<std::uint64_t>();
    return RunnerDescription{
        .name = "fake",
        .version = "1",
        .device = "none",
        .device_kind = "fake",
        .capabilities = {"build", "inspect", "open", "run", "decode", "time"},
        .process_compiles = compiles,
        .toolchain = "threads " + std::to_string(options.threads) + ' ' + to_text(options.own)};
  }

  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override {
    if (request.model.filename() != "model.gguf")
      return invalid_input("model: found " + request.model.filename().string());
    progress.begin_stage("building", 4);
    progress.set_item("[0,16)");
    progress.advance(3);
    progress.redraw();
    return BuiltShard{request.artifacts / hash_of(request.identity), 12, 34, "content"};
  }

  // Also prints what libraries print.
  Result<Placement> inspect(const InspectRequest& request) override {
    std::puts("a library says hello on stdout");
    std::fflush(stdout);
    if (!std::filesystem::exists(request.artifact))
      return not_recorded(request.artifact.string() + ": found nothing");
    return Placement{.conv = ResidentCount{2, 2}, .compute = ResidentCount{3, 2}};
  }

  Result<Opened> open(const OpenRequest& request, Progress& /*progress*/) override {
    Opened opened{.load_ns = 9};
    std::vector<std::string> groups;
    for (const std::filesystem::path& artifact : request.artifacts) {
      groups.push_back(artifact.filename().string());
      opened.groups.push_back({groups.back(), 4, std::nullopt});
    }
    if (groups.empty()) return unavailable("no manifests here");
    opened.session = std::make_unique<FakeSession>(std::move(groups));
    return opened;
  }
};

}  // namespace fusesweep

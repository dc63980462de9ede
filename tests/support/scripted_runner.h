// A runner that says of every shard what a test's script says: resident or not, by plan and by run, or
// that it died over it. It builds nothing and counts what it was asked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runners/model/npy.h"
#include "runners/runner.h"

namespace fusesweep {

struct ShardScript {
  bool planned = true;               // resident, says inspect
  std::optional<bool> ran;           // resident, says the run; absent: it does not tell
  std::optional<Error> build_error;  // instead of anything else
  std::optional<Error> open_error;
  bool is_finite = true;  // its outputs
};

class ScriptedRunner final : public Runner {
 public:
  // Asked with every build; `builds` counts those of this shard, from 1 on.
  using Script = std::function<ShardScript(const Segment& segment, int builds)>;

  explicit ScriptedRunner(Script script) : script_(std::move(script)) {}

  int builds = 0;  // of all shards
  int afresh = 0;  // times that its process was ended

  Result<RunnerDescription> describe(const RunnerOptions& /*options*/) override {
    return RunnerDescription{.name = "scripted",
                             .version = "1",
                             .device = "none",
                             .device_kind = "cpu",
                             .capabilities = {"build", "inspect", "open", "run"},
                             .toolchain = "scripted 1"};
  }

  Result<BuiltShard> build(const BuildRequest& request, Progress& /*progress*/) override {
    ++builds;
    const auto& segment = std::get<Segment>(request.identity.kind);
    const ShardScript said = script_(segment, ++builds_of_[segment]);
    if (said.build_error) return fail(*said.build_error);
    const std::filesystem::path folder = request.artifacts / hash_of(request.identity);
    shards_[folder.string()] = {segment, said};
    return BuiltShard{folder, 1, 1, hash_of(request.identity)};
  }

  Result<Placement> inspect(const InspectRequest& request) override {
    const auto& [segment, said] = shards_.at(request.artifact.string());
    return placement(segment, said.planned, PlacementEvidence::kPlan);
  }

  Result<Opened> open(const OpenRequest& request, Progress& /*progress*/) override {
    const auto& [segment, said] = shards_.at(request.artifacts.front().string());
    if (said.open_error) return fail(*said.open_error);
    Opened opened;
    opened.session = std::make_unique<ScriptedSession>(segment, said);
    return opened;
  }

 private:
  static Placement placement(const Segment& segment, bool is_resident, PlacementEvidence evidence) {
    const auto operations = static_cast<std::uint64_t>(10 * segment.layers());
    const auto convolutions = static_cast<std::uint64_t>(4 * segment.layers());
    return {.evidence = evidence,
            .conv = ResidentCount{convolutions, is_resident ? convolutions : 0},
            .compute = ResidentCount{operations, is_resident ? operations : 0}};
  }

  class ScriptedSession final : public Session {
   public:
    ScriptedSession(const Segment& segment, const ShardScript& said)
        : segment_(segment), said_(said) {}

    Result<std::vector<GroupOutput>> run(const RunRequest& request) override {
      NpyArray array = *read_npy(request.hidden);
      if (!said_.is_finite) array.values.front() = NAN;
      const std::filesystem::path file = request.folder / "out.npy";
      if (auto written = write_npy(file, array.shape, array.values); !written)
        return fail(written.error());
      GroupOutput output{.group = to_text(segment_), .file = file, .recorded = std::nullopt};
      if (said_.ran) output.placement = placement(segment_, *said_.ran, PlacementEvidence::kRun);
      return std::vector<GroupOutput>{std::move(output)};
    }
    Result<DecodeResult> decode(const DecodeRequest& /*request*/) override {
      return unavailable("no decoding here");
    }
    Result<std::vector<std::int64_t>> time(const TimeRequest& /*request*/) override {
      return unavailable("no timing here");
    }

   private:
    Segment segment_;
    ShardScript said_;
  };

  Script script_;
  std::map<Segment, int> builds_of_;
  std::map<std::string, std::pair<Segment, ShardScript>> shards_;
};

}  // namespace fusesweep

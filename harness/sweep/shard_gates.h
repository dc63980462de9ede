// ShardGates: takes one shard after the other through the gates that look at it alone: contract,
// build, weights, residency, golden, block parity. Every verdict is in the store before the next gate
// begins.
//
// A runner that fails at a shard fails a gate of it and is no error; errors are what keeps the
// question from being answered at all: wrong input, a store that cannot be written.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/sweep/gate_workbench.h"

namespace fusesweep {

class ShardGates {
 public:
  // The workbench must outlive it.
  explicit ShardGates(GateWorkbench& bench) : bench_(bench) {}

  // A segment or a slice of the head; built where it is missing.
  Result<Gated> gate(const ShardKind& kind);

  // The same, but a segment that must be beyond the cliff by what the store knows of shorter ones is not
  // tried: residency is "not run" then, and nothing else is.
  Result<Gated> gate_unless_hopeless(const ShardKind& kind);

  // Somebody else's package, as that part of the model.
  Result<Gated> gate_package(const std::filesystem::path& package, const ShardKind& kind);

  // Of a shard that was gated: where it lies, and with which bytes, if it was built; its relative L2 on
  // the reference's input, if that was compared.
  const BuiltShard* built(const ShardIdentity& shard) const;  // null: it was not
  std::optional<double> fidelity(const ShardIdentity& shard) const;

 private:
  struct Shard;

  Result<std::optional<Segment>> known_cliff(const Segment& segment) const;
  Result<void> build(Shard& shard);
  Result<void> run_gates(Shard& shard);
  Result<void> judge_artifact(Shard& shard);
  Result<void> judge_behaviour(Shard& shard);
  Result<GateVerdict> compare(Shard& shard, ReferenceWeights weights, std::string_view gate,
                              const GoldenLimits& limits);
  void time_calls(const Shard& shard, GateVerdict& residency);
  Result<void> judge_parity(Shard& shard);
  Result<void> judge_record(Shard& shard);
  Result<void> judge_by_tools(Shard& shard, const std::optional<Placement>& plan);
  Result<void> judge_comparison(Shard& shard);
  bool is_beyond_us(const Shard& shard) const;
  Result<void> keep_unread(Shard& shard, const Error& error);
  bool wants(const Shard& shard, std::string_view gate) const;
  Result<void> keep(Shard& shard, GateVerdict verdict);
  Result<GateVerdict> failed_call(const ShardIdentity& shard, std::string_view gate,
                                  std::string_view stage, const Error& error);
  Result<void> keep_failed_call(Shard& shard, std::string_view gate, std::string_view stage,
                                const Error& error);

  GateWorkbench& bench_;
  std::map<std::string, BuiltShard> built_;  // by identity hash
  std::map<std::string, double> fidelities_;
};

}  // namespace fusesweep

// Store: everything that was seen, in one SQLite file that several processes may use at once.
// results/SCHEMA.md has the tables. What is stored is never changed, but for a run's end and for
// failures that are forgotten; what is derived (medians, tok/s) is not stored.
//
// A file is taken for hostile: one of a newer version, with another schema, or damaged is refused
// with a line that says so, and is not touched. Every put_ function is one transaction.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "results/rows.h"

namespace fusesweep {

enum class Access { kRead, kWrite };

class Store {
 public:
  // With kWrite a file that is not there is made, whole or not at all; with kRead that is an error.
  // ":memory:" is a store that nobody else sees. The clock must outlive the store.
  static Result<Store> open(const std::filesystem::path& file, Access access, const Clock& clock);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // A run owns what is stored after it began.
  Result<Uuid> begin_run(const RunStart& start);
  Result<void> end_run(const Uuid& run, std::string_view outcome);  // "done", "failed", ...

  // These are kept once each, however often they are put.
  Result<void> put_runner(const RunnerRow& runner);
  Result<void> put_model(const ModelRow& model);
  Result<void> put_artifact(const Uuid& run, const ArtifactRow& artifact);

  // REQUIRES: the runner of the conditions was put (or there is none), and the run has begun.
  Result<void> put_verdict(const Uuid& run, const VerdictRow& verdict);
  // The newest of each gate, in the order in which the gates were first asked.
  Result<std::vector<VerdictRow>> verdicts_of(const Subject& subject,
                                              const Conditions& conditions) const;

  Result<void> put_probe(const Uuid& run, const ProbeRow& probe);
  // The newest answer to that attempt of that shard.
  Result<std::optional<ProbeAnswer>> find_probe(const ShardIdentity& shard, int attempt,
                                                const Conditions& conditions) const;

  Result<void> put_failure(const Uuid& run, const FailureRow& failure);
  Result<std::optional<FailureRow>> find_failure(const ShardIdentity& shard,
                                                 const Conditions& conditions) const;
  // Of one model; gives how many there were.
  Result<int> forget_failures(const std::string& model_hash);

  Result<void> put_decode(const Uuid& run, const DecodeRow& decode);
  Result<std::vector<DecodeRow>> decodes_of(const Uuid& run) const;

 private:
  struct Connection;
  explicit Store(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace fusesweep

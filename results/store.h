// Store: everything that was seen, in one SQLite file that several processes may use at once.
// results/SCHEMA.md has the tables. What is stored is never changed, but for the end of a run
// or a sweep and for failures that are forgotten; what is derived (medians, tok/s) is not stored.
//
// A file is taken for hostile: one of a newer version, with another schema, or damaged is refused
// with a line that says so, and is not touched. Every put_ function is one transaction: once it has
// returned, what it stored outlives the process and a loss of power. An error leaves the store as
// it was, and usable. A store is for one thread at a time, and not for the child of a fork.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "results/merge_report.h"
#include "results/rows.h"
#include "results/store_options.h"

namespace fusesweep {

class Store {
 public:
  // With kWrite a file that is not there is made, whole or not at all; with kRead that is an error.
  // ":memory:" is a store that nobody else sees. The clock must outlive the store.
  static Result<Store> open(const std::filesystem::path& file, Access access, const Clock& clock,
                            const StoreOptions& options = {});

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // REQUIRES, of everything that stores: opened with kWrite.

  // A run owns what is stored after it began.
  Result<Uuid> begin_run(const RunStart& start);
  Result<void> end_run(const Uuid& run, std::string_view outcome);  // "exit 0", "error"

  Result<std::optional<RunRow>> find_run(const Uuid& run) const;
  Result<std::vector<RunRow>> runs() const;  // oldest first

  // These are kept once each, however often they are put; what belongs to a run, by the first one.
  Result<void> put_runner(const RunnerRow& runner);
  Result<std::optional<RunnerRow>> find_runner(const std::string& fingerprint) const;
  // A file that came by another name keeps the first.
  Result<void> put_model(const ModelRow& model);
  // By hash: several only among recorded ones.
  Result<std::vector<ModelRow>> models() const;
  Result<void> put_artifact(const Uuid& run, const ArtifactRow& artifact);
  Result<std::vector<ArtifactRow>> artifacts_of(const Uuid& run) const;

  // Here and below: an error when the runner of the conditions was not put, or the run has not begun.
  // REQUIRES: the names of the figures are ids of metrics.
  Result<void> put_verdict(const Uuid& run, const VerdictRow& verdict);
  // The newest of each gate, in the order in which the gates were first asked.
  Result<std::vector<VerdictRow>> verdicts_of(const Subject& subject,
                                              const Conditions& conditions) const;
  // Here and below: all that a run stored, in that order.
  Result<std::vector<VerdictRow>> verdicts_of(const Uuid& run) const;

  // Of all verdicts, each combination once: for whoever asks what has been looked at at all.
  Result<std::vector<GatedRow>> gated() const;

  // REQUIRES: the shard is the segment that was probed.
  Result<void> put_probe(const Uuid& run, const ProbeRow& probe);
  // The newest answer to that attempt of that shard.
  Result<std::optional<ProbeAnswer>> find_probe(const ShardIdentity& shard, int attempt,
                                                const Conditions& conditions) const;
  Result<std::vector<ProbeRow>> probes_of(const Uuid& run) const;
  // Identity hashes of all shards that have a probe, each once.
  Result<std::vector<std::string>> probed_shards() const;

  Result<void> put_failure(const Uuid& run, const FailureRow& failure);
  Result<std::optional<FailureRow>> find_failure(const ShardIdentity& shard,
                                                 const Conditions& conditions) const;
  Result<std::vector<FailureRow>> failures_of(const Uuid& run) const;
  // Of one model; gives how many there were.
  Result<int> forget_failures(const std::string& model_hash);

  Result<void> put_decode(const Uuid& run, const DecodeRow& decode);
  Result<std::vector<DecodeRow>> decodes_of(const Uuid& run) const;

  // Runs that others recorded, kept once each: gives how many were new.
  Result<int> put_recorded(const Uuid& run, const std::vector<RecordedRunRow>& rows);
  // Of each record the version that was imported last, in the order of the record.
  Result<std::vector<RecordedRunRow>> recorded_runs() const;
  // All that a run was the first to import.
  Result<std::vector<RecordedRunRow>> recorded_of(const Uuid& run) const;

  // How long the steps of decodings took, and nothing that is not asked for: for a look at many of
  // them. `read` is called for each, in the order of storing; it may read the store.
  Result<void> each_run(const std::function<void(const RunOrigin&)>& read) const;
  Result<void> each_decode_times(const TimesQuery& query,
                                 const std::function<void(const DecodeTimes&)>& read) const;
  // The same of the cells of sweeps: block by block in the order of storing, by round and position.
  Result<void> each_cell_times(const TimesQuery& query,
                               const std::function<void(const CellTimes&)>& read) const;

  // REQUIRES, here and below: what is an object in a row is one.
  // The newest of those that asked for the same on the machine of this run: a sweep that was merged
  // from another one is an answer to read, not one to go on with.
  Result<std::optional<StoredSweep>> find_sweep(const Uuid& run,
                                                const std::string& spec_hash) const;
  Result<Uuid> begin_sweep(const Uuid& run, const SweepRow& sweep);
  // With its answer, an object. One that was interrupted has not ended: it is resumed.
  Result<void> end_sweep(const Uuid& sweep, std::string_view outcome, const Json& answer);
  Result<std::vector<StoredSweep>> sweeps() const;  // oldest first

  // By the run that measured it, which need not be the one that began the sweep. An error when that
  // block of that trial is there already, the sweep does not go on, or was begun on another machine.
  Result<void> put_block(const Uuid& run, const Uuid& sweep, const BlockRow& block);
  // By number.
  Result<std::vector<BlockRow>> blocks_of(const Uuid& sweep, std::string_view trial) const;
  // Those that have a block, in the order of their first.
  Result<std::vector<std::string>> trials_of(const Uuid& sweep) const;
  // That this run measured, in the order of their first block.
  Result<std::vector<MeasuredTrial>> trials_measured_by(const Uuid& run) const;

  // At the present moment, with the hash of both. Errors: an entry or an outcome of that name, in
  // whatever case its letters are, is here already; a name that is none.
  Result<JournalEntryRow> put_journal_entry(const Uuid& run, const JournalIntent& intent);
  Result<std::vector<JournalEntryRow>> journal_entries() const;  // oldest first
  // Errors: as above of the name; no such entry or sweep.
  Result<JournalOutcomeRow> put_journal_outcome(const Uuid& run, const JournalOutcome& outcome);
  Result<std::vector<JournalOutcomeRow>> journal_outcomes() const;  // oldest first
  Result<SweepEvidence> evidence_of(const Uuid& sweep) const;

  // Of every run that stored something.
  Result<std::map<Uuid, RunContents>> contents_of_runs() const;

  // Takes in all rows of other stores, in one transaction: every file whole, or none at all. A row
  // that is here already must be the same, but that an end is added to a run or a sweep that has none
  // here. Files are only read, through a private copy, and held for hostile: values are checked one
  // by one, links are refused.  REQUIRES: opened with kWrite.
  Result<MergeReport> merge(const std::vector<std::filesystem::path>& files, MergeMode mode);

  // A new store with only these runs and all that they lead to: with a run of a sweep the whole sweep,
  // and so the other runs that had part in it. Whole or not at all; a file that is there is refused.
  Result<MergeReport> export_runs(const std::vector<Uuid>& runs,
                                  const std::filesystem::path& file) const;
  // The runs that export_runs() would take, oldest first.
  Result<std::vector<Uuid>> closure_of(const std::vector<Uuid>& runs) const;

 private:
  struct Connection;
  explicit Store(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace fusesweep

#include "harness/sweep/qualification.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/check.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

// Takes the worst of what was found so far.
class Standings {
 public:
  Standings(const Store& store, const Conditions& conditions)
      : store_(store), conditions_(conditions) {}

  // `content_hash`: of the bytes that lie there now; empty: not known.
  Result<void> look_at(const Subject& subject, const std::vector<std::string_view>& gates,
                       const std::string& content_hash = {}) {
    const Result<std::vector<VerdictRow>> verdicts = store_.verdicts_of(subject, conditions_);
    if (!verdicts) return fail(verdicts.error());
    for (const VerdictRow& row : *verdicts) {
      if (row.verdict.outcome == GateOutcome::kFail)
        disqualify(fmt::format("{} of {}: {}", row.verdict.gate, subject.text, row.verdict.reason));
    }
    for (const std::string_view gate : gates) {
      const auto row = std::find_if(verdicts->begin(), verdicts->end(),
                                    [&](const VerdictRow& r) { return r.verdict.gate == gate; });
      if (!missing_.empty()) break;
      if (row == verdicts->end()) {
        missing_ = fmt::format("{} of {} was not run", gate, subject.text);
      } else if (row->verdict.outcome != GateOutcome::kPass) {
        missing_ = fmt::format("{} of {}: {}", gate, subject.text, row->verdict.reason);
      } else if (!content_hash.empty() && row->content_hash != content_hash) {
        missing_ =
            fmt::format("{} of {} passed for other bytes than lie there now", gate, subject.text);
      }
    }
    return {};
  }

  void disqualify(std::string reason) {
    if (failed_.empty()) failed_ = std::move(reason);
  }

  Qualification result() const {
    if (!failed_.empty()) return {Standing::kDisqualified, failed_};
    if (!missing_.empty()) return {Standing::kUngated, missing_};
    return {Standing::kQualified, "every gate passed"};
  }

 private:
  const Store& store_;
  const Conditions& conditions_;
  std::string failed_;
  std::string missing_;
};

}  // namespace

std::string_view to_text(Standing standing) {
  switch (standing) {
    case Standing::kQualified:
      return "qualified";
    case Standing::kDisqualified:
      return "disqualified";
    case Standing::kUngated:
      return "ungated";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<Qualification> qualification_of(const Store& store, const RunnableModel& model,
                                       const Split& split, const std::vector<ShardIdentity>& shards,
                                       const Conditions& conditions, const ContentHashes& content) {
  Standings standings(store, conditions);
  if (auto done = standings.look_at(subject_of(model), {"contract"}); !done)
    return fail(std::move(done).error());
  std::vector<ShardIdentity> chain;
  for (const ShardIdentity& shard : shards) {
    if (std::holds_alternative<EmbeddingTable>(shard.kind)) continue;
    const Result<std::optional<FailureRow>> failure = store.find_failure(shard, conditions);
    if (!failure) return fail(failure.error());
    if (*failure) {
      standings.disqualify(fmt::format("{} of {}: {}", (*failure)->stage, display_name(shard.kind),
                                       (*failure)->reason));
    }
    const auto found = content.find(hash_of(shard));
    const std::string lies_there = found == content.end() ? std::string() : found->second;
    if (auto done = standings.look_at(subject_of(shard), gates_of(shard), lies_there); !done)
      return fail(std::move(done).error());
    if (!std::holds_alternative<Segment>(shard.kind)) continue;
    chain.push_back(shard);
    if (auto done =
            standings.look_at(chain_of(chain), {"error-budget"}, content_of(chain, content));
        !done)
      return fail(std::move(done).error());
  }
  if (auto done =
          standings.look_at(subject_of(split, shards), {"full-stack"}, content_of(shards, content));
      !done)
    return fail(std::move(done).error());
  return standings.result();
}

}  // namespace fusesweep

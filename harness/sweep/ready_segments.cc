#include "harness/sweep/ready_segments.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "harness/base/check.h"
#include "harness/sweep/prepared_split.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {

Result<std::variant<ReadySegment, SegmentFailure>> ReadySegments::get(const Segment& segment) {
  using Got = std::variant<ReadySegment, SegmentFailure>;
  const Result<Gated> gated = gates_.gate_unless_hopeless(segment);
  if (!gated) return fail(gated.error());
  if (const GateVerdict* hindrance = first_hindrance(*gated)) {
    Result<SegmentFailure> failure = failure_of(segment, *hindrance);
    if (!failure) return fail(std::move(failure).error());
    return Got(*std::move(failure));
  }
  const GateSetup& setup = bench_.setup();
  const ShardIdentity identity = shard_of(setup.model, setup.shape, segment);
  const BuiltShard* built = gates_.built(identity);
  FUSESWEEP_CHECK(built != nullptr);  // all of its gates have passed
  return Got(ReadySegment{.segment = segment,
                          .key = hash_of(identity),
                          .content = built->content_hash,
                          .artifact = built->artifact,
                          .bytes = memory_of(setup.model.contract, segment.layers(),
                                             setup.shape.context, built->bytes)});
}

Result<SegmentFailure> ReadySegments::failure_of(const Segment& segment,
                                                 const GateVerdict& verdict) {
  SegmentFailure failure{.segment = segment,
                         .reason = fmt::format("{}: {}", verdict.gate, verdict.reason)};
  if (verdict.gate != "residency") return failure;
  // A call that failed says nothing of where the shard would have run.
  const GateSetup& setup = bench_.setup();
  const Result<std::optional<FailureRow>> failed_call =
      bench_.store().find_failure(shard_of(setup.model, setup.shape, segment), bench_.conditions());
  if (!failed_call) return fail(failed_call.error());
  failure.is_residency = !failed_call->has_value() &&
                         (verdict.outcome == GateOutcome::kFail || is_beyond_cliff(verdict));
  return failure;
}

Result<void> ReadySegments::keep_fault(const FaultySegment& fault) {
  const GateSetup& setup = bench_.setup();
  return bench_.store().put_failure(bench_.run(),
                                    {.shard = shard_of(setup.model, setup.shape, fault.segment),
                                     .conditions = bench_.conditions(),
                                     .stage = "run",
                                     .reason = fault.reason});
}

}  // namespace fusesweep

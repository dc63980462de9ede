#include "harness/core/metric.h"

#include <algorithm>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

using enum Better;

// Ids are stored: one that has been released is never renamed, and never means something else.
constexpr Metric kMetrics[] = {
    // Speed.
    {"tok_per_s", "tok/s", kHigher, "Tokens decoded a second, one after the other."},
    {"ms_per_token", "ms", kLower, "Time of one decoding step, from a token to the next."},
    {"prefill_tok_per_s", "tok/s", kHigher,
     "Tokens of the prompt a second, until the first answer."},
    {"ttft_ms", "ms", kLower, "Time to the first token: from the prompt to the first answer."},
    {"activation_ms", "ms", kLower, "Time of a shard's first call after it was loaded."},
    {"load_ms", "ms", kLower, "Time to load shards, up to their first call."},
    {"build_ms", "ms", kLower, "Time to build a shard."},
    {"group_ms", "ms", kLower, "Time of one group of layers in a decoding step."},
    {"steal_ms", "ms", kLower, "Processor time that the hypervisor took away."},
    {"weights_gb_per_s", "GB/s", kHigher, "Weights of a shard over the time of a call of it."},
    // Size.
    {"bytes", "bytes", kLower, "Size on disk."},
    {"weight_bytes", "bytes", kLower, "Size of the weights, which every token reads."},
    {"peak_bytes", "bytes", kLower, "Most memory that was resident at once."},
    {"anonymous_bytes", "bytes", kLower, "Resident memory that belongs to no file, at the end."},
    {"operations", "", kNeither, "Operations that compute, in a shard."},
    {"positions", "", kNeither, "Positions of the context that were looked at."},
    // Outputs, compared with the reference's.
    {"cosine", "", kHigher, "Cosine between found and wanted, over all values as one vector."},
    {"worst_token_cosine", "", kHigher, "The lowest cosine of a single token."},
    {"rmse", "", kLower, "Root of the mean squared difference."},
    {"max_abs", "", kLower, "The largest difference of a single value."},
    {"relative_l2", "", kLower, "Length of the difference over the length of what is wanted."},
    {"local_relative_l2", "", kLower,
     "relative_l2 of a shard that is fed with the reference's input."},
    {"calibration_cosine", "", kHigher, "cosine over the prompts that a split is calibrated with."},
    {"calibration_rmse", "", kLower, "rmse over the prompts that a split is calibrated with."},
    {"non_finite_count", "", kLower, "Values that are infinite or no number."},
    {"original_cosine", "", kHigher,
     "Cosine of the logits to those of the model with its original weights."},
    // Tokens, compared with the reference's.
    {"top1_agreement", "", kHigher,
     "Share of positions where the likeliest token is the reference's."},
    {"original_top1_agreement", "", kHigher,
     "The same against the model with its original weights."},
    {"flips", "", kLower, "Positions where the likeliest token is not the reference's."},
    {"largest_flip_margin", "", kLower,
     "How far ahead the reference's token was, at the worst such position."},
    {"greedy_margin", "", kLower,
     "How far ahead the reference's token was where greedy decoding first leaves it, at worst."},
    {"first_divergence", "", kHigher,
     "The first position where greedy decoding leaves the reference."},
    {"greedy_agreement", "", kHigher,
     "Share of greedily decoded tokens before the first that is not the reference's."},
    // Speculative decoding.
    {"prompts", "", kNeither, "Prompts that were decoded."},
    {"compared_tokens", "", kNeither, "Generated tokens that were compared."},
    {"diverging_prompts", "", kLower,
     "Prompts on which speculative decoding leaves greedy decoding."},
    {"divergence_margin", "", kNeither,
     "How far ahead greedy decoding's token was where speculative decoding first leaves it."},
    {"guard_calls", "", kLower, "Calls of one token that decided instead of the verifier."},
    // Residency, by the kind of evidence.
    {"compute_resident_plan", "", kHigher,
     "Operations that compute and run on the device, by the plan."},
    {"conv_resident_plan", "", kHigher, "Convolutions that run on the device, by the plan."},
    {"compute_resident_run", "", kHigher,
     "Operations that compute and ran on the device, as was seen."},
    {"conv_resident_run", "", kHigher, "Convolutions that ran on the device, as was seen."},
    {"compute_resident_recorded", "", kHigher,
     "Operations that compute and run on the device, by a record."},
    {"conv_resident_recorded", "", kHigher, "Convolutions that run on the device, by a record."},
    // Weights and hyper-parameters, compared with the model's.
    {"weights", "", kNeither, "Weights that were compared."},
    {"differing_weights", "", kLower,
     "Weights whose bits are not those of the rounding that was asked for."},
    {"worst_weight_steps", "", kLower,
     "The largest difference of a weight, in steps of its rounding."},
    {"missing_tensors", "", kLower, "Tensors of the model that a package has nothing of."},
    {"unexpected_tensors", "", kLower, "Weights of a package that are no tensor of the model."},
    {"contract_differences", "", kLower, "Hyper-parameters that two stages do not agree on."},
};

}  // namespace

std::string_view to_text(Better better) {
  switch (better) {
    case kLower:
      return "lower";
    case kHigher:
      return "higher";
    case kNeither:
      return "neither";
  }
  FUSESWEEP_UNREACHABLE();
}

std::span<const Metric> all_metrics() { return kMetrics; }

const Metric* find_metric(std::string_view id) {
  const auto found = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                  [&](const Metric& metric) { return metric.id == id; });
  return found == std::end(kMetrics) ? nullptr : &*found;
}

}  // namespace fusesweep

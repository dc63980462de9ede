#include "runners/stack/host_inputs.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "harness/base/fp16.h"

namespace fusesweep {
namespace {

constexpr float kHidden = -1e4F;

std::size_t size_of(int n) { return static_cast<std::size_t>(n); }

void copy_to(ShardExecutor& shard, const char* input, const void* from) {
  const std::span<std::byte> to = shard.port(input);
  std::memcpy(to.data(), from, to.size());
}

}  // namespace

HostInputs::HostInputs(const Contract& contract, int tokens, int context)
    : tokens_(tokens), context_(context), pairs_(size_of(contract.rope_dim) / 2) {
  const RopeScaling* scaling = contract.rope_scaling ? &*contract.rope_scaling : nullptr;
  if (context == 0) return;
  for (int position = 0; position < context; ++position) {
    for (std::size_t i = 0; i < pairs_; ++i) {
      double angle = position * std::pow(static_cast<double>(contract.rope_freq_base),
                                         -2.0 * static_cast<double>(i) / contract.rope_dim);
      double length = 1;
      if (scaling != nullptr) {
        const bool is_long = context > scaling->original_max_seq_len;
        angle /= (is_long ? scaling->long_factors : scaling->short_factors)[i];
        length = scaling->attention_factor;
      }
      all_cosines_.push_back(float_to_fp16(static_cast<float>(length * std::cos(angle))));
      all_sines_.push_back(float_to_fp16(static_cast<float>(length * std::sin(angle))));
    }
  }
  cosines_.resize(size_of(tokens) * pairs_);
  sines_.resize(size_of(tokens) * pairs_);
  visible_.resize(size_of(tokens) * size_of(context));
  written_.resize(size_of(context) * size_of(tokens));
}

void HostInputs::prepare(const CallRange& range) {
  static const std::uint16_t kHiddenHalf = float_to_fp16(kHidden);
  static const std::uint16_t kOne = float_to_fp16(1);
  std::fill(written_.begin(), written_.end(), std::uint16_t{0});
  for (int t = 0; t < tokens_; ++t) {
    const int at = range.position + std::min(t, range.count - 1);  // padding sees the last token
    const auto row = static_cast<std::ptrdiff_t>(size_of(at) * pairs_);
    const auto to = static_cast<std::ptrdiff_t>(size_of(t) * pairs_);
    std::copy_n(all_cosines_.begin() + row, pairs_, cosines_.begin() + to);
    std::copy_n(all_sines_.begin() + row, pairs_, sines_.begin() + to);
    const auto visible = visible_.begin() + static_cast<std::ptrdiff_t>(t) * context_;
    std::fill_n(visible, at + 1, std::uint16_t{0});
    std::fill_n(visible + at + 1, context_ - at - 1, kHiddenHalf);
    if (t < range.count) written_[size_of(at) * size_of(tokens_) + size_of(t)] = kOne;
  }
  position_ = range.position;
}

void HostInputs::feed(ShardExecutor& shard, KvForm kv_form) const {
  copy_to(shard, "rope_cos", cosines_.data());
  copy_to(shard, "rope_sin", sines_.data());
  copy_to(shard, "attn_mask", visible_.data());
  if (kv_form == KvForm::kMask) {
    copy_to(shard, "kv_write_mask", written_.data());
  } else {
    copy_to(shard, "pos", &position_);
  }
}

int greedy_id(std::span<const std::uint16_t> logits) {
  // As integers in the order of the values; both zeros are one.
  const auto order = [](std::uint16_t half) {
    const int magnitude = half & 0x7fff;
    return (half & 0x8000) != 0 ? -magnitude : magnitude;
  };
  int largest = order(logits[0]);
  for (const std::uint16_t half : logits) largest = std::max(largest, order(half));
  const auto found = std::find_if(logits.begin(), logits.end(),
                                  [&](std::uint16_t half) { return order(half) == largest; });
  return static_cast<int>(found - logits.begin());
}

}  // namespace fusesweep

// DecodeSum: the times of a decoding that were told only in sum, by a runner (a user's own runtime, say) that
// does not tell what each token took. Kept as they were told; nothing here pretends to be a sample.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"

namespace fusesweep {

// What one part took in all calls together.
struct GroupSum {
  std::string group;  // "embed", "layers", "[0,16)", "head"
  std::int64_t ns = 0;

  bool operator==(const GroupSum&) const = default;
};

struct DecodeSum {
  std::int64_t tokens = 1;  // steps after the first generated token
  std::int64_t ns = 1;      // of all of them together
  // Calls of the whole model and their time, those of the prompt among them.
  std::optional<std::int64_t> forward_calls;
  std::optional<std::int64_t> forward_ns;
  // Over how many calls the groups' sums are. Absent: there are none.
  std::optional<std::int64_t> group_calls;
  std::vector<GroupSum> groups;  // in the order in which they run

  bool operator==(const DecodeSum&) const = default;
};

Json to_json(const DecodeSum& sum);

// Errors go to the field's reader: tokens, ns or calls below 1, sums of groups without their calls.
DecodeSum read_decode_sum(const JsonField& field);

// The times that a decoding counts with: those of its steps or, of a sum, their mean, one number.
std::vector<std::int64_t> times_of_steps(const std::vector<std::int64_t>& token_ns,
                                         const std::optional<DecodeSum>& sum);

// The mean of one call of a group, of the groups in their order.
std::vector<GroupSum> mean_of_call(const DecodeSum& sum);

}  // namespace fusesweep

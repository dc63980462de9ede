#include "harness/cli/split_arguments.h"

#include <utility>

#include "topologies/family.h"

namespace fusesweep {

Result<SplitSet> read_splits(const std::vector<std::string>& lists,
                             const std::vector<std::string>& families, int n_layers) {
  if (lists.empty() && families.empty()) {
    return invalid_input(
        "found neither --splits nor --family, want one of them, such as --family front-fused");
  }
  SplitSet splits;
  for (const std::string& text : lists) {
    Result<std::vector<Split>> listed = parse_split_list(text, n_layers);
    if (!listed) return fail_with_context(std::move(listed).error(), "--splits");
    if (auto added = splits.add(*std::move(listed)); !added)
      return fail_with_context(added.error(), "--splits");
  }
  for (const std::string& text : families) {
    Result<Family> family = parse_family(text, n_layers);
    if (!family) return fail_with_context(std::move(family).error(), "--family");
    if (auto added = splits.add(*std::move(family)); !added)
      return fail_with_context(added.error(), "--family");
  }
  return splits;
}

}  // namespace fusesweep

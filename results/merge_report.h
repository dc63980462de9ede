// What moving rows from one store to another came to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fusesweep {

struct TableCount {
  std::string table;
  std::int64_t added = 0;  // rows that were not there
  std::int64_t known = 0;  // that were, the same
  std::int64_t ended = 0;  // that were, and of which only the other one had ended

  bool operator==(const TableCount&) const = default;
};

struct MergeReport {
  std::vector<TableCount> tables;  // all, in the order of results/table_list.cc

  bool operator==(const MergeReport&) const = default;
};

enum class MergeMode {
  kCommit,
  kDryRun  // everything but keeping it
};

}  // namespace fusesweep

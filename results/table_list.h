// Every table of the schema as rows that move from one store to another: what its columns hold, what
// makes two rows the same one, and which rows a run leads to. A table that a migration adds is one more
// entry here; a test fails until it is. Only results/ includes this.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "results/statement.h"

namespace fusesweep {

// What a column holds beyond its SQL type, where it is not NULL.
enum class ColumnKind {
  kId,       // UUID version 7
  kHash,     // 32 hexadecimal digits
  kText,     // any
  kSeed,     // decimal, 64 bits
  kInteger,  // any
  kReal,     // finite
  kObject,   // JSON
  kJson,     // any
  kTexts,    // JSON, a list of texts
  kInts,     // blob of 4 bytes each
  kInt64s    // blob of 8 bytes each
};

struct ColumnRule {
  const char* name;
  ColumnKind kind;
};

// What becomes of a row whose key is there already.
enum class SameKey {
  kKeep,    // ours stays: the key is a hash of what counts, or ours is as good
  kEqual,   // it must be equal, or the source is refused
  kTakeEnd  // the same, but where one of both has not ended (the columns from ended_unix_ms on)
};

struct TableRule {
  const char* table;
  std::vector<ColumnRule> columns;  // all, and those of the key first
  std::size_t keys;                 // so many of them
  SameKey same_key;
  // Of the rows of these runs: a condition on the table, where `chosen` lists the ids of runs.
  const char* of_runs;
  // Whose row the first column leads to: one that is there already gets no more and no fewer of these.
  const char* owner = nullptr;
  // Looks at a whole row, and rejects what does not fit together.
  void (*check)(Row&) = nullptr;
  const char* order = nullptr;     // absent: by key
  const char* also_selected = "";  // for check()
};

// In an order in which a row comes after those that it refers to.
std::span<const TableRule> all_tables();

}  // namespace fusesweep

// Finds in a program how it writes its KV caches, so that an executor can write the new rows in place
// instead of reading and writing the whole cache for every token. Only the graph is looked at; names
// play no part.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "runners/mlprogram/program.h"

namespace fusesweep {

// read_state -> ... -> write_state, of one state, whose values nobody else uses. In the mask form
// nothing else writes the state, so that whoever does the update knows all that is in it.
struct CacheUpdate {
  // slice_update(read_state(state), rows, begin, end), or, for the mask form,
  // read_state(state) * keep + matmul(mask, rows), where
  // keep = 1 - reduce_sum(mask, last axis).
  enum class Form { kSlice, kMask } form = Form::kSlice;
  std::size_t read = 0;     // operations, by their index in the program
  std::size_t keep = 0;     // mul (mask form)
  std::size_t product = 0;  // matmul (mask form)
  std::size_t update = 0;   // slice_update, or add
  std::size_t write = 0;
  std::string state;
  std::string rows;  // names of values
  std::string mask;  // mask form
};

// All of them, by the index of `update`.
std::map<std::size_t, CacheUpdate> find_cache_updates(const Program& program);

}  // namespace fusesweep

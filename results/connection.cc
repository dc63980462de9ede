// What the parts of the store share.
#include "results/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "harness/base/text.h"

namespace fusesweep {

std::int64_t Store::Connection::now_unix_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.wall_now().time_since_epoch())
      .count();
}

Uuid Store::Connection::next_id(const char* table) {
  SQLite::Statement query(sqlite(), fmt::format("SELECT max(id) AS id FROM {}", table));
  if (query.executeStep() && !query.isColumnNull(0)) {
    Row row(query, file(), table);
    const Uuid newest = row.id("id");
    if (!row.error()) ids.follow(newest);
  }
  return ids.next();
}

std::optional<std::string_view> null_if_empty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

Conditions read_conditions(Row& row) {
  return {.runner = row.optional("runner", &Row::text).value_or(""),
          .options_hash = row.text("options_hash")};
}

std::optional<std::string> seed_text(std::optional<std::uint64_t> seed) {
  if (!seed) return std::nullopt;
  return std::to_string(*seed);
}

std::uint64_t read_seed(Row& row) {
  const std::string text = row.text("seed");
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size())
    row.reject("seed", fmt::format("found {}, want a number of 64 bits", quote(text)));
  return seed;
}

Result<std::vector<std::int64_t>> flat_group_ns(const GroupTimes& group_ns, std::size_t groups,
                                                std::size_t steps, std::string_view where) {
  std::vector<std::int64_t> flat;
  if (group_ns.empty()) return flat;
  if (group_ns.size() != steps || groups == 0) {
    return invalid_input(
        fmt::format("{}: found times of {} groups in {} steps, want some of every step of {}",
                    where, groups, group_ns.size(), steps));
  }
  flat.reserve(steps * groups);
  for (std::size_t step = 0; step < steps; ++step) {
    const std::vector<std::int64_t>& times = group_ns[step];
    if (times.size() != groups) {
      return invalid_input(fmt::format("{}: step {}: found {} times, want one of each of {} groups",
                                       where, step, times.size(), groups));
    }
    flat.insert(flat.end(), times.begin(), times.end());
  }
  return flat;
}

GroupTimes read_group_ns(Row& row, std::size_t groups, std::size_t steps) {
  const std::vector<std::int64_t> flat = row.integers("group_ns");
  if (flat.empty()) return {};
  if (groups == 0 || flat.size() % groups != 0 || flat.size() / groups != steps) {
    row.reject("group_ns", fmt::format("found {} times, want one of each of {} groups in {} steps",
                                       flat.size(), groups, steps));
    return {};
  }
  GroupTimes times;
  times.reserve(steps);
  for (auto step = flat.begin(); step != flat.end(); step += static_cast<std::ptrdiff_t>(groups))
    times.emplace_back(step, step + static_cast<std::ptrdiff_t>(groups));
  return times;
}

std::optional<std::string> text_of(const std::optional<DecodeSum>& sum) {
  return sum ? std::optional(to_text(to_json(*sum))) : std::nullopt;
}

std::optional<DecodeSum> read_decode_sum(Row& row) {
  constexpr const char* kColumn = "decode_sum_json";
  const std::optional<Json> json = row.optional(kColumn, &Row::object);
  if (!json) return std::nullopt;
  JsonReader reader(*json, kColumn);
  DecodeSum sum = read_decode_sum(reader.root());
  if (reader.error()) row.reject(kColumn, reader.error()->message);
  return sum;
}

}  // namespace fusesweep

// Decodings, sample by sample.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "results/connection.h"

namespace fusesweep {
namespace {

struct StoredDecode {
  Uuid id;
  DecodeRow row;
};

// A runner, which anybody may have written, told these.
Result<std::vector<std::int64_t>> flat_group_ns(const DecodeRow& decode) {
  std::vector<std::int64_t> flat;
  if (decode.group_ns.empty()) return flat;
  if (decode.group_ns.size() != decode.token_ns.size() || decode.groups.empty()) {
    return invalid_input(
        fmt::format("a decoding: found times of {} groups in {} steps, want some of "
                    "every step of {}",
                    decode.groups.size(), decode.group_ns.size(), decode.token_ns.size()));
  }
  for (std::size_t step = 0; step < decode.group_ns.size(); ++step) {
    const std::vector<std::int64_t>& times = decode.group_ns[step];
    if (times.size() != decode.groups.size()) {
      return invalid_input(
          fmt::format("a decoding: step {}: found {} times, want one of each of {} "
                      "groups",
                      step, times.size(), decode.groups.size()));
    }
    flat.insert(flat.end(), times.begin(), times.end());
  }
  return flat;
}

void read_group_ns(Row& row, DecodeRow& decode) {
  const std::vector<std::int64_t> flat = row.integers("group_ns");
  if (flat.empty()) return;
  const std::size_t groups = decode.groups.size();
  if (groups == 0 || flat.size() % groups != 0 || flat.size() / groups != decode.token_ns.size()) {
    row.reject("group_ns", fmt::format("found {} times, want one of each of {} groups in {} steps",
                                       flat.size(), groups, decode.token_ns.size()));
    return;
  }
  for (auto step = flat.begin(); step != flat.end(); step += static_cast<std::ptrdiff_t>(groups))
    decode.group_ns.emplace_back(step, step + static_cast<std::ptrdiff_t>(groups));
}

StoredDecode read_decode(Row& row) {
  StoredDecode stored{.id = row.id("id")};
  stored.row = {.model = row.text("model_hash"),
                .contract_hash = row.text("contract_hash"),
                .split = row.text("split"),
                .split_key = row.text("split_key"),
                .conditions = read_conditions(row),
                .workload = row.json("workload_json"),
                .evidence = row.text("evidence"),
                .prompt_tokens = row.small_integer("prompt_tokens", 0),
                .ids = row.ints("ids"),
                .prefill_ns = row.optional<std::int64_t>("prefill_ns", &Row::integer),
                .groups = row.texts("groups_json"),
                .token_ns = row.integers("token_ns")};
  read_group_ns(row, stored.row);
  return stored;
}

std::pair<std::string, std::int64_t> read_counter(Row& row) {
  return {row.text("name"), row.integer("value")};
}

}  // namespace

Result<void> Store::put_decode(const Uuid& run, const DecodeRow& row) {
  FUSESWEEP_CHECK(is_one_of(row.evidence, {"measured", "recorded"}));
  const Result<std::vector<std::int64_t>> group_ns = flat_group_ns(row);
  if (!group_ns) return fail(group_ns.error());
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    const Uuid id = store.next_id("decodes");
    execute(store.sqlite(),
            "INSERT INTO decodes (id, run_id, model_hash, contract_hash, split, split_key, runner, "
            "options_hash, "
            "workload_json, evidence, prompt_tokens, ids, prefill_ns, groups_json, token_ns, "
            "group_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, run, row.model, row.contract_hash, row.split, row.split_key,
            null_if_empty(row.conditions.runner), row.conditions.options_hash,
            to_text(row.workload), row.evidence, row.prompt_tokens, to_blob(row.ids),
            row.prefill_ns, to_text(Json(row.groups)), to_blob(row.token_ns), to_blob(*group_ns));
    for (const auto& [name, value] : row.counters) {
      execute(store.sqlite(),
              "INSERT INTO decode_counters (decode_id, name, value) VALUES (?, ?, ?)", id, name,
              value);
    }
    return {};
  });
}

Result<std::vector<DecodeRow>> Store::decodes_of(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<std::vector<DecodeRow>> {
    auto stored = read_all(
        store.database,
        prepared(store.sqlite(), "SELECT * FROM decodes WHERE run_id = ? ORDER BY id", run),
        "decodes", read_decode);
    if (!stored) return fail(std::move(stored).error());
    std::vector<DecodeRow> rows;
    for (StoredDecode& decode : *stored) {
      auto counters = read_all(
          store.database,
          prepared(store.sqlite(), "SELECT name, value FROM decode_counters WHERE decode_id = ?",
                   decode.id),
          "decode_counters", read_counter);
      if (!counters) return fail(std::move(counters).error());
      decode.row.counters = {counters->begin(), counters->end()};
      rows.push_back(std::move(decode.row));
    }
    return rows;
  });
}

}  // namespace fusesweep

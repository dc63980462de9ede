// Decodings, sample by sample.
#include <string>
#include <vector>

#include "results/connection.h"

namespace fusesweep {
namespace {

struct StoredDecode {
  Uuid id;
  DecodeRow row;
};

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
                .token_ns = row.integers("token_ns"),
                .sum = read_decode_sum(row)};
  stored.row.group_ns = read_group_ns(row, stored.row.groups.size(), stored.row.token_ns.size());
  return stored;
}

std::pair<std::string, std::int64_t> read_counter(Row& row) {
  return {row.text("name"), row.integer("value")};
}

}  // namespace

Result<void> Store::put_decode(const Uuid& run, const DecodeRow& row) {
  FUSESWEEP_CHECK(is_one_of(row.evidence, {"measured", "recorded"}));
  const Result<std::vector<std::int64_t>> group_ns =
      flat_group_ns(row.group_ns, row.groups.size(), row.token_ns.size(), "a decoding");
  if (!group_ns) return fail(group_ns.error());
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    const Uuid id = store.next_id("decodes");
    execute(store.sqlite(),
            "INSERT INTO decodes (id, run_id, model_hash, contract_hash, split, split_key, runner, "
            "options_hash, "
            "workload_json, evidence, prompt_tokens, ids, prefill_ns, groups_json, token_ns, "
            "group_ns, decode_sum_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, run, row.model, row.contract_hash, row.split, row.split_key,
            null_if_empty(row.conditions.runner), row.conditions.options_hash,
            to_text(row.workload), row.evidence, row.prompt_tokens, to_blob(row.ids),
            row.prefill_ns, to_text(Json(row.groups)), to_blob(row.token_ns), to_blob(*group_ns),
            text_of(row.sum));
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

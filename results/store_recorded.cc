// Runs that others made and wrote down.
#include <limits>
#include <string>
#include <vector>

#include "harness/base/hash.h"
#include "results/connection.h"

namespace fusesweep {
namespace {

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json groups_of(const RecordedRunRow& row) {
  Json groups = Json::array();
  for (const RecordedGroupRow& group : row.groups)
    groups.push_back({{"group", group.group}, {"ms_per_token", group.ms_per_token}});
  return groups;
}

// The hashes are stored: never to be changed.
std::string hash_of(const RecordedRunRow& row) {
  const Json json = {{"facts", row.facts},
                     {"facts_hash", row.facts_hash},
                     {"position", row.position},
                     {"device", row.device},
                     {"accelerator", row.accelerator},
                     {"os", row.os},
                     {"model", row.model},
                     {"n_layers", row.n_layers},
                     {"rope_dim", row.rope_dim},
                     {"encoding", to_text(row.encoding)},
                     {"split", row.split},
                     {"tok_per_s", row.tok_per_s},
                     {"decode_tokens", or_null(row.decode_tokens)},
                     {"layers_ms_per_token", or_null(row.layers_ms_per_token)},
                     {"head_ms_per_token", or_null(row.head_ms_per_token)},
                     {"groups", groups_of(row)},
                     {"prefill_tok_per_s", or_null(row.prefill_tok_per_s)},
                     {"request_s", or_null(row.request_s)},
                     {"date_unix_ms", or_null(row.date_unix_ms)},
                     {"source", row.source},
                     {"source_title", row.source_title},
                     {"note", row.note}};
  return to_hex(hash128(to_text(json)));
}

std::vector<RecordedGroupRow> read_groups(Row& row) {
  std::vector<RecordedGroupRow> groups;
  const Json document = row.json("groups_json");
  JsonReader reader(document, "groups");
  for (const JsonField& item : reader.root().items()) {
    groups.push_back({item.at("group").text(),
                      item.at("ms_per_token").number(0, std::numeric_limits<double>::max())});
  }
  if (reader.error()) row.reject("groups_json", reader.error()->message);
  return groups;
}

RecordedRunRow read_recorded(Row& row) {
  RecordedRunRow recorded{.facts = row.text("facts"),
                          .facts_hash = row.text("facts_hash"),
                          .position = row.small_integer("position", 0),
                          .device = row.text("device"),
                          .accelerator = row.text("accelerator"),
                          .os = row.text("os"),
                          .model = row.text("model"),
                          .n_layers = row.small_integer("n_layers", 1),
                          .rope_dim = row.small_integer("rope_dim", 1),
                          .encoding = row.parsed("encoding", parse_encoding),
                          .split = row.text("split"),
                          .tok_per_s = row.real("tok_per_s"),
                          .layers_ms_per_token = row.optional("layers_ms_per_token", &Row::real),
                          .head_ms_per_token = row.optional("head_ms_per_token", &Row::real),
                          .groups = read_groups(row),
                          .prefill_tok_per_s = row.optional("prefill_tok_per_s", &Row::real),
                          .request_s = row.optional("request_s", &Row::real),
                          .date_unix_ms = row.optional<std::int64_t>("date_unix_ms", &Row::integer),
                          .source = row.text("source"),
                          .source_title = row.text("source_title"),
                          .note = row.text("note")};
  if (!row.is_null("decode_tokens")) recorded.decode_tokens = row.small_integer("decode_tokens", 1);
  if (!row.error() && row.text("hash") != hash_of(recorded))
    row.reject("hash", "found the hash of another run");
  return recorded;
}

}  // namespace

Result<int> Store::put_recorded(const Uuid& run, const std::vector<RecordedRunRow>& rows) {
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<int> {
    int added = 0;
    for (const RecordedRunRow& row : rows) {
      added += execute(
          store.sqlite(),
          "INSERT INTO recorded_runs (hash, run_id, facts, facts_hash, position, device, "
          "accelerator, os, model, n_layers, rope_dim, encoding, split, tok_per_s, decode_tokens, "
          "layers_ms_per_token, head_ms_per_token, groups_json, prefill_tok_per_s, request_s, "
          "date_unix_ms, source, source_title, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
          "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
          hash_of(row), run, row.facts, row.facts_hash, row.position, row.device, row.accelerator,
          row.os, row.model, row.n_layers, row.rope_dim, to_text(row.encoding), row.split,
          row.tok_per_s, row.decode_tokens, row.layers_ms_per_token, row.head_ms_per_token,
          to_text(groups_of(row)), row.prefill_tok_per_s, row.request_s, row.date_unix_ms,
          row.source, row.source_title, row.note);
    }
    return added;
  });
}

Result<std::vector<RecordedRunRow>> Store::recorded_runs() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(store.database,
                    prepared(store.sqlite(),
                             "SELECT * FROM recorded_runs AS one WHERE facts_hash = (SELECT "
                             "facts_hash FROM recorded_runs WHERE facts = one.facts "
                             "ORDER BY run_id DESC, facts_hash LIMIT 1) ORDER BY facts, position"),
                    "recorded_runs", read_recorded);
  });
}

Result<std::vector<RecordedRunRow>> Store::recorded_of(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(store.database,
                    prepared(store.sqlite(),
                             "SELECT * FROM recorded_runs WHERE run_id = ? ORDER BY facts, "
                             "facts_hash, position",
                             run),
                    "recorded_runs", read_recorded);
  });
}

}  // namespace fusesweep

// Answers of the search for the cliff, and shards that could not be had.
#include <vector>

#include "results/connection.h"

namespace fusesweep {
namespace {

constexpr ProbeFailure kProbeFailures[] = {ProbeFailure::kBuild, ProbeFailure::kPlan,
                                           ProbeFailure::kRun, ProbeFailure::kCrash,
                                           ProbeFailure::kTimeOut};

constexpr const char* kProbeColumns =
    "SELECT probes.*, shards.* FROM probes JOIN shards ON shards.hash = shard_hash ";
constexpr const char* kFailureColumns =
    "SELECT failures.*, shards.* FROM failures JOIN shards ON shards.hash = shard_hash ";

ProbeRow read_probe(Row& row) {
  ProbeRow probe{.conditions = read_conditions(row)};
  ProbeAnswer& answer = probe.answer;
  answer.probe.attempt = row.small_integer("attempt", 1);
  answer.is_recorded = row.boolean("is_recorded");
  answer.is_resident = row.boolean("is_resident");
  if (!row.is_null("failure")) answer.failure = row.named("failure", kProbeFailures);
  answer.weight_bytes = row.count("weight_bytes");
  answer.operations = row.optional("operations", &Row::count);
  answer.reason = row.text("reason");
  answer.wrong = row.optional("wrong", &Row::text);
  probe.shard = read_shard(row);
  if (const auto* segment = std::get_if<Segment>(&probe.shard.kind)) {
    answer.probe.segment = *segment;
  } else {
    row.reject("kind", "found a probe of it, want a segment");
  }
  return probe;
}

FailureRow read_failure(Row& row) {
  FailureRow failure{
      .conditions = read_conditions(row), .stage = row.text("stage"), .reason = row.text("reason")};
  failure.shard = read_shard(row);
  return failure;
}

}  // namespace

Result<void> Store::put_probe(const Uuid& run, const ProbeRow& row) {
  const ProbeAnswer& answer = row.answer;
  FUSESWEEP_CHECK(row.shard.kind == ShardKind(answer.probe.segment));
  Connection& store = *connection_;
  for (const std::uint64_t number : {answer.weight_bytes, answer.operations.value_or(0)}) {
    if (auto checked = check_storable("weight bytes and operations of a probe", number); !checked)
      return checked;
  }
  std::optional<std::string_view> failure;
  if (answer.failure) failure = to_text(*answer.failure);
  return store.database.write([&]() -> Result<void> {
    store.put_shard(row.shard);
    execute(
        store.sqlite(),
        "INSERT INTO probes (id, run_id, shard_hash, runner, options_hash, attempt, is_recorded, "
        "is_resident, failure, weight_bytes, operations, reason, wrong) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        store.next_id("probes"), run, hash_of(row.shard), null_if_empty(row.conditions.runner),
        row.conditions.options_hash, answer.probe.attempt, answer.is_recorded, answer.is_resident,
        failure, answer.weight_bytes, answer.operations, answer.reason, answer.wrong);
    return {};
  });
}

Result<std::optional<ProbeAnswer>> Store::find_probe(const ShardIdentity& shard, int attempt,
                                                     const Conditions& conditions) const {
  Connection& store = *connection_;
  auto found = store.database.guarded([&] {
    const std::string sql =
        std::string(kProbeColumns) +
        "WHERE shard_hash = ? AND attempt = ? AND runner IS ? AND options_hash = "
        "? ORDER BY id DESC LIMIT 1";
    return read_first(store.database,
                      prepared(store.sqlite(), sql.c_str(), hash_of(shard), attempt,
                               null_if_empty(conditions.runner), conditions.options_hash),
                      "probes", read_probe);
  });
  if (!found) return fail(std::move(found).error());
  if (!*found) return std::nullopt;
  return std::move((*found)->answer);
}

Result<std::vector<ProbeRow>> Store::probes_of(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql = std::string(kProbeColumns) + "WHERE run_id = ? ORDER BY id";
    return read_all(store.database, prepared(store.sqlite(), sql.c_str(), run), "probes",
                    read_probe);
  });
}

Result<std::vector<std::string>> Store::probed_shards() const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(
        store.database,
        prepared(store.sqlite(), "SELECT DISTINCT shard_hash FROM probes ORDER BY shard_hash"),
        "probes", [](Row& row) { return row.text("shard_hash"); });
  });
}

Result<void> Store::put_failure(const Uuid& run, const FailureRow& row) {
  FUSESWEEP_CHECK(is_one_of(row.stage, {"build", "inspect", "open", "run"}));
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    store.put_shard(row.shard);
    execute(store.sqlite(),
            "INSERT INTO failures (id, run_id, shard_hash, runner, options_hash, stage, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            store.next_id("failures"), run, hash_of(row.shard),
            null_if_empty(row.conditions.runner), row.conditions.options_hash, row.stage,
            row.reason);
    return {};
  });
}

Result<std::optional<FailureRow>> Store::find_failure(const ShardIdentity& shard,
                                                      const Conditions& conditions) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql = std::string(kFailureColumns) +
                            "WHERE shard_hash = ? AND runner IS ? AND options_hash = ? ORDER BY id "
                            "DESC LIMIT 1";
    return read_first(store.database,
                      prepared(store.sqlite(), sql.c_str(), hash_of(shard),
                               null_if_empty(conditions.runner), conditions.options_hash),
                      "failures", read_failure);
  });
}

Result<std::vector<FailureRow>> Store::failures_of(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    const std::string sql = std::string(kFailureColumns) + "WHERE run_id = ? ORDER BY id";
    return read_all(store.database, prepared(store.sqlite(), sql.c_str(), run), "failures",
                    read_failure);
  });
}

Result<int> Store::forget_failures(const std::string& model_hash) {
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<int> {
    return execute(
        store.sqlite(),
        "DELETE FROM failures WHERE shard_hash IN (SELECT hash FROM shards WHERE model_hash = ?)",
        model_hash);
  });
}

}  // namespace fusesweep

// The times of many decodings, and as little else as can be: a look at everything that was ever
// measured reads some hundred bytes of each cell instead of all of its samples.
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "results/connection.h"

namespace fusesweep {
namespace {

// Names, which are only known here, for the columns that `times` wants of a table of decodings.
std::string times_columns(TimesOf times) {
  switch (times) {
    case TimesOf::kSteps:
      return "token_ns AS all_ns, decode_sum_json";
    case TimesOf::kPrefill:
      return "prefill_ns AS all_ns";
    case TimesOf::kGroups:
      return "group_ns AS all_ns";
  }
  FUSESWEEP_UNREACHABLE();
}

// What was told only in sum is one step, its mean.
std::vector<std::int64_t> read_times(Row& row, TimesOf times) {
  if (times == TimesOf::kSteps) return times_of_steps(row.integers("all_ns"), read_decode_sum(row));
  if (times == TimesOf::kGroups) return row.integers("all_ns");
  if (row.is_null("all_ns")) return {};
  return {row.integer("all_ns")};
}

// What every cell of a block shares.
struct BlockHead {
  Uuid id;
  CellTimes common;
};

BlockHead read_block_head(Row& row) {
  BlockHead head{.id = row.id("id")};
  head.common = {.run = row.id("run_id"),
                 .sweep = row.id("sweep_id"),
                 .block_id = head.id,
                 .trial = row.text("trial"),
                 .began_unix_ms = row.integer("began_unix_ms")};
  return head;
}

struct ArmText {
  std::string arm;
  std::string split_key;
  std::string groups_json;
};
using ArmTexts = std::map<std::string, ArmText, std::less<>>;  // by hash

std::pair<std::string, ArmText> read_arm_text(Row& row) {
  return {row.text("hash"), {row.text("arm"), row.text("split_key"), row.text("groups_json")}};
}

RunOrigin read_origin(Row& row) {
  RunOrigin origin{.id = row.id("id"),
                   .started_unix_ms = row.integer("started_unix_ms"),
                   .program_version = row.text("program_version"),
                   .git_revision = row.optional("git_revision", &Row::text),
                   .git_dirty = row.optional("git_dirty", &Row::boolean),
                   .host = row.optional("host", &Row::text),
                   .os = row.optional("os", &Row::text)};
  return origin;
}

}  // namespace

Result<void> Store::each_run(const std::function<void(const RunOrigin&)>& read) const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<void> {
    SQLite::Statement statement =
        prepared(store.sqlite(),
                 "SELECT id, started_unix_ms, program_version, git_revision, git_dirty, host, os "
                 "FROM runs JOIN provenances ON provenances.hash = provenance_hash ORDER BY id");
    while (statement.executeStep()) {
      Row row(statement, store.file(), "runs");
      const RunOrigin origin = read_origin(row);
      if (row.error()) return fail(*row.error());
      read(origin);
    }
    return {};
  });
}

Result<void> Store::each_decode_times(const TimesQuery& query,
                                      const std::function<void(const DecodeTimes&)>& read) const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<void> {
    const std::string sql =
        "SELECT run_id, model_hash, contract_hash, split, runner, options_hash, workload_json, "
        "evidence, prompt_tokens, groups_json, length(token_ns) / 8 AS steps, " +
        times_columns(query.times) +
        " FROM decodes JOIN runs ON runs.id = run_id WHERE ? IS NULL OR started_unix_ms >= ? "
        "ORDER BY decodes.id";
    SQLite::Statement statement =
        prepared(store.sqlite(), sql.c_str(), query.since_unix_ms, query.since_unix_ms);
    while (statement.executeStep()) {
      Row row(statement, store.file(), "decodes");
      DecodeTimes times{.run = row.id("run_id"),
                        .model = row.text("model_hash"),
                        .contract_hash = row.text("contract_hash"),
                        .split = row.text("split"),
                        .conditions = read_conditions(row),
                        .workload_json = row.text("workload_json"),
                        .evidence = row.text("evidence"),
                        .prompt_tokens = row.small_integer("prompt_tokens", 0),
                        .steps = row.integer("steps")};
      if (query.times == TimesOf::kGroups) times.groups_json = row.text("groups_json");
      times.all_ns = read_times(row, query.times);
      if (row.error()) return fail(*row.error());
      read(times);
    }
    return {};
  });
}

Result<void> Store::each_cell_times(const TimesQuery& query,
                                    const std::function<void(const CellTimes&)>& read) const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<void> {
    auto blocks = read_all(store.database,
                           prepared(store.sqlite(),
                                    "SELECT id, run_id, sweep_id, trial, began_unix_ms FROM blocks "
                                    "WHERE ? IS NULL OR began_unix_ms >= ? ORDER BY id",
                                    query.since_unix_ms, query.since_unix_ms),
                           "blocks", read_block_head);
    if (!blocks) return fail(std::move(blocks).error());
    // After the blocks: what they speak of is there by now.
    auto arm_rows = read_all(store.database, prepared(store.sqlite(), "SELECT * FROM arms"), "arms",
                             read_arm_text);
    if (!arm_rows) return fail(std::move(arm_rows).error());
    const ArmTexts arms(arm_rows->begin(), arm_rows->end());
    const std::string sql = "SELECT arm_hash, " + times_columns(query.times) +
                            " FROM cells WHERE block_id = ? ORDER BY round, position";
    SQLite::Statement statement(store.sqlite(), sql);
    for (BlockHead& block : *blocks) {
      statement.reset();
      bind_value(statement, 1, block.id);
      while (statement.executeStep()) {
        Row row(statement, store.file(), "cells");
        CellTimes& cell = block.common;
        cell.arm_hash = row.text("arm_hash");
        cell.all_ns = read_times(row, query.times);
        const auto arm = arms.find(cell.arm_hash);
        if (arm == arms.end()) row.reject("arm_hash", "found the hash of no arm");
        if (row.error()) return fail(*row.error());
        cell.arm = arm->second.arm;
        cell.split_key = arm->second.split_key;
        cell.groups_json = arm->second.groups_json;
        read(cell);
      }
    }
    return {};
  });
}

}  // namespace fusesweep

// Blocks of a trial, sample by sample. Storing and reading go through thousands of cells: each
// statement is made ready once for all of them.
#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "results/connection.h"

namespace fusesweep {
namespace {

// An arm that a cell speaks of: kept once, however many cells do.
struct Arm {
  std::string arm;
  std::string split_key;
  std::vector<std::string> groups;
};
using Arms = std::map<std::string, Arm, std::less<>>;  // by hash

// The hashes are stored: never to be changed.
std::string hash_of_arm(const std::string& arm, const std::string& split_key,
                        const std::vector<std::string>& groups) {
  const Json json = {{"arm", arm}, {"split_key", split_key}, {"groups", groups}};
  return to_hex(hash128(to_text(json)));
}

std::string in_words(const BlockRow& block) {
  return fmt::format("block {} of trial {}", block.block, quote(block.trial));
}

// The flat times of groups of each cell.
Result<std::vector<std::vector<std::int64_t>>> flat_cells(const BlockRow& block) {
  std::vector<std::vector<std::int64_t>> all;
  all.reserve(block.cells.size());
  for (const CellRow& cell : block.cells) {
    auto flat = flat_group_ns(
        cell.group_ns, cell.groups.size(), cell.token_ns.size(),
        fmt::format("{}: {} in round {}", in_words(block), quote(cell.arm), cell.round));
    if (!flat) return fail(std::move(flat).error());
    all.push_back(*std::move(flat));
  }
  return all;
}

// With the lock, so that it still holds when the block is written.
Result<void> check_wanted(Database& database, const Uuid& run, const Uuid& sweep,
                          const BlockRow& block) {
  if (!prepared(database.sqlite(), "SELECT 1 FROM sweeps WHERE id = ? AND ended_unix_ms IS NULL",
                sweep)
           .executeStep()) {
    return invalid_input(
        fmt::format("{}: found no sweep {} that goes on", database.name(), to_text(sweep)));
  }
  const std::string foreign =
      fmt::format("SELECT 1 FROM sweeps WHERE id = ? AND {}", kIsOfAnotherMachine);
  if (prepared(database.sqlite(), foreign.c_str(), sweep, run).executeStep()) {
    return invalid_input(
        fmt::format("{}: found the sweep {} of another machine, want blocks of one machine in each",
                    database.name(), to_text(sweep)));
  }
  if (prepared(database.sqlite(),
               "SELECT 1 FROM blocks WHERE sweep_id = ? AND trial = ? AND block = ?", sweep,
               block.trial, block.block)
          .executeStep()) {
    return invalid_input(fmt::format("{}: found {} of sweep {}, want each once", database.name(),
                                     in_words(block), to_text(sweep)));
  }
  return {};
}

void put_loads(SQLite::Database& sqlite, const Uuid& id, const std::vector<ArmLoadRow>& loads) {
  SQLite::Statement put_load(
      sqlite, "INSERT INTO loads (block_id, position, arm, load_ns) VALUES (?, ?, ?, ?)");
  SQLite::Statement put_activation(
      sqlite,
      "INSERT INTO activations (block_id, position, group_text, activation_ns) "
      "VALUES (?, ?, ?, ?)");
  int position = 0;
  for (const ArmLoadRow& load : loads) {
    execute(put_load, id, position, load.arm, load.load_ns);
    for (const auto& [group, activation_ns] : load.activation_ns)
      execute(put_activation, id, position, group, activation_ns);
    ++position;
  }
}

// Gives the hash of each cell's arm.
std::vector<std::string> put_arms(SQLite::Database& sqlite, const std::vector<CellRow>& cells) {
  SQLite::Statement put_arm(sqlite,
                            "INSERT INTO arms (hash, arm, split_key, groups_json) "
                            "VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING");
  using Fields =
      std::tuple<const std::string&, const std::string&, const std::vector<std::string>&>;
  std::map<Fields, std::string> put;
  std::vector<std::string> hashes;
  hashes.reserve(cells.size());
  for (const CellRow& cell : cells) {
    const auto [known, is_new] = put.try_emplace(std::tie(cell.arm, cell.split_key, cell.groups));
    if (is_new) {
      known->second = hash_of_arm(cell.arm, cell.split_key, cell.groups);
      execute(put_arm, known->second, cell.arm, cell.split_key, to_text(Json(cell.groups)));
    }
    hashes.push_back(known->second);
  }
  return hashes;
}

void put_cells(SQLite::Database& sqlite, const Uuid& id, const std::vector<CellRow>& cells,
               const std::vector<std::vector<std::int64_t>>& group_ns) {
  const std::vector<std::string> arms = put_arms(sqlite, cells);
  SQLite::Statement put_cell(
      sqlite,
      "INSERT INTO cells (block_id, round, position, arm_hash, prefill_ns, ids, token_ns, "
      "group_ns, decode_sum_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  SQLite::Statement put_counter(
      sqlite,
      "INSERT INTO cell_counters (block_id, round, position, name, value) VALUES (?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const CellRow& cell = cells[i];
    execute(put_cell, id, cell.round, cell.position, arms[i], cell.prefill_ns, to_blob(cell.ids),
            to_blob(cell.token_ns), to_blob(group_ns[i]), text_of(cell.sum));
    for (const auto& [name, value] : cell.counters)
      execute(put_counter, id, cell.round, cell.position, name, value);
  }
}

struct StoredBlock {
  Uuid id;
  BlockRow row;
};

StoredBlock read_block(Row& row) {
  StoredBlock stored{.id = row.id("id")};
  stored.row = {.block = row.small_integer("block", 0),
                .trial = row.text("trial"),
                .seed = read_seed(row),
                .began_unix_ms = row.integer("began_unix_ms"),
                .wall_ns = row.integer("wall_ns"),
                .noise = row.object("noise_json")};
  return stored;
}

std::pair<std::string, Arm> read_arm(Row& row) {
  return {row.text("hash"),
          {.arm = row.text("arm"),
           .split_key = row.text("split_key"),
           .groups = row.texts("groups_json")}};
}

CellRow read_cell(Row& row, const Arms& arms) {
  CellRow cell{.round = row.small_integer("round", 0),
               .position = row.small_integer("position", 0),
               .prefill_ns = row.optional<std::int64_t>("prefill_ns", &Row::integer),
               .token_ns = row.integers("token_ns"),
               .ids = row.ints("ids"),
               .sum = read_decode_sum(row)};
  const auto arm = arms.find(row.text("arm_hash"));
  if (arm == arms.end()) {
    row.reject("arm_hash", "found the hash of no arm");
    return cell;
  }
  cell.arm = arm->second.arm;
  cell.split_key = arm->second.split_key;
  cell.groups = arm->second.groups;
  cell.group_ns = read_group_ns(row, cell.groups.size(), cell.token_ns.size());
  return cell;
}

Result<Arms> arms_of(Database& database, const Uuid& sweep, std::string_view trial) {
  auto arms =
      read_all(database,
               prepared(database.sqlite(),
                        "SELECT * FROM arms WHERE hash IN (SELECT arm_hash FROM cells JOIN blocks "
                        "ON blocks.id = block_id WHERE sweep_id = ? AND trial = ?)",
                        sweep, trial),
               "arms", read_arm);
  if (!arms) return fail(std::move(arms).error());
  return Arms(arms->begin(), arms->end());
}

// Reads what belongs to blocks, one block at a time.
class BlockReader {
 public:
  BlockReader(Database& database, const Arms& arms)
      : database_(database),
        arms_(arms),
        loads_(database.sqlite(), "SELECT * FROM loads WHERE block_id = ? ORDER BY position"),
        activations_(database.sqlite(),
                     "SELECT * FROM activations WHERE block_id = ? ORDER BY position"),
        cells_(database.sqlite(),
               "SELECT * FROM cells WHERE block_id = ? ORDER BY round, position"),
        counters_(database.sqlite(),
                  "SELECT * FROM cell_counters WHERE block_id = ? ORDER BY round, position") {}

  Result<void> read(const Uuid& id, BlockRow& block) {
    if (auto read = read_loads(id, block.loads); !read) return read;
    auto read =
        each(cells_, id, "cells", [&](Row& row) { block.cells.push_back(read_cell(row, arms_)); });
    if (!read) return read;
    return read_counters(id, block.cells);
  }

 private:
  Result<void> read_loads(const Uuid& id, std::vector<ArmLoadRow>& loads) {
    auto read = each(loads_, id, "loads", [&](Row& row) {
      if (row.integer("position") != std::ssize(loads))
        row.reject("position", "found a gap, want 0, 1, ...");
      loads.push_back({.arm = row.text("arm"),
                       .load_ns = row.optional<std::int64_t>("load_ns", &Row::integer)});
    });
    if (!read) return read;
    return each(activations_, id, "activations", [&](Row& row) {
      const std::int64_t position = row.integer("position");
      if (position < 0 || position >= std::ssize(loads)) {
        row.reject("position", "found an activation of no load");
        return;
      }
      loads[static_cast<std::size_t>(position)].activation_ns[row.text("group_text")] =
          row.integer("activation_ns");
    });
  }

  // REQUIRES: the cells are in the order in which counters are read.
  Result<void> read_counters(const Uuid& id, std::vector<CellRow>& cells) {
    auto cell = cells.begin();
    return each(counters_, id, "cell_counters", [&](Row& row) {
      const std::int64_t round = row.integer("round");
      const std::int64_t position = row.integer("position");
      const auto is_before = [&](const CellRow& other) {
        return other.round < round || (other.round == round && other.position < position);
      };
      while (cell != cells.end() && is_before(*cell)) ++cell;
      if (cell == cells.end() || cell->round != round || cell->position != position) {
        row.reject("position", "found a counter of no cell");
        return;
      }
      cell->counters[row.text("name")] = row.integer("value");
    });
  }

  template <typename Read>
  Result<void> each(SQLite::Statement& statement, const Uuid& id, std::string_view table,
                    Read read) {
    statement.reset();
    bind_value(statement, 1, id);
    while (statement.executeStep()) {
      Row row(statement, database_.name(), table);
      read(row);
      if (row.error()) return fail(*row.error());
    }
    return {};
  }

  Database& database_;
  const Arms& arms_;
  SQLite::Statement loads_;
  SQLite::Statement activations_;
  SQLite::Statement cells_;
  SQLite::Statement counters_;
};

}  // namespace

std::string read_arm_hash(Row& row) {
  return hash_of_arm(row.text("arm"), row.text("split_key"), row.texts("groups_json"));
}

Result<void> Store::put_block(const Uuid& run, const Uuid& sweep, const BlockRow& block) {
  FUSESWEEP_CHECK(block.noise.is_object());
  const auto group_ns = flat_cells(block);
  if (!group_ns) return fail(group_ns.error());
  Connection& store = *connection_;
  return store.database.write([&]() -> Result<void> {
    if (auto checked = check_wanted(store.database, run, sweep, block); !checked) return checked;
    const Uuid id = store.next_id("blocks");
    execute(store.sqlite(),
            "INSERT INTO blocks (id, run_id, sweep_id, trial, block, seed, began_unix_ms, wall_ns, "
            "noise_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, run, sweep, block.trial, block.block, seed_text(block.seed), block.began_unix_ms,
            block.wall_ns, to_text(block.noise));
    put_loads(store.sqlite(), id, block.loads);
    put_cells(store.sqlite(), id, block.cells, *group_ns);
    return {};
  });
}

Result<std::vector<BlockRow>> Store::blocks_of(const Uuid& sweep, std::string_view trial) const {
  Connection& store = *connection_;
  return store.database.guarded([&]() -> Result<std::vector<BlockRow>> {
    auto stored = read_all(store.database,
                           prepared(store.sqlite(),
                                    "SELECT * FROM blocks WHERE sweep_id = ? AND trial = ? "
                                    "ORDER BY block",
                                    sweep, trial),
                           "blocks", read_block);
    if (!stored) return fail(std::move(stored).error());
    // After the blocks: what they speak of is there by now.
    const Result<Arms> arms = arms_of(store.database, sweep, trial);
    if (!arms) return fail(arms.error());
    BlockReader reader(store.database, *arms);
    std::vector<BlockRow> rows;
    rows.reserve(stored->size());
    for (StoredBlock& block : *stored) {
      if (auto read = reader.read(block.id, block.row); !read) return fail(std::move(read).error());
      rows.push_back(std::move(block.row));
    }
    return rows;
  });
}

Result<std::vector<std::string>> Store::trials_of(const Uuid& sweep) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(
        store.database,
        prepared(store.sqlite(),
                 "SELECT trial FROM blocks WHERE sweep_id = ? GROUP BY trial ORDER BY min(id)",
                 sweep),
        "blocks", [](Row& row) { return row.text("trial"); });
  });
}

Result<std::vector<MeasuredTrial>> Store::trials_measured_by(const Uuid& run) const {
  Connection& store = *connection_;
  return store.database.guarded([&] {
    return read_all(
        store.database,
        prepared(store.sqlite(),
                 "SELECT sweep_id, trial, count(*) AS blocks, sum(wall_ns) AS wall_ns "
                 "FROM blocks WHERE run_id = ? GROUP BY sweep_id, trial ORDER BY min(id)",
                 run),
        "blocks", [](Row& row) {
          return MeasuredTrial{.sweep = row.id("sweep_id"),
                               .trial = row.text("trial"),
                               .blocks = row.integer("blocks"),
                               .wall_ns = row.integer("wall_ns")};
        });
  });
}

}  // namespace fusesweep

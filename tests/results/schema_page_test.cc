// results/SCHEMA.md is the schema: every table has its section, every column its row, and no other.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "harness/base/text.h"
#include "results/database.h"
#include "tests/results/raw_database.h"

namespace fusesweep {
namespace {

// "table.column" of each, in words that a difference of two sets shows well.
std::set<std::string> documented() {
  std::set<std::string> columns;
  std::string section;
  const std::string page =
      bytes_of(std::filesystem::path(FUSESWEEP_SOURCE_DIR) / "results/SCHEMA.md");
  for (const std::string_view line : split_text(page, '\n')) {
    if (line.starts_with("## ")) section = line.substr(3);
    if (line.starts_with("| `"))
      columns.insert(section + '.' + std::string(line.substr(3, line.find('`', 3) - 3)));
  }
  return columns;
}

std::set<std::string> present() {
  Database database = *Database::open(":memory:", Access::kWrite, {});
  std::set<std::string> columns;
  SQLite::Statement query(database.sqlite(),
                          "SELECT tables.name, columns.name FROM sqlite_schema AS tables, "
                          "pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'");
  while (query.executeStep())
    columns.insert(query.getColumn(0).getString() + '.' + query.getColumn(1).getString());
  return columns;
}

TEST(SchemaPage, NamesEveryTableAndColumnAndNoOther) {
  EXPECT_GT(present().size(), 80U);
  EXPECT_EQ(documented(), present());
}

}  // namespace
}  // namespace fusesweep

// Database: one SQLite file of ours, opened with care, and the one place where what SQLite throws
// becomes an Error. It knows about files, schemas and transactions; what is in the tables is the
// store's. Only results/ includes this.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/base/check.h"
#include "harness/base/result.h"
#include "results/migrations.h"
#include "results/store_options.h"

namespace fusesweep {

class Database {
 public:
  static constexpr std::uint32_t kApplicationId = 0x66737770;  // "fswp", in the file's header

  // See Store::open. The migrations are an argument for the sake of tests.
  static Result<Database> open(const std::filesystem::path& file, Access access,
                               const StoreOptions& options,
                               Migrations migrations = all_migrations());

  const std::string& name() const { return name_; }  // for messages
  Access access() const { return access_; }
  SQLite::Database& sqlite() { return sqlite_; }

  // The body speaks to SQLite and returns a Result.
  template <typename Body>
  auto guarded(Body&& body) -> decltype(body()) {
    try {
      return body();
    } catch (const SQLite::Exception& exception) {
      return fail(error_of(exception));
    }
  }

  // The same in a transaction, which stays when the body returns a value and leaves nothing when it
  // returns an error.  REQUIRES: opened for writing.
  template <typename Body>
  auto write(Body&& body) -> decltype(body()) {
    FUSESWEEP_CHECK(access_ == Access::kWrite);
    return guarded([&] {
      // IMMEDIATE: a transaction that begins by reading cannot wait for another writer later on.
      SQLite::Transaction transaction(sqlite_, SQLite::TransactionBehavior::IMMEDIATE);
      auto result = body();
      if (result) transaction.commit();
      return result;
    });
  }

 private:
  // How SQLite is asked for a file: its name or URI, and flags.
  struct Address {
    std::string text;
    int flags = 0;
  };

  Database(const Address& address, std::string name, Access access, const StoreOptions& options);
  static Result<Database> connect(const Address& address, const std::filesystem::path& file,
                                  Access access, const StoreOptions& options);
  static Result<Address> address_of(const std::filesystem::path& file, Access access);
  static Result<Database> open_existing(const std::filesystem::path& file, Access access,
                                        const StoreOptions& options, Migrations migrations);
  static Result<void> create(const std::filesystem::path& file, Migrations migrations);

  Error error_of(const SQLite::Exception& exception) const;
  void configure(const StoreOptions& options);
  Result<void> prepare_writing(Migrations migrations);
  Result<void> migrate(Migrations migrations);

  // database_checks.cc: whether the file is what it should be. They change nothing.
  Result<void> check_header(Migrations migrations);
  Result<void> check_content(Access access, Migrations migrations);
  Result<void> check_version(Access access, Migrations migrations);
  Result<void> check_schema(Migrations migrations);
  Result<void> check_damage();

  SQLite::Database sqlite_;
  std::string name_;
  Access access_;
  std::unique_ptr<std::chrono::milliseconds>
      busy_timeout_;  // where SQLite finds it when this moves
};

}  // namespace fusesweep

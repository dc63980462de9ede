// weight.bin: the large constants of a package, in records of 64 bytes of metadata and the elements,
// all at multiples of 64. Written while the model streams by, read as views into the mapped file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "harness/base/mapped_file.h"
#include "harness/base/new_file.h"
#include "harness/base/result.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

class WeightFileWriter {
 public:
  static Result<WeightFileWriter> create(const std::filesystem::path& path);

  // Makes room for a record; its elements are then written in any order, from any thread.
  // REQUIRES: the type is one that a weight file knows (not bool or string), bytes > 0.
  BlobReference add(DataType type, std::uint64_t bytes);
  void write(BlobReference blob, std::uint64_t offset, std::span<const std::byte> bytes);

  // Every record must have been written whole. Errors are the first that any writing met.
  Result<void> commit() &&;

 private:
  explicit WeightFileWriter(NewFile file) : file_(std::move(file)) {}

  NewFile file_;
  std::uint64_t end_ = 64;  // of what was given away
  std::uint32_t records_ = 0;
};

class WeightFile {
 public:
  // Errors name the file. Records are checked when they are asked for.
  static Result<WeightFile> open(const std::filesystem::path& path);

  // The same from bytes in memory, which must outlive the result.
  static Result<WeightFile> parse(std::span<const std::byte> bytes, std::string where);

  // The elements of a value that lies in the file. The error says what is wrong with the record.
  // REQUIRES: value.content is a BlobReference.
  Result<std::span<const std::byte>> find(const Value& value) const;

 private:
  WeightFile(std::span<const std::byte> bytes, std::string where)
      : bytes_(bytes), where_(std::move(where)) {}

  std::optional<MappedFile> file_;  // absent after parse()
  std::span<const std::byte> bytes_;
  std::string where_;
};

}  // namespace fusesweep

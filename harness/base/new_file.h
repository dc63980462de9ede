// NewFile: a file that appears under its name only when it is whole. It is written under a
// temporary name beside it; a process that dies, or an error on the way, leaves nothing that looks
// finished.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace fusesweep {

class NewFile {
 public:
  // Errors name the file and the system's reason.
  static Result<NewFile> create(const std::filesystem::path& path);

  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&& other) noexcept;
  ~NewFile();  // removes the temporary file unless commit() succeeded

  // Appends. Small pieces are collected; the first error (a full disk, say) is kept and is what
  // commit() answers with.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view bytes);

  // Writes at an offset instead, for large files whose layout is known beforehand; gaps read as zero.
  // Several threads may call this at once. Not to be mixed with write().
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);

  std::uint64_t size() const { return size_; }  // bytes that write() was given so far
  bool failed() const { return errno_.load() != 0; }

  // Makes what was written durable and gives it its name, in place of a file that had it.
  Result<void> commit() &&;

 private:
  NewFile(std::filesystem::path path, std::filesystem::path temporary, int fd);
  void flush();
  void write_through(std::span<const std::byte> bytes);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  std::atomic<int> errno_ = 0;
  std::uint64_t size_ = 0;
  std::string buffer_;
};

// A whole text as such a file.
Result<void> write_new_file(const std::filesystem::path& path, std::string_view text);

}  // namespace fusesweep

// File descriptors that close themselves, and pipes between a parent and its child.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "harness/base/result.h"

namespace fusesweep {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }  // -1, which poll passes over, once it is closed
  void close();

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// No program that is started inherits it, and neither end is one of the first ten descriptors, so
// that a child can put its own there in any order.
Result<Pipe> make_pipe();

// write(2), for an end that nobody may read any more: then -1 with EPIPE, and no SIGPIPE.
std::ptrdiff_t write_quietly(int fd, std::string_view bytes);

}  // namespace fusesweep

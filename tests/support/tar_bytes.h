// Tar archives as no honest program writes them: any name, type and size. See pax(1), "ustar".
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fusesweep {

struct TarEntry {
  std::string name;
  std::string content;
  char type = '0';   // '5': a folder, '1', '2': links, '3', '4', '6': devices, 'S': sparse
  std::string link;  // where it leads
  std::optional<std::uint64_t> stated_bytes;  // of other content than there is
};

// Cut to the 100 bytes that a header has for a name.
inline std::string tar_header(const TarEntry& entry) {
  constexpr std::size_t kBlock = 512;
  std::string block(kBlock, '\0');
  const auto put = [&](std::size_t at, std::string_view text) {
    block.replace(at, text.size(), text);
  };
  const std::uint64_t bytes = entry.stated_bytes.value_or(entry.content.size());
  put(0, std::string_view(entry.name).substr(0, 100));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  // 11 octal digits, or for more the eight last bytes as they are.
  if (bytes < std::uint64_t{1} << 33U) {
    put(124, fmt::format("{:011o}", bytes));
  } else {
    block[124] = '\x80';
    for (std::size_t i = 0; i < 8; ++i)
      block[135 - i] = static_cast<char>((bytes >> (8 * i)) & 0xFFU);
  }
  put(136, "00000000000");
  put(148, "        ");
  block[156] = entry.type;
  put(157, std::string_view(entry.link).substr(0, 100));
  put(257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  return block;
}

inline std::string tar_bytes(const std::vector<TarEntry>& entries) {
  constexpr std::size_t kBlock = 512;
  std::string bytes;
  for (const TarEntry& entry : entries) {
    bytes += tar_header(entry) + entry.content;
    bytes.resize((bytes.size() + kBlock - 1) / kBlock * kBlock);
  }
  return bytes + std::string(2 * kBlock, '\0');
}

// What says of the entry after it whatever does not fit into its header: "path", "size", ...
inline TarEntry pax_header(std::string_view key, std::string_view value) {
  std::size_t length = key.size() + value.size() + 3;  // ' ', '=', '\n' and the digits of itself
  while (std::to_string(length).size() + key.size() + value.size() + 3 != length) ++length;
  return {
      .name = "PaxHeader", .content = fmt::format("{} {}={}\n", length, key, value), .type = 'x'};
}

}  // namespace fusesweep

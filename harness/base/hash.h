// Stable hashes for identities that are stored: the same bytes give the same hash on every machine
// and in every version (XXH3, whose output is frozen since xxHash 0.8.0). Not for secrets: anybody
// can make two inputs collide.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fusesweep {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

std::uint64_t hash64(std::string_view bytes);
Hash128 hash128(std::string_view bytes);

// 16 or 32 lower-case hexadecimal digits, most significant first (xxHash's canonical form).
std::string to_hex(std::uint64_t hash);
std::string to_hex(const Hash128& hash);

// hash128 of bytes that arrive in pieces: any cut into pieces gives the same digest.
class Hasher128 {
 public:
  Hasher128();
  ~Hasher128();
  Hasher128(Hasher128&&) noexcept;
  Hasher128& operator=(Hasher128&&) noexcept;

  void update(std::string_view bytes);
  void update(std::span<const std::byte> bytes);
  Hash128 digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fusesweep

#include "runners/mlprogram/weight_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/new_file.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "runners/mlprogram/quantize.h"

namespace fusesweep {
namespace {

constexpr float kFp16Limit = 65520;           // this and beyond rounds to infinity
constexpr std::size_t kPieceBytes = 1 << 20;  // written at once

template <typename T>
std::span<const std::byte> bytes_of(const std::vector<T>& values, std::size_t count) {
  return std::as_bytes(std::span(values).first(count));
}

std::size_t rows_per_piece(std::size_t columns, std::size_t element) {
  return std::max<std::size_t>(1, kPieceBytes / (columns * element));
}

// Calls work(first, last) for pieces of [0, rows) that stay in the cache, from several threads.
template <typename Work>
void for_each_piece(std::size_t rows, std::size_t rows_in_piece, int threads, const Work& work) {
  const std::size_t pieces = (rows + rows_in_piece - 1) / rows_in_piece;
  parallel_for(pieces, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t piece = begin; piece < end; ++piece) {
      const std::size_t first = piece * rows_in_piece;
      work(first, std::min(rows, first + rows_in_piece));
    }
  });
}

// The largest magnitude of each row; an error when one of them is not a number that fp16 has.
Result<std::vector<float>> largest_of_rows(const GgufFile& file, const GgufTensor& tensor,
                                           const MatrixPart& part, int threads) {
  const std::size_t rows = part.end - part.begin;
  std::vector<float> largest(rows);
  std::vector<char> finite(rows);
  for_each_piece(rows, rows_per_piece(part.columns, sizeof(float)), threads,
                 [&](std::size_t first, std::size_t last) {
                   std::vector<float> row(part.columns);
                   for (std::size_t r = first; r < last; ++r) {
                     read_row(tensor, part.begin + r, row);
                     const std::optional<float> magnitude = largest_magnitude(row);
                     finite[r] = magnitude ? 1 : 0;
                     largest[r] = magnitude.value_or(0);
                   }
                 });
  if (std::find(finite.begin(), finite.end(), 0) != finite.end()) return not_finite(file, tensor);
  const float most = *std::max_element(largest.begin(), largest.end());
  if (most >= kFp16Limit) {
    return invalid_input(
        fmt::format("{}: tensor {}: found a weight of magnitude {}, want less than "
                    "{}, which fp16 can hold",
                    file.where(), quote(part.tensor), most, kFp16Limit));
  }
  return largest;
}

TensorType weight_type(DataType element, const MatrixPart& part) {
  return {element, {part.end - part.begin, part.columns, 1, 1}};
}

// Decodes the part's rows and hands them as fp16 to write(row offset, bytes).
template <typename Write>
void round_rows(const GgufTensor& tensor, const MatrixPart& part, int threads, Progress& progress,
                const Write& write) {
  const std::size_t in_piece = rows_per_piece(part.columns, sizeof(std::uint16_t));
  const std::size_t row_bytes = tensor.bytes.size() / part.rows;
  for_each_piece(
      part.end - part.begin, in_piece, threads, [&](std::size_t first, std::size_t last) {
        std::vector<float> row(part.columns);
        std::vector<std::uint16_t> rounded((last - first) * part.columns);
        for (std::size_t r = first; r < last; ++r) {
          read_row(tensor, part.begin + r, row);
          round_to_fp16(row, std::span(rounded).subspan((r - first) * part.columns, part.columns));
        }
        write(first, bytes_of(rounded, rounded.size()));
        progress.advance((last - first) * row_bytes);
      });
}

}  // namespace

Result<EncodedMatrix> WeightEncoder::matrix(const MatrixPart& part, Encoding encoding) {
  FUSESWEEP_CHECK(part.begin < part.end && part.end <= part.rows);
  const Result<const GgufTensor*> tensor = find_matrix(file_, part.tensor, part.rows, part.columns);
  if (!tensor) return fail(tensor.error());
  const Result<std::vector<float>> largest = largest_of_rows(file_, **tensor, part, threads_);
  if (!largest) return fail(largest.error());
  const std::size_t rows = part.end - part.begin;
  const std::size_t row_bytes = (*tensor)->bytes.size() / part.rows;

  EncodedMatrix matrix{.encoding = encoding};
  if (encoding == Encoding::kFp16) {
    const BlobReference blob = writer_.add(DataType::kFp16, rows * part.columns * 2);
    matrix.elements = {weight_type(DataType::kFp16, part), blob};
    round_rows(**tensor, part, threads_, progress_,
               [&](std::size_t first, std::span<const std::byte> bytes) {
                 writer_.write(blob, first * part.columns * 2, bytes);
               });
    return matrix;
  }

  const bool per_row = encoding == Encoding::kShiftScaleChannel;
  const bool is_unsigned = encoding == Encoding::kUint8;
  std::vector<float> scales(rows, int8_scale(*std::max_element(largest->begin(), largest->end())));
  if (per_row) std::transform(largest->begin(), largest->end(), scales.begin(), int8_scale);

  const DataType element = is_unsigned ? DataType::kUint8 : DataType::kInt8;
  const BlobReference blob = writer_.add(element, rows * part.columns);
  matrix.elements = {weight_type(element, part), blob};
  for_each_piece(rows, rows_per_piece(part.columns, 1), threads_,
                 [&](std::size_t first, std::size_t last) {
                   std::vector<float> row(part.columns);
                   std::vector<std::int8_t> rounded((last - first) * part.columns);
                   for (std::size_t r = first; r < last; ++r) {
                     read_row(**tensor, part.begin + r, row);
                     quantize(row, scales[r],
                              std::span(rounded).subspan((r - first) * part.columns, part.columns));
                   }
                   // The zero point of 128 turns the sign bit around.
                   if (is_unsigned) {
                     for (std::int8_t& q : rounded) q = static_cast<std::int8_t>(q ^ -128);
                   }
                   writer_.write(blob, first * part.columns, bytes_of(rounded, rounded.size()));
                   progress_.advance((last - first) * row_bytes);
                 });

  std::vector<std::uint16_t> halves(per_row ? rows : 1);
  round_to_fp16(std::span(scales).first(halves.size()), halves);
  if (per_row) {
    const BlobReference scale_blob = writer_.add(DataType::kFp16, rows * 2);
    writer_.write(scale_blob, 0, bytes_of(halves, halves.size()));
    matrix.scale = Value{{DataType::kFp16, {rows, 1, 1, 1}}, scale_blob};
  } else {
    std::string bytes(sizeof(std::uint16_t), '\0');
    std::memcpy(bytes.data(), halves.data(), bytes.size());
    matrix.scale = Value{{DataType::kFp16, {}}, std::move(bytes)};
  }
  return matrix;
}

Result<Value> WeightEncoder::channels(std::string_view tensor, std::size_t size) {
  const Result<std::vector<float>> weights = read_vector(file_, tensor, size);
  if (!weights) return fail(weights.error());
  if (largest_magnitude(*weights).value_or(kFp16Limit) >= kFp16Limit) {
    return invalid_input(fmt::format("{}: tensor {}: found a weight beyond fp16, want less than {}",
                                     file_.where(), quote(tensor), kFp16Limit));
  }
  std::vector<std::uint16_t> halves(size);
  round_to_fp16(*weights, halves);
  const BlobReference blob = writer_.add(DataType::kFp16, size * 2);
  writer_.write(blob, 0, bytes_of(halves, size));
  return Value{{DataType::kFp16, {1, size, 1, 1}}, blob};
}

Result<void> write_embedding_table(const GgufFile& file, const MatrixPart& part,
                                   const std::filesystem::path& path, Progress& progress,
                                   int threads) {
  const Result<const GgufTensor*> tensor = find_matrix(file, part.tensor, part.rows, part.columns);
  if (!tensor) return fail(tensor.error());
  if (const auto largest = largest_of_rows(file, **tensor, part, threads); !largest)
    return fail(largest.error());
  Result<NewFile> to = NewFile::create(path);
  if (!to) return fail(std::move(to).error());
  round_rows(**tensor, part, threads, progress,
             [&](std::size_t first, std::span<const std::byte> bytes) {
               to->write_at(first * part.columns * 2, bytes);
             });
  return (*std::move(to)).commit();
}

}  // namespace fusesweep

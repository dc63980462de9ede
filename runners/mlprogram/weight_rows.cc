#include "runners/mlprogram/weight_rows.h"

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "harness/base/check.h"
#include "harness/base/fp16.h"
#include "runners/mlprogram/operation_reader.h"

namespace fusesweep {
namespace {

constexpr std::size_t kBytes = 256;  // values that a byte has

bool is_byte(DataType type) { return type == DataType::kInt8 || type == DataType::kUint8; }

}  // namespace

WeightParts parts_of(const Operation& source, const Constants& constants) {
  if (source.type == "const") return {.elements = &source.attributes.at("val")};
  if (source.type == "constexpr_affine_dequantize") {
    WeightParts parts{.elements = &source.attributes.at("quantized_data"),
                      .scale = &source.attributes.at("scale"),
                      .offset = &source.attributes.at("zero_point")};
    const std::int64_t axis = integers_of(source.attributes.at("axis")).value().front();
    const auto rank = static_cast<std::int64_t>(parts.elements->type.shape.size());
    parts.axis = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    return parts;
  }
  return {.elements = constants.find(source, "data"),
          .scale = constants.find(source, "scale"),
          .offset = constants.find(source, "offset")};
}

WeightRows::WeightRows(const Package& package, const Operation& source, const Constants& constants)
    : elements_(package, *parts_of(source, constants).elements) {
  const WeightParts parts = parts_of(source, constants);
  const TensorType& type = source.outputs.front().type;
  const std::vector<std::uint64_t>& shape = type.shape;
  FUSESWEEP_CHECK(!shape.empty());
  element_ = type.element;
  rows_ = shape.front();
  columns_ = elements_.size() / rows_;
  if (parts.scale == nullptr) return;
  scales_.emplace(package, *parts.scale);
  if (parts.offset != nullptr) offsets_.emplace(package, *parts.offset);
  if (scales_->size() == 1 && (!offsets_ || offsets_->size() == 1)) {
    if (!is_byte(elements_.element())) return;
    meanings_.resize(kBytes);
    find_meanings(0, meanings_);
    return;
  }

  // How many blocks each dimension is cut into.
  std::vector<std::uint64_t> blocks(shape.size(), 1);
  if (parts.axis) {
    blocks[*parts.axis] = shape[*parts.axis];
  } else {
    blocks = parts.scale->type.shape;
  }
  rows_per_block_ = shape.front() / blocks.front();
  blocks_in_row_ = element_count(std::span(blocks).subspan(1));
  if (blocks_in_row_ == 1) return;
  column_blocks_.resize(columns_);
  std::vector<std::uint64_t> index(shape.size());
  for (std::uint32_t& block : column_blocks_) {
    for (std::size_t d = 1; d < shape.size(); ++d) {
      block = static_cast<std::uint32_t>(block * blocks[d] + index[d] / (shape[d] / blocks[d]));
    }
    for (std::size_t d = shape.size(); d-- > 1;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
}

float WeightRows::meant(float element, std::size_t block) const {
  float offset = 0;
  if (offsets_) offset = (*offsets_)[offsets_->size() == 1 ? 0 : block];
  const float weight = (element - offset) * (*scales_)[scales_->size() == 1 ? 0 : block];
  return element_ == DataType::kFp16 ? fp16_to_float(float_to_fp16(weight)) : weight;
}

// What each byte means in a block.
void WeightRows::find_meanings(std::size_t block, std::span<float> out) const {
  const bool is_signed = elements_.element() == DataType::kInt8;
  for (std::size_t byte = 0; byte < out.size(); ++byte) {
    const int element = is_signed ? int{static_cast<std::int8_t>(byte)} : static_cast<int>(byte);
    out[byte] = meant(static_cast<float>(element), block);
  }
}

void WeightRows::read(std::size_t row, std::span<float> out) const {
  FUSESWEEP_CHECK(row < rows_ && out.size() == columns_);
  const std::size_t begin = row * columns_;
  const std::size_t block = row / rows_per_block_ * blocks_in_row_;
  std::array<float, kBytes> of_row{};
  std::span<const float> meanings = meanings_;
  if (meanings.empty() && scales_ && column_blocks_.empty() && columns_ >= kBytes &&
      is_byte(elements_.element())) {
    find_meanings(block, of_row);
    meanings = of_row;
  }
  if (!meanings.empty()) {
    const std::byte* bytes = elements_.bytes().data() + begin;
    for (std::size_t i = 0; i < columns_; ++i)
      out[i] = meanings[std::to_integer<std::size_t>(bytes[i])];
    return;
  }
  elements_.read(begin, out);
  if (!scales_) return;
  for (std::size_t i = 0; i < columns_; ++i)
    out[i] = meant(out[i], column_blocks_.empty() ? block : block + column_blocks_[i]);
}

std::vector<Convolution> convolutions_of(const Program& program) {
  std::map<std::string_view, const Operation*> sources;
  std::vector<Convolution> convolutions;
  for (const Operation& operation : program.operations) {
    if (!is_compute(operation)) sources[operation.outputs.front().name] = &operation;
    if (operation.type != "conv") continue;
    const auto* name = std::get_if<std::string>(&operation.inputs.at("weight").front());
    const auto source = name == nullptr ? sources.end() : sources.find(*name);
    convolutions.push_back({&operation, source == sources.end() ? nullptr : source->second});
  }
  return convolutions;
}

}  // namespace fusesweep

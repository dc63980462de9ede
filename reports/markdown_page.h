// A document as Markdown (CommonMark with GitHub's tables), without its pictures.
#pragma once

#include <string>
#include <string_view>

#include "reports/document.h"

namespace fusesweep {

std::string markdown_page(const Document& document);

// The text where it is only text: nothing in it is markup, a tag or a link.
std::string markdown_text(std::string_view text);

}  // namespace fusesweep

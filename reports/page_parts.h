// What every HTML page carries in it: page.css and page.js, with the hashes by which the page's content
// security policy lets them and nothing else act. CMake makes the source from the two files.
#pragma once

#include <string_view>

namespace fusesweep {

std::string_view page_style();
std::string_view page_script();

// SHA-256 in hexadecimal.
std::string_view page_style_sha256();
std::string_view page_script_sha256();

}  // namespace fusesweep

#include "reports/svg_fragment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "reports/html_page.h"

namespace fusesweep {
namespace {

constexpr std::array<std::string_view, 26> kElements = {
    "svg",     "g",        "path",           "text",    "tspan",       "title",          "desc",
    "rect",    "line",     "polyline",       "polygon", "circle",      "ellipse",        "defs",
    "use",     "clipPath", "filter",         "feFlood", "feComposite", "linearGradient", "stop",
    "pattern", "mask",     "radialGradient", "marker",  "symbol"};

// Neither event handlers (on...) nor style, which the page's policy forbids.
constexpr std::array<std::string_view, 59> kAttributes = {"id",
                                                          "class",
                                                          "d",
                                                          "x",
                                                          "y",
                                                          "x1",
                                                          "y1",
                                                          "x2",
                                                          "y2",
                                                          "cx",
                                                          "cy",
                                                          "r",
                                                          "rx",
                                                          "ry",
                                                          "dx",
                                                          "dy",
                                                          "width",
                                                          "height",
                                                          "viewBox",
                                                          "transform",
                                                          "points",
                                                          "fill",
                                                          "fill-opacity",
                                                          "fill-rule",
                                                          "stroke",
                                                          "stroke-width",
                                                          "stroke-dasharray",
                                                          "stroke-linecap",
                                                          "stroke-linejoin",
                                                          "stroke-opacity",
                                                          "stroke-miterlimit",
                                                          "color",
                                                          "opacity",
                                                          "font-family",
                                                          "font-size",
                                                          "font-weight",
                                                          "font-style",
                                                          "text-anchor",
                                                          "xlink:href",
                                                          "href",
                                                          "clip-path",
                                                          "filter",
                                                          "mask",
                                                          "filterUnits",
                                                          "flood-color",
                                                          "flood-opacity",
                                                          "result",
                                                          "in",
                                                          "in2",
                                                          "operator",
                                                          "patternUnits",
                                                          "preserveAspectRatio",
                                                          "offset",
                                                          "stop-color",
                                                          "clip-rule",
                                                          "xml:space",
                                                          "baseline-shift",
                                                          "shape-rendering",
                                                          "text-rendering"};

template <typename List>
bool is_in(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Error refused(std::string_view what) {
  return invalid_input(fmt::format("picture: found {}, want none in it", quote(what))).value();
}

// Reads from the root element on, tag by tag.
class FragmentWriter {
 public:
  FragmentWriter(std::string_view svg, const SvgLabel& label) : rest_(svg), label_(label) {}

  Result<std::string> write() {
    const std::size_t begin = rest_.find("<svg");
    if (begin == std::string_view::npos) return invalid_input("picture: found no <svg>, want one");
    rest_.remove_prefix(begin);
    do {
      if (auto error = write_tag()) return fail(*std::move(error));
      if (!open_.empty()) write_text();
    } while (!open_.empty() && !rest_.empty());
    if (!open_.empty()) return invalid_input("picture: found no end of <svg>, want one");
    return std::move(out_);
  }

 private:
  // Up to the next tag. Entities stand; a lone quote or & does no harm between tags.
  void write_text() {
    const std::size_t end = std::min(rest_.find('<'), rest_.size());
    for (const char c : rest_.substr(0, end)) {
      const auto byte = static_cast<unsigned char>(c);
      out_ += byte < 0x20 && !is_space(c) ? ' ' : c == '>' ? ' ' : c;
    }
    rest_.remove_prefix(end);
  }

  std::optional<Error> write_tag() {
    if (!rest_.starts_with('<')) return refused("the end");
    rest_.remove_prefix(1);
    if (rest_.starts_with('!') || rest_.starts_with('?')) return skip_remark();
    const bool is_end = rest_.starts_with('/');
    if (is_end) rest_.remove_prefix(1);
    const std::string name = take_name();
    if (!is_in(kElements, name)) return refused(name);
    const bool is_root = open_.empty();
    // The picture's own label: the root has ours.
    const bool is_label = open_.size() == 1 && (name == "title" || name == "desc");
    if (is_label && !is_end) return skip_element(name);
    if (is_end && (is_root || open_.back() != name)) return refused("/" + name);
    out_ += is_end ? "</" : "<";
    out_ += name;
    if (is_root) out_ += root_attributes();
    while (true) {
      skip_space();
      if (rest_.empty()) return refused("a tag without an end");
      const bool is_empty = rest_.starts_with("/>");
      if (is_empty || rest_.starts_with('>')) {
        end_tag(name, is_end, is_empty);
        if (is_root) out_ += root_label();
        return std::nullopt;
      }
      if (auto error = write_attribute(is_root)) return error;
    }
  }

  void end_tag(const std::string& name, bool is_end, bool is_empty) {
    rest_.remove_prefix(is_empty ? 2 : 1);
    out_ += is_empty ? "/>" : ">";
    if (is_end) {
      open_.pop_back();
    } else if (!is_empty) {
      open_.push_back(name);
    }
  }

  std::optional<Error> skip_element(const std::string& name) {
    const std::string end = "</" + name + ">";
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) return refused(name + " without an end");
    rest_.remove_prefix(at + end.size());
    return std::nullopt;
  }

  std::optional<Error> skip_remark() {
    if (!rest_.starts_with("!--")) return refused("a declaration");
    const std::size_t end = rest_.find("-->");
    if (end == std::string_view::npos) return refused("a comment without an end");
    rest_.remove_prefix(end + 3);
    return std::nullopt;
  }

  std::optional<Error> write_attribute(bool is_root) {
    const std::string name = take_name();
    skip_space();
    if (name.empty() || !rest_.starts_with('=')) return refused(name.empty() ? "a mark" : name);
    rest_.remove_prefix(1);
    skip_space();
    const char mark = rest_.empty() ? ' ' : rest_.front();
    if (mark != '"' && mark != '\'') return refused("a value without quotes");
    const std::size_t end = rest_.find(mark, 1);
    if (end == std::string_view::npos) return refused("a value without an end");
    const std::string value(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    if (is_root && name != "viewBox") return std::nullopt;  // size, name space and label are ours
    if (!is_in(kAttributes, name)) return refused(name);
    const std::optional<std::string> safe = value_of(name, value);
    if (!safe) return refused(value);
    out_ += fmt::format(" {}=\"{}\"", name, *safe);
    return std::nullopt;
  }

  // With ids told apart; absent where it leads out of the picture.
  std::optional<std::string> value_of(std::string_view name, const std::string& value) const {
    if (value.find_first_of("<>\"&") != std::string::npos) return std::nullopt;
    if (name == "id") return label_.prefix + value;
    if (name == "href" || name == "xlink:href") {
      if (!value.starts_with('#')) return std::nullopt;
      return "#" + label_.prefix + value.substr(1);
    }
    const std::size_t url = value.find("url(");
    if (url == std::string::npos) return value;
    if (value.compare(url, 5, "url(#") != 0 || value.find("url(", url + 1) != std::string::npos)
      return std::nullopt;
    return value.substr(0, url + 5) + label_.prefix + value.substr(url + 5);
  }

  std::string root_attributes() const {
    return fmt::format(
        " xmlns:xlink=\"http://www.w3.org/1999/xlink\" role=\"img\" "
        "aria-labelledby=\"{0}title {0}about\"",
        label_.prefix);
  }

  std::string root_label() const {
    return fmt::format("<title id=\"{0}title\">{1}</title><desc id=\"{0}about\">{2}</desc>",
                       label_.prefix, html_text(label_.title), html_text(label_.description));
  }

  std::string take_name() {
    const auto is_end = [](char c) {
      return is_space(c) || c == '=' || c == '>' || c == '/' || c == '<' || c == '"' || c == '\'';
    };
    const auto end = std::find_if(rest_.begin(), rest_.end(), is_end);
    std::string name(rest_.begin(), end);
    rest_.remove_prefix(name.size());
    return name;
  }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  const SvgLabel& label_;
  std::string out_;
  std::vector<std::string> open_;  // elements, the root first
};

}  // namespace

Result<std::string> svg_fragment(std::string_view svg, const SvgLabel& label) {
  return FragmentWriter(svg, label).write();
}

}  // namespace fusesweep

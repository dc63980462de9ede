// Gnuplot commands as text: quoting of what came from outside, and the look that all plots share.
// Made by the files of single plots; what ends in a script is drawn by draw_plot.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/plot.h"

namespace fusesweep {

// Okabe and Ito's colours, which are told apart by colour-blind eyes; those that stand beside one another
// in our plots differ in lightness as well, and every mark in its shape (grey prints).
namespace colour {
inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kSky = "#56B4E9";
inline constexpr std::string_view kOrange = "#E69F00";
inline constexpr std::string_view kVermillion = "#D55E00";
inline constexpr std::string_view kGreen = "#009E73";
inline constexpr std::string_view kPurple = "#CC79A7";
inline constexpr std::string_view kText = "#1A1A1A";
inline constexpr std::string_view kMuted = "#6B6B6B";
inline constexpr std::string_view kFaint = "#B3B3B3";
inline constexpr std::string_view kGrid = "#E4E4E4";
inline constexpr std::string_view kTieBand = "#DCECF7";
inline constexpr std::string_view kCliffBand = "#FBE3C8";
}  // namespace colour

// shown(text, most) in single quotes, in which gnuplot runs and replaces nothing; a quote in it becomes an
// apostrophe, for gnuplot is not to be trusted with doubled ones.
std::string single_quoted(std::string_view text, std::size_t most = 160);

// A figure as gnuplot reads it; NaN, which it leaves out, where it is not finite.
std::string figure(double value);

// Lines of at most so many characters, broken between words where that is possible; at most `lines`, the
// last one with an ellipsis then.
std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t lines);

// A datablock of numbers: `$name << EOD`, a row a line.
std::string datablock(std::string_view name, const std::vector<std::vector<double>>& rows);

// What stands before every plot.
struct Frame {
  std::string title;
  std::string subtitle;   // where the data are from, and what is not real in them
  PlotSize size;          // of the picture
  std::size_t left = 10;  // margins in characters and lines
  std::size_t right = 3;
  std::vector<std::string> key;  // what the key will say, so that there is room for it
  std::size_t above = 0;         // lines between the subtitle and the plot
  std::string x_label;
  std::string y_label;
};

// Lines of characters that everything but the plot itself takes.
std::size_t text_lines_around(const Frame& frame);

// What the key of these layers says.
struct Layer;
std::vector<std::string> key_of(const std::vector<Layer>& layers);

// Title and subtitle at the left, margins, grid, key below. Lines of commands.
std::string frame_commands(const Frame& frame);

// Something that is plotted.
struct Layer {
  std::string what;      // "$points using 1:2"
  std::string with;      // "points", "xerrorbars", "lines"
  std::string_view ink;  // colour; empty: `more` says
  int mark = 7;          // of points: gnuplot's number of a shape
  char letter = 'o';     // and what stands for it in characters; 0: not drawn there
  double size = 1.2;
  std::string title;  // in the key; empty: not there
  std::string more;   // further style: "dashtype 2", "linewidth 2"
};

// The plot command, for pictures and for characters.  REQUIRES: not empty.
std::string plot_command(const std::vector<Layer>& layers);
// The same of layers of their own for characters.
std::string plot_command(const std::vector<Layer>& text, const std::vector<Layer>& picture);

// One sentence in the middle of an empty frame.
std::string empty_script(const Frame& frame, std::string_view sentence);

}  // namespace fusesweep

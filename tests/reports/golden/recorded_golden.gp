set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'Recorded: 3 of 3 comparisons of outputs passed; the largest error is 26 % of' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 2 'its limit' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set label 12 'measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 1, character -4 left noenhanced
set tmargin 6
set bmargin 4
set lmargin 11
set rmargin 4
set errorbars 0
} else {
set label 1 'Recorded: 3 of 3 comparisons of outputs passed; the largest error is 26 % of its limit' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 5.5
set lmargin 10
set rmargin 4
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 1 }
set xlabel 'layers behind the output' noenhanced
set logscale y
set format y '%.0e'
set xrange [0:34.5]
set xtics ('12' 12, '16' 16, '20' 20)
$l2_golden_quality << EOD
EOD
$l2_error_budget << EOD
EOD
$l2_golden_fidelity << EOD
EOD
$l2_local << EOD
EOD
$cosine_golden_quality << EOD
12 0.0013
16 0.0013
20 0.0013
EOD
$cosine_error_budget << EOD
EOD
$cosine_golden_fidelity << EOD
EOD
$cosine_local << EOD
EOD
set ylabel '1 - cosine (lower is better)' noenhanced
set yrange [0.001:0.01]
if (is_text) {
  plot $cosine_golden_quality using 1:2 with points linetype 7 pointtype 'Q' title 'shard, to original weights, limit 0.005', \
       [0:34.5] 0.005 with lines linetype 7 notitle
} else {
  plot $cosine_golden_quality using 1:2 with points pointtype 13 pointsize 1.2 linecolor rgb '#E69F00' linewidth 1.5 title 'shard, to original weights, limit 0.005', \
       [0:34.5] 0.005 with lines linecolor rgb '#E69F00' linewidth 1.5 dashtype 2 notitle
}

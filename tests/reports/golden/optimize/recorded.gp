set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'Recorded, not measured: nothing is proven; 2 splits tie on record' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'phi4-mini on replay:phi4-mini-m4max · RECORDED: others measured this and' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'wrote it down, fusesweep did not · 0 measured, 0 predicted, 2 excluded' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 4
set lmargin 9
set rmargin 13
set errorbars 0
} else {
set label 1 'Recorded, not measured: nothing is proven; 2 splits tie on record' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'phi4-mini on replay:phi4-mini-m4max · RECORDED: others measured this and wrote it down, fusesweep did not · 0 measured, 0 predicted, 2 excluded' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 5.5
set lmargin 8
set rmargin 13
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 1 }
set xlabel 'first layer of the segment' noenhanced
set ylabel 'layers in it' noenhanced
set xrange [-0.5:31.5]
set yrange [0.5:24.5]
unset grid
unset colorbox
$measured << EOD
EOD
$predicted << EOD
EOD
$excluded << EOD
0 24 -0.5 0.5 23.5 24.5
24 8 23.5 24.5 7.5 8.5
EOD
$each_excluded << EOD
0 24
24 8
EOD
$unknown << EOD
EOD
$path << EOD
EOD
if (is_text) {
  plot $each_excluded using 1:2 with points linetype 7 pointtype 'x' title 'excluded'
} else {
  plot $excluded using 1:2:3:4:5:6 with boxxyerror linecolor rgb '#1A1A1A' fillstyle pattern 5 noborder notitle, \
       NaN with boxes linecolor rgb '#1A1A1A' fillstyle pattern 5 title 'excluded'
}

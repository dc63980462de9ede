set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'Recorded: the cliff lies between 20 layers, resident, and 24, not resident' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 2 '(1.88 GiB of weights)' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set label 12 'measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 1, character -4 left noenhanced
set tmargin 9
set bmargin 6
set lmargin 10
set rmargin 5
set errorbars 0
} else {
set label 1 'Recorded: the cliff lies between 20 layers, resident, and 24, not resident (1.88 GiB of weights)' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 7.3
set bmargin 5.5
set lmargin 9
set rmargin 5
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 1 }
set xlabel 'layers in the shard' noenhanced
set ylabel 'operations on the device, %' noenhanced
set xrange [0:33]
set yrange [-8:108]
set ytics 0,25,100
set x2range [0:3.09375]
set x2tics out scale 0.5
set format x2 '%g'
set x2label 'weights of the shard, GiB' noenhanced
if (!is_text) { set x2tics font ',11' textcolor rgb '#1A1A1A' }
if (!is_text) {
  set object 1 rectangle from first 20, graph 0 to first 24, graph 1 behind fillcolor rgb '#FBE3C8' fillstyle solid 1 noborder
  set label 30 'the cliff' at first 20, graph 0.36 right offset character -0.8, 0 noenhanced font ',11' textcolor rgb '#D55E00' front
}
$resident << EOD
12 100
16 100
20 100
EOD
$not_resident << EOD
24 0
EOD
$elsewhere_resident << EOD
EOD
$elsewhere_not << EOD
EOD
$unknown << EOD
22 50
EOD
if (is_text) {
  plot $resident using 1:2 with points linetype 7 pointtype 'R' title 'resident', \
       $not_resident using 1:2 with points linetype 7 pointtype 'X' title 'not resident', \
       $unknown using 1:2 with points linetype 7 pointtype '?' title 'not recorded'
} else {
  plot $resident using 1:2 with points pointtype 7 pointsize 1.5 linecolor rgb '#0072B2' linewidth 2 title 'resident', \
       $not_resident using 1:2 with points pointtype 2 pointsize 1.5 linecolor rgb '#D55E00' linewidth 2 title 'not resident', \
       $unknown using 1:2 with points pointtype 3 pointsize 1.2 linecolor rgb '#6B6B6B' linewidth 2 title 'not recorded'
}

set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 'Recorded: the runs of 3 splits overlap, none is shown to be faster; 24+6+2' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 2 'is not resident' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set label 12 'measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 1, character -4 left noenhanced
set tmargin 6
set bmargin 5
set lmargin 13
set rmargin 3
set errorbars 0
} else {
set label 1 'Recorded: the runs of 3 splits overlap, none is shown to be faster; 24+6+2 is not resident' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 6.8
set lmargin 12
set rmargin 3
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 2 }
set xlabel 'decode tokens per second (higher is better)' noenhanced
set yrange [3.5:-0.5]
unset ytics
if (is_text) {
  set label 100 '12+12+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced
  set label 101 '16+8+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced
  set label 102 '20+4+6+2' at graph 0, first 2 right offset character -1, 0 noenhanced
  set label 103 '24+6+2' at graph 0, first 3 right offset character -1, 0 noenhanced
  set label 104 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 3 left offset character 1, 0 noenhanced
} else {
  set label 100 '12+12+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 101 '16+8+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 102 '20+4+6+2' at graph 0, first 2 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 103 '24+6+2' at graph 0, first 3 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 104 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 3 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
}
$tied << EOD
EOD
$other << EOD
EOD
$processes << EOD
EOD
$recorded << EOD
16.659 0.2
16.596 1.1
16.602 2.2
EOD
$old << EOD
16.598 -0.2
17.159 0
16.669 0.8
17.174 1
17.143 1.2
17.171 0.9
16.697 1.8
17.203 2
EOD
set xrange [16.55958:17.23942]
if (is_text) {
  plot $recorded using 1:2 with points linetype 7 pointtype 'R' title 'recorded run of others', \
       $old using 1:2 with points linetype 7 pointtype 'r' title 'recorded run of others, with an older contract'
} else {
  plot $recorded using 1:2 with points pointtype 9 pointsize 1.3 linecolor rgb '#E69F00' linewidth 1.5 title 'recorded run of others', \
       $old using 1:2 with points pointtype 8 pointsize 1.3 linecolor rgb '#E69F00' linewidth 1.5 title 'recorded run of others, with an older contract'
}

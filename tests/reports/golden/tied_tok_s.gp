set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 '3 splits tie, within 1.2 %; 24+6+2 is not resident' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'of the device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 5
set lmargin 23
set rmargin 3
set errorbars 0
} else {
set label 1 '3 splits tie, within 1.2 %; 24+6+2 is not resident' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 5.5
set lmargin 22
set rmargin 3
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 1 }
set xlabel 'decode tokens per second (higher is better)' noenhanced
set yrange [3.5:-0.5]
unset ytics
if (is_text) {
  set label 100 '20+4+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced
  set label 101 '16+8+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced
  set label 102 '12+12+6+2 (control)' at graph 0, first 2 right offset character -1, 0 noenhanced
  set label 103 '24+6+2' at graph 0, first 3 right offset character -1, 0 noenhanced
  set label 104 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 3 left offset character 1, 0 noenhanced
} else {
  set label 100 '20+4+6+2' at graph 0, first 0 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 1 rectangle from graph 0, first -0.5 to graph 1, first 0.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 101 '16+8+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 2 rectangle from graph 0, first 0.5 to graph 1, first 1.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 102 '12+12+6+2 (control)' at graph 0, first 2 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 3 rectangle from graph 0, first 1.5 to graph 1, first 2.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 103 '24+6+2' at graph 0, first 3 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 104 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 3 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
}
$tied << EOD
123.464 0 121.739199 125.2383773
123.1 1 121.26463 124.9917813
122 2 122 122
EOD
$other << EOD
EOD
$processes << EOD
122.6935846 -0.2
123.9084704 0
122.1305888 0.2
123.3454746 -0.1
124.5603603 0.1
122.7824787 -0.2
123.9973645 0
122.2194829 0.2
123.4343686 -0.1
124.6492544 0.1
122.8713728 -0.2
124.0862586 0
121.977328 0.8
123.188632 1
124.399936 1.2
122.627296 0.9
123.8386 1.1
122.06596 0.8
123.277264 1
124.488568 1.2
122.715928 0.9
123.927232 1.1
122.154592 0.8
123.365896 1
121.73648 1.8
122.93696 2
121.18016 2.2
122.38064 1.9
120.62384 2.1
121.82432 1.8
123.0248 2
121.268 2.2
122.46848 1.9
120.71168 2.1
121.91216 1.8
123.11264 2
EOD
$recorded << EOD
EOD
$old << EOD
EOD
set xrange [120.3469678:125.5152496]
if (!is_text) { set arrow 1 from first 122, graph 0 to first 122, graph 1 nohead back linewidth 1 dashtype 2 linecolor rgb '#6B6B6B' }
if (is_text) {
  plot $processes using 1:2 with points linetype 7 pointtype '.' title 'one process each', \
       $tied using 1:2:3:4 with xerrorbars linetype 7 pointtype '*' title 'the tie set: each may be the fastest'
} else {
  plot $processes using 1:2 with points pointtype 6 pointsize 0.6 linecolor rgb '#6B6B6B' title 'one process each', \
       $tied using 1:2:3:4 with xerrorbars pointtype 7 pointsize 1.4 linecolor rgb '#0072B2' linewidth 2 title 'the tie set: each may be the fastest'
}

set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 '91 % of a token’s time is in the layers, 8.5 % in the head' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 6
set lmargin 13
set rmargin 4
set errorbars 0
} else {
set label 1 '91 % of a token’s time is in the layers, 8.5 % in the head' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'phi4-mini on replay:phi4-mini-m4max (Apple M4 Max) · RECORDED: others measured this and wrote it down, fusesweep did not' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 6.8
set lmargin 12
set rmargin 4
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 2 }
set xlabel 'milliseconds per token (lower is better); numbers: layers of a shard' noenhanced
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
set xrange [0:68.68297385]
if (is_text) {
  set label 400 '111111111111111111111111111111111111HHHH 60.25 ms' at graph 0, first 0 left noenhanced
  set label 401 '111111111111111111111111111111111111HHHH 59.99 ms' at graph 0, first 1 left noenhanced
  set label 402 '111111111111111111111111111111111111HHHH 59.89 ms' at graph 0, first 2 left noenhanced
  unset xtics
  unset xlabel
  unset key
  set label 399 '1 2 3...: shards in order, H: head, .: host, -: no group' at graph 0, graph 0 offset character 0, character -2
  plot NaN notitle
} else {
  set object 1000 rectangle from first 0, first -0.34 to first 54.7, first 0.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1000 'layers' at first 27.35, first 0 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1001 rectangle from first 54.7, first -0.34 to first 59.8, first 0.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1001 'head' at first 57.25, first 0 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1002 '60.25 ms, recorded' at first 60.24822268, first 0 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1002 rectangle from first 0, first 0.66 to first 54.7, first 1.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1003 'layers' at first 27.35, first 1 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1003 rectangle from first 54.7, first 0.66 to first 59.8, first 1.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1004 'head' at first 57.25, first 1 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1005 '59.99 ms, recorded' at first 59.99160118, first 1 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1004 rectangle from first 0, first 1.66 to first 54.7, first 2.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1006 'layers' at first 27.35, first 2 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1005 rectangle from first 54.7, first 1.66 to first 59.8, first 2.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1007 'head' at first 57.25, first 2 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1008 '59.89 ms, recorded' at first 59.89099838, first 2 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  plot NaN notitle, \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#2B7BBA' title 'shards of layers, in order', \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#E69F00' title 'head', \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#8C8C8C' title 'embedding and host'
}

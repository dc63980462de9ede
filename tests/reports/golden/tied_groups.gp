set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 '92 % of a token’s time is in the layers, 7.0 % in the head' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'of the device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 6
set lmargin 23
set rmargin 4
set errorbars 0
} else {
set label 1 '92 % of a token’s time is in the layers, 7.0 % in the head' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 6.8
set lmargin 22
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
set xrange [0:9.344262295]
if (is_text) {
  set label 400 '111111111111111111111112222333333344HHH 8.1 ms' at graph 0, first 0 left noenhanced
  set label 401 '1111111111111111112222222223333333444HH 8.123 ms' at graph 0, first 1 left noenhanced
  set label 402 '1111111111111122222222222222333333344HHH 8.197 ms' at graph 0, first 2 left noenhanced
  unset xtics
  unset xlabel
  unset key
  set label 399 '1 2 3...: shards in order, H: head, .: host, -: no group' at graph 0, graph 0 offset character 0, character -2
  plot NaN notitle
} else {
  set object 1000 rectangle from first 0, first -0.34 to first 0.001, first 0.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1001 rectangle from first 0.001, first -0.34 to first 0.011, first 0.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1002 rectangle from first 0.011, first -0.34 to first 4.668228018, first 0.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1000 '20' at first 2.339614009, first 0 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1003 rectangle from first 4.668228018, first -0.34 to first 5.599673621, first 0.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1001 '4' at first 5.13395082, first 0 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1004 rectangle from first 5.599673621, first -0.34 to first 6.996842027, first 0.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1002 '6' at first 6.298257824, first 0 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1005 rectangle from first 6.996842027, first -0.34 to first 7.462564829, first 0.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1003 '2' at first 7.229703428, first 0 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1006 rectangle from first 7.462564829, first -0.34 to first 8.029531718, first 0.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1004 'head' at first 7.746048273, first 0 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1005 '8.1 ms' at first 8.099526988, first 0 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1007 rectangle from first 0, first 0.66 to first 0.001, first 1.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1008 rectangle from first 0.001, first 0.66 to first 0.011, first 1.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1009 rectangle from first 0.011, first 0.66 to first 3.74779935, first 1.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1006 '16' at first 1.879399675, first 1 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1010 rectangle from first 3.74779935, first 0.66 to first 5.616199025, first 1.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1007 '8' at first 4.681999188, first 1 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1011 rectangle from first 5.616199025, first 0.66 to first 7.017498781, first 1.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1008 '6' at first 6.316848903, first 1 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1012 rectangle from first 7.017498781, first 0.66 to first 7.4845987, first 1.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1009 '2' at first 7.251048741, first 1 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1013 rectangle from first 7.4845987, first 0.66 to first 8.05324208, first 1.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1010 'head' at first 7.76892039, first 1 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1011 '8.123 ms' at first 8.123476848, first 1 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1014 rectangle from first 0, first 1.66 to first 0.001, first 2.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1015 rectangle from first 0.001, first 1.66 to first 0.011, first 2.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1016 rectangle from first 0.011, first 1.66 to first 2.838868852, first 2.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1012 '12' at first 1.424934426, first 2 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1017 rectangle from first 2.838868852, first 1.66 to first 5.666737705, first 2.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1013 '12' at first 4.252803279, first 2 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1018 rectangle from first 5.666737705, first 1.66 to first 7.080672131, first 2.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1014 '6' at first 6.373704918, first 2 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1019 rectangle from first 7.080672131, first 1.66 to first 7.551983607, first 2.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1015 '2' at first 7.316327869, first 2 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1020 rectangle from first 7.551983607, first 1.66 to first 8.125754098, first 2.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1016 'head' at first 7.838868852, first 2 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1017 '8.197 ms' at first 8.196721311, first 2 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  plot NaN notitle, \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#2B7BBA' title 'shards of layers, in order', \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#E69F00' title 'head', \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#8C8C8C' title 'embedding and host'
}

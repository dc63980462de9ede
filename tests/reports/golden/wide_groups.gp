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
set yrange [39.5:-0.5]
unset ytics
if (is_text) {
  set label 100 '20+5+5+2' at graph 0, first 0 right offset character -1, 0 noenhanced
  set label 101 '19+5+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced
  set label 102 '18+6+6+2' at graph 0, first 2 right offset character -1, 0 noenhanced
  set label 103 '20+4+4+4' at graph 0, first 3 right offset character -1, 0 noenhanced
  set label 104 '17+6+7+2' at graph 0, first 4 right offset character -1, 0 noenhanced
  set label 105 '19+4+5+4' at graph 0, first 5 right offset character -1, 0 noenhanced
  set label 106 '16+7+7+2' at graph 0, first 6 right offset character -1, 0 noenhanced
  set label 107 '18+5+5+4' at graph 0, first 7 right offset character -1, 0 noenhanced
  set label 108 '15+7+8+2' at graph 0, first 8 right offset character -1, 0 noenhanced
  set label 109 '17+5+6+4' at graph 0, first 9 right offset character -1, 0 noenhanced
  set label 110 '1+7+12+12 (control)' at graph 0, first 10 right offset character -1, 0 noenhanced
  set label 111 '14+8+8+2' at graph 0, first 11 right offset character -1, 0 noenhanced
  set label 112 '16+6+6+4' at graph 0, first 12 right offset character -1, 0 noenhanced
  set label 113 '13+8+9+2' at graph 0, first 13 right offset character -1, 0 noenhanced
  set label 114 '15+6+7+4' at graph 0, first 14 right offset character -1, 0 noenhanced
  set label 115 '12+9+9+2' at graph 0, first 15 right offset character -1, 0 noenhanced
  set label 116 '14+7+7+4' at graph 0, first 16 right offset character -1, 0 noenhanced
  set label 117 '11+9+10+2' at graph 0, first 17 right offset character -1, 0 noenhanced
  set label 118 '13+7+8+4' at graph 0, first 18 right offset character -1, 0 noenhanced
  set label 119 '10+10+10+2' at graph 0, first 19 right offset character -1, 0 noenhanced
  set label 120 '12+8+8+4' at graph 0, first 20 right offset character -1, 0 noenhanced
  set label 121 '9+10+11+2' at graph 0, first 21 right offset character -1, 0 noenhanced
  set label 122 '11+8+9+4' at graph 0, first 22 right offset character -1, 0 noenhanced
  set label 123 '8+11+11+2' at graph 0, first 23 right offset character -1, 0 noenhanced
  set label 124 '10+9+9+4' at graph 0, first 24 right offset character -1, 0 noenhanced
  set label 125 '9+9+10+4' at graph 0, first 25 right offset character -1, 0 noenhanced
  set label 126 '6+12+12+2' at graph 0, first 26 right offset character -1, 0 noenhanced
  set label 127 '8+10+10+4' at graph 0, first 27 right offset character -1, 0 noenhanced
  set label 128 '5+12+13+2' at graph 0, first 28 right offset character -1, 0 noenhanced
  set label 129 '7+10+11+4' at graph 0, first 29 right offset character -1, 0 noenhanced
  set label 130 '4+13+13+2' at graph 0, first 30 right offset character -1, 0 noenhanced
  set label 131 '6+11+11+4' at graph 0, first 31 right offset character -1, 0 noenhanced
  set label 132 '3+13+14+2' at graph 0, first 32 right offset character -1, 0 noenhanced
  set label 133 '5+11+12+4' at graph 0, first 33 right offset character -1, 0 noenhanced
  set label 134 '2+14+14+2' at graph 0, first 34 right offset character -1, 0 noenhanced
  set label 135 '4+12+12+4' at graph 0, first 35 right offset character -1, 0 noenhanced
  set label 136 '3+12+13+4' at graph 0, first 36 right offset character -1, 0 noenhanced
  set label 137 '2+13+13+4' at graph 0, first 37 right offset character -1, 0 noenhanced
  set label 138 '7+11+12+2' at graph 0, first 38 right offset character -1, 0 noenhanced
  set label 139 'out: golden-fidelity of [7,19): relative_l2: …' at graph 0, first 38 left offset character 1, 0 noenhanced
  set label 140 '24+6+2' at graph 0, first 39 right offset character -1, 0 noenhanced
  set label 141 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 39 left offset character 1, 0 noenhanced
} else {
  set label 100 '20+5+5+2' at graph 0, first 0 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 1 rectangle from graph 0, first -0.5 to graph 1, first 0.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 101 '19+5+6+2' at graph 0, first 1 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 2 rectangle from graph 0, first 0.5 to graph 1, first 1.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 102 '18+6+6+2' at graph 0, first 2 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 3 rectangle from graph 0, first 1.5 to graph 1, first 2.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 103 '20+4+4+4' at graph 0, first 3 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 4 rectangle from graph 0, first 2.5 to graph 1, first 3.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 104 '17+6+7+2' at graph 0, first 4 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 105 '19+4+5+4' at graph 0, first 5 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 6 rectangle from graph 0, first 4.5 to graph 1, first 5.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 106 '16+7+7+2' at graph 0, first 6 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 107 '18+5+5+4' at graph 0, first 7 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 8 rectangle from graph 0, first 6.5 to graph 1, first 7.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 108 '15+7+8+2' at graph 0, first 8 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 109 '17+5+6+4' at graph 0, first 9 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 110 '1+7+12+12 (control)' at graph 0, first 10 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 111 '14+8+8+2' at graph 0, first 11 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 112 '16+6+6+4' at graph 0, first 12 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 113 '13+8+9+2' at graph 0, first 13 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 114 '15+6+7+4' at graph 0, first 14 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 115 '12+9+9+2' at graph 0, first 15 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 116 '14+7+7+4' at graph 0, first 16 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 117 '11+9+10+2' at graph 0, first 17 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 118 '13+7+8+4' at graph 0, first 18 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 119 '10+10+10+2' at graph 0, first 19 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 120 '12+8+8+4' at graph 0, first 20 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 121 '9+10+11+2' at graph 0, first 21 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 122 '11+8+9+4' at graph 0, first 22 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 123 '8+11+11+2' at graph 0, first 23 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 124 '10+9+9+4' at graph 0, first 24 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 125 '9+9+10+4' at graph 0, first 25 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 126 '6+12+12+2' at graph 0, first 26 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 127 '8+10+10+4' at graph 0, first 27 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 128 '5+12+13+2' at graph 0, first 28 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 129 '7+10+11+4' at graph 0, first 29 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 130 '4+13+13+2' at graph 0, first 30 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 131 '6+11+11+4' at graph 0, first 31 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 132 '3+13+14+2' at graph 0, first 32 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 133 '5+11+12+4' at graph 0, first 33 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 134 '2+14+14+2' at graph 0, first 34 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 135 '4+12+12+4' at graph 0, first 35 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 136 '3+12+13+4' at graph 0, first 36 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 137 '2+13+13+4' at graph 0, first 37 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 138 '7+11+12+2' at graph 0, first 38 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 139 'out: golden-fidelity of [7,19): relative_l2: found 0.0071, want at most 0.005, at …' at graph 0, first 38 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
  set label 140 '24+6+2' at graph 0, first 39 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 141 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 39 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
}
set xrange [0:10.57513915]
if (is_text) {
  set label 400 '111111111111111111112222233333444HH 8.183 ms' at graph 0, first 0 left noenhanced
  set label 401 '111111111111111111122222233333344HH 8.23 ms' at graph 0, first 1 left noenhanced
  set label 402 '111111111111111111122222233333344HH 8.278 ms' at graph 0, first 2 left noenhanced
  set label 403 '111111111111111111111222233334444HHH 8.306 ms' at graph 0, first 3 left noenhanced
  set label 404 '111111111111111111222222333333344HHH 8.326 ms' at graph 0, first 4 left noenhanced
  set label 405 '111111111111111111112222333334444HHH 8.354 ms' at graph 0, first 5 left noenhanced
  set label 406 '111111111111111112222222333333344HHH 8.375 ms' at graph 0, first 6 left noenhanced
  set label 407 '111111111111111111122222333334444HHH 8.403 ms' at graph 0, first 7 left noenhanced
  set label 408 '111111111111111122222223333333344HHH 8.425 ms' at graph 0, first 8 left noenhanced
  set label 409 '1111111111111111112222233333344444HH 8.453 ms' at graph 0, first 9 left noenhanced
  set label 410 '1222222233333333333334444444444444HH 8.475 ms' at graph 0, first 10 left noenhanced
  set label 411 '1111111111111112222222233333333344HH 8.475 ms' at graph 0, first 11 left noenhanced
  set label 412 '1111111111111111122222233333334444HH 8.503 ms' at graph 0, first 12 left noenhanced
  set label 413 '1111111111111122222222333333333344HH 8.525 ms' at graph 0, first 13 left noenhanced
  set label 414 '1111111111111111222222333333334444HHH 8.554 ms' at graph 0, first 14 left noenhanced
  set label 415 '1111111111111222222222333333333344HHH 8.576 ms' at graph 0, first 15 left noenhanced
  set label 416 '1111111111111112222222333333334444HHH 8.606 ms' at graph 0, first 16 left noenhanced
  set label 417 '1111111111112222222223333333333344HHH 8.628 ms' at graph 0, first 17 left noenhanced
  set label 418 '1111111111111122222222333333334444HHH 8.658 ms' at graph 0, first 18 left noenhanced
  set label 419 '1111111111122222222222333333333344HHH 8.681 ms' at graph 0, first 19 left noenhanced
  set label 420 '11111111111112222222223333333344444HH 8.711 ms' at graph 0, first 20 left noenhanced
  set label 421 '11111111112222222222233333333333344HH 8.734 ms' at graph 0, first 21 left noenhanced
  set label 422 '11111111111122222222233333333344444HH 8.764 ms' at graph 0, first 22 left noenhanced
  set label 423 '11111111122222222222233333333333344HHH 8.787 ms' at graph 0, first 23 left noenhanced
  set label 424 '11111111111222222222233333333334444HHH 8.818 ms' at graph 0, first 24 left noenhanced
  set label 425 '11111111112222222222333333333334444HHH 8.873 ms' at graph 0, first 25 left noenhanced
  set label 426 '11111112222222222222333333333333344HHH 8.897 ms' at graph 0, first 26 left noenhanced
  set label 427 '11111111122222222222333333333334444HHH 8.929 ms' at graph 0, first 27 left noenhanced
  set label 428 '111111222222222222233333333333333444HH 8.953 ms' at graph 0, first 28 left noenhanced
  set label 429 '111111112222222222233333333333344444HH 8.985 ms' at graph 0, first 29 left noenhanced
  set label 430 '111112222222222222233333333333333344HHH 9.009 ms' at graph 0, first 30 left noenhanced
  set label 431 '111111122222222222233333333333344444HHH 9.042 ms' at graph 0, first 31 left noenhanced
  set label 432 '111222222222222222333333333333333344HHH 9.066 ms' at graph 0, first 32 left noenhanced
  set label 433 '111111222222222222333333333333334444HHH 9.099 ms' at graph 0, first 33 left noenhanced
  set label 434 '112222222222222222333333333333333344HHH 9.124 ms' at graph 0, first 34 left noenhanced
  set label 435 '111112222222222222333333333333334444HHH 9.158 ms' at graph 0, first 35 left noenhanced
  set label 436 '1112222222222222233333333333333344444HH 9.217 ms' at graph 0, first 36 left noenhanced
  set label 437 '1122222222222222233333333333333344444HHH 9.276 ms' at graph 0, first 37 left noenhanced
  unset xtics
  unset xlabel
  unset key
  set label 399 '1 2 3...: shards in order, H: head, .: host, -: no group' at graph 0, graph 0 offset character 0, character -2
  plot NaN notitle
} else {
  set object 1000 rectangle from first 0, first -0.34 to first 0.001, first 0.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1001 rectangle from first 0.001, first -0.34 to first 0.011, first 0.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1002 rectangle from first 0.011, first -0.34 to first 4.716400982, first 0.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1000 '20' at first 2.363700491, first 0 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1003 rectangle from first 4.716400982, first -0.34 to first 5.892751227, first 0.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1001 '5' at first 5.304576105, first 0 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1004 rectangle from first 5.892751227, first -0.34 to first 7.069101473, first 0.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1002 '5' at first 6.48092635, first 0 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1005 rectangle from first 7.069101473, first -0.34 to first 7.539641571, first 0.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1003 '2' at first 7.304371522, first 0 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1006 rectangle from first 7.539641571, first -0.34 to first 8.112472995, first 0.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1004 'head' at first 7.826057283, first 0 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1005 '8.183 ms' at first 8.183306056, first 0 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1007 rectangle from first 0, first 0.66 to first 0.001, first 1.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1008 rectangle from first 0.001, first 0.66 to first 0.011, first 1.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1009 rectangle from first 0.011, first 0.66 to first 4.506884774, first 1.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1006 '19' at first 2.258942387, first 1 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1010 rectangle from first 4.506884774, first 0.66 to first 5.690012346, first 1.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1007 '5' at first 5.09844856, first 1 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1011 rectangle from first 5.690012346, first 0.66 to first 7.109765432, first 1.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1008 '6' at first 6.399888889, first 1 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1012 rectangle from first 7.109765432, first 0.66 to first 7.583016461, first 1.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1009 '2' at first 7.346390947, first 1 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1013 rectangle from first 7.583016461, first 0.66 to first 8.159148148, first 1.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1010 'head' at first 7.871082305, first 1 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1011 '8.23 ms' at first 8.230452675, first 1 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1014 rectangle from first 0, first 1.66 to first 0.001, first 2.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1015 rectangle from first 0.001, first 1.66 to first 0.011, first 2.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1016 rectangle from first 0.011, first 1.66 to first 4.294940397, first 2.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1012 '18' at first 2.152970199, first 2 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1017 rectangle from first 4.294940397, first 1.66 to first 5.72292053, first 2.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1013 '6' at first 5.008930464, first 2 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1018 rectangle from first 5.72292053, first 1.66 to first 7.150900662, first 2.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1014 '6' at first 6.436910596, first 2 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1019 rectangle from first 7.150900662, first 1.66 to first 7.62689404, first 2.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1015 '2' at first 7.388897351, first 2 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1020 rectangle from first 7.62689404, first 1.66 to first 8.206364238, first 2.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1016 'head' at first 7.916629139, first 2 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1017 '8.278 ms' at first 8.278145695, first 2 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1021 rectangle from first 0, first 2.66 to first 0.001, first 3.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1022 rectangle from first 0.001, first 2.66 to first 0.011, first 3.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1023 rectangle from first 0.011, first 2.66 to first 4.786747508, first 3.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1018 '20' at first 2.398873754, first 3 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1024 rectangle from first 4.786747508, first 2.66 to first 5.74189701, first 3.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1019 '4' at first 5.264322259, first 3 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1025 rectangle from first 5.74189701, first 2.66 to first 6.697046512, first 3.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1020 '4' at first 6.219471761, first 3 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1026 rectangle from first 6.697046512, first 2.66 to first 7.652196013, first 3.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1021 '4' at first 7.174621262, first 3 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1027 rectangle from first 7.652196013, first 2.66 to first 8.233591362, first 3.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1022 'head' at first 7.942893688, first 3 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1023 '8.306 ms' at first 8.305647841, first 3 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1028 rectangle from first 0, first 3.66 to first 0.001, first 4.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1029 rectangle from first 0.001, first 3.66 to first 0.011, first 4.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1030 rectangle from first 0.011, first 3.66 to first 4.080525396, first 4.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1024 '17' at first 2.045762698, first 4 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1031 rectangle from first 4.080525396, first 3.66 to first 5.516828476, first 4.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1025 '6' at first 4.798676936, first 4 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1032 rectangle from first 5.516828476, first 3.66 to first 7.192515404, first 4.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1026 '7' at first 6.35467194, first 4 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1033 rectangle from first 7.192515404, first 3.66 to first 7.671283097, first 4.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1027 '2' at first 7.431899251, first 4 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1034 rectangle from first 7.671283097, first 3.66 to first 8.254130724, first 4.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1028 'head' at first 7.962706911, first 4 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1029 '8.326 ms' at first 8.326394671, first 4 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1035 rectangle from first 0, first 4.66 to first 0.001, first 5.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1036 rectangle from first 0.001, first 4.66 to first 0.011, first 5.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1037 rectangle from first 0.011, first 4.66 to first 4.574492063, first 5.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1030 '19' at first 2.292746032, first 5 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1038 rectangle from first 4.574492063, first 4.66 to first 5.535227235, first 5.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1031 '4' at first 5.054859649, first 5 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1039 rectangle from first 5.535227235, first 4.66 to first 6.736146199, first 5.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1032 '5' at first 6.135686717, first 5 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1040 rectangle from first 6.736146199, first 4.66 to first 7.69688137, first 5.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1033 '4' at first 7.216513784, first 5 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1041 rectangle from first 7.69688137, first 4.66 to first 8.281676692, first 5.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1034 'head' at first 7.989279031, first 5 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1035 '8.354 ms' at first 8.354218881, first 5 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1042 rectangle from first 0, first 5.66 to first 0.001, first 6.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1043 rectangle from first 0.001, first 5.66 to first 0.011, first 6.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1044 rectangle from first 0.011, first 5.66 to first 3.863596315, first 6.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1036 '16' at first 1.937298157, first 6 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1045 rectangle from first 3.863596315, first 5.66 to first 5.549107203, first 6.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1037 '7' at first 4.706351759, first 6 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1046 rectangle from first 5.549107203, first 5.66 to first 7.23461809, first 6.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1038 '7' at first 6.391862647, first 6 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1047 rectangle from first 7.23461809, first 5.66 to first 7.71619263, first 6.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1039 '2' at first 7.47540536, first 6 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1048 rectangle from first 7.71619263, first 5.66 to first 8.302457286, first 6.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1040 'head' at first 8.009324958, first 6 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1041 '8.375 ms' at first 8.37520938, first 6 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1049 rectangle from first 0, first 6.66 to first 0.001, first 7.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1050 rectangle from first 0.001, first 6.66 to first 0.011, first 7.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1051 rectangle from first 0.011, first 6.66 to first 4.359739496, first 7.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1042 '18' at first 2.185369748, first 7 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1052 rectangle from first 4.359739496, first 6.66 to first 5.567722689, first 7.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1043 '5' at first 4.963731092, first 7 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1053 rectangle from first 5.567722689, first 6.66 to first 6.775705882, first 7.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1044 '5' at first 6.171714286, first 7 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1054 rectangle from first 6.775705882, first 6.66 to first 7.742092437, first 7.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1045 '4' at first 7.25889916, first 7 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1055 rectangle from first 7.742092437, first 6.66 to first 8.330327731, first 7.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1046 'head' at first 8.036210084, first 7 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1047 '8.403 ms' at first 8.403361345, first 7 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1056 rectangle from first 0, first 7.66 to first 0.001, first 8.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1057 rectangle from first 0.001, first 7.66 to first 0.011, first 8.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1058 rectangle from first 0.011, first 7.66 to first 3.644108677, first 8.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1048 '15' at first 1.827554339, first 8 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1059 rectangle from first 3.644108677, first 7.66 to first 5.339559393, first 8.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1049 '7' at first 4.491834035, first 8 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1060 rectangle from first 5.339559393, first 7.66 to first 7.277217355, first 8.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1050 '8' at first 6.308388374, first 8 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1061 rectangle from first 7.277217355, first 7.66 to first 7.761631845, first 8.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1051 '2' at first 7.5194246, first 8 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1062 rectangle from first 7.761631845, first 7.66 to first 8.351353833, first 8.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1052 'head' at first 8.056492839, first 8 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1053 '8.425 ms' at first 8.424599832, first 8 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1063 rectangle from first 0, first 8.66 to first 0.001, first 9.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1064 rectangle from first 0.001, first 8.66 to first 0.011, first 9.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1065 rectangle from first 0.011, first 8.66 to first 4.142445478, first 9.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1054 '17' at first 2.076722739, first 9 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1066 rectangle from first 4.142445478, first 8.66 to first 5.3575765, first 9.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1055 '5' at first 4.750010989, first 9 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1067 rectangle from first 5.3575765, first 8.66 to first 6.815733728, first 9.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1056 '6' at first 6.086655114, first 9 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1068 rectangle from first 6.815733728, first 8.66 to first 7.787838546, first 9.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1057 '4' at first 7.301786137, first 9 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1069 rectangle from first 7.787838546, first 8.66 to first 8.379554522, first 9.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1058 'head' at first 8.083696534, first 9 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1059 '8.453 ms' at first 8.453085376, first 9 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1070 rectangle from first 0, first 9.66 to first 0.001, first 10.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1071 rectangle from first 0.001, first 9.66 to first 0.011, first 10.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1072 rectangle from first 0.011, first 9.66 to first 0.2546440678, first 10.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1060 '1' at first 0.1328220339, first 10 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1073 rectangle from first 0.2546440678, first 9.66 to first 1.960152542, first 10.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1061 '7' at first 1.107398305, first 10 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1074 rectangle from first 1.960152542, first 9.66 to first 4.883881356, first 10.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1062 '12' at first 3.422016949, first 10 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1075 rectangle from first 4.883881356, first 9.66 to first 7.807610169, first 10.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1063 '12' at first 6.345745763, first 10 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1076 rectangle from first 7.807610169, first 9.66 to first 8.400830508, first 10.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1064 'head' at first 8.104220339, first 10 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1065 '8.475 ms' at first 8.474576271, first 10 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1077 rectangle from first 0, first 10.66 to first 0.001, first 11.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1078 rectangle from first 0.001, first 10.66 to first 0.011, first 11.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1079 rectangle from first 0.011, first 10.66 to first 3.422016949, first 11.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1066 '14' at first 1.716508475, first 11 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1080 rectangle from first 3.422016949, first 10.66 to first 5.371169492, first 11.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1067 '8' at first 4.39659322, first 11 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1081 rectangle from first 5.371169492, first 10.66 to first 7.320322034, first 11.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1068 '8' at first 6.345745763, first 11 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1082 rectangle from first 7.320322034, first 10.66 to first 7.807610169, first 11.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1069 '2' at first 7.563966102, first 11 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1083 rectangle from first 7.807610169, first 10.66 to first 8.400830508, first 11.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1070 'head' at first 8.104220339, first 11 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1071 '8.475 ms' at first 8.474576271, first 11 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1084 rectangle from first 0, first 11.66 to first 0.001, first 12.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1085 rectangle from first 0.001, first 11.66 to first 0.011, first 12.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1086 rectangle from first 0.011, first 11.66 to first 3.922564626, first 12.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1072 '16' at first 1.966782313, first 12 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1087 rectangle from first 3.922564626, first 11.66 to first 5.389401361, first 12.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1073 '6' at first 4.655982993, first 12 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1088 rectangle from first 5.389401361, first 11.66 to first 6.856238095, first 12.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1074 '6' at first 6.122819728, first 12 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1089 rectangle from first 6.856238095, first 11.66 to first 7.834129252, first 12.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1075 '4' at first 7.345183673, first 12 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1090 rectangle from first 7.834129252, first 11.66 to first 8.429367347, first 12.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1076 'head' at first 8.131748299, first 12 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1077 '8.503 ms' at first 8.503401361, first 12 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1091 rectangle from first 0, first 12.66 to first 0.001, first 13.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1092 rectangle from first 0.001, first 12.66 to first 0.011, first 13.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1093 rectangle from first 0.011, first 12.66 to first 3.19727451, first 13.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1078 '13' at first 1.604137255, first 13 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1094 rectangle from first 3.19727451, first 12.66 to first 5.158058824, first 13.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1079 '8' at first 4.177666667, first 13 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1095 rectangle from first 5.158058824, first 12.66 to first 7.363941176, first 13.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1080 '9' at first 6.261, first 13 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1096 rectangle from first 7.363941176, first 12.66 to first 7.854137255, first 13.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1081 '2' at first 7.609039216, first 13 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1097 rectangle from first 7.854137255, first 12.66 to first 8.450897698, first 13.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1082 'head' at first 8.152517477, first 13 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1083 '8.525 ms' at first 8.52514919, first 13 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1098 rectangle from first 0, first 13.66 to first 0.001, first 14.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1099 rectangle from first 0.001, first 13.66 to first 0.011, first 14.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1100 rectangle from first 0.011, first 13.66 to first 3.70005047, first 14.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1084 '15' at first 1.855525235, first 14 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1101 rectangle from first 3.70005047, first 13.66 to first 5.175670659, first 14.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1085 '6' at first 4.437860565, first 14 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1102 rectangle from first 5.175670659, first 13.66 to first 6.897227545, first 14.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1086 '7' at first 6.036449102, first 14 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1103 rectangle from first 6.897227545, first 13.66 to first 7.880974337, first 14.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1087 '4' at first 7.389100941, first 14 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1104 rectangle from first 7.880974337, first 13.66 to first 8.479776732, first 14.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1088 'head' at first 8.180375535, first 14 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1089 '8.554 ms' at first 8.554319932, first 14 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1105 rectangle from first 0, first 14.66 to first 0.001, first 15.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1106 rectangle from first 0.001, first 14.66 to first 0.011, first 15.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1107 rectangle from first 0.011, first 14.66 to first 2.969833619, first 15.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1090 '12' at first 1.49041681, first 15 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1108 rectangle from first 2.969833619, first 14.66 to first 5.188958834, first 15.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1091 '9' at first 4.079396226, first 15 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1109 rectangle from first 5.188958834, first 14.66 to first 7.408084048, first 15.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1092 '9' at first 6.298521441, first 15 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1110 rectangle from first 7.408084048, first 14.66 to first 7.901222985, first 15.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1093 '2' at first 7.654653516, first 15 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1111 rectangle from first 7.901222985, first 14.66 to first 8.501566038, first 15.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1094 'head' at first 8.201394511, first 15 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1095 '8.576 ms' at first 8.576329331, first 15 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1112 rectangle from first 0, first 15.66 to first 0.001, first 16.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1113 rectangle from first 0.001, first 15.66 to first 0.011, first 16.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1114 rectangle from first 0.011, first 15.66 to first 3.474855422, first 16.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1096 '14' at first 1.742927711, first 16 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1115 rectangle from first 3.474855422, first 15.66 to first 5.206783133, first 16.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1097 '7' at first 4.340819277, first 16 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1116 rectangle from first 5.206783133, first 15.66 to first 6.938710843, first 16.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1098 '7' at first 6.072746988, first 16 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1117 rectangle from first 6.938710843, first 15.66 to first 7.928383821, first 16.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1099 '4' at first 7.433547332, first 16 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1118 rectangle from first 7.928383821, first 15.66 to first 8.53079346, first 16.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1100 'head' at first 8.22958864, first 16 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1101 '8.606 ms' at first 8.605851979, first 16 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1119 rectangle from first 0, first 16.66 to first 0.001, first 17.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1120 rectangle from first 0.001, first 16.66 to first 0.011, first 17.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1121 rectangle from first 0.011, first 16.66 to first 2.739645384, first 17.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1102 '11' at first 1.375322692, first 17 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1122 rectangle from first 2.739645384, first 16.66 to first 4.972173425, first 17.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1103 '9' at first 3.855909405, first 17 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1123 rectangle from first 4.972173425, first 16.66 to first 7.452760138, first 17.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1104 '10' at first 6.212466782, first 17 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1124 rectangle from first 7.452760138, first 16.66 to first 7.948877481, first 17.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1105 '2' at first 7.700818809, first 17 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1125 rectangle from first 7.948877481, first 16.66 to first 8.552846419, first 17.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1106 'head' at first 8.25086195, first 17 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1107 '8.628 ms' at first 8.628127696, first 17 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1126 rectangle from first 0, first 17.66 to first 0.001, first 18.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1127 rectangle from first 0.001, first 17.66 to first 0.011, first 18.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1128 rectangle from first 0.011, first 17.66 to first 3.246930736, first 18.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1108 '13' at first 1.628965368, first 18 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1129 rectangle from first 3.246930736, first 17.66 to first 4.989354978, first 18.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1109 '7' at first 4.118142857, first 18 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1130 rectangle from first 4.989354978, first 17.66 to first 6.98069697, first 18.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1110 '8' at first 5.985025974, first 18 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1131 rectangle from first 6.98069697, first 17.66 to first 7.976367965, first 18.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1111 '4' at first 7.478532468, first 18 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1132 rectangle from first 7.976367965, first 17.66 to first 8.582428571, first 18.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1112 'head' at first 8.279398268, first 18 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1113 '8.658 ms' at first 8.658008658, first 18 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1133 rectangle from first 0, first 18.66 to first 0.001, first 19.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1134 rectangle from first 0.001, first 18.66 to first 0.011, first 19.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1135 rectangle from first 0.011, first 18.66 to first 2.506659722, first 19.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1114 '10' at first 1.258829861, first 19 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1136 rectangle from first 2.506659722, first 18.66 to first 5.002319444, first 19.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1115 '10' at first 3.754489583, first 19 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1137 rectangle from first 5.002319444, first 18.66 to first 7.497979167, first 19.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1116 '10' at first 6.250149306, first 19 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1138 rectangle from first 7.497979167, first 18.66 to first 7.997111111, first 19.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1117 '2' at first 7.747545139, first 19 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1139 rectangle from first 7.997111111, first 18.66 to first 8.60475, first 19.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1118 'head' at first 8.300930556, first 19 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1119 '8.681 ms' at first 8.680555556, first 19 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1140 rectangle from first 0, first 19.66 to first 0.001, first 20.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1141 rectangle from first 0.001, first 19.66 to first 0.011, first 20.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1142 rectangle from first 0.011, first 19.66 to first 3.016226481, first 20.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1120 '12' at first 1.51361324, first 20 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1143 rectangle from first 3.016226481, first 19.66 to first 5.019710801, first 20.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1121 '8' at first 4.017968641, first 20 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1144 rectangle from first 5.019710801, first 19.66 to first 7.023195122, first 20.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1122 '8' at first 6.021452962, first 20 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1145 rectangle from first 7.023195122, first 19.66 to first 8.024937282, first 20.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1123 '4' at first 7.524066202, first 20 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1146 rectangle from first 8.024937282, first 19.66 to first 8.63469338, first 20.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1124 'head' at first 8.329815331, first 20 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1125 '8.711 ms' at first 8.710801394, first 20 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1147 rectangle from first 0, first 20.66 to first 0.001, first 21.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1148 rectangle from first 0.001, first 20.66 to first 0.011, first 21.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1149 rectangle from first 0.011, first 20.66 to first 2.270825328, first 21.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1126 '9' at first 1.140912664, first 21 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1150 rectangle from first 2.270825328, first 20.66 to first 4.781742358, first 21.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1127 '10' at first 3.526283843, first 21 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1151 rectangle from first 4.781742358, first 20.66 to first 7.543751092, first 21.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1128 '11' at first 6.162746725, first 21 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1152 rectangle from first 7.543751092, first 20.66 to first 8.045934498, first 21.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1129 '2' at first 7.794842795, first 21 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1153 rectangle from first 8.045934498, first 20.66 to first 8.65728821, first 21.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1130 'head' at first 8.351611354, first 21 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1131 '8.734 ms' at first 8.733624454, first 21 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1154 rectangle from first 0, first 21.66 to first 0.001, first 22.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1155 rectangle from first 0.001, first 21.66 to first 0.011, first 22.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1156 rectangle from first 0.011, first 21.66 to first 2.782691499, first 22.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1132 '11' at first 1.396845749, first 22 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1157 rectangle from first 2.782691499, first 21.66 to first 4.798467134, first 22.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1133 '8' at first 3.790579316, first 22 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1158 rectangle from first 4.798467134, first 21.66 to first 7.066214724, first 22.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1134 '9' at first 5.932340929, first 22 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1159 rectangle from first 7.066214724, first 21.66 to first 8.074102542, first 22.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1135 '4' at first 7.570158633, first 22 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1160 rectangle from first 8.074102542, first 21.66 to first 8.687599474, first 22.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1136 'head' at first 8.380851008, first 22 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1137 '8.764 ms' at first 8.764241893, first 22 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1161 rectangle from first 0, first 22.66 to first 0.001, first 23.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1162 rectangle from first 0.001, first 22.66 to first 0.011, first 23.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1163 rectangle from first 0.011, first 22.66 to first 2.032089631, first 23.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1138 '8' at first 1.021544815, first 23 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1164 rectangle from first 2.032089631, first 22.66 to first 4.811087873, first 23.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1139 '11' at first 3.421588752, first 23 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1165 rectangle from first 4.811087873, first 22.66 to first 7.590086116, first 23.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1140 '11' at first 6.200586995, first 23 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1166 rectangle from first 7.590086116, first 22.66 to first 8.095358524, first 23.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1141 '2' at first 7.84272232, first 23 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1167 rectangle from first 8.095358524, first 22.66 to first 8.710472759, first 23.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1142 'head' at first 8.402915641, first 23 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1143 '8.787 ms' at first 8.787346221, first 23 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1168 rectangle from first 0, first 23.66 to first 0.001, first 24.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1169 rectangle from first 0.001, first 23.66 to first 0.011, first 24.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1170 rectangle from first 0.011, first 23.66 to first 2.546273369, first 24.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1144 '10' at first 1.278636684, first 24 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1171 rectangle from first 2.546273369, first 23.66 to first 4.8280194, first 24.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1145 '9' at first 3.687146384, first 24 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1172 rectangle from first 4.8280194, first 23.66 to first 7.109765432, first 24.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1146 '9' at first 5.968892416, first 24 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1173 rectangle from first 7.109765432, first 23.66 to first 8.12387478, first 24.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1147 '4' at first 7.616820106, first 24 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1174 rectangle from first 8.12387478, first 23.66 to first 8.74115873, first 24.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1148 'head' at first 8.432516755, first 24 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1149 '8.818 ms' at first 8.818342152, first 24 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1175 rectangle from first 0, first 24.66 to first 0.001, first 25.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1176 rectangle from first 0.001, first 24.66 to first 0.011, first 25.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1177 rectangle from first 0.011, first 24.66 to first 2.306918367, first 25.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1150 '9' at first 1.158959184, first 25 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1178 rectangle from first 2.306918367, first 24.66 to first 4.602836735, first 25.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1151 '9' at first 3.454877551, first 25 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1179 rectangle from first 4.602836735, first 24.66 to first 7.153857143, first 25.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1152 '10' at first 5.878346939, first 25 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1180 rectangle from first 7.153857143, first 24.66 to first 8.174265306, first 25.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1153 '4' at first 7.664061224, first 25 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1181 rectangle from first 8.174265306, first 24.66 to first 8.795383319, first 25.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1154 'head' at first 8.484824312, first 25 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1155 '8.873 ms' at first 8.873114463, first 25 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1182 rectangle from first 0, first 25.66 to first 0.001, first 26.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1183 rectangle from first 0.001, first 25.66 to first 0.011, first 26.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1184 rectangle from first 0.011, first 25.66 to first 1.545697509, first 26.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1156 '6' at first 0.7783487544, first 26 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1185 rectangle from first 1.545697509, first 25.66 to first 4.615092527, first 26.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1157 '12' at first 3.080395018, first 26 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1186 rectangle from first 4.615092527, first 25.66 to first 7.684487544, first 26.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1158 '12' at first 6.149790036, first 26 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1187 rectangle from first 7.684487544, first 25.66 to first 8.196053381, first 26.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1159 '2' at first 7.940270463, first 26 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1188 rectangle from first 8.196053381, first 25.66 to first 8.818829181, first 26.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1160 'head' at first 8.507441281, first 26 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1161 '8.897 ms' at first 8.896797153, first 26 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1189 rectangle from first 0, first 26.66 to first 0.001, first 27.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1190 rectangle from first 0.001, first 26.66 to first 0.011, first 27.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1191 rectangle from first 0.011, first 26.66 to first 2.064571429, first 27.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1162 '8' at first 1.037785714, first 27 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1192 rectangle from first 2.064571429, first 26.66 to first 4.631535714, first 27.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1163 '10' at first 3.348053571, first 27 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1193 rectangle from first 4.631535714, first 26.66 to first 7.1985, first 27.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1164 '10' at first 5.915017857, first 27 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1194 rectangle from first 7.1985, first 26.66 to first 8.225285714, first 27.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1165 '4' at first 7.711892857, first 27 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1195 rectangle from first 8.225285714, first 26.66 to first 8.850285714, first 27.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1166 'head' at first 8.537785714, first 27 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1167 '8.929 ms' at first 8.928571429, first 27 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1196 rectangle from first 0, first 27.66 to first 0.001, first 28.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1197 rectangle from first 0.001, first 27.66 to first 0.011, first 28.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1198 rectangle from first 0.011, first 27.66 to first 1.297929275, first 28.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1168 '5' at first 0.6544646374, first 28 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1199 rectangle from first 1.297929275, first 27.66 to first 4.386559534, first 28.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1169 '12' at first 2.842244405, first 28 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1200 rectangle from first 4.386559534, first 27.66 to first 7.732575649, first 28.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1170 '13' at first 6.059567592, first 28 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1201 rectangle from first 7.732575649, first 27.66 to first 8.247347359, first 28.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1171 '2' at first 7.989961504, first 28 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1202 rectangle from first 8.247347359, first 27.66 to first 8.874025962, first 28.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1172 'head' at first 8.560686661, first 28 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1173 '8.953 ms' at first 8.952551477, first 28 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1203 rectangle from first 0, first 28.66 to first 0.001, first 29.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1204 rectangle from first 0.001, first 28.66 to first 0.011, first 29.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1205 rectangle from first 0.011, first 28.66 to first 1.819176101, first 29.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1174 '7' at first 0.9150880503, first 29 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1206 rectangle from first 1.819176101, first 28.66 to first 4.402284816, first 29.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1175 '10' at first 3.110730458, first 29 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1207 rectangle from first 4.402284816, first 28.66 to first 7.243704403, first 29.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1176 '11' at first 5.822994609, first 29 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1208 rectangle from first 7.243704403, first 28.66 to first 8.276947889, first 29.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1177 '4' at first 7.760326146, first 29 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1209 rectangle from first 8.276947889, first 28.66 to first 8.905878706, first 29.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1178 'head' at first 8.591413297, first 29 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1179 '8.985 ms' at first 8.984725966, first 29 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1210 rectangle from first 0, first 29.66 to first 0.001, first 30.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1211 rectangle from first 0.001, first 29.66 to first 0.011, first 30.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1212 rectangle from first 0.011, first 29.66 to first 1.047036036, first 30.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1180 '4' at first 0.529018018, first 30 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1213 rectangle from first 1.047036036, first 29.66 to first 4.414153153, first 30.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1181 '13' at first 2.730594595, first 30 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1214 rectangle from first 4.414153153, first 29.66 to first 7.78127027, first 30.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1182 '13' at first 6.097711712, first 30 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1215 rectangle from first 7.78127027, first 29.66 to first 8.299288288, first 30.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1183 '2' at first 8.040279279, first 30 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1216 rectangle from first 8.299288288, first 29.66 to first 8.929918919, first 30.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1184 'head' at first 8.614603604, first 30 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1185 '9.009 ms' at first 9.009009009, first 30 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1217 rectangle from first 0, first 30.66 to first 0.001, first 31.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1218 rectangle from first 0.001, first 30.66 to first 0.011, first 31.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1219 rectangle from first 0.011, first 30.66 to first 1.570674503, first 31.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1186 '6' at first 0.7908372514, first 31 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1220 rectangle from first 1.570674503, first 30.66 to first 4.430077758, first 31.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1187 '11' at first 3.00037613, first 31 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1221 rectangle from first 4.430077758, first 30.66 to first 7.289481013, first 31.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1188 '11' at first 5.859779385, first 31 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1222 rectangle from first 7.289481013, first 30.66 to first 8.329264014, first 31.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1189 '4' at first 7.809372514, first 31 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1223 rectangle from first 8.329264014, first 30.66 to first 8.962175407, first 31.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1190 'head' at first 8.645719711, first 31 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1191 '9.042 ms' at first 9.04159132, first 31 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1224 rectangle from first 0, first 31.66 to first 0.001, first 32.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1225 rectangle from first 0.001, first 31.66 to first 0.011, first 32.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1226 rectangle from first 0.011, first 31.66 to first 0.7929582956, first 32.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1192 '3' at first 0.4019791478, first 32 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1227 rectangle from first 0.7929582956, first 31.66 to first 4.181444243, first 32.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1193 '13' at first 2.487201269, first 32 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1228 rectangle from first 4.181444243, first 31.66 to first 7.830582956, first 32.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1194 '14' at first 6.006013599, first 32 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1229 rectangle from first 7.830582956, first 31.66 to first 8.351888486, first 32.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1195 '2' at first 8.091235721, first 32 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1230 rectangle from first 8.351888486, first 31.66 to first 8.986521306, first 32.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1196 'head' at first 8.669204896, first 32 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1197 '9.066 ms' at first 9.066183137, first 32 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1231 rectangle from first 0, first 32.66 to first 0.001, first 33.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1232 rectangle from first 0.001, first 32.66 to first 0.011, first 33.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1233 rectangle from first 0.011, first 32.66 to first 1.319007279, first 33.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1198 '5' at first 0.6650036397, first 33 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1234 rectangle from first 1.319007279, first 32.66 to first 4.196623294, first 33.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1199 '11' at first 2.757815287, first 33 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1235 rectangle from first 4.196623294, first 32.66 to first 7.335840764, first 33.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1200 '12' at first 5.766232029, first 33 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1236 rectangle from first 7.335840764, first 32.66 to first 8.382246588, first 33.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1201 '4' at first 7.859043676, first 33 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1237 rectangle from first 8.382246588, first 32.66 to first 9.019189263, first 33.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1202 'head' at first 8.700717925, first 33 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1203 '9.099 ms' at first 9.099181074, first 33 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1238 rectangle from first 0, first 33.66 to first 0.001, first 34.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1239 rectangle from first 0.001, first 33.66 to first 0.011, first 34.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1240 rectangle from first 0.011, first 33.66 to first 0.5356350365, first 34.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1204 '2' at first 0.2733175182, first 34 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1241 rectangle from first 0.5356350365, first 33.66 to first 4.208080292, first 34.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1205 '14' at first 2.371857664, first 34 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1242 rectangle from first 4.208080292, first 33.66 to first 7.880525547, first 34.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1206 '14' at first 6.04430292, first 34 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1243 rectangle from first 7.880525547, first 33.66 to first 8.405160584, first 34.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1207 '2' at first 8.142843066, first 34 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1244 rectangle from first 8.405160584, first 33.66 to first 9.043846715, first 34.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1208 'head' at first 8.72450365, first 34 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1209 '9.124 ms' at first 9.124087591, first 34 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1245 rectangle from first 0, first 34.66 to first 0.001, first 35.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1246 rectangle from first 0.001, first 34.66 to first 0.011, first 35.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1247 rectangle from first 0.011, first 34.66 to first 1.064113553, first 35.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1210 '4' at first 0.5375567766, first 35 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1248 rectangle from first 1.064113553, first 34.66 to first 4.223454212, first 35.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1211 '12' at first 2.643783883, first 35 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1249 rectangle from first 4.223454212, first 34.66 to first 7.382794872, first 35.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1212 '12' at first 5.803124542, first 35 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1250 rectangle from first 7.382794872, first 34.66 to first 8.435908425, first 35.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1213 '4' at first 7.909351648, first 35 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1251 rectangle from first 8.435908425, first 34.66 to first 9.076934066, first 35.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1214 'head' at first 8.756421245, first 35 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1215 '9.158 ms' at first 9.157509158, first 35 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1252 rectangle from first 0, first 35.66 to first 0.001, first 36.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1253 rectangle from first 0.001, first 35.66 to first 0.011, first 36.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1254 rectangle from first 0.011, first 35.66 to first 0.8059308756, first 36.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1216 '3' at first 0.4084654378, first 36 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1255 rectangle from first 0.8059308756, first 35.66 to first 3.985654378, first 36.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1217 '12' at first 2.395792627, first 36 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1256 rectangle from first 3.985654378, first 35.66 to first 7.430354839, first 36.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1218 '13' at first 5.708004608, first 36 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1257 rectangle from first 7.430354839, first 35.66 to first 8.490262673, first 36.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1219 '4' at first 7.960308756, first 36 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1258 rectangle from first 8.490262673, first 35.66 to first 9.135423963, first 36.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1220 'head' at first 8.812843318, first 36 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1221 '9.217 ms' at first 9.216589862, first 36 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1259 rectangle from first 0, first 36.66 to first 0.001, first 37.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1260 rectangle from first 0.001, first 36.66 to first 0.011, first 37.34 front fillcolor rgb '#8C8C8C' fillstyle solid 1 border rgb 'white'
  set object 1261 rectangle from first 0.011, first 36.66 to first 0.5443951763, first 37.34 front fillcolor rgb '#08407E' fillstyle solid 1 border rgb 'white'
  set label 1222 '2' at first 0.2776975881, first 37 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1262 rectangle from first 0.5443951763, first 36.66 to first 4.011463822, first 37.34 front fillcolor rgb '#2B7BBA' fillstyle solid 1 border rgb 'white'
  set label 1223 '13' at first 2.277929499, first 37 center noenhanced font ',10' textcolor rgb 'white' front
  set object 1263 rectangle from first 4.011463822, first 36.66 to first 7.478532468, first 37.34 front fillcolor rgb '#63A8D3' fillstyle solid 1 border rgb 'white'
  set label 1224 '13' at first 5.744998145, first 37 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1264 rectangle from first 7.478532468, first 36.66 to first 8.54532282, first 37.34 front fillcolor rgb '#A6CEE4' fillstyle solid 1 border rgb 'white'
  set label 1225 '4' at first 8.011927644, first 37 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set object 1265 rectangle from first 8.54532282, first 36.66 to first 9.194673469, first 37.34 front fillcolor rgb '#E69F00' fillstyle solid 1 border rgb 'white'
  set label 1226 'head' at first 8.869998145, first 37 center noenhanced font ',10' textcolor rgb '#1A1A1A' front
  set label 1227 '9.276 ms' at first 9.276437848, first 37 left offset character 0.7, 0 noenhanced font ',10' textcolor rgb '#1A1A1A' front
  plot NaN notitle, \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#2B7BBA' title 'shards of layers, in order', \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#E69F00' title 'head', \
      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '#8C8C8C' title 'embedding and host'
}

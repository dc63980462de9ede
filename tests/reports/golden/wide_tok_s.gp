set encoding utf8
is_text = (GPVAL_TERM eq 'dumb')
set datafile missing 'NaN'
if (is_text) {
set label 1 '6 splits tie, within 2.7 %; 2 of 40 splits are disqualified' at screen 0, screen 1 offset character 1, character -1 left noenhanced
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property' at screen 0, screen 1 offset character 1, character -2 left noenhanced
set label 12 'of the device: residency_limit_bytes' at screen 0, screen 1 offset character 1, character -3 left noenhanced
set tmargin 5
set bmargin 6
set lmargin 23
set rmargin 3
set errorbars 0
} else {
set label 1 '6 splits tie, within 2.7 %; 2 of 40 splits are disqualified' at screen 0, screen 1 offset character 2, character -1.4 left noenhanced font ',15' textcolor rgb '#1A1A1A' front
set label 11 'nano.gguf on cpu (example CPU, 2 cores) · 12 blocks · EMULATED, no property of the device: residency_limit_bytes' at screen 0, screen 1 offset character 2, character -2.75 left noenhanced font ',11' textcolor rgb '#6B6B6B' front
set tmargin 4.3
set bmargin 6.8
set lmargin 22
set rmargin 3
set border 3 linewidth 1 linecolor rgb '#6B6B6B'
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#E4E4E4'
set tics nomirror out scale 0.5 font ',11' textcolor rgb '#1A1A1A'
}
set key below center horizontal Left reverse noenhanced samplen 1.5 width 2
if (!is_text) { set key maxrows 2 }
set xlabel 'decode tokens per second (higher is better)' noenhanced
set yrange [39.5:-0.5]
unset ytics
if (is_text) {
  set label 100 '1+7+12+12 (control)' at graph 0, first 0 right offset character -1, 0 noenhanced
  set label 101 '2+14+14+2' at graph 0, first 1 right offset character -1, 0 noenhanced
  set label 102 '2+13+13+4' at graph 0, first 2 right offset character -1, 0 noenhanced
  set label 103 '3+13+14+2' at graph 0, first 3 right offset character -1, 0 noenhanced
  set label 104 '3+12+13+4' at graph 0, first 4 right offset character -1, 0 noenhanced
  set label 105 '4+13+13+2' at graph 0, first 5 right offset character -1, 0 noenhanced
  set label 106 '4+12+12+4' at graph 0, first 6 right offset character -1, 0 noenhanced
  set label 107 '5+12+13+2' at graph 0, first 7 right offset character -1, 0 noenhanced
  set label 108 '5+11+12+4' at graph 0, first 8 right offset character -1, 0 noenhanced
  set label 109 '6+12+12+2' at graph 0, first 9 right offset character -1, 0 noenhanced
  set label 110 '6+11+11+4' at graph 0, first 10 right offset character -1, 0 noenhanced
  set label 111 '7+11+12+2' at graph 0, first 11 right offset character -1, 0 noenhanced
  set label 112 'out: golden-fidelity of [7,19): relative_l2: …' at graph 0, first 11 left offset character 1, 0 noenhanced
  set label 113 '7+10+11+4' at graph 0, first 12 right offset character -1, 0 noenhanced
  set label 114 '8+11+11+2' at graph 0, first 13 right offset character -1, 0 noenhanced
  set label 115 '8+10+10+4' at graph 0, first 14 right offset character -1, 0 noenhanced
  set label 116 '9+10+11+2' at graph 0, first 15 right offset character -1, 0 noenhanced
  set label 117 '9+9+10+4' at graph 0, first 16 right offset character -1, 0 noenhanced
  set label 118 '10+10+10+2' at graph 0, first 17 right offset character -1, 0 noenhanced
  set label 119 '10+9+9+4' at graph 0, first 18 right offset character -1, 0 noenhanced
  set label 120 '11+9+10+2' at graph 0, first 19 right offset character -1, 0 noenhanced
  set label 121 '11+8+9+4' at graph 0, first 20 right offset character -1, 0 noenhanced
  set label 122 '12+9+9+2' at graph 0, first 21 right offset character -1, 0 noenhanced
  set label 123 '12+8+8+4' at graph 0, first 22 right offset character -1, 0 noenhanced
  set label 124 '13+8+9+2' at graph 0, first 23 right offset character -1, 0 noenhanced
  set label 125 '13+7+8+4' at graph 0, first 24 right offset character -1, 0 noenhanced
  set label 126 '14+8+8+2' at graph 0, first 25 right offset character -1, 0 noenhanced
  set label 127 '14+7+7+4' at graph 0, first 26 right offset character -1, 0 noenhanced
  set label 128 '15+7+8+2' at graph 0, first 27 right offset character -1, 0 noenhanced
  set label 129 '15+6+7+4' at graph 0, first 28 right offset character -1, 0 noenhanced
  set label 130 '16+7+7+2' at graph 0, first 29 right offset character -1, 0 noenhanced
  set label 131 '16+6+6+4' at graph 0, first 30 right offset character -1, 0 noenhanced
  set label 132 '17+6+7+2' at graph 0, first 31 right offset character -1, 0 noenhanced
  set label 133 '17+5+6+4' at graph 0, first 32 right offset character -1, 0 noenhanced
  set label 134 '18+6+6+2' at graph 0, first 33 right offset character -1, 0 noenhanced
  set label 135 '18+5+5+4' at graph 0, first 34 right offset character -1, 0 noenhanced
  set label 136 '19+5+6+2' at graph 0, first 35 right offset character -1, 0 noenhanced
  set label 137 '19+4+5+4' at graph 0, first 36 right offset character -1, 0 noenhanced
  set label 138 '20+5+5+2' at graph 0, first 37 right offset character -1, 0 noenhanced
  set label 139 '20+4+4+4' at graph 0, first 38 right offset character -1, 0 noenhanced
  set label 140 '24+6+2' at graph 0, first 39 right offset character -1, 0 noenhanced
  set label 141 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 39 left offset character 1, 0 noenhanced
} else {
  set label 100 '1+7+12+12 (control)' at graph 0, first 0 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 101 '2+14+14+2' at graph 0, first 1 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 102 '2+13+13+4' at graph 0, first 2 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 103 '3+13+14+2' at graph 0, first 3 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 104 '3+12+13+4' at graph 0, first 4 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 105 '4+13+13+2' at graph 0, first 5 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 106 '4+12+12+4' at graph 0, first 6 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 107 '5+12+13+2' at graph 0, first 7 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 108 '5+11+12+4' at graph 0, first 8 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 109 '6+12+12+2' at graph 0, first 9 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 110 '6+11+11+4' at graph 0, first 10 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 111 '7+11+12+2' at graph 0, first 11 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 112 'out: golden-fidelity of [7,19): relative_l2: found 0.0071, want at most 0.005, at …' at graph 0, first 11 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
  set label 113 '7+10+11+4' at graph 0, first 12 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 114 '8+11+11+2' at graph 0, first 13 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 115 '8+10+10+4' at graph 0, first 14 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 116 '9+10+11+2' at graph 0, first 15 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 117 '9+9+10+4' at graph 0, first 16 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 118 '10+10+10+2' at graph 0, first 17 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 119 '10+9+9+4' at graph 0, first 18 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 120 '11+9+10+2' at graph 0, first 19 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 121 '11+8+9+4' at graph 0, first 20 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 122 '12+9+9+2' at graph 0, first 21 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 123 '12+8+8+4' at graph 0, first 22 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 124 '13+8+9+2' at graph 0, first 23 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 125 '13+7+8+4' at graph 0, first 24 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 126 '14+8+8+2' at graph 0, first 25 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 127 '14+7+7+4' at graph 0, first 26 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 128 '15+7+8+2' at graph 0, first 27 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 129 '15+6+7+4' at graph 0, first 28 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 130 '16+7+7+2' at graph 0, first 29 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 131 '16+6+6+4' at graph 0, first 30 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 132 '17+6+7+2' at graph 0, first 31 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 133 '17+5+6+4' at graph 0, first 32 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set label 134 '18+6+6+2' at graph 0, first 33 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 34 rectangle from graph 0, first 32.5 to graph 1, first 33.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 135 '18+5+5+4' at graph 0, first 34 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 35 rectangle from graph 0, first 33.5 to graph 1, first 34.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 136 '19+5+6+2' at graph 0, first 35 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 36 rectangle from graph 0, first 34.5 to graph 1, first 35.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 137 '19+4+5+4' at graph 0, first 36 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 37 rectangle from graph 0, first 35.5 to graph 1, first 36.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 138 '20+5+5+2' at graph 0, first 37 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 38 rectangle from graph 0, first 36.5 to graph 1, first 37.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 139 '20+4+4+4' at graph 0, first 38 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#1A1A1A'
  set object 39 rectangle from graph 0, first 37.5 to graph 1, first 38.5 behind fillcolor rgb '#DCECF7' fillstyle solid 1 noborder
  set label 140 '24+6+2' at graph 0, first 39 right offset character -1, 0 noenhanced font ',11' textcolor rgb '#6B6B6B'
  set label 141 'out: residency of [0,24): 0 of 96 convolutions' at graph 0, first 39 left offset character 1, 0 noenhanced font ',10' textcolor rgb '#6B6B6B'
}
$tied << EOD
120.8 33 118.3762955 123.3250277
119 34 116.6472836 121.4495762
121.5 35 119.0484099 124.0546855
119.7 36 117.3198 122.1787796
122.2 37 119.720368 124.7845201
120.4 38 117.99216 122.9081597
EOD
$other << EOD
118 0 118 118
109.6 1 107.6011715 111.6744957
107.8 2 105.8657079 109.8062912
110.3 3 108.2757932 112.4013334
108.5 4 106.540734 110.5326772
111 5 108.9502579 113.1283469
109.2 6 107.2156027 111.2592388
111.7 7 109.6245654 113.8555362
109.9 8 107.8903143 111.9859761
112.4 9 110.298716 114.5829014
110.6 10 108.5648687 112.7128891
111.3 12 109.239266 113.4399779
113.8 13 111.6465463 116.0381598
112 14 109.9135063 114.1672426
114.5 15 112.3202261 116.7660531
112.7 16 110.5875896 114.8946832
115.2 17 112.9937492 117.4941225
113.4 18 111.2615159 115.6222998
115.9 19 113.6671155 118.2223682
114.1 20 111.9352854 116.3500925
116.6 21 114.3403251 118.9507902
114.8 22 112.6088981 117.0780613
117.3 23 115.0133781 119.6793885
115.5 24 113.2823539 117.8062062
118 25 115.6862745 120.4081633
116.2 26 113.9556531 118.5345275
118.7 27 116.3590144 121.1371145
116.9 28 114.6287956 119.263025
119.4 29 117.0315978 121.8662423
117.6 30 115.3017814 119.9916989
120.1 31 117.7040249 122.5955466
118.3 32 115.9746108 120.7205493
EOD
$processes << EOD
117.20704 -0.2
118.36816 0
116.66896 0.2
117.83008 -0.1
118.9912 0.1
117.292 -0.2
118.45312 0
116.75392 0.2
117.91504 -0.1
119.07616 0.1
117.37696 -0.2
118.53808 0
108.9424 0.8
110.020864 1
108.442624 1.2
109.521088 0.9
110.599552 1.1
109.021312 0.8
110.099776 1
108.521536 1.2
109.6 0.9
110.678464 1.1
109.100224 0.8
110.178688 1
106.661632 1.8
107.722384 2
108.783136 2.2
107.230816 1.9
108.291568 2.1
106.739248 1.8
107.8 2
108.860752 2.2
107.308432 1.9
108.369184 2.1
106.816864 1.8
107.877616 2
110.220584 2.8
111.305936 3
109.717616 3.2
110.802968 2.9
109.214648 3.1
110.3 2.8
111.385352 3
109.797032 3.2
110.882384 2.9
109.294064 3.1
110.379416 2.8
111.464768 3
107.92712 3.8
108.99476 4
107.43236 4.2
108.5 3.9
109.56764 4.1
108.00524 3.8
109.07288 4
107.51048 4.2
108.57812 3.9
109.64576 4.1
108.08336 3.8
109.151 4
111.50616 4.8
109.90776 5
111 5.2
112.09224 4.9
110.49384 5.1
111.58608 4.8
109.98768 5
111.07992 5.2
112.17216 4.9
110.57376 5.1
111.666 4.8
110.0676 5
109.2 5.8
110.274528 6
108.702048 6.2
109.776576 5.9
108.204096 6.1
109.278624 5.8
110.353152 6
108.780672 6.2
109.8552 5.9
108.28272 6.1
109.357248 5.8
110.431776 6
112.799128 6.8
111.190648 7
112.289776 7.2
110.681296 6.9
111.780424 7.1
112.879552 6.8
111.271072 7
112.3702 7.2
110.76172 6.9
111.860848 7.1
112.959976 6.8
111.351496 7
110.480272 7.8
108.897712 8
109.979128 8.2
111.060544 7.9
109.477984 8.1
110.5594 7.8
108.97684 8
110.058256 8.2
111.139672 7.9
109.557112 8.1
110.638528 7.8
109.055968 8
111.374912 8.8
112.480928 9
113.586944 9.2
111.968384 8.9
113.0744 9.1
111.45584 8.8
112.561856 9
113.667872 9.2
112.049312 8.9
113.155328 9.1
111.536768 8.8
112.642784 9
111.767936 9.8
110.175296 10
111.2636 10.2
109.67096 9.9
110.759264 10.1
111.847568 9.8
110.254928 10
111.343232 10.2
109.750592 9.9
110.838896 10.1
111.9272 9.8
110.33456 10
110.36508 11.8
111.460272 12
112.555464 12.2
110.952744 11.9
112.047936 12.1
110.445216 11.8
111.540408 12
112.6356 12.2
111.03288 11.9
112.128072 12.1
110.525352 11.8
111.620544 12
113.963872 12.8
115.083664 13
113.444944 13.2
114.564736 12.9
112.926016 13.1
114.045808 12.8
115.1656 13
113.52688 13.2
114.646672 12.9
113.007952 13.1
114.127744 12.8
112.489024 13
111.65056 13.8
112.75264 14
111.13984 14.2
112.24192 13.9
113.344 14.1
111.7312 13.8
112.83328 14
111.22048 14.2
112.32256 13.9
110.70976 14.1
111.81184 13.8
112.91392 14
115.26944 14.8
113.62064 15
114.74732 15.2
115.874 14.9
114.2252 15.1
115.35188 14.8
113.70308 15
114.82976 15.2
113.18096 14.9
114.30764 15.1
115.43432 14.8
113.78552 15
112.943432 15.8
114.0524 16
112.42952 16.2
113.538488 15.9
111.915608 16.1
113.024576 15.8
111.401696 16
112.510664 16.2
113.619632 15.9
111.996752 16.1
113.10572 15.8
111.48284 16
116.5824 16.8
114.92352 17
116.057088 17.2
114.398208 16.9
115.531776 17.1
113.872896 16.8
115.006464 17
116.140032 17.2
114.481152 16.9
115.61472 17.1
113.95584 16.8
115.089408 17
114.243696 17.8
112.610736 18
113.726592 18.2
112.093632 17.9
113.209488 18.1
114.325344 17.8
112.692384 18
113.80824 18.2
112.17528 17.9
113.291136 18.1
114.406992 17.8
112.774032 18
115.093336 18.8
116.233792 19
114.564832 19.2
115.705288 18.9
116.845744 19.1
115.176784 18.8
116.31724 19
114.64828 19.2
115.788736 18.9
116.929192 19.1
115.260232 18.8
116.400688 19
112.785568 19.8
113.908312 20
115.031056 20.2
113.388016 19.9
114.51076 20.1
112.86772 19.8
113.990464 20
115.113208 20.2
113.470168 19.9
114.592912 20.1
112.949872 19.8
114.072616 20
116.404112 20.8
117.551456 21
115.872416 21.2
117.01976 20.9
115.34072 21.1
116.488064 20.8
117.635408 21
115.956368 21.2
117.103712 20.9
115.424672 21.1
116.572016 20.8
117.71936 21
114.083648 21.8
115.21328 22
113.56016 22.2
114.689792 21.9
115.819424 22.1
114.166304 21.8
115.295936 22
113.642816 22.2
114.772448 21.9
115.90208 22.1
114.24896 21.8
115.378592 22
117.72228 22.8
116.03316 23
117.187392 23.2
118.341624 22.9
116.652504 23.1
117.806736 22.8
116.117616 23
117.271848 23.2
118.42608 22.9
116.73696 23.1
117.891192 22.8
116.202072 23
115.38912 23.8
116.52564 24
114.86244 24.2
115.99896 23.9
114.33576 24.1
115.47228 23.8
116.6088 24
114.9456 24.2
116.08212 23.9
114.41892 24.1
115.55544 23.8
116.69196 24
119.04784 24.8
117.34864 25
118.50976 25.2
116.81056 24.9
117.97168 25.1
119.1328 24.8
117.4336 25
118.59472 25.2
116.89552 24.9
118.05664 25.1
119.21776 24.8
117.51856 25
116.701984 25.8
115.028704 26
116.172112 26.2
117.31552 25.9
115.64224 26.1
116.785648 25.8
115.112368 26
116.255776 26.2
117.399184 25.9
115.725904 26.1
116.869312 25.8
115.196032 26
117.503504 26.8
118.671512 27
119.83952 27.2
118.13024 26.9
119.298248 27.1
117.588968 26.8
118.756976 27
119.924984 27.2
118.215704 26.9
119.383712 27.1
117.674432 26.8
118.84244 27
118.02224 27.8
116.33888 28
117.489176 28.2
115.805816 27.9
116.956112 28.1
118.106408 27.8
116.423048 28
117.573344 28.2
115.889984 27.9
117.04028 28.1
118.190576 27.8
116.507216 28
118.82688 28.8
120.001776 29
118.282416 29.2
119.457312 28.9
120.632208 29.1
118.912848 28.8
120.087744 29
118.368384 29.2
119.54328 28.9
120.718176 29.1
118.998816 28.8
120.173712 29
116.499264 29.8
117.656448 30
118.813632 30.2
117.120192 29.9
118.277376 30.1
116.583936 29.8
117.74112 30
118.898304 30.2
117.204864 29.9
118.362048 30.1
116.668608 29.8
117.825792 30
120.157648 30.8
121.339432 31
119.609992 31.2
120.791776 30.9
119.062336 31.1
120.24412 30.8
121.425904 31
119.696464 31.2
120.878248 30.9
119.148808 31.1
120.330592 30.8
121.512376 31
117.817336 31.8
118.981408 32
117.277888 32.2
118.44196 31.9
119.606032 32.1
117.902512 31.8
119.066584 32
117.363064 32.2
118.527136 31.9
119.691208 32.1
117.987688 31.8
119.15176 32
121.495808 32.8
119.756288 33
120.94496 33.2
122.133632 32.9
120.394112 33.1
121.582784 32.8
119.843264 33
121.031936 33.2
122.220608 32.9
120.481088 33.1
121.66976 32.8
119.93024 33
119.1428 33.8
120.31376 34
118.60016 34.2
119.77112 33.9
118.05752 34.1
119.22848 33.8
120.39944 34
118.68584 34.2
119.8568 33.9
118.1432 34.1
119.31416 33.8
117.60056 34
122.84136 34.8
121.09176 35
122.28732 35.2
120.53772 34.9
121.73328 35.1
122.92884 34.8
121.17924 35
122.3748 35.2
120.6252 34.9
121.82076 35.1
120.07116 34.8
121.26672 35
120.475656 35.8
118.751976 36
119.929824 36.2
121.107672 35.9
119.383992 36.1
120.56184 35.8
118.83816 36
120.016008 36.2
118.292328 35.9
119.470176 36.1
120.648024 35.8
118.924344 36
121.232176 36.8
122.434624 37
123.637072 37.2
121.877392 36.9
123.07984 37.1
121.32016 36.8
122.522608 37
120.762928 37.2
121.965376 36.9
123.167824 37.1
121.408144 36.8
122.610592 37
121.815904 37.8
120.082144 38
121.26688 38.2
119.53312 37.9
120.717856 38.1
118.984096 37.8
120.168832 38
121.353568 38.2
119.619808 37.9
120.804544 38.1
119.070784 37.8
120.25552 38
EOD
$recorded << EOD
EOD
$old << EOD
EOD
set xrange [104.7305792:125.9196488]
if (!is_text) { set arrow 1 from first 118, graph 0 to first 118, graph 1 nohead back linewidth 1 dashtype 2 linecolor rgb '#6B6B6B' }
if (is_text) {
  plot $processes using 1:2 with points linetype 7 pointtype '.' title 'one process each', \
       $other using 1:2:3:4 with xerrorbars linetype 7 pointtype 'o' title 'not in the tie; 99.9 % interval', \
       $tied using 1:2:3:4 with xerrorbars linetype 7 pointtype '*' title 'the tie set: each may be the fastest'
} else {
  plot $processes using 1:2 with points pointtype 6 pointsize 0.6 linecolor rgb '#6B6B6B' title 'one process each', \
       $other using 1:2:3:4 with xerrorbars pointtype 5 pointsize 1.1 linecolor rgb '#D55E00' linewidth 1.5 title 'not in the tie; 99.9 % interval', \
       $tied using 1:2:3:4 with xerrorbars pointtype 7 pointsize 1.4 linecolor rgb '#0072B2' linewidth 2 title 'the tie set: each may be the fastest'
}

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
$tied << EOD
122.2 0 119.720368 124.7845201
121.5 1 119.0484099 124.0546855
120.8 2 118.3762955 123.3250277
120.4 3 117.99216 122.9081597
119.7 5 117.3198 122.1787796
119 7 116.6472836 121.4495762
EOD
$other << EOD
120.1 4 117.7040249 122.5955466
119.4 6 117.0315978 121.8662423
118.7 8 116.3590144 121.1371145
118.3 9 115.9746108 120.7205493
118 10 118 118
118 11 115.6862745 120.4081633
117.6 12 115.3017814 119.9916989
117.3 13 115.0133781 119.6793885
116.9 14 114.6287956 119.263025
116.6 15 114.3403251 118.9507902
116.2 16 113.9556531 118.5345275
115.9 17 113.6671155 118.2223682
115.5 18 113.2823539 117.8062062
115.2 19 112.9937492 117.4941225
114.8 20 112.6088981 117.0780613
114.5 21 112.3202261 116.7660531
114.1 22 111.9352854 116.3500925
113.8 23 111.6465463 116.0381598
113.4 24 111.2615159 115.6222998
112.7 25 110.5875896 114.8946832
112.4 26 110.298716 114.5829014
112 27 109.9135063 114.1672426
111.7 28 109.6245654 113.8555362
111.3 29 109.239266 113.4399779
111 30 108.9502579 113.1283469
110.6 31 108.5648687 112.7128891
110.3 32 108.2757932 112.4013334
109.9 33 107.8903143 111.9859761
109.6 34 107.6011715 111.6744957
109.2 35 107.2156027 111.2592388
108.5 36 106.540734 110.5326772
107.8 37 105.8657079 109.8062912
EOD
$processes << EOD
121.232176 -0.2
122.434624 0
123.637072 0.2
121.877392 -0.1
123.07984 0.1
121.32016 -0.2
122.522608 0
120.762928 0.2
121.965376 -0.1
123.167824 0.1
121.408144 -0.2
122.610592 0
122.84136 0.8
121.09176 1
122.28732 1.2
120.53772 0.9
121.73328 1.1
122.92884 0.8
121.17924 1
122.3748 1.2
120.6252 0.9
121.82076 1.1
120.07116 0.8
121.26672 1
121.495808 1.8
119.756288 2
120.94496 2.2
122.133632 1.9
120.394112 2.1
121.582784 1.8
119.843264 2
121.031936 2.2
122.220608 1.9
120.481088 2.1
121.66976 1.8
119.93024 2
121.815904 2.8
120.082144 3
121.26688 3.2
119.53312 2.9
120.717856 3.1
118.984096 2.8
120.168832 3
121.353568 3.2
119.619808 2.9
120.804544 3.1
119.070784 2.8
120.25552 3
120.157648 3.8
121.339432 4
119.609992 4.2
120.791776 3.9
119.062336 4.1
120.24412 3.8
121.425904 4
119.696464 4.2
120.878248 3.9
119.148808 4.1
120.330592 3.8
121.512376 4
120.475656 4.8
118.751976 5
119.929824 5.2
121.107672 4.9
119.383992 5.1
120.56184 4.8
118.83816 5
120.016008 5.2
118.292328 4.9
119.470176 5.1
120.648024 4.8
118.924344 5
118.82688 5.8
120.001776 6
118.282416 6.2
119.457312 5.9
120.632208 6.1
118.912848 5.8
120.087744 6
118.368384 6.2
119.54328 5.9
120.718176 6.1
118.998816 5.8
120.173712 6
119.1428 6.8
120.31376 7
118.60016 7.2
119.77112 6.9
118.05752 7.1
119.22848 6.8
120.39944 7
118.68584 7.2
119.8568 6.9
118.1432 7.1
119.31416 6.8
117.60056 7
117.503504 7.8
118.671512 8
119.83952 8.2
118.13024 7.9
119.298248 8.1
117.588968 7.8
118.756976 8
119.924984 8.2
118.215704 7.9
119.383712 8.1
117.674432 7.8
118.84244 8
117.817336 8.8
118.981408 9
117.277888 9.2
118.44196 8.9
119.606032 9.1
117.902512 8.8
119.066584 9
117.363064 9.2
118.527136 8.9
119.691208 9.1
117.987688 8.8
119.15176 9
117.20704 9.8
118.36816 10
116.66896 10.2
117.83008 9.9
118.9912 10.1
117.292 9.8
118.45312 10
116.75392 10.2
117.91504 9.9
119.07616 10.1
117.37696 9.8
118.53808 10
119.04784 10.8
117.34864 11
118.50976 11.2
116.81056 10.9
117.97168 11.1
119.1328 10.8
117.4336 11
118.59472 11.2
116.89552 10.9
118.05664 11.1
119.21776 10.8
117.51856 11
116.499264 11.8
117.656448 12
118.813632 12.2
117.120192 11.9
118.277376 12.1
116.583936 11.8
117.74112 12
118.898304 12.2
117.204864 11.9
118.362048 12.1
116.668608 11.8
117.825792 12
117.72228 12.8
116.03316 13
117.187392 13.2
118.341624 12.9
116.652504 13.1
117.806736 12.8
116.117616 13
117.271848 13.2
118.42608 12.9
116.73696 13.1
117.891192 12.8
116.202072 13
118.02224 13.8
116.33888 14
117.489176 14.2
115.805816 13.9
116.956112 14.1
118.106408 13.8
116.423048 14
117.573344 14.2
115.889984 13.9
117.04028 14.1
118.190576 13.8
116.507216 14
116.404112 14.8
117.551456 15
115.872416 15.2
117.01976 14.9
115.34072 15.1
116.488064 14.8
117.635408 15
115.956368 15.2
117.103712 14.9
115.424672 15.1
116.572016 14.8
117.71936 15
116.701984 15.8
115.028704 16
116.172112 16.2
117.31552 15.9
115.64224 16.1
116.785648 15.8
115.112368 16
116.255776 16.2
117.399184 15.9
115.725904 16.1
116.869312 15.8
115.196032 16
115.093336 16.8
116.233792 17
114.564832 17.2
115.705288 16.9
116.845744 17.1
115.176784 16.8
116.31724 17
114.64828 17.2
115.788736 16.9
116.929192 17.1
115.260232 16.8
116.400688 17
115.38912 17.8
116.52564 18
114.86244 18.2
115.99896 17.9
114.33576 18.1
115.47228 17.8
116.6088 18
114.9456 18.2
116.08212 17.9
114.41892 18.1
115.55544 17.8
116.69196 18
116.5824 18.8
114.92352 19
116.057088 19.2
114.398208 18.9
115.531776 19.1
113.872896 18.8
115.006464 19
116.140032 19.2
114.481152 18.9
115.61472 19.1
113.95584 18.8
115.089408 19
114.083648 19.8
115.21328 20
113.56016 20.2
114.689792 19.9
115.819424 20.1
114.166304 19.8
115.295936 20
113.642816 20.2
114.772448 19.9
115.90208 20.1
114.24896 19.8
115.378592 20
115.26944 20.8
113.62064 21
114.74732 21.2
115.874 20.9
114.2252 21.1
115.35188 20.8
113.70308 21
114.82976 21.2
113.18096 20.9
114.30764 21.1
115.43432 20.8
113.78552 21
112.785568 21.8
113.908312 22
115.031056 22.2
113.388016 21.9
114.51076 22.1
112.86772 21.8
113.990464 22
115.113208 22.2
113.470168 21.9
114.592912 22.1
112.949872 21.8
114.072616 22
113.963872 22.8
115.083664 23
113.444944 23.2
114.564736 22.9
112.926016 23.1
114.045808 22.8
115.1656 23
113.52688 23.2
114.646672 22.9
113.007952 23.1
114.127744 22.8
112.489024 23
114.243696 23.8
112.610736 24
113.726592 24.2
112.093632 23.9
113.209488 24.1
114.325344 23.8
112.692384 24
113.80824 24.2
112.17528 23.9
113.291136 24.1
114.406992 23.8
112.774032 24
112.943432 24.8
114.0524 25
112.42952 25.2
113.538488 24.9
111.915608 25.1
113.024576 24.8
111.401696 25
112.510664 25.2
113.619632 24.9
111.996752 25.1
113.10572 24.8
111.48284 25
111.374912 25.8
112.480928 26
113.586944 26.2
111.968384 25.9
113.0744 26.1
111.45584 25.8
112.561856 26
113.667872 26.2
112.049312 25.9
113.155328 26.1
111.536768 25.8
112.642784 26
111.65056 26.8
112.75264 27
111.13984 27.2
112.24192 26.9
113.344 27.1
111.7312 26.8
112.83328 27
111.22048 27.2
112.32256 26.9
110.70976 27.1
111.81184 26.8
112.91392 27
112.799128 27.8
111.190648 28
112.289776 28.2
110.681296 27.9
111.780424 28.1
112.879552 27.8
111.271072 28
112.3702 28.2
110.76172 27.9
111.860848 28.1
112.959976 27.8
111.351496 28
110.36508 28.8
111.460272 29
112.555464 29.2
110.952744 28.9
112.047936 29.1
110.445216 28.8
111.540408 29
112.6356 29.2
111.03288 28.9
112.128072 29.1
110.525352 28.8
111.620544 29
111.50616 29.8
109.90776 30
111 30.2
112.09224 29.9
110.49384 30.1
111.58608 29.8
109.98768 30
111.07992 30.2
112.17216 29.9
110.57376 30.1
111.666 29.8
110.0676 30
111.767936 30.8
110.175296 31
111.2636 31.2
109.67096 30.9
110.759264 31.1
111.847568 30.8
110.254928 31
111.343232 31.2
109.750592 30.9
110.838896 31.1
111.9272 30.8
110.33456 31
110.220584 31.8
111.305936 32
109.717616 32.2
110.802968 31.9
109.214648 32.1
110.3 31.8
111.385352 32
109.797032 32.2
110.882384 31.9
109.294064 32.1
110.379416 31.8
111.464768 32
110.480272 32.8
108.897712 33
109.979128 33.2
111.060544 32.9
109.477984 33.1
110.5594 32.8
108.97684 33
110.058256 33.2
111.139672 32.9
109.557112 33.1
110.638528 32.8
109.055968 33
108.9424 33.8
110.020864 34
108.442624 34.2
109.521088 33.9
110.599552 34.1
109.021312 33.8
110.099776 34
108.521536 34.2
109.6 33.9
110.678464 34.1
109.100224 33.8
110.178688 34
109.2 34.8
110.274528 35
108.702048 35.2
109.776576 34.9
108.204096 35.1
109.278624 34.8
110.353152 35
108.780672 35.2
109.8552 34.9
108.28272 35.1
109.357248 34.8
110.431776 35
107.92712 35.8
108.99476 36
107.43236 36.2
108.5 35.9
109.56764 36.1
108.00524 35.8
109.07288 36
107.51048 36.2
108.57812 35.9
109.64576 36.1
108.08336 35.8
109.151 36
106.661632 36.8
107.722384 37
108.783136 37.2
107.230816 36.9
108.291568 37.1
106.739248 36.8
107.8 37
108.860752 37.2
107.308432 36.9
108.369184 37.1
106.816864 36.8
107.877616 37
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

# load.gp - how busy the fleet is and how long requests take, against volume: work done and busy
# time, requests in a batch, latencies with the limits of the SLO.
#
# `gnuplot load.gp` draws load.png and load.svg from load.csv and load.set. Fonts and the page stand
# in common.gp, words and ranges in load.set; the colours of the lines are here.
if (!exists('name')) name = 'load'

do for [picture in 'png svg'] {
    load 'load.set'
    load 'common.gp'

    tint(of) = of eq 'load_frac' || of eq 'batch_mean' ? orange \
             : of eq 'week_busy_frac' ? blue \
             : of eq 'ttft_p50_s' ? '#2f86b8' \
             : of eq 'tpot_p50_s' ? '#b37b00' \
             : of[1:4] eq 'ttft' ? blue : orange
    P50_TTFT = 11; P95_TTFT = 12; P99_TTFT = 13; P50_TPOT = 14; P95_TPOT = 15; P99_TPOT = 16
    set style line P50_TTFT lc rgb '#56B4E9' dt solid lw 2 pt 7 ps 0.5
    set style line P95_TTFT lc rgb blue dt (16,5) lw 2.6 pt 7 ps 0.5
    set style line P99_TTFT lc rgb blue dt (3,3) lw 1.8 pt 7 ps 0.5
    set style line P50_TPOT lc rgb '#E69F00' dt solid lw 2 pt 7 ps 0.5
    set style line P95_TPOT lc rgb orange dt (16,5) lw 2.6 pt 7 ps 0.5
    set style line P99_TPOT lc rgb orange dt (3,3) lw 1.8 pt 7 ps 0.5
    set style line BUY pt 7 ps 0.5
    set style line BUILD pt 7 ps 0.5

    # Words of the whole page: they are drawn with the first panel.
    set label 'Share of the fleet''s capacity and of its time' at screen across(42), screen share_top + up(18) left \
        font plain(11) tc rgb black front
    set label 'Requests in a replica''s batch' at screen across(42), screen batch_top + up(18) left \
        font plain(11) tc rgb black front
    set label 'Seconds, busiest hour' at screen across(42), screen latency_top + up(18) left \
        font plain(11) tc rgb black front
    set for [i=1:plan_n] label plan_text[i] at screen plan_x[i], screen plan_y[i] center \
        font plain(10) tc rgb dark front
    set for [i=1:end_n] label end_text[i] at screen share_right + across(10), screen end_y[i] left \
        font plain(10) tc rgb tint(end_of[i]) front
    set for [i=1:slo_n] label slo_text[i] at screen slo_x[i], screen slo_y[i] left \
        font plain(10) tc rgb black front
    set for [i=1:slo_n] arrow from screen latency_left, screen slo_line[i] to screen latency_right, screen slo_line[i] \
        nohead lw 1.6 dt solid lc rgb black front
    set arrow from screen plan_x[1], screen share_bottom to screen plan_x[1], screen share_top nohead ls PLAN back
    set arrow from screen plan_x[1], screen batch_bottom to screen plan_x[1], screen batch_top nohead ls PLAN back
    set arrow from screen plan_x[1], screen latency_bottom to screen plan_x[1], screen latency_top nohead ls PLAN back

    set multiplot
    set logscale x
    set xrange [x_lo:x_hi]
    set lmargin at screen share_left
    set rmargin at screen share_right

    # Shares and batches: the volumes are named below the last panel alone.
    set xtics ()
    set for [i=1:xtic_n] xtics add ('' xtic_at[i] xtic_minor[i])
    set bmargin at screen share_bottom
    set tmargin at screen share_top
    set yrange [0:share_hi]
    set ytics ('0 %%' 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, '100 %%' 1)
    plot 'load.csv' using 'requests_month':'load_frac' with linespoints ls BUILD, \
         '' using 'requests_month':'week_busy_frac' with linespoints ls BUY
    unset label
    unset arrow

    set bmargin at screen batch_bottom
    set tmargin at screen batch_top
    set yrange [0:batch_hi]
    set ytics batch_step
    plot 'load.csv' using 'requests_month':'batch_mean' with linespoints ls BUILD

    # Latencies, logarithmic.
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set xlabel 'Requests a month' offset 0,-0.2
    set bmargin at screen latency_bottom
    set tmargin at screen latency_top
    set logscale y
    set yrange [latency_lo:latency_hi]
    set ytics ()
    set for [i=1:ytic_n] ytics add (ytic_text[i] ytic_at[i] ytic_minor[i])
    plot 'load.csv' using 'requests_month':'ttft_p50_s' with linespoints ls P50_TTFT, \
         '' using 'requests_month':'ttft_p95_s' with linespoints ls P95_TTFT, \
         '' using 'requests_month':'ttft_p99_s' with linespoints ls P99_TTFT, \
         '' using 'requests_month':'tpot_p50_s' with linespoints ls P50_TPOT, \
         '' using 'requests_month':'tpot_p95_s' with linespoints ls P95_TPOT, \
         '' using 'requests_month':'tpot_p99_s' with linespoints ls P99_TPOT
    unset multiplot
}
unset output
